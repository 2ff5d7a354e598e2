//! The page index: what the writer says of each page of a chunk, and where the pages are ("Page index").

use std::ops::Range;

use bytes::Bytes;

use super::chunk::{ColumnChunk, Statistics};
use super::fault::Fault;
use super::thrift::{Kind, Thrift};

/// A data page as the index describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexedPage {
    /// Its rows, counted from the row group's first.
    pub rows: Range<u64>,
    /// Where it is in the file, header included.
    pub bytes: Range<u64>,
    /// Whether it has nothing but nulls.
    pub all_null: bool,
    /// What is known of its values; nothing without a column index. See [`Bounds`](super::Bounds) for what can be believed.
    pub statistics: Statistics,
}

/// What the column index says, page by page.
#[derive(Default)]
struct ColumnIndex {
    null_pages: Vec<bool>,
    mins: Vec<Bytes>,
    maxes: Vec<Bytes>,
    null_counts: Vec<i64>,
}

impl IndexedPage {
    /// Reads a chunk's page index from the bytes at its `offset_index` and, if it has one, its `column_index`.
    ///
    /// An index only ever saves reading, so one that contradicts itself or the chunk is simply none.
    pub fn read(
        chunk: &ColumnChunk,
        offset_index: &[u8],
        column_index: Option<&[u8]>,
    ) -> Option<Vec<Self>> {
        let mut pages = places(offset_index).ok()?;
        let mut rows_end = chunk.rows;
        for page in pages.iter_mut().rev() {
            page.rows.end = rows_end;
            rows_end = page.rows.start;
            let inside = chunk.byte_range.start <= page.bytes.start
                && page.bytes.end <= chunk.byte_range.end
                && page.rows.start <= page.rows.end;
            if !inside {
                return None;
            }
        }
        let in_order = pages.is_sorted_by(|a, b| a.bytes.end <= b.bytes.start);
        if rows_end != 0 || !in_order {
            return None;
        }
        if let Some(bytes) = column_index {
            describe(&mut pages, ColumnIndex::parse(bytes).ok()?)?;
        }
        Some(pages)
    }
}

/// Puts what the column index says to the pages.
fn describe(pages: &mut [IndexedPage], index: ColumnIndex) -> Option<()> {
    let len = pages.len();
    let counted = !index.null_counts.is_empty();
    let lens = [index.null_pages.len(), index.mins.len(), index.maxes.len()];
    if lens != [len; 3] || counted && index.null_counts.len() != len {
        return None;
    }
    let bounds = index.mins.into_iter().zip(index.maxes);
    for (number, (page, (min, max))) in pages.iter_mut().zip(bounds).enumerate() {
        page.all_null = *index.null_pages.get(number)?;
        let statistics = &mut page.statistics;
        statistics.null_count = index
            .null_counts
            .get(number)
            .and_then(|&n| u64::try_from(n).ok());
        if !page.all_null {
            // The bounds of pages may be cut off, and nothing says which are.
            (statistics.min, statistics.max) = (Some(min), Some(max));
        }
    }
    Some(())
}

/// Reads the struct `OffsetIndex`; where a page's rows end is not known yet.
fn places(bytes: &[u8]) -> Result<Vec<IndexedPage>, Fault> {
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
            pages.push(IndexedPage {
                rows: row..row,
                bytes: start..start.saturating_add(len),
                all_null: false,
                statistics: Statistics::default(),
            });
        }
    }
    Ok(pages)
}

impl ColumnIndex {
    fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        let mut thrift = Thrift::new(bytes, 0);
        let mut index = Self::default();
        let mut last = 0;
        while let Some((id, kind)) = thrift.field(&mut last)? {
            match (id, kind) {
                (1, Kind::List) => index.null_pages = thrift.bools()?,
                (2, Kind::List) => index.mins = binaries(&mut thrift)?,
                (3, Kind::List) => index.maxes = binaries(&mut thrift)?,
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

fn binaries(thrift: &mut Thrift<'_>) -> Result<Vec<Bytes>, Fault> {
    let len = thrift.list_of(Kind::Binary)?;
    (0..len)
        .map(|_| thrift.binary().map(Bytes::copy_from_slice))
        .collect()
}
