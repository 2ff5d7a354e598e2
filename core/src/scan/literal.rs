//! What a literal of `where` means beside a column of some class.

use std::cmp::Ordering;

use crate::aggregate::{Cell, Class};
use crate::query::Literal;
use crate::value::{DAY_NANOS, Whole, canonical, float_order, parse_instant};

/// A literal, ready to be compared with cells of one class.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Bound {
    /// The whole number at or below the literal, and whether that is the literal itself.
    Int {
        floor: i128,
        exact: bool,
    },
    /// The same for one that 128 bits do not hold.
    Wide {
        floor: Whole,
        exact: bool,
    },
    Float(f64),
    Bytes(Vec<u8>),
    /// Nothing compares with null.
    Unknown,
}

impl Bound {
    /// The meaning of a literal, or what is wrong with it, as the end of a sentence about `column`.
    pub(crate) fn new(literal: &Literal, class: Class, column: &str) -> Result<Self, String> {
        let wrong = |wanted: &str| {
            let shown = match literal {
                Literal::Text(text) => format!("'{text}'"),
                Literal::Number(number) => number.clone(),
                Literal::Bool(value) => value.to_string(),
                Literal::Null => "null".to_owned(),
            };
            format!(
                "column `{column}` is {}; compare it with {wanted}, not with {shown}",
                class.noun()
            )
        };
        let text = match literal {
            Literal::Null => return Ok(Self::Unknown),
            _ if class == Class::Interval => {
                return Err(format!(
                    "column `{column}` is an interval, which can't be compared yet; only `is null` can be asked of it"
                ));
            }
            Literal::Bool(value) if class == Class::Bool => {
                return Ok(Self::whole(i128::from(*value)));
            }
            Literal::Bool(_) => return Err(wrong(wanted(class))),
            Literal::Number(number) if class == Class::Text => {
                return Err(wrong(&format!("a text in single quotes, as in '{number}'")));
            }
            Literal::Number(text) | Literal::Text(text) => text.trim(),
        };
        let bound = match class {
            Class::Text => match literal {
                Literal::Text(text) => Some(Self::Bytes(text.as_bytes().to_vec())),
                _ => None,
            },
            Class::Bool => match text.to_ascii_lowercase().as_str() {
                "true" => Some(Self::whole(1)),
                "false" => Some(Self::whole(0)),
                _ => None,
            },
            Class::Int => scaled(text, 0),
            Class::Decimal { scale } => scaled(text, scale),
            // What a 32-bit column shows as 0.1 is to be found by 0.1.
            Class::Float { bits: 32 } => text
                .parse::<f32>()
                .ok()
                .map(|value| Self::Float(canonical(value.into()))),
            Class::Float { .. } => text
                .parse::<f64>()
                .ok()
                .map(|value| Self::Float(canonical(value))),
            Class::Date => parse_instant(text).map(|nanos| Self::Int {
                floor: nanos.div_euclid(DAY_NANOS),
                exact: nanos.rem_euclid(DAY_NANOS) == 0,
            }),
            Class::Timestamp { .. } => parse_instant(text).map(Self::whole),
            Class::Time => parse_instant(&format!("1970-01-01T{text}")).map(Self::whole),
            Class::Uuid => uuid(text).map(Self::Bytes),
            Class::Interval => None,
        };
        bound.ok_or_else(|| wrong(wanted(class)))
    }

    fn whole(floor: i128) -> Self {
        Self::Int { floor, exact: true }
    }

    /// How a cell compares with it; `None` when that is unknown.
    #[inline]
    pub(crate) fn order(&self, cell: Cell<'_>) -> Option<Ordering> {
        match (cell, self) {
            (Cell::Int(value), Self::Int { floor, exact }) => {
                Some(value.cmp(floor).then(at_floor(*exact)))
            }
            (Cell::Wide(_), Self::Int { .. }) | (_, Self::Wide { .. }) => {
                let (floor, exact) = self.floor()?;
                Some(cell.whole()?.cmp(&floor).then(at_floor(exact)))
            }
            (Cell::Float(value), Self::Float(bound)) => Some(float_order(value, *bound)),
            (Cell::Bytes(value), Self::Bytes(bound)) => Some(value.cmp(bound.as_slice())),
            _ => None,
        }
    }

    /// The floor of a whole number, however wide, and whether it is the literal itself.
    pub(crate) fn floor(&self) -> Option<(Whole, bool)> {
        match self {
            Self::Int { floor, exact } => Some((Whole::from_i128(*floor), *exact)),
            Self::Wide { floor, exact } => Some((*floor, *exact)),
            Self::Float(_) | Self::Bytes(_) | Self::Unknown => None,
        }
    }
}

/// How the floor of a literal compares with the literal.
fn at_floor(exact: bool) -> Ordering {
    if exact {
        Ordering::Equal
    } else {
        Ordering::Less
    }
}

fn wanted(class: Class) -> &'static str {
    match class {
        Class::Bool => "true or false",
        Class::Int | Class::Float { .. } | Class::Decimal { .. } => "a number",
        Class::Text => "a text in single quotes",
        Class::Date => "a date such as '2026-11-23'",
        Class::Timestamp { .. } => "a time such as '2026-11-23T10:00:00Z'",
        Class::Time => "a time of day such as '10:00:00'",
        Class::Uuid => "a UUID in single quotes",
        Class::Interval => "null",
    }
}

