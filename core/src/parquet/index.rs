//! The page index: where the pages of a chunk are, and what the writer says of each ("Page index").
//!
//! An index only ever saves reading, so one that contradicts itself or its chunk is simply none.

use std::ops::Range;

use bytes::Bytes;

use super::chunk::{ColumnChunk, Statistics};
use super::fault::Fault;
use super::thrift::{Kind, Thrift};

/// Where a data page is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PagePlace {
    /// Its rows, counted from the row group's first.
    pub rows: Range<u64>,
    /// Where it is in the file, header included.
    pub bytes: Range<u64>,
}

/// What the writer says of a data page's values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageStatistics {
    /// Whether it has nothing but nulls.
    pub all_null: bool,
    /// What is known of its values. See [`Bounds`](super::Bounds) for what can be believed.
    pub statistics: Statistics,
}

impl PagePlace {
    /// Reads the places of a chunk's data pages from the bytes at its `offset_index`.
    ///
    /// The pages must follow each other to the chunk's end, and their rows to its last: a place that is wrong then
    /// makes another one wrong, too, and some writers got them wrong.
    pub fn read(chunk: &ColumnChunk, offset_index: &[u8]) -> Option<Vec<Self>> {
        let mut pages = places(offset_index).ok()?;
        let (mut rows_end, mut bytes_end) = (chunk.rows, chunk.byte_range.end);
        for page in pages.iter_mut().rev() {
            page.rows.end = rows_end;
            let fits = page.rows.start <= page.rows.end
                && page.bytes.start < page.bytes.end
                && page.bytes.end == bytes_end;
            if !fits {
                return None;
            }
            (rows_end, bytes_end) = (page.rows.start, page.bytes.start);
        }
        (rows_end == 0 && bytes_end >= chunk.byte_range.start).then_some(pages)
    }
}

impl PageStatistics {
    /// Reads what the bytes at a chunk's `column_index` say of its pages.
    pub fn read(pages: &[PagePlace], column_index: &Bytes) -> Option<Vec<Self>> {
        let index = ColumnIndex::parse(column_index, pages.len()).ok()?;
        let lens = [index.null_pages.len(), index.mins.len(), index.maxes.len()];
        let counted = !index.null_counts.is_empty();
        if lens != [pages.len(); 3] || counted && index.null_counts.len() != pages.len() {
            return None;
        }
        let bounds = index.mins.into_iter().zip(index.maxes);
        let nulls = index.null_counts.into_iter().map(Some);
        let described = index
            .null_pages
            .into_iter()
            .zip(bounds)
            .zip(nulls.chain(std::iter::repeat(None)));
        let page = |((all_null, (min, max)), nulls): ((bool, _), Option<i64>)| Self {
            all_null,
            // The bounds of pages may be cut off, and nothing says which are.
            statistics: Statistics {
                null_count: nulls.and_then(|nulls| u64::try_from(nulls).ok()),
                min: (!all_null).then_some(min),
                max: (!all_null).then_some(max),
                ..Statistics::default()
            },
        };
        Some(described.map(page).collect())
    }
}

/// What the column index says, page by page.
#[derive(Default)]
struct ColumnIndex {
    null_pages: Vec<bool>,
    mins: Vec<Bytes>,
    maxes: Vec<Bytes>,
    null_counts: Vec<i64>,
}

impl ColumnIndex {
    /// Reads the struct `ColumnIndex` of so many pages.
    fn parse(bytes: &Bytes, pages: usize) -> Result<Self, Fault> {
        let mut thrift = Thrift::new(bytes, 0);
        let mut index = Self::default();
        let mut last = 0;
        while let Some((id, kind)) = thrift.field(&mut last)? {
            match (id, kind) {
                (1, Kind::List) => index.null_pages = thrift.bools()?,
                (2, Kind::List) => index.mins = binaries(&mut thrift, bytes, pages)?,
                (3, Kind::List) => index.maxes = binaries(&mut thrift, bytes, pages)?,
                (5, Kind::List) => {
                    let len = thrift.list_of(Kind::I64)?;
                    index.null_counts = (0..len).map(|_| thrift.i64()).collect::<Result<_, _>>()?;
                }
                _ => thrift.skip(kind)?,
            }
        }
        Ok(index)
    }
}

/// A list of so many byte arrays, which stay where they are.
fn binaries(thrift: &mut Thrift<'_>, bytes: &Bytes, count: usize) -> Result<Vec<Bytes>, Fault> {
    if thrift.list_of(Kind::Binary)? != count {
        return Err(Fault::corrupt("bound another number of pages"));
    }
    (0..count)
        .map(|_| thrift.binary().map(|binary| bytes.slice_ref(binary)))
        .collect()
}

