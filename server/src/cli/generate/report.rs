//! What came of it.

use std::fmt;
use std::time::Duration;

/// Numbers of one connection, or of all together.
#[derive(Debug, Default)]
pub(super) struct Report {
    /// Events that were sent, once or more often.
    pub(super) sent: u64,
    /// Times an event had to be sent again.
    pub(super) retried: u64,
    /// Events that never were acknowledged.
    failed: u64,
    /// Why the first of them was not.
    reason: Option<String>,
    latencies: Vec<Duration>,
    /// Numbers of the events that were acknowledged.
    pub(super) acknowledged: Vec<u64>,
    pub(super) elapsed: Duration,
}

impl Report {
    pub(super) fn acknowledge(&mut self, number: u64, latency: Duration) {
        self.acknowledged.push(number);
        self.latencies.push(latency);
    }

    pub(super) fn fail(&mut self, why: String) {
        self.failed += 1;
        self.reason.get_or_insert(why);
    }

    pub(super) fn add(&mut self, other: Self) {
        self.sent += other.sent;
        self.retried += other.retried;
        self.failed += other.failed;
        self.reason = self.reason.take().or(other.reason);
        self.latencies.extend(other.latencies);
        self.acknowledged.extend(other.acknowledged);
    }

    /// Whether everything that was sent has been acknowledged.
    pub(super) fn is_complete(&self) -> bool {
        self.failed == 0
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let acknowledged = self.latencies.len();
        let seconds = self.elapsed.as_secs_f64();
        writeln!(f, "sent          {}", self.sent)?;
        writeln!(f, "acknowledged  {acknowledged}")?;
        writeln!(f, "failed        {}", self.failed)?;
        writeln!(f, "sent again    {}", self.retried)?;
        if let Some(reason) = &self.reason {
            writeln!(f, "first failure {reason}")?;
        }
        let mut latencies = self.latencies.clone();
        latencies.sort_unstable();
        if let Some(longest) = latencies.last() {
            write!(f, "latency ms   ")?;
            for (name, share) in [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999)] {
                let rank = ((acknowledged as f64 * share).ceil() as usize).clamp(1, acknowledged);
                write!(f, " {name} {:.2}", milliseconds(latencies[rank - 1]))?;
            }
            writeln!(f, " max {:.2}", milliseconds(*longest))?;
        }
        writeln!(f, "seconds       {seconds:.2}")?;
        writeln!(
            f,
            "events/s      {:.0}",
            acknowledged as f64 / seconds.max(1e-9)
        )
    }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_counts_and_ranks() {
        let mut report = Report {
            sent: 101,
            elapsed: Duration::from_secs(2),
            ..Report::default()
        };
        for ms in (1..=100).rev() {
            report.acknowledge(ms, Duration::from_millis(ms));
        }
        report.fail("the server answered 404 Not Found".to_owned());
        report.fail("another".to_owned());
        let text = report.to_string();
        assert!(text.contains("acknowledged  100\n"), "{text}");
        assert!(
            text.contains("p50 50.00 p90 90.00 p99 99.00 p99.9 100.00 max 100.00"),
            "{text}"
        );
        assert!(
            text.contains("first failure the server answered 404 Not Found\n"),
            "{text}"
        );
        assert!(text.contains("events/s      50\n"), "{text}");
        assert!(!report.is_complete());
    }
}
