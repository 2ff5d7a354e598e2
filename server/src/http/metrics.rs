//! What the server counts.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::StatusCode;
use questlog_core::ErrorKind;

use crate::histogram::{Histogram, SKEWS_US, TIMES_US};
use crate::ingest::{Refused, Taken};
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

/// Why events are refused, as far as it matters for an alarm.
const REASONS: [&str; 3] = ["malformed", "too_large", "unsupported"];

/// All counters since the start.
#[derive(Debug)]
pub(super) struct Metrics {
    pub(super) accepted: Counter,
    pub(super) duplicate: Counter,
    /// Events that could not be taken, by [`REASONS`].
    rejected: [Counter; REASONS.len()],
    /// Requests that were turned away because the log was full or failed.
    pub(super) refused: Counter,
    /// Requests that were turned away because their key had sent more than it may.
    pub(super) limited: Counter,
    /// How long queries took.
    pub(super) queries: Histogram,
    /// How long answers took, but for those that never end by themselves.
    pub(super) requests: Histogram,
    /// How far the timestamps of events were before the moment they were received.
    pub(super) clock_skew: Histogram,
    pub(super) landings_failed: Counter,
    /// Answers by the first digit of their status.
    responses: [Counter; 6],
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            accepted: Counter::default(),
            duplicate: Counter::default(),
            rejected: Default::default(),
            refused: Counter::default(),
            limited: Counter::default(),
            queries: Histogram::new(TIMES_US),
            requests: Histogram::new(TIMES_US),
            clock_skew: Histogram::new(SKEWS_US),
            landings_failed: Counter::default(),
            responses: Default::default(),
        }
    }
}

impl Metrics {
    pub(super) fn count_taken(&self, taken: &Result<Taken, AppendError>) {
        match taken {
            Ok(taken) => {
                self.accepted.add(taken.accepted);
                self.duplicate.add(taken.duplicate);
            }
            Err(_) => self.refused.add(1),
        }
    }

    pub(super) fn count_refused(&self, refused: &[Refused]) {
        for one in refused {
            let reason = match one.error.kind() {
                ErrorKind::Limit => 1,
                ErrorKind::Unsupported => 2,
                _ => 0,
            };
            self.rejected[reason].add(1);
        }
    }

    /// Events that could not be taken, with why.
    pub(super) fn rejected(&self) -> impl Iterator<Item = (&'static str, u64)> {
        REASONS
            .into_iter()
            .zip(self.rejected.iter().map(Counter::get))
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
