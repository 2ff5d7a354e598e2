//! The types that a column can have and the values a query can see: how they order, and how they are shown.

mod civil;
mod leading;
mod print;
mod types;
mod wide;

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

pub(crate) use civil::{DAY_NANOS, parse_instant, start_of_month, start_of_week};
pub(crate) use print::{bytes_shown_as, write_json_text};
pub use types::{TimeUnit, Type};
pub use wide::Decimal;
pub(crate) use wide::{DECIMAL_BYTES_MAX, Whole, Wide};

/// A value that a query shows or compares.
///
/// Its order is total: NaN is one value and the greatest number, -0.0 is 0.0, nulls come last.
#[derive(Clone, Debug, Default)]
pub enum Value {
    /// True or false.
    Bool(bool),
    /// A whole number; sums of 64-bit columns fit.
    Int(i128),
    /// A floating point number; NaN is one value.
    Float(f64),
    /// A decimal number with all its digits.
    Decimal(Box<Decimal>),
    /// Text; or bytes that are not UTF-8, which are shown as `\x…`.
    Text(Box<[u8]>),
    /// Days since 1970-01-01.
    Date(i64),
    /// Nanoseconds since 1970-01-01T00:00:00, of UTC or of a local clock.
    Timestamp {
        /// The nanoseconds.
        nanos: i128,
        /// Whether it is an instant.
        utc: bool,
    },
    /// Nanoseconds since midnight; what is no time of day keeps its number.
    Time(i128),
    /// Sixteen bytes.
    Uuid([u8; 16]),
    /// A span of calendar time.
    Interval {
        /// Months.
        months: u32,
        /// Days.
        days: u32,
        /// Milliseconds.
        millis: u32,
    },
    /// Nothing; after everything else in an order.
    #[default]
    Null,
}

impl Value {
    /// Text from a string.
    pub fn text(text: &str) -> Self {
        Self::Text(text.as_bytes().into())
    }

    /// Whether it is nothing.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether it is shown as a number, which tables align to the right.
    pub fn is_number(&self) -> bool {
        matches!(self, Self::Int(_) | Self::Float(_) | Self::Decimal(_))
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Bool(_) => 0,
            Self::Int(_) => 1,
            Self::Float(_) => 2,
            Self::Decimal(_) => 3,
            Self::Text(_) => 4,
            Self::Date(_) => 5,
            Self::Timestamp { .. } => 6,
            Self::Time(_) => 7,
            Self::Uuid(_) => 8,
            Self::Interval { .. } => 9,
            Self::Null => 10,
        }
    }
}

impl Ord for Value {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            (Self::Int(a), Self::Int(b)) => a.cmp(b),
            (Self::Float(a), Self::Float(b)) => float_order(*a, *b),
            (Self::Decimal(a), Self::Decimal(b)) => a.cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::Date(a), Self::Date(b)) => a.cmp(b),
            (Self::Time(a), Self::Time(b)) => a.cmp(b),
            (Self::Timestamp { nanos: a, utc: x }, Self::Timestamp { nanos: b, utc: y }) => {
                (a, x).cmp(&(b, y))
            }
            (Self::Uuid(a), Self::Uuid(b)) => a.cmp(b),
            (
                Self::Interval {
                    months,
                    days,
                    millis,
                },
                Self::Interval {
                    months: m,
                    days: d,
                    millis: s,
                },
            ) => (months, days, millis).cmp(&(m, d, s)),
            _ => self.rank().cmp(&other.rank()),
        }
    }
}

impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Value {}

impl Hash for Value {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u8(self.rank());
        match self {
            Self::Bool(value) => value.hash(state),
            Self::Int(value) => value.hash(state),
            Self::Float(value) => canonical(*value).to_bits().hash(state),
            Self::Decimal(value) => value.hash(state),
            Self::Text(value) => value.hash(state),
            Self::Date(value) => value.hash(state),
            Self::Time(value) => value.hash(state),
            Self::Timestamp { nanos, utc } => (nanos, utc).hash(state),
            Self::Uuid(value) => value.hash(state),
            Self::Interval {
                months,
                days,
                millis,
            } => (months, days, millis).hash(state),
            Self::Null => {}
        }
    }
}

/// The one form of floats that count as the same: -0.0 becomes 0.0 and every NaN the same NaN.
pub(crate) fn canonical(value: f64) -> f64 {
    if value.is_nan() {
        f64::NAN
    } else {
        value + 0.0
    }
}

/// The total order of floats: NaN is the greatest, -0.0 equals 0.0.
pub(crate) fn float_order(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b)
        .unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nan_is_the_greatest_number_and_null_comes_last() {
        let mut values = vec![
            Value::Null,
            Value::Float(f64::NAN),
            Value::Float(f64::INFINITY),
            Value::Float(-1.0),
        ];
        values.sort();
        assert_eq!(
            values,
            [
                Value::Float(-1.0),
                Value::Float(f64::INFINITY),
                Value::Float(-f64::NAN),
                Value::Null
            ]
        );
        assert_eq!(Value::Float(-0.0), Value::Float(0.0));
    }
}
