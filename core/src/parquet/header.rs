//! The header before each page ("Data pages", "Metadata").

use super::chunk::Encoding;
use super::fault::{Fault, WRONG_CHECKSUM};
use super::thrift::{Kind, Thrift};

/// What comes before a page's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PageHeader {
    /// Bytes of the page as stored, without the header.
    pub(super) bytes_compressed: u64,
    /// Bytes of the page after decompression: a claim.
    pub(super) bytes_uncompressed: u64,
    /// CRC-32 of the page as stored; few writers give it.
    pub(super) checksum: Option<u32>,
    pub(super) kind: PageKind,
}

/// The sorts of pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PageKind {
    Dictionary {
        values: usize,
        encoding: Encoding,
    },
    Data {
        values: usize,
        encoding: Encoding,
        levels: Encoding,
    },
    DataV2(DataV2),
    /// An index page, or a sort of page that came later: nothing in it is needed.
    Other,
}

/// The second version of data pages: levels are not compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct DataV2 {
    pub(super) values: usize,
    pub(super) encoding: Encoding,
    pub(super) definition_bytes: usize,
    pub(super) repetition_bytes: usize,
    pub(super) compressed: bool,
}

impl PageHeader {
    /// Reads the header at the start of `bytes`; returns it with its length.
    /// The fault is [`TRUNCATED`](super::thrift::TRUNCATED) if more bytes may help.
    pub(super) fn parse(bytes: &[u8]) -> Result<(Self, usize), Fault> {
        let mut thrift = Thrift::new(bytes, 0);
        let (mut code, mut uncompressed, mut compressed) = (None, None, None);
        let (mut data, mut dictionary, mut data_v2) = (None, None, None);
        let mut checksum = None;
        let mut last = 0;
        while let Some((id, kind)) = thrift.field(&mut last)? {
            match (id, kind) {
                (1, Kind::I32) => code = Some(thrift.i32()?),
                (2, Kind::I32) => uncompressed = Some(size(thrift.i32()?)?),
                (3, Kind::I32) => compressed = Some(size(thrift.i32()?)?),
                (4, Kind::I32) => checksum = Some(thrift.i32()?.cast_unsigned()),
                (5, Kind::Struct) => data = Some(PageKind::data(&mut thrift)?),
                (7, Kind::Struct) => dictionary = Some(PageKind::dictionary(&mut thrift)?),
                (8, Kind::Struct) => data_v2 = Some(PageKind::data_v2(&mut thrift)?),
                _ => thrift.skip(kind)?,
            }
        }
        let kind = match code {
            Some(0) => data,
            Some(2) => dictionary,
            Some(3) => data_v2,
            Some(_) => Some(PageKind::Other),
            None => None,
        };
        match (kind, uncompressed, compressed) {
            (Some(kind), Some(uncompressed), Some(compressed)) => Ok((
                Self {
                    bytes_compressed: compressed as u64,
                    bytes_uncompressed: uncompressed as u64,
                    checksum,
                    kind,
                },
                thrift.at(),
            )),
            _ => Err(Fault::corrupt("lack a field that every page header has")),
        }
    }

    /// Compares the page as stored with its checksum, where it has one.
    pub(super) fn check(&self, stored: &[u8]) -> Result<(), Fault> {
        let Some(checksum) = self.checksum else {
            return Ok(());
        };
        let mut crc = flate2::Crc::new();
        crc.update(stored);
        if crc.sum() == checksum {
            Ok(())
        } else {
            Err(WRONG_CHECKSUM)
        }
    }
}

impl PageKind {
    /// The rows of a data page of a column that is not repeated: as many as its values, nulls included.
    pub(super) fn rows(&self) -> Option<u64> {
        match self {
            Self::Data { values, .. } => Some(*values as u64),
            Self::DataV2(v2) => Some(v2.values as u64),
            Self::Dictionary { .. } | Self::Other => None,
        }
    }

