//! Which rows of a row group a reader is for, when not all of them are needed or several readers share them.

use std::ops::Range;

/// Rows that are needed of a row group, and the part of it that one reader reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WantedRows {
    /// All rows that any reader needs: in order, apart.
    needed: Vec<Range<u64>>,
    /// The rows that this reader reads, as far as they are needed.
    own: Range<u64>,
}

impl WantedRows {
    /// Of the rows that are `needed`, in order and apart, those in `own`.
    pub(crate) fn new(needed: Vec<Range<u64>>, own: Range<u64>) -> Self {
        Self { needed, own }
    }

    /// The rows to read, in order and apart.
    pub(crate) fn to_read(&self) -> Vec<Range<u64>> {
        let within = |rows: &Range<u64>| rows.start.max(self.own.start)..rows.end.min(self.own.end);
        let rows = self.needed.iter().map(within);
        rows.filter(|rows| !rows.is_empty()).collect()
    }

    /// All rows that any reader needs.
    pub(crate) fn needed(&self) -> &[Range<u64>] {
        &self.needed
    }

    /// The rows that this reader is for, whether they are needed or not.
    pub(crate) fn own(&self) -> &Range<u64> {
        &self.own
    }

    /// Whether some of these rows are to be read.
    pub(crate) fn has_some_of(&self, rows: &Range<u64>) -> bool {
        let first = self.first_needed(rows.start.max(self.own.start));
        first.is_some_and(|first| first < rows.end.min(self.own.end))
    }

    /// Whether it is this reader that counts what is read for these rows: where several readers need the same bytes,
    /// the one does that reads the first row that is needed of them.
    pub(crate) fn counts(&self, rows: &Range<u64>) -> bool {
        let first = self.first_needed(rows.start);
        first.is_some_and(|first| first < rows.end && self.own.contains(&first))
    }

    /// The first row from `row` on that any reader needs.
    fn first_needed(&self, row: u64) -> Option<u64> {
        let before = self.needed.partition_point(|rows| rows.end <= row);
        Some(self.needed.get(before)?.start.max(row))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Ranges out of which rows of twenty are needed.
    fn ranges(needed: &[bool]) -> Vec<Range<u64>> {
        let mut ranges: Vec<Range<u64>> = Vec::new();
        for (row, _) in (0..).zip(needed).filter(|(_, needed)| **needed) {
            match ranges.last_mut() {
                Some(last) if last.end == row => last.end += 1,
                _ => ranges.push(row..row + 1),
            }
        }
        ranges
    }

    proptest! {
        #[test]
        fn readers_together_read_what_is_needed_and_one_of_them_counts_each_page(
            needed in prop::collection::vec(any::<bool>(), 20),
            cuts in prop::collection::vec(0_u64..=20, 0..4),
            pages in prop::collection::vec(0_u64..=20, 0..6),
        ) {
            let all = ranges(&needed);
            let edges = |mut places: Vec<u64>| {
                places.extend([0, 20]);
                places.sort_unstable();
                places
            };
            let cuts = edges(cuts);
            let readers: Vec<_> =
                cuts.windows(2).map(|cut| WantedRows::new(all.clone(), cut[0]..cut[1])).collect();
            let read: Vec<u64> = readers.iter().flat_map(WantedRows::to_read).flatten().collect();
            prop_assert!(read.into_iter().eq(all.iter().cloned().flatten()));
            for page in edges(pages).windows(2) {
                let page = page[0]..page[1];
                let is_needed = page.clone().any(|row| needed[row as usize]);
                let counting = readers.iter().filter(|reader| reader.counts(&page)).count();
                prop_assert_eq!(counting, usize::from(is_needed));
                for reader in &readers {
                    let reads = reader.to_read().into_iter().flatten().any(|row| page.contains(&row));
                    prop_assert_eq!(reader.has_some_of(&page), reads);
                    prop_assert!(reads || !reader.counts(&page));
                }
            }
        }
    }
}
