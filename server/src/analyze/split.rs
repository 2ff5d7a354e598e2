//! A file that several threads work on at once.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use questlog_core::{Footer, Query};

/// What a window of row groups costs at least, in bytes to read, so that dealing it out pays.
const WINDOW_BYTES_MIN: u64 = 1 << 20;

/// Windows for each thread: more let a thread that was lucky help out, fewer have fewer partials to merge.
const WINDOWS_PER_THREAD: u64 = 4;

/// What the windows of a file have brought so far.
pub(crate) struct Gathered<P, E> {
    state: Mutex<State<P, E>>,
}

struct State<P, E> {
    windows_left: usize,
    /// The error of the first window, in file order, that failed.
    failed: Option<(usize, E)>,
    partial: Option<P>,
}

impl<P, E> Gathered<P, E> {
    pub(crate) fn new(windows: usize) -> Self {
        let state = State {
            windows_left: windows,
            failed: None,
            partial: None,
        };
        Self {
            state: Mutex::new(state),
        }
    }

    /// Whether a window before the one that starts at `start` failed, so that this one needs no work.
    pub(crate) fn has_failed_before(&self, start: usize) -> bool {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state
            .failed
            .as_ref()
            .is_some_and(|(failed, _)| *failed < start)
    }

    /// Takes what became of the window that starts at `start`; gives the file's outcome with the last one.
    ///
    /// Merging is done outside the lock: two threads that finish at once each merge something.
    pub(crate) fn finish(
        &self,
        start: usize,
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
                        .is_none_or(|(failed, _)| start < *failed)
                    {
                        state.failed = Some((start, error));
                    }
                }
            }
            state.windows_left -= 1;
            if state.windows_left > 0 {
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
    size_bytes <= WINDOW_BYTES_MIN
}

/// Cuts a file's row groups into windows of about the same cost, or into one if it is not worth it.
pub(crate) fn windows(query: &Query, footer: &Footer, threads: usize) -> Vec<Range<usize>> {
    let costs: Vec<u64> = (0..footer.row_groups().len())
        .map(|row_group| query.cost_bytes(footer, row_group))
        .collect();
    cut(&costs, threads)
}

/// The same for row groups of these costs.
pub(crate) fn cut(costs: &[u64], threads: usize) -> Vec<Range<usize>> {
    let total = costs
        .iter()
        .fold(0_u64, |sum, &cost| sum.saturating_add(cost));
    if threads <= 1 || costs.len() <= 1 {
        return std::iter::once(0..costs.len()).collect();
    }
    let wanted = (threads as u64).saturating_mul(WINDOWS_PER_THREAD);
    let window_bytes = total.div_ceil(wanted).max(WINDOW_BYTES_MIN);
    let mut windows = Vec::new();
    let (mut start, mut cost_bytes) = (0, 0_u64);
    for (row_group, &cost) in costs.iter().enumerate() {
        cost_bytes = cost_bytes.saturating_add(cost);
        if cost_bytes >= window_bytes {
            windows.push(start..row_group + 1);
            start = row_group + 1;
            cost_bytes = 0;
        }
    }
    if start < costs.len() {
        windows.push(start..costs.len());
    }
    windows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_cover_all_row_groups_in_order_and_are_few() {
        const MIB: u64 = 1 << 20;
        for (costs, threads, windows) in [
            (vec![], 2, 1),
            (vec![5 * MIB], 2, 1),
            (vec![5 * MIB; 2], 1, 1),
            (vec![5 * MIB; 2], 2, 2),
            (vec![1_000; 1_000], 8, 1),
            (vec![3 * MIB; 1_000], 2, 8),
            (vec![100 * MIB, 1, 1, 1], 2, 2),
            (vec![u64::MAX; 3], 2, 3),
            (vec![0; 7], 2, 1),
        ] {
            let cut = cut(&costs, threads);
            assert_eq!(
                cut.len(),
                windows,
                "{threads} threads, {} row groups",
                costs.len()
            );
            let covered: Vec<usize> = cut.into_iter().flatten().collect();
            assert!(covered.into_iter().eq(0..costs.len()));
        }
    }
}
