//! Numbers that are counted by how large they are, as Prometheus wants them.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

/// Upper bounds of times, in microseconds: from a fast disk's sync to a query's limit.
pub const TIMES_US: &[i64] = &[
    100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000,
    1_000_000, 2_500_000, 5_000_000, 10_000_000, 30_000_000, 60_000_000,
];
/// Upper bounds of how far a sender's clock is behind ours (or, below zero, ahead), in microseconds.
pub const SKEWS_US: &[i64] = &[
    -86_400_000_000,
    -3_600_000_000,
    -60_000_000,
    -5_000_000,
    -1_000_000,
    0,
    1_000_000,
    5_000_000,
    60_000_000,
    3_600_000_000,
    86_400_000_000,
];

/// Counts of microseconds by their size.
#[derive(Debug)]
pub struct Histogram {
    bounds_us: &'static [i64],
    /// One more than there are bounds.
    counts: Vec<AtomicU64>,
    sum_us: AtomicI64,
}

impl Histogram {
    /// An empty one with these upper bounds, in order.
    pub fn new(bounds_us: &'static [i64]) -> Self {
        Self {
            bounds_us,
            counts: (0..=bounds_us.len()).map(|_| AtomicU64::new(0)).collect(),
            sum_us: AtomicI64::new(0),
        }
    }

    /// What several histograms with the same bounds have counted together.
    pub fn sum<'a>(bounds_us: &'static [i64], parts: impl IntoIterator<Item = &'a Self>) -> Self {
        let sum = Self::new(bounds_us);
        for part in parts {
            for (count, more) in sum.counts.iter().zip(&part.counts) {
                count.fetch_add(more.load(Ordering::Relaxed), Ordering::Relaxed);
            }
            let more_us = part.sum_us.load(Ordering::Relaxed);
            sum.sum_us.fetch_add(more_us, Ordering::Relaxed);
        }
        sum
    }

    /// Counts a time.
    pub fn add(&self, time: Duration) {
        self.add_us(i64::try_from(time.as_micros()).unwrap_or(i64::MAX));
    }

    /// Counts a number of microseconds.
    pub fn add_us(&self, us: i64) {
        let at = self.bounds_us.partition_point(|bound| *bound < us);
        if let Some(count) = self.counts.get(at) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        self.sum_us.fetch_add(us, Ordering::Relaxed);
    }

    /// How many were counted.
    pub fn count(&self) -> u64 {
        self.counts
            .iter()
            .map(|count| count.load(Ordering::Relaxed))
            .sum()
    }

    /// Writes the lines of the histogram `name`, in seconds.
    pub fn write(&self, out: &mut String, name: &str) {
        let mut total = 0;
        for (at, count) in self.counts.iter().enumerate() {
            total += count.load(Ordering::Relaxed);
            let bound = match self.bounds_us.get(at) {
                Some(bound) => seconds(*bound),
                None => "+Inf".to_owned(),
            };
            // Writing to a String can't fail.
            let _ = writeln!(out, "{name}_bucket{{le=\"{bound}\"}} {total}");
        }
        let sum = seconds(self.sum_us.load(Ordering::Relaxed));
        let _ = write!(out, "{name}_sum {sum}\n{name}_count {total}\n");
    }
}

fn seconds(us: i64) -> String {
    (us as f64 / 1e6).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_holds_what_is_not_larger_than_its_bound() {
        let histogram = Histogram::new(&[-1_000_000, 0, 500]);
        for us in [-2_000_000, -1, 0, 500, 501] {
            histogram.add_us(us);
        }
        histogram.add(Duration::from_secs(3));
        let mut text = String::new();
        histogram.write(&mut text, "x");
        assert_eq!(
            text,
            "x_bucket{le=\"-1\"} 1\nx_bucket{le=\"0\"} 3\nx_bucket{le=\"0.0005\"} 4\nx_bucket{le=\"+Inf\"} 6\n\
             x_sum 1.001\nx_count 6\n"
        );
        assert_eq!(histogram.count(), 6);
    }
}
