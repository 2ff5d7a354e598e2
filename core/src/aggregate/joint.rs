//! Rows that have the same codes in every column, counted together.
//!
//! A row costs one addition then, and what keys, filters and measures make of its values is found out once for all the
//! rows like it.

use super::numbers::uniform;
use super::view::View;

/// Combinations of codes at most: their counters stay in the processor's nearer caches.
const ENTRIES: usize = 1 << 15;

/// Rows of a row group for each combination that there could be: with fewer it takes longer to look through the
/// combinations than counting them spares.
const ROWS_PER_ENTRY_MIN: u64 = 4;

/// How often each combination of codes was met in a row group.
#[derive(Default)]
pub(crate) struct Joint {
    /// The columns that have codes; none before the row group's first rows.
    columns: Vec<Coded>,
    /// A place for each combination; the first column's code counts most in it.
    counts: Option<Box<[u32; ENTRIES]>>,
    rows: u32,
    scratch: Vec<u32>,
}

/// A column that has codes.
struct Coded {
    /// Its place among the views.
    view: usize,
    chunk: u64,
    /// How many codes there are, that of null among them.
    codes: u32,
}

/// Combinations that were met.
pub(crate) struct Met {
    /// Each view's code in each of them; none for a view that has no codes.
    pub(crate) codes: Vec<Vec<u32>>,
    /// How many rows each of them stands for.
    pub(crate) times: Vec<u32>,
}

impl Joint {
    /// Counts `rows` rows, if all columns have codes and so few that it pays; says whether it did.
    /// `rows_left` are the rows that the row group has from here on.
    #[inline(never)]
    pub(crate) fn add(&mut self, views: &[View<'_>], rows: usize, rows_left: u64) -> bool {
        if self.columns.is_empty() && !self.begin(views, rows_left) {
            return false;
        }
        if !self.are_of_these_chunks(views) {
            return false;
        }
        let total = u32::try_from(rows)
            .ok()
            .and_then(|rows| self.rows.checked_add(rows));
        let (Some(total), Some(counts)) = (total, &mut self.counts) else {
            return false;
        };
        let mut columns = self.columns.iter().filter_map(|column| {
            let View::Codes { codes, .. } = views.get(column.view)? else {
                return None;
            };
            Some((codes.get(..rows)?, column.codes))
        });
        let (Some((first, _)), second) = (columns.next(), columns.next()) else {
            return false;
        };
        self.rows = total;
        let Some((second, len)) = second else {
            count(first, counts);
            return true;
        };
        self.scratch.clear();
        let pairs = first.iter().zip(second);
        self.scratch
            .extend(pairs.map(|(joint, code)| joint * len + code));
        for (codes, len) in columns {
            for (joint, code) in self.scratch.iter_mut().zip(codes) {
                *joint = *joint * len + code;
            }
        }
        count(&self.scratch, counts);
        true
    }

    /// Looks at a row group's first rows; says whether they can be counted here.
    #[inline(never)]
    fn begin(&mut self, views: &[View<'_>], rows_left: u64) -> bool {
        let mut entries: u64 = 1;
        for (view, place) in views.iter().zip(0..) {
            match view {
                View::Same(_) => {}
                View::Codes {
                    dictionary, chunk, ..
                } => {
                    let codes = u32::try_from(dictionary.len() + 1).unwrap_or(u32::MAX);
                    entries = entries.saturating_mul(codes.into());
                    self.columns.push(Coded {
                        view: place,
                        chunk: *chunk,
                        codes,
                    });
                }
                View::Values { .. } => entries = u64::MAX,
            }
        }
        if entries > ENTRIES as u64 || entries.saturating_mul(ROWS_PER_ENTRY_MIN) > rows_left {
            self.columns.clear();
            return false;
        }
        if self.counts.is_none() {
            self.counts = vec![0; ENTRIES].into_boxed_slice().try_into().ok();
        }
        true
    }

    fn are_of_these_chunks(&self, views: &[View<'_>]) -> bool {
        self.columns.iter().all(|column| {
            matches!(views.get(column.view), Some(View::Codes { chunk, .. }) if *chunk == column.chunk)
        })
    }

    /// What was counted; then nothing is.
    pub(crate) fn take(&mut self, views: usize) -> Option<Met> {
        let columns = std::mem::take(&mut self.columns);
        let counts = self.counts.as_mut().filter(|_| !columns.is_empty())?;
        self.rows = 0;
        let mut met = Met {
            codes: vec![Vec::new(); views],
            times: Vec::new(),
        };
        let entries = columns.iter().map(|column| column.codes as usize).product();
        for (joint, count) in counts.iter_mut().enumerate().take(entries) {
            if *count == 0 {
                continue;
            }
            met.times.push(std::mem::take(count));
            let mut rest = joint as u32;
            for column in columns.iter().rev() {
                if let Some(codes) = met.codes.get_mut(column.view) {
                    codes.push(rest % column.codes);
                }
                rest /= column.codes;
            }
        }
        Some(met)
    }
}

/// Counts each of the combinations, which are all below `ENTRIES`: cutting them only spares the question.
#[inline(never)]
fn count(joints: &[u32], counts: &mut [u32; ENTRIES]) {
    match uniform(joints) {
        Some(joint) => counts[joint as usize % ENTRIES] += joints.len() as u32,
        None => {
            // Four at a time: to ask whether there are more costs as much as to count one, in wasm above all.
            let (fours, rest) = joints.as_chunks::<4>();
            let mut add = |joint: u32| counts[joint as usize % ENTRIES] += 1;
            for four in fours {
                four.iter().for_each(|joint| add(*joint));
            }
            rest.iter().for_each(|joint| add(*joint));
        }
    }
}
