//! What the footer says of one column in one row group ("Metadata").

use std::fmt;
use std::ops::Range;

use bytes::Bytes;

use super::fault::Fault;
use super::thrift::{Kind, Thrift};

/// One column in one row group.
#[derive(Clone, Debug)]
pub struct ColumnChunk {
    /// How its pages are compressed.
    pub codec: Codec,
    /// Rows of its row group.
    pub rows: u64,
    /// Values it holds by its own account, nulls included; the same as `rows` for a column that is not repeated.
    pub values: u64,
    /// Where its pages are, checked against the file's size.
    pub byte_range: Range<u64>,
    /// Bytes of its pages, headers included, as stored.
    pub bytes_compressed: u64,
    /// The same before compression.
    pub bytes_uncompressed: u64,
    /// Where its first data page is.
    pub data_page_offset: u64,
    /// Where its dictionary is, if the writer said so; not always true.
    pub dictionary_page_offset: Option<u64>,
    /// The encodings its pages use, levels included.
    pub encodings: Vec<Encoding>,
    /// Whether the writer counted its data pages by encoding, and found none without codes into the dictionary.
    pub dictionary_only: bool,
    /// How many data pages it counted, if it did.
    pub data_pages: Option<u64>,
    /// What the writer says of its values.
    pub statistics: Option<Statistics>,
    /// Where the statistics of its pages are.
    pub column_index: Option<Range<u64>>,
    /// Where the places of its pages are.
    pub offset_index: Option<Range<u64>>,
    /// Where its bloom filter is; it may end before that if the writer did not say how long it is.
    pub bloom_filter: Option<Range<u64>>,
    /// Whether it can't be read without a key.
    pub encrypted: bool,
}

/// What a writer says of a chunk's or a page's values. Bounds are raw bytes in the column's PLAIN form, without a length.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Nulls among the values.
    pub null_count: Option<u64>,
    /// Different values, nulls not among them.
    pub distinct_count: Option<u64>,
    /// The smallest value, or something not above it, in the order of the column's type.
    pub min: Option<Bytes>,
    /// The greatest value, or something not below it.
    pub max: Option<Bytes>,
    /// Whether the bounds come from the deprecated fields, which old writers filled in the order of signed bytes.
    pub deprecated: bool,
    /// Whether `min` is a value that occurs; `None` when the writer did not say.
    pub min_exact: Option<bool>,
    /// Whether `max` is a value that occurs; `None` when the writer did not say.
    pub max_exact: Option<bool>,
}

/// How pages are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    /// Not at all.
    None,
    /// Raw Snappy blocks.
    Snappy,
    /// Gzip, possibly several members.
    Gzip,
    /// LZO, which can't be read here.
    Lzo,
    /// Brotli.
    Brotli,
    /// The old LZ4, in one of two framings.
    Lz4,
    /// Zstandard.
    Zstd,
    /// Raw LZ4 blocks.
    Lz4Raw,
    /// A number the format does not name.
    Unknown(i32),
}

/// How values or levels are encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// One after the other.
    Plain,
    /// A dictionary in PLAIN, or codes into it; the old name.
    PlainDictionary,
    /// Runs and bit-packed groups.
    Rle,
    /// The deprecated packing of levels, most significant bit first.
    BitPacked,
    /// Differences in packed blocks.
    DeltaBinaryPacked,
    /// Lengths as differences, then all bytes.
    DeltaLengthByteArray,
    /// Shared prefixes as differences, then the rest.
    DeltaByteArray,
    /// Codes into a dictionary.
    RleDictionary,
    /// First bytes first, then second bytes, and so on.
    ByteStreamSplit,
    /// A number the format does not name.
    Unknown(i32),
}

impl ColumnChunk {
    /// Reads the struct `ColumnChunk`. Places and types are checked by the footer, which knows the file.
    #[inline(never)]
    pub(super) fn parse(thrift: &mut Thrift<'_>) -> Result<RawChunk, Fault> {
        let mut raw = RawChunk::default();
        let mut last = 0;
        while let Some((id, kind)) = thrift.field(&mut last)? {
            match (id, kind) {
                (1, Kind::Binary) => raw.other_file = !thrift.binary()?.is_empty(),
                (3, Kind::Struct) => raw.parse_metadata(thrift)?,
                (4, Kind::I64) => raw.offset_index.0 = Some(thrift.i64()?),
                (5, Kind::I32) => raw.offset_index.1 = Some(thrift.i32()?),
                (6, Kind::I64) => raw.column_index.0 = Some(thrift.i64()?),
                (7, Kind::I32) => raw.column_index.1 = Some(thrift.i32()?),
                (8, _) => {
                    raw.encrypted = true;
                    thrift.skip(kind)?;
                }
                _ => thrift.skip(kind)?,
            }
        }
        Ok(raw)
    }