/// Digits of a whole number that is compared exactly; those of no column are more.
const DIGITS_MAX: i64 = 95;

/// A number times ten to the power of `scale`, exact however it is written; beyond all columns, a number that is, too.
fn scaled(text: &str, scale: u32) -> Option<Bound> {
    text.parse().ok().filter(|float: &f64| !float.is_nan())?;
    let negative = text.starts_with('-');
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: String = [whole, fraction]
        .concat()
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    let digits = digits.trim_start_matches('0');
    // "inf" and its like have no digits at all.
    let is_infinite = !mantissa.contains(|sign: char| sign.is_ascii_digit());
    if digits.is_empty() && !is_infinite {
        return Some(Bound::whole(0));
    }
    let exponent: i64 = exponent.parse().unwrap_or(if exponent.starts_with('-') {
        -1_000_000
    } else {
        1_000_000
    });
    let power = exponent
        .saturating_sub(fraction.len() as i64)
        .saturating_add(i64::from(scale));
    // How many of the digits stand before the point.
    let before = power.saturating_add(digits.len() as i64);
    let (floor, exact) = if is_infinite || before > DIGITS_MAX {
        (signed(power_of_ten(DIGITS_MAX), negative), false)
    } else {
        let (kept, cut) = digits.split_at(before.clamp(0, digits.len() as i64) as usize);
        let mut magnitude = Whole::ZERO;
        for digit in kept.bytes() {
            magnitude.multiply_add(10, u64::from(digit - b'0'));
        }
        (0..power).for_each(|_| magnitude.multiply_add(10, 0));
        let exact = cut.bytes().all(|digit| digit == b'0');
        // Below zero the floor is the number farther away.
        if negative && !exact {
            magnitude.add_shifted(1, 0);
        }
        (signed(magnitude, negative), exact)
    };
    Some(match floor.to_i128() {
        Some(floor) => Bound::Int { floor, exact },
        None => Bound::Wide { floor, exact },
    })
}

fn power_of_ten(power: i64) -> Whole {
    let mut number = Whole::from_i128(1);
    (0..power).for_each(|_| number.multiply_add(10, 0));
    number
}

fn signed(magnitude: Whole, negative: bool) -> Whole {
    if negative {
        magnitude.negated()
    } else {
        magnitude
    }
}

fn uuid(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text
        .chars()
        .filter(|sign| *sign != '-')
        .map(|sign| sign.to_digit(16).map(|digit| digit as u8))
        .collect::<Option<_>>()?;
    (digits.len() == 32).then(|| {
        digits
            .chunks_exact(2)
            .map(|pair| pair[0] << 4 | pair[1])
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str, scale: u32) -> (String, bool) {
        let (floor, exact) = scaled(text, scale).unwrap().floor().unwrap();
        let sign = if floor.is_negative() { "-" } else { "" };
        (sign.to_owned() + &floor.digits(), exact)
    }

    #[test]
    fn numbers_are_exact_however_written() {
        let [forty, end] = ["9".repeat(40), format!("1{}", "0".repeat(95))];
        for (text, scale, expected, exact) in [
            ("5", 0, "5", true),
            ("5.0", 0, "5", true),
            ("5.5", 0, "5", false),
            ("-5.5", 0, "-6", false),
            ("-1.00", 2, "-100", true),
            ("1e3", 0, "1000", true),
            ("1250e-2", 2, "1250", true),
            (".5", 1, "5", true),
            ("+7.", 1, "70", true),
            ("18446744073709551615", 0, "18446744073709551615", true),
            (&forty, 0, &forty, true),
            (&format!("-{forty}"), 0, &format!("-{forty}"), true),
            ("1e300", 0, &end, false),
            ("-1e999999999999", 0, &format!("-{end}"), false),
            ("-inf", 0, &format!("-{end}"), false),
            ("1e-300", 0, "0", false),
            ("-1e-300", 0, "-1", false),
            ("0e99999", 0, "0", true),
            (
                "0.10000000000000000000000000000000000000000000001",
                1,
                "1",
                false,
            ),
        ] {
            assert_eq!(number(text, scale), (expected.to_owned(), exact), "{text}");
        }
        assert!(matches!(
            scaled(&i128::MAX.to_string(), 0),
            Some(Bound::Int { exact: true, .. })
        ));
    }

    #[test]
    fn a_literal_means_what_its_column_holds() {
        let bound = |literal: &str, class| Bound::new(&Literal::Text(literal.into()), class, "c");
        let utc = Class::Timestamp { utc: true };
        assert_eq!(
            bound("1970-01-01T00:00:01Z", utc),
            Ok(Bound::whole(1_000_000_000))
        );
        assert_eq!(
            bound("1970-01-02T12:00:00Z", Class::Date),
            Ok(Bound::Int {
                floor: 1,
                exact: false
            })
        );
        assert_eq!(
            bound("00:01", Class::Time),
            Ok(Bound::whole(60_000_000_000))
        );
        assert_eq!(
            Bound::new(&Literal::Number("5".into()), Class::Text, "c"),
            Err("column `c` is text; compare it with a text in single quotes, as in '5', not with 5".into())
        );
        assert!(bound("noon", utc).is_err());
        assert!(bound("1", Class::Interval).is_err_and(|error| error.contains("only `is null`")));
        assert_eq!(
            bound("0.1", Class::Float { bits: 32 }),
            Ok(Bound::Float(f64::from(0.1_f32)))
        );
    }
}
