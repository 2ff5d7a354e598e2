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
/// Comparisons of pages with literals that one question may cost.
const COMPARISONS_MAX: usize = 1 << 20;

/// The bytes of the page indexes that tell which pages to read: for each column that is asked of, what is in its pages,
/// and for all columns, where they are. `None` if reading them costs more than they may spare.
pub(super) fn index_ranges(
    chunks: &[ColumnChunk],
    is_asked: impl Fn(usize) -> bool,
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
    let pages: u64 = chunks
        .iter()
        .map(|chunk| chunk.byte_range.count_bytes())
        .sum();
    (bytes <= INDEX_BYTES_MAX && bytes.saturating_mul(INDEX_PART_MAX) <= pages).then_some(ranges)
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
) -> Option<Steps> {
    let literals = match &question.asked {
        Asked::In(list, _) => list.len(),
        Asked::InTexts(texts, _) => texts.len(),
        _ => 1,
    };
    if places.len().saturating_mul(literals) > COMPARISONS_MAX {
        return None;
    }
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
