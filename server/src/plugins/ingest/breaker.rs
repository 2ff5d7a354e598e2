//! Leaves a plugin alone for a while that fails again and again, longer each time.

use std::time::{Duration, Instant};

use crate::plugins::IngestLimits;

/// Closed while all is well; open, and so asked for nothing, after some failed batches in a row. When its rest is over, one
/// batch decides.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    failures: u32,
    /// How often it has opened since the last success.
    openings: u32,
    rests_until: Option<Instant>,
}

impl Breaker {
    /// Whether the plugin may be asked now.
    pub(super) fn allows(&self, now: Instant) -> bool {
        self.rests_until.is_none_or(|until| now >= until)
    }

    pub(super) fn is_open(&self) -> bool {
        self.rests_until.is_some()
    }

    pub(super) fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// Notes a failed batch; says for how long the plugin rests now, if it does.
    pub(super) fn failed(&mut self, now: Instant, limits: &IngestLimits) -> Option<Duration> {
        self.failures += 1;
        if self.failures < limits.failures_max && self.openings == 0 {
            return None;
        }
        let doubled = limits
            .rest_ms_min
            .saturating_mul(1 << self.openings.min(20));
        let rest = Duration::from_millis(doubled.min(limits.rest_ms_max));
        self.openings += 1;
        self.rests_until = Some(now + rest);
        Some(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_rests_longer_each_time_and_one_success_ends_it() {
        let limits = IngestLimits {
            failures_max: 3,
            rest_ms_min: 1_000,
            rest_ms_max: 3_000,
            ..IngestLimits::default()
        };
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut breaker = Breaker::default();
        assert_eq!(breaker.failed(at(0), &limits), None);
        assert_eq!(breaker.failed(at(0), &limits), None);
        assert!(breaker.allows(at(0)));
        assert_eq!(breaker.failed(at(0), &limits), Some(Duration::from_secs(1)));
        assert!(!breaker.allows(at(999)) && breaker.allows(at(1_000)));
        // The one batch that is tried fails too.
        assert_eq!(
            breaker.failed(at(1_000), &limits),
            Some(Duration::from_secs(2))
        );
        assert!(!breaker.allows(at(2_999)) && breaker.allows(at(3_000)));
        assert_eq!(
            breaker.failed(at(3_000), &limits),
            Some(Duration::from_secs(3))
        );
        breaker.succeeded();
        assert!(breaker.allows(at(3_000)) && !breaker.is_open());
        assert_eq!(breaker.failed(at(3_000), &limits), None);
    }
}
