//! The work that is left, and the threads that wait for some.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A piece of work for one thread.
pub(crate) enum Task<P> {
    /// A file that nobody has opened yet, by its place in the list.
    File(usize),
    /// A part of an open file.
    Part(P),
}

/// Deals out tasks: parts of open files first, so that few files are open at a time, then the next file.
pub(crate) struct Queue<P> {
    state: Mutex<State<P>>,
    changed: Condvar,
}

struct State<P> {
    files: Range<usize>,
    parts: VecDeque<P>,
    /// Tasks that are being worked on; each may still bring parts.
    busy: usize,
}

/// A task in work. Dropping it, also by a panic, says that it is over.
pub(crate) struct Taken<'a, P> {
    queue: &'a Queue<P>,
    pub(crate) task: Task<P>,
}

impl<P> Queue<P> {
    pub(crate) fn new(files: usize) -> Self {
        let state = State {
            files: 0..files,
            parts: VecDeque::new(),
            busy: 0,
        };
        Self {
            state: Mutex::new(state),
            changed: Condvar::new(),
        }
    }

    /// The next task; waits while others may still bring some. None when all work is done.
    pub(crate) fn take(&self) -> Option<Taken<'_, P>> {
        let mut state = self.lock();
        loop {
            let part = state.parts.pop_front().map(Task::Part);
            if let Some(task) = part.or_else(|| state.files.next().map(Task::File)) {
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

    /// Adds parts of an open file. Only from within a task.
    pub(crate) fn add(&self, parts: impl IntoIterator<Item = P>) {
        self.lock().parts.extend(parts);
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

    fn lock(&self) -> MutexGuard<'_, State<P>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<P> State<P> {
    fn is_done(&self) -> bool {
        self.busy == 0 && self.parts.is_empty() && self.files.is_empty()
    }
}

impl<P> Drop for Taken<'_, P> {
    fn drop(&mut self) {
        let mut state = self.queue.lock();
        state.busy -= 1;
        if state.is_done() {
            self.queue.changed.notify_all();
        }
    }
}