    /// Whether some of its pages may hold codes into a dictionary.
    pub(crate) fn has_codes(&self) -> bool {
        let codes = [Encoding::PlainDictionary, Encoding::RleDictionary];
        codes.iter().any(|codes| self.encodings.contains(codes))
    }

    /// Where its dictionary is, if it is known for sure that all values are in it.
    pub(crate) fn whole_dictionary(&self) -> Option<Range<u64>> {
        let start = self.dictionary_page_offset?;
        let end = self.data_page_offset.min(self.byte_range.end);
        (self.dictionary_only && start == self.byte_range.start && start < end)
            .then_some(start..end)
    }
}

/// Encodings of a chunk that are kept; the format names nine.
const ENCODINGS_MAX: usize = 16;

/// A column chunk as written, nothing of it checked yet.
#[derive(Debug, Default)]
pub(super) struct RawChunk {
    pub(super) other_file: bool,
    pub(super) encrypted: bool,
    pub(super) physical: Option<i32>,
    pub(super) encodings: Vec<Encoding>,
    pub(super) dictionary_only: bool,
    pub(super) data_pages: Option<u64>,
    pub(super) codec: i32,
    pub(super) values: i64,
    pub(super) bytes_uncompressed: i64,
    pub(super) bytes_compressed: i64,
    pub(super) data_page_offset: i64,
    pub(super) dictionary_page_offset: Option<i64>,
    pub(super) statistics: Option<Statistics>,
    pub(super) bloom_filter: (Option<i64>, Option<i32>),
    pub(super) offset_index: (Option<i64>, Option<i32>),
    pub(super) column_index: (Option<i64>, Option<i32>),
}

impl RawChunk {
    fn parse_metadata(&mut self, thrift: &mut Thrift<'_>) -> Result<(), Fault> {
        let mut last = 0;
        while let Some((id, kind)) = thrift.field(&mut last)? {
            match (id, kind) {
                (1, Kind::I32) => self.physical = Some(thrift.i32()?),
                (2, Kind::List) => {
                    let len = thrift.list_of(Kind::I32)?;
                    self.encodings.clear();
                    for _ in 0..len {
                        let encoding = Encoding::of(thrift.i32()?);
                        if self.encodings.len() < ENCODINGS_MAX
                            && !self.encodings.contains(&encoding)
                        {
                            self.encodings.push(encoding);
                        }
                    }
                }
                (4, Kind::I32) => self.codec = thrift.i32()?,
                (5, Kind::I64) => self.values = thrift.i64()?,
                (6, Kind::I64) => self.bytes_uncompressed = thrift.i64()?,
                (7, Kind::I64) => self.bytes_compressed = thrift.i64()?,
                (9, Kind::I64) => self.data_page_offset = thrift.i64()?,
                (11, Kind::I64) => self.dictionary_page_offset = Some(thrift.i64()?),
                (12, Kind::Struct) => self.statistics = Some(Statistics::parse(thrift)?),
                (13, Kind::List) => {
                    let (with_codes, others) = count_pages(thrift)?;
                    self.dictionary_only = with_codes > 0 && others == 0;
                    self.data_pages = Some(with_codes.saturating_add(others));
                }
                (14, Kind::I64) => self.bloom_filter.0 = Some(thrift.i64()?),
                (15, Kind::I32) => self.bloom_filter.1 = Some(thrift.i32()?),
                _ => thrift.skip(kind)?,
            }
        }
        Ok(())
    }
}

