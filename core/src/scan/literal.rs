//! What a literal of `where` means beside a column of some class.

use std::cmp::Ordering;

use crate::aggregate::{Cell, Class};
use crate::query::Literal;
use crate::value::{DAY_NANOS, canonical, float_order, parse_instant};

/// A literal, ready to be compared with cells of one class.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Bound {
    /// The whole number at or below the literal, and whether that is the literal itself.
    Int {
        floor: i128,
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
                Some(value.cmp(floor).then(if *exact {
                    Ordering::Equal
                } else {
                    Ordering::Less
                }))
            }
            (Cell::Float(value), Self::Float(bound)) => Some(float_order(value, *bound)),
            (Cell::Bytes(value), Self::Bytes(bound)) => Some(value.cmp(bound.as_slice())),
            _ => None,
        }
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
        Class::Interval => "null; intervals can't be compared yet",
    }
}

/// A number times ten to the power of `scale`, exact however it is written; beyond 128 bits, the nearest bound.
fn scaled(text: &str, scale: u32) -> Option<Bound> {
    let float: f64 = text.parse().ok().filter(|float: &f64| !float.is_nan())?;
    let out_of_range = Bound::Int {
        floor: if float < 0.0 { i128::MIN } else { i128::MAX },
        exact: false,
    };
    if float.is_infinite() && !text.contains(|sign: char| sign.is_ascii_digit()) {
        return Some(out_of_range);
    }
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent: i64 = exponent.parse().unwrap_or(if exponent.starts_with('-') {
        -1_000_000
    } else {
        1_000_000
    });
    let negative = mantissa.starts_with('-');
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut power = exponent
        .saturating_sub(fraction.len() as i64)
        .saturating_add(i64::from(scale));
    let digits: String = whole
        .chars()
        .chain(fraction.chars())
        .filter(char::is_ascii_digit)
        .collect();
    let mut digits = digits.trim_start_matches('0');
    // Digits beyond what 128 bits hold only tell whether the number is a little above what the others say.
    let mut rest = false;
    if digits.len() > 38 {
        let (kept, cut) = digits.split_at(38);
        rest = cut.bytes().any(|digit| digit != b'0');
        power = power.saturating_add(cut.len() as i64);
        digits = kept;
    }
    let number: i128 = if digits.is_empty() {
        0
    } else {
        digits.parse().ok()?
    };
    if number == 0 {
        return Some(Bound::whole(0));
    }
    let (magnitude, rest) = if power >= 0 {
        let factor = u32::try_from(power)
            .ok()
            .and_then(|power| 10_i128.checked_pow(power));
        match factor.and_then(|factor| number.checked_mul(factor)) {
            Some(magnitude) => (magnitude, rest),
            None => return Some(out_of_range),
        }
    } else {
        let divisor = u32::try_from(-power)
            .ok()
            .and_then(|power| 10_i128.checked_pow(power));
        divisor.map_or((0, true), |divisor| {
            (number / divisor, rest || number % divisor != 0)
        })
    };
    let floor = if negative {
        -magnitude - i128::from(rest)
    } else {
        magnitude
    };
    Some(Bound::Int {
        floor,
        exact: !rest,
    })
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

    fn number(text: &str, scale: u32) -> (i128, bool) {
        match scaled(text, scale) {
            Some(Bound::Int { floor, exact }) => (floor, exact),
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn numbers_are_exact_however_written() {
        for (text, scale, expected) in [
            ("5", 0, (5, true)),
            ("5.0", 0, (5, true)),
            ("5.5", 0, (5, false)),
            ("-5.5", 0, (-6, false)),
            ("-1.00", 2, (-100, true)),
            ("1e3", 0, (1000, true)),
            ("1250e-2", 2, (1250, true)),
            (
                "18446744073709551615",
                0,
                (18_446_744_073_709_551_615, true),
            ),
            ("1e300", 0, (i128::MAX, false)),
            ("-1e999999999999", 0, (i128::MIN, false)),
            ("1e-300", 0, (0, false)),
            ("-1e-300", 0, (-1, false)),
            ("0e99999", 0, (0, true)),
            (
                "0.10000000000000000000000000000000000000000000001",
                1,
                (1, false),
            ),
        ] {
            assert_eq!(number(text, scale), expected, "{text}");
        }
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
        assert_eq!(
            bound("0.1", Class::Float { bits: 32 }),
            Ok(Bound::Float(f64::from(0.1_f32)))
        );
    }
}
