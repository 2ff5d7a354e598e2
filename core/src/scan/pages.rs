//! The page index of a row group: which bytes of it are read, and what it says of the rows.

use std::ops::Range;

use super::CountBytes;
use super::condition::{Asked, Question};
use super::fetch::Fetch;
use super::opening::Around;
use super::prune::Described;
use super::truths::{ANY, Steps};
use crate::parquet::{ColumnChunk, Leaf, PagePlace, PageStatistics};

/// Bytes of all page indexes that a row group's pruning may read.
const INDEX_BYTES_MAX: u64 = 1 << 20;
/// The part of a row group's bytes that its page indexes may have to be worth reading.
const INDEX_PART_MAX: u64 = 4;
/// Comparisons of pages with literals that all questions about one row group may cost.
pub(super) const COMPARISONS_MAX: usize = 1 << 19;

/// The bytes of the page indexes that tell which pages to read: for each column that is asked of, what is in its pages,
/// and for all columns, where they are. `None` if reading them costs more than they may spare; from `tail` on nothing
/// costs, for it came with the footer.
pub(super) fn index_ranges(
    chunks: &[ColumnChunk],
    is_asked: impl Fn(usize) -> bool,
    tail: u64,
) -> Option<Vec<Range<u64>>> {
    let asked = chunks
        .iter()
        .enumerate()
        .filter(|(place, _)| is_asked(*place));
    let contents = asked.filter_map(|(_, chunk)| chunk.column_index.clone());
    let mut ranges: Vec<Range<u64>> = contents.collect();
    if ranges.is_empty() {
        return None;
    }
    ranges.extend(chunks.iter().filter_map(|chunk| chunk.offset_index.clone()));
    let bytes: u64 = ranges.iter().map(CountBytes::count_bytes).sum();
    let before_tail = |range: &Range<u64>| range.end.min(tail).saturating_sub(range.start);
    let cost: u64 = ranges.iter().map(before_tail).sum();
    let pages: u64 = chunks
        .iter()
        .map(|chunk| chunk.byte_range.count_bytes())
        .sum();
    (bytes <= INDEX_BYTES_MAX && cost.saturating_mul(INDEX_PART_MAX) <= pages).then_some(ranges)
}

/// Where a chunk's pages are, if that was read and can be believed.
pub(super) fn places(chunk: &ColumnChunk, fetch: &Fetch) -> Option<Vec<PagePlace>> {
    let bytes = fetch.store().get(chunk.offset_index.clone()?)?;
    PagePlace::read(chunk, &bytes)
}

/// How a question may be answered, by what the index says of each page; `None` where it says nothing.
pub(super) fn answers(
    question: &Question,
    (leaf, chunk): (&Leaf, &ColumnChunk),
    places: &[PagePlace],
    fetch: &Fetch,
    around: &Around<'_>,
    comparisons_left: &mut usize,
) -> Option<Steps> {
    let literals = match &question.asked {
        Asked::In(list, _) => list.len(),
        Asked::InTexts(texts, _) => texts.len(),
        _ => 1,
    };
    let comparisons = places.len().saturating_mul(literals);
    *comparisons_left = comparisons_left.checked_sub(comparisons)?;
    let bytes = fetch.store().get(chunk.column_index.clone()?)?;
    let pages = PageStatistics::read(places, &bytes)?;
    let steps = places.iter().zip(&pages).map(|(place, page)| {
        let rows = place.rows.count_bytes();
        // Writers have called pages null for having no bounds: their count of nulls must say so, too.
        let contradicts = page.all_null && page.statistics.null_count != Some(rows);
        let described = Described {
            leaf,
            rows,
            statistics: &page.statistics,
            counts_nulls: around.writer.counts_nulls(),
        };
        let answers = if contradicts {
            ANY
        } else {
            described.answers(question, around.providers)
        };
        (place.rows.end, answers)
    });
    Some(Steps::new(steps))
}

/// Those of a chunk's pages that have some of `rows`, which are ranges in order.
pub(super) fn selected(places: &[PagePlace], rows: &[Range<u64>]) -> Vec<PagePlace> {
    let mut selected = Vec::new();
    let mut wanted = rows.iter().peekable();
    for place in places {
        while wanted
            .next_if(|range| range.end <= place.rows.start)
            .is_some()
        {}
        let overlaps = |range: &&Range<u64>| range.start < place.rows.end && !place.rows.is_empty();
        if wanted.peek().copied().is_some_and(|range| overlaps(&range)) {
            selected.push(place.clone());
        }
    }
    selected
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parquet::Codec;

    #[test]
    fn indexes_are_read_that_are_small_beside_their_pages() {
        let chunk = |pages: u64, index: u64| ColumnChunk {
            codec: Codec::None,
            rows: 1,
            values: 1,
            byte_range: 0..pages,
            bytes_compressed: pages,
            bytes_uncompressed: pages,
            data_page_offset: 0,
            dictionary_page_offset: None,
            encodings: Vec::new(),
            dictionary_only: false,
            data_pages: None,
            statistics: None,
            column_index: Some(pages..pages + index),
            offset_index: Some(pages + index..pages + 2 * index),
            bloom_filter: None,
            encrypted: false,
        };
        let ranges = |pages: u64, index: u64, tail: u64| {
            let chunks = [chunk(pages, index), chunk(pages, index)];
            let ranges = index_ranges(&chunks, |place| place == 1, tail)?;
            assert_eq!(ranges.len(), 3, "what is in one, and where both are");
            Some(ranges.iter().map(CountBytes::count_bytes).sum::<u64>())
        };
        assert_eq!(ranges(6_000, 1_000, u64::MAX), Some(3_000));
        assert_eq!(ranges(5_999, 1_000, u64::MAX), None);
        // What came with the footer costs nothing.
        assert_eq!(ranges(5_999, 1_000, 7_998), Some(3_000));
        assert_eq!(ranges(10, 1_000, 0), Some(3_000));
        let third = INDEX_BYTES_MAX / 3;
        assert_eq!(ranges(1 << 40, third, 0), Some(third * 3));
        assert_eq!(ranges(1 << 40, third + 1, 0), None);
        let none = index_ranges(&[chunk(6_000, 1_000)], |_| false, u64::MAX);
        assert_eq!(none, None, "nothing is asked of any");
    }

    #[test]
    fn pages_are_selected_that_have_a_row() {
        let page = |rows: Range<u64>| PagePlace {
            bytes: rows.clone(),
            rows,
        };
        let places = [
            page(0..10),
            page(10..10),
            page(10..20),
            page(20..30),
            page(30..40),
        ];
        let starts = |rows: &[(u64, u64)]| {
            let rows: Vec<_> = rows.iter().map(|(start, end)| *start..*end).collect();
            let selected = selected(&places, &rows);
            selected
                .iter()
                .map(|page| page.rows.start)
                .collect::<Vec<_>>()
        };
        assert_eq!(starts(&[(0, 40)]), [0, 10, 20, 30]);
        assert_eq!(starts(&[(9, 10)]), [0]);
        assert_eq!(starts(&[(9, 11), (35, 36)]), [0, 10, 30]);
        assert_eq!(starts(&[(20, 21), (22, 23)]), [20]);
        assert_eq!(starts(&[]), Vec::<u64>::new());
    }
}