    fn data(thrift: &mut Thrift<'_>) -> Result<Self, Fault> {
        let (mut values, mut encoding, mut levels) = (None, None, Encoding::Rle);
        let mut last = 0;
        while let Some((id, kind)) = thrift.field(&mut last)? {
            match (id, kind) {
                (1, Kind::I32) => values = Some(size(thrift.i32()?)?),
                (2, Kind::I32) => encoding = Some(Encoding::of(thrift.i32()?)),
                (3, Kind::I32) => levels = Encoding::of(thrift.i32()?),
                _ => thrift.skip(kind)?,
            }
        }
        match (values, encoding) {
            (Some(values), Some(encoding)) => Ok(Self::Data {
                values,
                encoding,
                levels,
            }),
            _ => Err(Fault::corrupt(
                "describe a data page without its values or encoding",
            )),
        }
    }

    fn dictionary(thrift: &mut Thrift<'_>) -> Result<Self, Fault> {
        let (mut values, mut encoding) = (None, Encoding::Plain);
        let mut last = 0;
        while let Some((id, kind)) = thrift.field(&mut last)? {
            match (id, kind) {
                (1, Kind::I32) => values = Some(size(thrift.i32()?)?),
                (2, Kind::I32) => encoding = Encoding::of(thrift.i32()?),
                _ => thrift.skip(kind)?,
            }
        }
        let values = values.ok_or(Fault::corrupt("describe a dictionary without its values"))?;
        Ok(Self::Dictionary { values, encoding })
    }

    fn data_v2(thrift: &mut Thrift<'_>) -> Result<Self, Fault> {
        let (mut values, mut encoding) = (None, None);
        let (mut definition_bytes, mut repetition_bytes, mut compressed) = (0, 0, true);
        let mut last = 0;
        while let Some((id, kind)) = thrift.field(&mut last)? {
            match (id, kind) {
                (1, Kind::I32) => values = Some(size(thrift.i32()?)?),
                (4, Kind::I32) => encoding = Some(Encoding::of(thrift.i32()?)),
                (5, Kind::I32) => definition_bytes = size(thrift.i32()?)?,
                (6, Kind::I32) => repetition_bytes = size(thrift.i32()?)?,
                (7, Kind::True | Kind::False) => compressed = kind == Kind::True,
                _ => thrift.skip(kind)?,
            }
        }
        match (values, encoding) {
            (Some(values), Some(encoding)) => Ok(Self::DataV2(DataV2 {
                values,
                encoding,
                definition_bytes,
                repetition_bytes,
                compressed,
            })),
            _ => Err(Fault::corrupt(
                "describe a data page without its values or encoding",
            )),
        }
    }
}

fn size(value: i32) -> Result<usize, Fault> {
    usize::try_from(value).map_err(|_| Fault::corrupt("claim a negative size"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parquet::thrift::TRUNCATED;

    #[test]
    fn a_data_page_and_every_cut_of_it() {
        // type 0, 20 bytes, 10 stored, { 5 values, PLAIN, RLE, RLE }.
        let bytes = [
            0x15, 0, 0x15, 40, 0x15, 20, 0x2c, 0x15, 10, 0x15, 0, 0x15, 6, 0x15, 6, 0, 0,
        ];
        let (header, len) = PageHeader::parse(&bytes).unwrap();
        assert_eq!(
            (header.bytes_compressed, header.bytes_uncompressed),
            (10, 20)
        );
        let kind = PageKind::Data {
            values: 5,
            encoding: Encoding::Plain,
            levels: Encoding::Rle,
        };
        assert_eq!((header.kind, len), (kind, bytes.len()));
        for cut in 0..bytes.len() {
            assert_eq!(PageHeader::parse(&bytes[..cut]), Err(TRUNCATED));
        }
    }

    #[test]
    fn negative_sizes_and_missing_fields_are_refused() {
        assert!(PageHeader::parse(&[0x15, 0, 0x15, 1, 0x15, 20, 0]).is_err());
        assert!(PageHeader::parse(&[0x15, 0, 0x15, 40, 0x15, 20, 0]).is_err());
        assert!(PageHeader::parse(&[0]).is_err());
    }
}
