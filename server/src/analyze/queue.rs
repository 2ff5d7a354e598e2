//! The work that is left, and the threads that wait for some.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A piece of work for one thread.
pub(crate) enum Task<W> {
    /// A file that nobody has opened yet, by its place in the list.
    File(usize),
    /// Some row groups of an open file.
    Window(W),
}

/// Deals out tasks: windows of open files first, so that few files are open at a time, then the next file.
pub(crate) struct Queue<W> {
    state: Mutex<State<W>>,
    changed: Condvar,
}

struct State<W> {
    files: Range<usize>,
    windows: VecDeque<W>,
    /// Tasks that are being worked on; each may still bring windows.
    busy: usize,
}

/// A task in work. Dropping it, also by a panic, says that it is over.
pub(crate) struct Taken<'a, W> {
    queue: &'a Queue<W>,
    pub(crate) task: Task<W>,
}

impl<W> Queue<W> {
    pub(crate) fn new(files: usize) -> Self {
        let state = State {
            files: 0..files,
            windows: VecDeque::new(),
            busy: 0,
        };
        Self {
            state: Mutex::new(state),
            changed: Condvar::new(),
        }
    }

    /// The next task; waits while others may still bring some. None when all work is done.
    pub(crate) fn take(&self) -> Option<Taken<'_, W>> {
        let mut state = self.lock();
        loop {
            let window = state.windows.pop_front().map(Task::Window);
            if let Some(task) = window.or_else(|| state.files.next().map(Task::File)) {
                state.busy += 1;
                return Some(Taken { queue: self, task });
            }
            if state.busy == 0 {
                return None;
            }
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Adds row groups of an open file. Only from within a task.
    pub(crate) fn add(&self, windows: impl IntoIterator<Item = W>) {
        self.lock().windows.extend(windows);
        self.changed.notify_all();
    }

    /// Forgets the files that nobody has begun.
    pub(crate) fn drop_files(&self) {
        self.lock().files = 0..0;
    }

    /// Waits until all work is done, or until `timeout`; says whether it is.
    pub(crate) fn wait_done(&self, timeout: Duration) -> bool {
        let state = self.lock();
        let (state, _) = self
            .changed
            .wait_timeout_while(state, timeout, |state| !state.is_done())
            .unwrap_or_else(PoisonError::into_inner);
        state.is_done()
    }

    fn lock(&self) -> MutexGuard<'_, State<W>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<W> State<W> {
    fn is_done(&self) -> bool {
        self.busy == 0 && self.windows.is_empty() && self.files.is_empty()
    }
}

impl<W> Drop for Taken<'_, W> {
    fn drop(&mut self) {
        let mut state = self.queue.lock();
        state.busy -= 1;
        if state.is_done() {
            self.queue.changed.notify_all();
        }
    }
}
