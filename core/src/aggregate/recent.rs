//! Whole numbers that were met lately, in front of the hash table.

use super::class::Class;
use super::numbers::UNMET;
use crate::Error;
use crate::query::{Bucket, Of};
use crate::value::DAY_NANOS;

/// Entries of the cache; a power of two.
const ENTRIES: usize = 1 << 11;

/// The numbers of the values, or of the time buckets, of raw whole numbers.
pub(crate) struct Recent {
    /// The last one: what is from here to there has its number.
    from: i64,
    to: i64,
    number: u32,
    /// Where a bucket starts and its number, at a place that the bits of its start choose.
    entries: Vec<(i64, u32)>,
}

impl Recent {
    pub(crate) fn new() -> Self {
        Self {
            from: 0,
            to: 0,
            number: UNMET,
            entries: Vec::new(),
        }
    }

    /// The number of `raw`, and of all others between the same two multiples of `span`; from `find` if it was not met lately.
    #[inline]
    pub(crate) fn number(
        &mut self,
        raw: i64,
        span: i64,
        find: impl FnOnce() -> Result<u32, Error>,
    ) -> Result<u32, Error> {
        if self.from <= raw && raw < self.to {
            return Ok(self.number);
        }
        if self.entries.is_empty() {
            self.entries.resize(ENTRIES, (0, UNMET));
        }
        // At the end of all 64-bit numbers a bucket may begin beyond them; then the number stands for itself.
        // Most numbers are no buckets, and dividing by one takes as long as by any other.
        let whole = if span == 1 {
            Some(raw)
        } else {
            raw.div_euclid(span).checked_mul(span)
        };
        let (start, end) = whole.map_or((raw, raw), |start| (start, start.saturating_add(span)));
        let bits = (start as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let place = (bits >> (u64::BITS - ENTRIES.trailing_zeros())) as usize;
        let number = match self.entries.get(place) {
            Some((known, number)) if *known == start && *number != UNMET => *number,
            _ => {
                let number = find()?;
                if let Some(entry) = self.entries.get_mut(place) {
                    *entry = (start, number);
                }
                number
            }
        };
        (self.from, self.to, self.number) = (start, end, number);
        Ok(number)
    }
}

/// How many raw numbers in a row, from a multiple of that on, surely have the same value: all of a bucket, of a day for
/// the longer ones. `step` is what a raw number is in nanoseconds.
pub(crate) fn span(of: Of, class: Option<Class>, step: i64) -> i64 {
    let nanos = match (of, class) {
        (Of::Bucket(_), Some(Class::Date)) | (Of::Value | Of::Provider, _) => return 1,
        (Of::Bucket(Bucket::Minute), _) => 60_000_000_000,
        (Of::Bucket(Bucket::Hour), _) => 3_600_000_000_000,
        (Of::Bucket(_), _) => DAY_NANOS as i64,
    };
    (nanos / step.max(1)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_looked_up_once_and_the_ends_of_the_numbers_are_their_own() {
        let mut recent = Recent::new();
        let mut finds = 0;
        for raw in [
            0,
            9,
            10,
            5,
            19,
            -1,
            i64::MIN,
            i64::MIN + 1,
            i64::MAX,
            i64::MAX - 1,
        ] {
            let expected = raw.div_euclid(10) as u32 & 0xffff;
            let found = recent.number(raw, 10, || {
                finds += 1;
                Ok(expected)
            });
            assert_eq!(found.unwrap(), expected, "{raw}");
        }
        assert_eq!(
            finds, 6,
            "two buckets above 0, one below, each of the two lowest numbers, the highest bucket"
        );
    }
}
