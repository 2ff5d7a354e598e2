//! A commit in the making: what those who wait for the same sync share.
//!
//! The writer wakes one of them, and that one, which then runs where tasks run, wakes the others: a wake-up from the writer's
//! thread costs a lock and mostly a call of the operating system, one among the runtime's own threads hardly anything.

use std::future::Future;
use std::ops::Range;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use crate::log::AppendError;

/// The appends that the next sync covers, as the writer gets them.
#[derive(Default)]
pub(super) struct Commit {
    pub(super) records: Vec<Vec<u8>>,
    /// Bytes of the records and their frames.
    pub(super) bytes: usize,
    /// Appends.
    parts: usize,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The offset of the commit's first record, once all of them are durable.
    outcome: Option<Result<u64, AppendError>>,
    /// Who waits, each at its own place.
    wakers: Vec<Option<Waker>>,
}

impl Commit {
    /// Adds records of so many bytes; they stay side by side.
    pub(super) fn add(&mut self, mut records: Vec<Vec<u8>>, bytes: usize) -> Part {
        let first = self.records.len() as u64;
        self.bytes += bytes;
        self.parts += 1;
        let part = Part {
            commit: Arc::clone(&self.shared),
            records: first..first + records.len() as u64,
            place: None,
        };
        self.records.append(&mut records);
        part
    }

    /// How many appends it is of; one without records is one too.
    pub(super) fn parts(&self) -> usize {
        self.parts
    }

    /// Tells how it came out: the offset of its first record, or why it failed.
    pub(super) fn settle(self, outcome: Result<u64, AppendError>) {
        self.shared.settle(outcome);
    }
}

impl Drop for Commit {
    /// Whoever waits for a commit that nobody will write is told so.
    fn drop(&mut self) {
        self.shared.settle(Err(AppendError::ReadOnly {
            reason: "its writer has stopped".to_owned(),
        }));
    }
}

impl Shared {
    /// Only the first outcome counts.
    fn settle(&self, outcome: Result<u64, AppendError>) {
        let first = {
            let mut state = self.lock();
            if state.outcome.is_some() {
                return;
            }
            state.outcome = Some(outcome);
            state.wakers.iter_mut().find_map(Option::take)
        };
        if let Some(first) = first {
            first.wake();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Resolves to the offsets of an append's records when they are durable.
///
/// Once polled it has to be polled again when it is woken, or dropped: others may wait for it to wake them.
pub(super) struct Part {
    commit: Arc<Shared>,
    records: Range<u64>,
    /// Where its waker is.
    place: Option<usize>,
}

impl Future for Part {
    type Output = Result<Range<u64>, AppendError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let part = &mut *self;
        let mut state = part.commit.lock();
        let Some(outcome) = state.outcome.clone() else {
            let waker = context.waker();
            match part.place {
                Some(place) => match &mut state.wakers[place] {
                    Some(mine) => mine.clone_from(waker),
                    gone => *gone = Some(waker.clone()),
                },
                None => {
                    part.place = Some(state.wakers.len());
                    state.wakers.push(Some(waker.clone()));
                }
            }
            return Poll::Pending;
        };
        let others = std::mem::take(&mut state.wakers);
        drop(state);
        part.place = None;
        others.into_iter().flatten().for_each(Waker::wake);
        Poll::Ready(outcome.map(|first| first + part.records.start..first + part.records.end))
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        let Some(place) = self.place else { return };
        let mut state = self.commit.lock();
        if state.outcome.is_none() {
            state.wakers[place] = None;
            return;
        }
        // It may have been the one that was woken.
        let others = std::mem::take(&mut state.wakers);
        drop(state);
        others.into_iter().flatten().for_each(Waker::wake);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::task::Wake;

    use super::*;

    #[derive(Default)]
    struct Count(AtomicU64);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    impl Count {
        fn poll(self: &Arc<Self>, part: &mut Part) -> Poll<Result<Range<u64>, AppendError>> {
            let waker = Waker::from(Arc::clone(self));
            Pin::new(part).poll(&mut Context::from_waker(&waker))
        }

        fn woken(&self) -> u64 {
            self.0.load(Ordering::Relaxed)
        }
    }

    fn three() -> (Commit, [Part; 3], [Arc<Count>; 3]) {
        let mut commit = Commit::default();
        let mut parts =
            [1, 3, 0].map(|records| commit.add(vec![b"x".to_vec(); records], 21 * records));
        assert_eq!(
            (commit.parts(), commit.records.len(), commit.bytes),
            (3, 4, 84)
        );
        let counts: [Arc<Count>; 3] = Default::default();
        for (part, count) in parts.iter_mut().zip(&counts) {
            assert!(count.poll(part).is_pending());
        }
        (commit, parts, counts)
    }

    #[test]
    fn one_is_woken_and_wakes_the_others() {
        let (commit, mut parts, counts) = three();
        commit.settle(Ok(10));
        let woken = || counts.each_ref().map(|count| count.woken());
        assert_eq!(woken(), [1, 0, 0]);
        assert_eq!(counts[0].poll(&mut parts[0]), Poll::Ready(Ok(10..11)));
        assert_eq!(woken(), [1, 1, 1]);
        assert_eq!(counts[1].poll(&mut parts[1]), Poll::Ready(Ok(11..14)));
        assert_eq!(counts[2].poll(&mut parts[2]), Poll::Ready(Ok(14..14)));
        assert_eq!(woken(), [1, 1, 1]);
    }

    #[test]
    fn who_goes_away_does_not_keep_the_others_waiting() {
        // Before it is settled, and between that and the poll.
        for is_settled_first in [false, true] {
            let (commit, [first, mut second, third], counts) = three();
            if is_settled_first {
                commit.settle(Ok(0));
                drop(first);
            } else {
                drop(first);
                commit.settle(Ok(0));
            }
            assert_eq!(counts[1].woken(), 1, "{is_settled_first}");
            assert!(counts[1].poll(&mut second).is_ready());
            assert_eq!(counts[2].woken(), 1, "{is_settled_first}");
            drop(third);
        }
    }

    #[test]
    fn a_commit_that_nobody_writes_is_an_error() {
        let (commit, [mut first, ..], counts) = three();
        drop(commit);
        assert_eq!(counts[0].woken(), 1);
        let outcome = counts[0].poll(&mut first);
        assert!(matches!(
            outcome,
            Poll::Ready(Err(AppendError::ReadOnly { .. }))
        ));
    }

    #[test]
    fn the_waker_of_the_last_poll_counts() {
        let (commit, [mut first, ..], counts) = three();
        let other = Arc::new(Count::default());
        assert!(other.poll(&mut first).is_pending());
        commit.settle(Err(AppendError::DiskFull));
        assert_eq!((counts[0].woken(), other.woken()), (0, 1));
        assert_eq!(
            other.poll(&mut first),
            Poll::Ready(Err(AppendError::DiskFull))
        );
    }
}