/// Reads the struct `OffsetIndex`; where a page's rows end is not known yet.
fn places(bytes: &[u8]) -> Result<Vec<PagePlace>, Fault> {
    let mut thrift = Thrift::new(bytes, 0);
    let mut pages = Vec::new();
    let mut last = 0;
    while let Some((id, kind)) = thrift.field(&mut last)? {
        if (id, kind) != (1, Kind::List) {
            thrift.skip(kind)?;
            continue;
        }
        for _ in 0..thrift.list_of(Kind::Struct)? {
            let (mut start, mut len, mut row) = (None, None, None);
            let mut last = 0;
            while let Some((id, kind)) = thrift.field(&mut last)? {
                match (id, kind) {
                    (1, Kind::I64) => start = u64::try_from(thrift.i64()?).ok(),
                    (2, Kind::I32) => len = u64::try_from(thrift.i32()?).ok(),
                    (3, Kind::I64) => row = u64::try_from(thrift.i64()?).ok(),
                    _ => thrift.skip(kind)?,
                }
            }
            let (Some(start), Some(len), Some(row)) = (start, len, row) else {
                return Err(Fault::corrupt("lacks the place of a page"));
            };
            pages.push(PagePlace {
                rows: row..row,
                bytes: start..start.saturating_add(len),
            });
        }
    }
    Ok(pages)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parquet::chunk::Codec;
    use crate::testing::thrift::{Fields, fields};

    /// A chunk of 100 rows in the bytes from 10 to 110.
    fn chunk() -> ColumnChunk {
        ColumnChunk {
            codec: Codec::None,
            rows: 100,
            values: 100,
            byte_range: 10..110,
            bytes_compressed: 100,
            bytes_uncompressed: 100,
            data_page_offset: 10,
            dictionary_page_offset: None,
            encodings: Vec::new(),
            dictionary_only: false,
            data_pages: None,
            statistics: None,
            column_index: None,
            offset_index: None,
            bloom_filter: None,
            encrypted: false,
        }
    }

    fn read(pages: &[(i64, i64, i64)]) -> Option<Vec<PagePlace>> {
        let page = |(start, len, row): &(i64, i64, i64)| {
            fields().long(1, *start).int(2, *len).long(3, *row)
        };
        let pages: Vec<Fields> = pages.iter().map(page).collect();
        PagePlace::read(&chunk(), &fields().list(1, &pages).end())
    }

    #[test]
    fn places_that_do_not_make_up_their_chunk_are_none() {
        let good = read(&[(20, 30, 0), (50, 50, 30), (100, 10, 90)]).unwrap();
        let rows: Vec<_> = good.iter().map(|page| page.rows.clone()).collect();
        assert_eq!(rows, [0..30, 30..90, 90..100]);
        for bad in [
            &[][..],
            &[(20, 90, 1)],
            &[(20, 91, 0)],
            &[(20, 89, 0)],
            &[(9, 101, 0)],
            &[(20, 30, 0), (50, 60, 101)],
            &[(20, 30, 0), (51, 59, 30)],
            &[(20, 31, 0), (50, 60, 30)],
            &[(50, 60, 0), (20, 30, 30)],
            &[(20, 30, 0), (50, 0, 30), (50, 60, 40)],
            &[(20, 30, 0), (50, 50, 90), (100, 10, 30)],
            &[(20, -90, 0)],
            &[(-20, 90, 0)],
            &[(i64::MAX, i32::MAX as i64, 0)],
            &[(20, 90, i64::MIN)],
        ] {
            assert_eq!(read(bad), None, "{bad:?}");
        }
    }

    /// A list of one-byte elements after its field's head.
    fn list(index: Fields, id: u8, element: u8, count: u8, elements: &[u8]) -> Fields {
        index.head(id, 9).raw(&[count << 4 | element]).raw(elements)
    }

    #[test]
    fn contents_of_another_number_of_pages_are_none() {
        let pages = read(&[(20, 30, 0), (50, 60, 30)]).unwrap();
        let read = |flags: u8, mins: u8, maxes: u8, nulls: Option<u8>| {
            let bounds = [1, b'a'].repeat(15);
            let index = list(fields(), 1, 2, flags, &[2; 15][..flags.into()]);
            let index = list(index, 2, 8, mins, &bounds[..2 * usize::from(mins)]);
            let index = list(index, 3, 8, maxes, &bounds[..2 * usize::from(maxes)]);
            let index = match nulls {
                Some(nulls) => list(index, 5, 6, nulls, &[1; 15][..nulls.into()]),
                None => index,
            };
            PageStatistics::read(&pages, &Bytes::from(index.end()))
        };
        let good = read(2, 2, 2, None).unwrap();
        assert_eq!(good[1].statistics.min.as_deref(), Some(&b"a"[..]));
        assert_eq!(good[1].statistics.null_count, None);
        // -1 nulls is no number of nulls.
        assert_eq!(
            read(2, 2, 2, Some(2)).unwrap()[0].statistics.null_count,
            None
        );
        for (flags, mins, maxes, nulls) in [
            (1, 2, 2, None),
            (3, 2, 2, None),
            (2, 1, 2, None),
            (2, 2, 3, None),
            (2, 2, 2, Some(1)),
            (2, 2, 2, Some(3)),
            (0, 0, 0, None),
        ] {
            assert_eq!(read(flags, mins, maxes, nulls), None);
        }
    }
}
