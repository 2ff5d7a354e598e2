//! What the server counts.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::StatusCode;

use crate::ingest::Taken;
use crate::log::AppendError;

/// A number that only grows.
#[derive(Debug, Default)]
pub(super) struct Counter(AtomicU64);

impl Counter {
    pub(super) fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    pub(super) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// All counters since the start.
#[derive(Debug, Default)]
pub(super) struct Metrics {
    pub(super) accepted: Counter,
    pub(super) duplicate: Counter,
    pub(super) rejected: Counter,
    /// Requests that were turned away because the log was full or failed.
    pub(super) refused: Counter,
    pub(super) queries: Counter,
    pub(super) query_microseconds: Counter,
    pub(super) landings_failed: Counter,
    /// Answers by the first digit of their status.
    responses: [Counter; 6],
}

impl Metrics {
    pub(super) fn count_taken(&self, taken: &Result<Taken, AppendError>, rejected: usize) {
        match taken {
            Ok(taken) => {
                self.accepted.add(taken.accepted);
                self.duplicate.add(taken.duplicate);
                self.rejected.add(rejected as u64);
            }
            Err(_) => self.refused.add(1),
        }
    }

    pub(super) fn count_response(&self, status: StatusCode) {
        if let Some(counter) = self.responses.get(usize::from(status.as_u16() / 100)) {
            counter.add(1);
        }
    }

    /// Answers whose status begins with `digit`.
    pub(super) fn responses(&self, digit: usize) -> u64 {
        self.responses.get(digit).map_or(0, Counter::get)
    }
}
