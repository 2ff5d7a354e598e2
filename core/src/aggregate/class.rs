//! What a column's values are once it no longer matters how files carry them, and which of them go together.

use crate::value::{Decimal, Type, Whole};
use crate::{Error, ErrorKind, Value};

/// The kind of a column's values. Columns of several files are one column when their classes join.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Class {
    Bool,
    Int,
    /// 32 for columns that hold no more, so that 0.1 is shown as 0.1.
    Float {
        bits: u8,
    },
    Decimal {
        scale: u32,
    },
    /// Text and other bytes.
    Text,
    Date,
    Time,
    Timestamp {
        utc: bool,
    },
    Uuid,
    Interval,
}

/// A value as it is read, cheap to copy. What it means, its column's class says: booleans are 0 and 1, times are
/// nanoseconds, decimals their unscaled numbers, intervals months, days and milliseconds of 32 bits each.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Cell<'a> {
    Null,
    Int(i128),
    Float(f64),
    Bytes(&'a [u8]),
    /// A whole number that 128 bits do not hold, of decimals alone: as few bytes as it takes, the highest first.
    Wide(&'a [u8]),
}

impl Cell<'_> {
    /// A whole number, however wide.
    pub(crate) fn whole(self) -> Option<Whole> {
        match self {
            Self::Int(value) => Some(Whole::from_i128(value)),
            Self::Wide(bytes) => Whole::from_be_bytes(bytes),
            Self::Null | Self::Float(_) | Self::Bytes(_) => None,
        }
    }
}

impl Class {
    /// The class of a type; none for a column of nothing but nulls.
    pub(crate) fn of(ty: Type) -> Option<Self> {
        Some(match ty {
            Type::Bool => Self::Bool,
            Type::Int { .. } => Self::Int,
            Type::Float { bits } => Self::Float {
                bits: if bits < 64 { 32 } else { 64 },
            },
            Type::Text | Type::Bytes => Self::Text,
            Type::Decimal { scale, .. } => Self::Decimal { scale },
            Type::Date => Self::Date,
            Type::Time { .. } => Self::Time,
            Type::Timestamp { utc, .. } => Self::Timestamp { utc },
            Type::Uuid => Self::Uuid,
            Type::Interval => Self::Interval,
            Type::Null => return None,
        })
    }

    /// Whether its values can be shown; decimals with a scale beyond all reason can't.
    pub(crate) fn is_readable(self) -> bool {
        !matches!(self, Self::Decimal { scale } if scale > Decimal::SCALE_MAX)
    }

    /// The class of both together; none if they don't go together.
    pub(crate) fn join(self, other: Self) -> Option<Self> {
        match (self, other) {
            (a, b) if a == b => Some(a),
            (Self::Float { .. } | Self::Int, Self::Float { .. } | Self::Int) => {
                Some(Self::Float { bits: 64 })
            }
            _ => None,
        }
    }

    /// What it is called in errors.
    pub(crate) fn noun(self) -> &'static str {
        match self {
            Self::Bool => "true or false",
            Self::Int => "a whole number",
            Self::Float { .. } => "a floating point number",
            Self::Decimal { .. } => "a decimal number",
            Self::Text => "text",
            Self::Date => "a date",
            Self::Time => "a time of day",
            Self::Timestamp { utc: true } => "a timestamp in UTC",
            Self::Timestamp { utc: false } => "a local timestamp",
            Self::Uuid => "a UUID",
            Self::Interval => "an interval",
        }
    }

    /// The value that a cell of this class is.
    pub(crate) fn value(self, cell: Cell<'_>) -> Value {
        match (cell, self) {
            (Cell::Null, _) => Value::Null,
            (Cell::Int(value), Self::Bool) => Value::Bool(value != 0),
            (Cell::Int(value), Self::Decimal { scale }) => {
                Value::Decimal(Box::new(Decimal::new(value, scale)))
            }
            (Cell::Wide(_), Self::Decimal { scale }) => {
                cell.whole().map_or(Value::Null, |unscaled| {
                    Value::Decimal(Box::new(Decimal { unscaled, scale }))
                })
            }
            // Only decimals are wide.
            (Cell::Wide(_), _) => Value::Null,
            (Cell::Int(value), Self::Date) => Value::Date(narrow(value)),
            (Cell::Int(value), Self::Time) => Value::Time(value),
            (Cell::Int(nanos), Self::Timestamp { utc }) => Value::Timestamp { nanos, utc },
            (Cell::Int(parts), Self::Interval) => Value::Interval {
                months: (parts >> 64) as u32,
                days: (parts >> 32) as u32,
                millis: parts as u32,
            },
            (Cell::Int(value), _) => Value::Int(value),
            (Cell::Float(value), _) => Value::Float(crate::value::canonical(value)),
            (Cell::Bytes(bytes), Self::Uuid) => bytes
                .try_into()
                .map_or(Value::Text(bytes.into()), Value::Uuid),
            (Cell::Bytes(bytes), _) => Value::Text(bytes.into()),
        }
    }
}

/// Dates and times of day are 64-bit at most in every file, so nothing is lost.
fn narrow(value: i128) -> i64 {
    i64::try_from(value).unwrap_or(if value < 0 { i64::MIN } else { i64::MAX })
}

/// The class of a column over several files, and the file it was first seen in (the smallest name, so that the order
/// of merging does not matter).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) file: Option<String>,
    pub(crate) class: Option<Class>,
}

impl Seen {
    /// Joins what two partials saw of the column `name`.
    pub(crate) fn join(&self, other: &Self, name: &str) -> Result<Self, Error> {
        let class = match (self.class, other.class) {
            (Some(a), Some(b)) => Some(a.join(b).ok_or_else(|| self.clash(other, name, a, b))?),
            (a, b) => a.or(b),
        };
        let file = match (&self.file, &other.file) {
            (Some(a), Some(b)) => Some(a.min(b).clone()),
            (a, b) => a.as_ref().or(b.as_ref()).cloned(),
        };
        Ok(Self { file, class })
    }

    fn clash(&self, other: &Self, name: &str, a: Class, b: Class) -> Error {
        let file = |seen: &Self| seen.file.clone().unwrap_or_default();
        let (first, second) = (file(self), file(other));
        let scales = match (a, b) {
            (Class::Decimal { scale: x }, Class::Decimal { scale: y }) => {
                format!(" of another scale ({x} and {y})")
            }
            _ => String::new(),
        };
        Error::new(
            ErrorKind::Column,
            format!(
                "column `{name}` is {} in {first} but {}{scales} in {second}; query these files one by one, or write them with one type",
                a.noun(),
                b.noun()
            ),
        )
    }
}