/// Reads a list of `PageEncodingStats`: how many data pages hold codes, and how many do not.
fn count_pages(thrift: &mut Thrift<'_>) -> Result<(u64, u64), Fault> {
    const DATA_PAGES: [i32; 2] = [0, 3];
    let (mut with_codes, mut others) = (0_u64, 0_u64);
    for _ in 0..thrift.list_of(Kind::Struct)? {
        let (mut page, mut encoding, mut count) = (None, None, None);
        let mut last = 0;
        while let Some((id, kind)) = thrift.field(&mut last)? {
            match (id, kind) {
                (1, Kind::I32) => page = Some(thrift.i32()?),
                (2, Kind::I32) => encoding = Some(Encoding::of(thrift.i32()?)),
                (3, Kind::I32) => count = Some(thrift.i32()?),
                _ => thrift.skip(kind)?,
            }
        }
        let is_data = page.is_none_or(|page| DATA_PAGES.contains(&page));
        if is_data && count != Some(0) {
            let pages = match encoding {
                Some(Encoding::PlainDictionary | Encoding::RleDictionary) => &mut with_codes,
                _ => &mut others,
            };
            // A number that is none still says that there are some.
            let count = count.and_then(|count| u64::try_from(count).ok());
            *pages = pages.saturating_add(count.unwrap_or(1));
        }
    }
    Ok((with_codes, others))
}

impl Statistics {
    /// Reads the struct `Statistics`; the newer pair of bounds wins over the deprecated one.
    pub(super) fn parse(thrift: &mut Thrift<'_>) -> Result<Self, Fault> {
        let mut statistics = Self::default();
        let (mut old_min, mut old_max) = (None, None);
        let mut last = 0;
        while let Some((id, kind)) = thrift.field(&mut last)? {
            let bound = |thrift: &mut Thrift<'_>| {
                thrift
                    .binary()
                    .map(|bytes| Some(Bytes::copy_from_slice(bytes)))
            };
            match (id, kind) {
                (1, Kind::Binary) => old_max = bound(thrift)?,
                (2, Kind::Binary) => old_min = bound(thrift)?,
                (3, Kind::I64) => statistics.null_count = u64::try_from(thrift.i64()?).ok(),
                (4, Kind::I64) => statistics.distinct_count = u64::try_from(thrift.i64()?).ok(),
                (5, Kind::Binary) => statistics.max = bound(thrift)?,
                (6, Kind::Binary) => statistics.min = bound(thrift)?,
                (7, Kind::True | Kind::False) => statistics.max_exact = Some(kind == Kind::True),
                (8, Kind::True | Kind::False) => statistics.min_exact = Some(kind == Kind::True),
                _ => thrift.skip(kind)?,
            }
        }
        if statistics.min.is_none() && statistics.max.is_none() {
            statistics.deprecated = old_min.is_some() || old_max.is_some();
            (statistics.min, statistics.max) = (old_min, old_max);
        }
        Ok(statistics)
    }
}

impl Codec {
    pub(super) fn of(code: i32) -> Self {
        match code {
            0 => Self::None,
            1 => Self::Snappy,
            2 => Self::Gzip,
            3 => Self::Lzo,
            4 => Self::Brotli,
            5 => Self::Lz4,
            6 => Self::Zstd,
            7 => Self::Lz4Raw,
            code => Self::Unknown(code),
        }
    }
}

impl Encoding {
    pub(super) fn of(code: i32) -> Self {
        match code {
            0 => Self::Plain,
            2 => Self::PlainDictionary,
            3 => Self::Rle,
            4 => Self::BitPacked,
            5 => Self::DeltaBinaryPacked,
            6 => Self::DeltaLengthByteArray,
            7 => Self::DeltaByteArray,
            8 => Self::RleDictionary,
            9 => Self::ByteStreamSplit,
            code => Self::Unknown(code),
        }
    }
}

impl fmt::Display for Codec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "UNCOMPRESSED",
            Self::Snappy => "SNAPPY",
            Self::Gzip => "GZIP",
            Self::Lzo => "LZO",
            Self::Brotli => "BROTLI",
            Self::Lz4 => "LZ4",
            Self::Zstd => "ZSTD",
            Self::Lz4Raw => "LZ4_RAW",
            Self::Unknown(code) => return write!(f, "number {code}"),
        })
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain => "PLAIN",
            Self::PlainDictionary => "PLAIN_DICTIONARY",
            Self::Rle => "RLE",
            Self::BitPacked => "BIT_PACKED",
            Self::DeltaBinaryPacked => "DELTA_BINARY_PACKED",
            Self::DeltaLengthByteArray => "DELTA_LENGTH_BYTE_ARRAY",
            Self::DeltaByteArray => "DELTA_BYTE_ARRAY",
            Self::RleDictionary => "RLE_DICTIONARY",
            Self::ByteStreamSplit => "BYTE_STREAM_SPLIT",
            Self::Unknown(code) => return write!(f, "number {code}"),
        })
    }
}
