//! A limit per second that may be overdrawn once, and then has to be paid back.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Seconds of the rate that may be saved up.
const BURST_SECONDS: f64 = 2.0;

/// What may still be taken; shared by its clones.
#[derive(Clone, Debug)]
pub(super) struct Bucket {
    rate: u64,
    state: Arc<Mutex<(f64, Instant)>>,
}

impl Bucket {
    pub(super) fn new(rate: u64, now: Instant) -> Self {
        let rate = rate.max(1);
        Self {
            rate,
            state: Arc::new(Mutex::new((rate as f64 * BURST_SECONDS, now))),
        }
    }

    pub(super) fn rate(&self) -> u64 {
        self.rate
    }

    /// Time until nothing is owed; none if nothing is.
    pub(super) fn wait(&self, now: Instant) -> Option<Duration> {
        let left = self.refill(now, 0);
        (left < 0.0).then(|| Duration::from_secs_f64((-left / self.rate as f64).min(1e9)))
    }

    pub(super) fn take(&self, now: Instant, count: u64) {
        self.refill(now, count);
    }

    fn refill(&self, now: Instant, taken: u64) -> f64 {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (left, since) = *state;
        let gained = now.saturating_duration_since(since).as_secs_f64() * self.rate as f64;
        let left = (left + gained).min(self.rate as f64 * BURST_SECONDS) - taken as f64;
        *state = (left, since.max(now));
        left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_overdrawn_is_waited_for_and_no_request_is_too_large_for_ever() {
        let start = Instant::now();
        let bucket = Bucket::new(100, start);
        assert_eq!(bucket.wait(start), None);
        // Far more than it holds passes once.
        bucket.take(start, 1200);
        assert_eq!(bucket.wait(start), Some(Duration::from_secs(10)));
        let later = start + Duration::from_secs(9);
        assert_eq!(bucket.wait(later), Some(Duration::from_secs(1)));
        assert_eq!(bucket.wait(start + Duration::from_secs(10)), None);
    }

    #[test]
    fn what_is_saved_up_is_limited() {
        let start = Instant::now();
        let bucket = Bucket::new(10, start);
        let later = start + Duration::from_secs(3600);
        bucket.take(later, 21);
        assert!(bucket.wait(later).is_some());
    }
}
