//! A file that several threads work on at once.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use questlog_core::{Cutting, Footer, Part, Query};

/// What a part of a file costs at least, in bytes to read, so that dealing it out pays.
const PART_BYTES_MIN: u64 = 1 << 20;

/// Parts for each thread: more let a thread that was lucky help out, fewer have fewer partials to merge.
const PARTS_PER_THREAD: u64 = 4;

/// The same where a row group is cut: each part looks for its first row from the row group's start on.
const ROW_PARTS_PER_THREAD: u64 = 2;

/// What the parts of a file have brought so far.
pub(crate) struct Gathered<P, E> {
    state: Mutex<State<P, E>>,
}

struct State<P, E> {
    parts_left: usize,
    /// The error of the first part, in file order, that failed.
    failed: Option<(usize, E)>,
    partial: Option<P>,
}

impl<P, E> Gathered<P, E> {
    pub(crate) fn new(parts: usize) -> Self {
        let state = State {
            parts_left: parts,
            failed: None,
            partial: None,
        };
        Self {
            state: Mutex::new(state),
        }
    }

    /// Whether a part before the one at this place failed, so that this one needs no work.
    pub(crate) fn has_failed_before(&self, place: usize) -> bool {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state
            .failed
            .as_ref()
            .is_some_and(|(failed, _)| *failed < place)
    }

    /// Takes what became of the part at this place in file order; gives the file's outcome with the last one.
    ///
    /// Merging is done outside the lock: two threads that finish at once each merge something.
    pub(crate) fn finish(
        &self,
        place: usize,
        mut outcome: Result<P, E>,
        mut merge: impl FnMut(P, P) -> Result<P, E>,
    ) -> Option<Result<P, E>> {
        loop {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            match (outcome, state.partial.take()) {
                (Ok(mine), Some(other)) => {
                    drop(state);
                    outcome = merge(mine, other);
                    continue;
                }
                (Ok(mine), None) => state.partial = Some(mine),
                (Err(error), other) => {
                    state.partial = other;
                    if state
                        .failed
                        .as_ref()
                        .is_none_or(|(failed, _)| place < *failed)
                    {
                        state.failed = Some((place, error));
                    }
                }
            }
            state.parts_left -= 1;
            if state.parts_left > 0 {
                return None;
            }
            return match (state.failed.take(), state.partial.take()) {
                (Some((_, error)), _) => Some(Err(error)),
                (None, partial) => partial.map(Ok),
            };
        }
    }
}

/// Whether a file of this size is never cut.
pub(crate) fn is_small(size_bytes: u64) -> bool {
    size_bytes <= PART_BYTES_MIN
}

/// Cuts a file into parts of about the same cost, or into one if it is not worth it.
pub(crate) fn parts(query: &Query, footer: &Footer, threads: usize) -> Vec<Part> {
    let row_groups = 0..footer.row_groups().len();
    if threads <= 1 {
        return vec![row_groups.into()];
    }
    let costs = row_groups
        .clone()
        .map(|group| query.cost_bytes(footer, group));
    let cutting = cutting(costs.fold(0, u64::saturating_add), threads);
    query.parts(footer, row_groups, cutting)
}

/// The same for row groups of these costs, which stay whole.
pub(crate) fn cut(costs_bytes: &[u64], threads: usize) -> Vec<Range<usize>> {
    if threads <= 1 {
        return std::iter::once(0..costs_bytes.len()).collect();
    }
    let costs = costs_bytes.iter().copied();
    cutting(costs.fold(0, u64::saturating_add), threads).row_groups(costs_bytes)
}

fn cutting(total_bytes: u64, threads: usize) -> Cutting {
    let parts = |per_thread: u64| (threads as u64).saturating_mul(per_thread);
    Cutting {
        part_bytes: (total_bytes / parts(PARTS_PER_THREAD)).max(PART_BYTES_MIN),
        parts_enough: parts(ROW_PARTS_PER_THREAD),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_cover_all_row_groups_in_order_and_are_few() {
        const MIB: u64 = 1 << 20;
        for (costs, threads, parts) in [
            (vec![], 2, 1),
            (vec![5 * MIB], 2, 1),
            (vec![5 * MIB; 2], 1, 1),
            (vec![5 * MIB; 2], 2, 2),
            (vec![1_000; 1_000], 8, 1),
            (vec![3 * MIB; 1_000], 2, 8),
            (vec![3 * MIB; 10], 2, 10),
            (vec![3 * MIB; 12], 2, 6),
            (vec![3 * MIB; 13], 2, 7),
            (vec![100 * MIB, 1, 1, 1], 2, 2),
            (vec![1, 100 * MIB, 1, 100 * MIB], 2, 2),
            (vec![u64::MAX; 3], 2, 3),
            (vec![0; 7], 2, 1),
        ] {
            let cut = cut(&costs, threads);
            assert_eq!(
                cut.len(),
                parts,
                "{threads} threads, {} row groups",
                costs.len()
            );
            let covered: Vec<usize> = cut.into_iter().flatten().collect();
            assert!(covered.into_iter().eq(0..costs.len()));
        }
    }
}
