//! What became of the files: what was counted, what was left out, and the one error that is told.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use questlog_core::Skipped;

/// Collects what threads find out, so that it does not matter which of them was first.
pub(crate) struct Outcome<P, E> {
    state: Mutex<State<P, E>>,
    /// The place of the first file that failed; files behind it need no work.
    failed_at: AtomicUsize,
}

struct State<P, E> {
    partials: Vec<P>,
    skipped: Vec<(usize, Skipped)>,
    failed: Option<(usize, E)>,
}

impl<P, E> Outcome<P, E> {
    pub(crate) fn new() -> Self {
        let state = State {
            partials: Vec::new(),
            skipped: Vec::new(),
            failed: None,
        };
        Self {
            state: Mutex::new(state),
            failed_at: AtomicUsize::new(usize::MAX),
        }
    }

    /// Takes what a thread counted.
    pub(crate) fn counted(&self, partials: impl IntoIterator<Item = P>) {
        self.lock().partials.extend(partials);
    }

    /// Leaves the file at `index` out.
    pub(crate) fn skip(&self, index: usize, file: &str, reason: String) {
        self.lock().skipped.push((
            index,
            Skipped {
                file: file.to_owned(),
                reason,
            },
        ));
    }

    /// Takes an error of the file at `index`; that of the first file is told.
    pub(crate) fn fail(&self, index: usize, error: E) {
        let mut state = self.lock();
        if state
            .failed
            .as_ref()
            .is_none_or(|(before, _)| index < *before)
        {
            state.failed = Some((index, error));
            self.failed_at.store(index, Ordering::Relaxed);
        }
    }

    /// Whether a file before `index` failed, so that this one need not be counted.
    pub(crate) fn has_failed_before(&self, index: usize) -> bool {
        self.failed_at.load(Ordering::Relaxed) < index
    }

    /// The partials and the files that were left out, in their order.
    pub(crate) fn into_result(self) -> Result<(Vec<P>, Vec<Skipped>), E> {
        let mut state = self
            .state
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some((_, error)) = state.failed {
            return Err(error);
        }
        state.skipped.sort_by_key(|(index, _)| *index);
        Ok((
            state.partials,
            state
                .skipped
                .into_iter()
                .map(|(_, skipped)| skipped)
                .collect(),
        ))
    }

    fn lock(&self) -> MutexGuard<'_, State<P, E>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
