//! What keys, filters and measures make of a cell: its provider, or the start of its time bucket.

use super::class::{Cell, Class};
use crate::query::{Bucket, Of};
use crate::value::{DAY_NANOS, start_of_month, start_of_week};
use crate::{Error, ErrorKind, Providers};

impl Of {
    /// The class of what is made of a column of `class`; an error that says what would go.
    pub(crate) fn class(self, class: Class, column: &str) -> Result<Class, Error> {
        let error = |function: &str, wanted: &str| {
            Err(Error::new(
                ErrorKind::Column,
                format!(
                    "{function}({column}) wants {wanted}, but column `{column}` is {}",
                    class.noun()
                ),
            ))
        };
        match self {
            Self::Value => Ok(class),
            Self::Provider if class == Class::Text => Ok(Class::Text),
            Self::Provider => error("provider", "text"),
            Self::Bucket(bucket) => match (bucket, class) {
                (Bucket::Minute | Bucket::Hour, Class::Date) => Ok(Class::Timestamp { utc: false }),
                (Bucket::Minute | Bucket::Hour, Class::Timestamp { .. }) => Ok(class),
                (_, Class::Date | Class::Timestamp { .. }) => Ok(Class::Date),
                _ => error(self.name().unwrap_or_default(), "a timestamp or a date"),
            },
        }
    }

    /// What is made of a cell of a column of `class`.
    #[inline]
    pub(crate) fn cell<'a>(
        self,
        cell: Cell<'a>,
        class: Class,
        providers: &'a Providers,
    ) -> Cell<'a> {
        match (self, cell) {
            (Self::Value, cell) => cell,
            (Self::Provider, Cell::Bytes(text)) => match providers
                .find(text)
                .and_then(|index| providers.names().get(index))
            {
                Some(name) => Cell::Bytes(name.as_bytes()),
                None => Cell::Null,
            },
            (Self::Bucket(bucket), Cell::Int(number)) => {
                let nanos = if class == Class::Date {
                    number.saturating_mul(DAY_NANOS)
                } else {
                    number
                };
                Cell::Int(bucket.start(nanos))
            }
            _ => Cell::Null,
        }
    }
}

impl Bucket {
    /// The bucket's start: nanoseconds for minutes and hours, days for the longer ones.
    fn start(self, nanos: i128) -> i128 {
        const HOUR_NANOS: i64 = 3_600_000_000_000;
        let days = || {
            let days = floor(nanos, DAY_NANOS as i64);
            i64::try_from(days).unwrap_or(if days < 0 { i64::MIN } else { i64::MAX })
        };
        match self {
            Self::Minute => floor(nanos, HOUR_NANOS / 60) * i128::from(HOUR_NANOS / 60),
            Self::Hour => floor(nanos, HOUR_NANOS) * i128::from(HOUR_NANOS),
            Self::Day => i128::from(days()),
            Self::Week => i128::from(start_of_week(days())),
            Self::Month => i128::from(start_of_month(days())),
        }
    }
}

/// Whole steps, rounded down; in 64 bits where they suffice, which is many times faster.
#[inline]
fn floor(nanos: i128, step: i64) -> i128 {
    match i64::try_from(nanos) {
        Ok(nanos) => i128::from(nanos.div_euclid(step)),
        Err(_) => nanos.div_euclid(i128::from(step)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_start_before_what_they_hold_also_before_1970() {
        let second = 1_000_000_000;
        assert_eq!(Bucket::Minute.start(-1), -60 * second);
        assert_eq!(Bucket::Hour.start(3_599 * second), 0);
        assert_eq!(Bucket::Day.start(-1), -1);
        assert_eq!(Bucket::Week.start(0), -3);
        assert_eq!(Bucket::Month.start(40 * DAY_NANOS), 31);
    }
}
