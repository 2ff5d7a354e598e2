//! Values as text and as JSON.

use std::fmt::{self, Write};

use super::civil::DAY_NANOS;
use super::{Value, canonical};
use crate::calendar::civil_from_days;

impl fmt::Display for Value {
    /// As CONTRACT promises: dates and instants in RFC 3339, decimals with all digits, bytes that are not text as `\x` and hex; nothing for null.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => write!(f, "{value}"),
            Self::Int(value) => write!(f, "{value}"),
            Self::Float(value) => float(f, *value),
            Self::Decimal(value) => write!(f, "{value}"),
            Self::Text(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => f.write_str(text),
                Err(_) => hex(f, "\\x", bytes),
            },
            Self::Date(days) => date(f, *days),
            Self::Timestamp { nanos, utc } => {
                let days = nanos.div_euclid(DAY_NANOS);
                date(
                    f,
                    i64::try_from(days).unwrap_or(if days < 0 { i64::MIN } else { i64::MAX }),
                )?;
                f.write_char('T')?;
                time(f, nanos.rem_euclid(DAY_NANOS))?;
                f.write_str(if *utc { "Z" } else { "" })
            }
            Self::Time(nanos) => time(f, nanos.rem_euclid(DAY_NANOS)),
            Self::Uuid(bytes) => {
                for (separator, part) in [
                    ("", 0..4),
                    ("-", 4..6),
                    ("-", 6..8),
                    ("-", 8..10),
                    ("-", 10..16),
                ] {
                    hex(f, separator, &bytes[part])?;
                }
                Ok(())
            }
            Self::Interval {
                months,
                days,
                millis,
            } => {
                write!(f, "P{months}M{days}DT{}", millis / 1000)?;
                match millis % 1000 {
                    0 => f.write_char('S'),
                    rest => write!(f, ".{rest:03}S"),
                }
            }
            Self::Null => Ok(()),
        }
    }
}

impl Value {
    /// Appends the value as JSON: whole numbers as they are, decimals as text so that no reader rounds them.
    pub(crate) fn write_json(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Float(value) if !value.is_finite() => write_json_text(out, &self.to_string()),
            Self::Bool(_) | Self::Int(_) | Self::Float(_) => self.append_to(out),
            _ => match self.as_text() {
                Some(text) => write_json_text(out, text),
                None => write_json_text(out, &self.to_string()),
            },
        }
    }

    /// The text that it is, if it is one.
    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(bytes) => std::str::from_utf8(bytes).ok(),
            _ => None,
        }
    }

    /// Appends what it looks like.
    pub(crate) fn append_to(&self, out: &mut String) {
        // Writing into a text never fails.
        let _ = write!(out, "{self}");
    }
}

/// Appends `text` as a JSON string.
pub(crate) fn write_json_text(out: &mut String, text: &str) {
    out.push('"');
    for sign in text.chars() {
        match sign {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // Some terminals obey the second set of control characters, too.
            '\0'..='\x1f' | '\x7f'..='\u{9f}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(sign)));
            }
            _ => out.push(sign),
        }
    }
    out.push('"');
}

/// The shortest digits that read back as the same number, always with a point or an exponent.
fn float(f: &mut fmt::Formatter<'_>, value: f64) -> fmt::Result {
    let value = canonical(value);
    if value.is_nan() {
        f.write_str("NaN")
    } else if value.is_infinite() {
        f.write_str(if value > 0.0 { "Infinity" } else { "-Infinity" })
    } else if value == 0.0 || (1e-5..1e16).contains(&value.abs()) {
        write!(f, "{value:?}")
    } else {
        write!(f, "{value:e}")
    }
}

fn date(f: &mut fmt::Formatter<'_>, days: i64) -> fmt::Result {
    let (year, month, day) = civil_from_days(days);
    let sign = if year > 9999 {
        "+"
    } else if year < 0 {
        "-"
    } else {
        ""
    };
    write!(f, "{sign}{:04}-{month:02}-{day:02}", year.abs())
}

/// The time of day, with a fraction of three, six or nine digits where there is one.
fn time(f: &mut fmt::Formatter<'_>, nanos_of_day: i128) -> fmt::Result {
    let seconds = nanos_of_day / 1_000_000_000;
    let nanos = nanos_of_day % 1_000_000_000;
    write!(
        f,
        "{:02}:{:02}:{:02}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    )?;
    if nanos == 0 {
        Ok(())
    } else if nanos % 1_000_000 == 0 {
        write!(f, ".{:03}", nanos / 1_000_000)
    } else if nanos % 1000 == 0 {
        write!(f, ".{:06}", nanos / 1000)
    } else {
        write!(f, ".{nanos:09}")
    }
}

fn hex(f: &mut fmt::Formatter<'_>, prefix: &str, bytes: &[u8]) -> fmt::Result {
    f.write_str(prefix)?;
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

/// The bytes that are shown as `\x` and hex because they are no text, if `text` is that.
pub(crate) fn bytes_shown_as(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text
        .strip_prefix("\\x")?
        .chars()
        .map(|sign| sign.to_digit(16).map(|digit| digit as u8))
        .collect::<Option<_>>()?;
    let (pairs, rest) = digits.as_chunks();
    let bytes: Vec<u8> = pairs.iter().map(|[high, low]| high << 4 | low).collect();
    (rest.is_empty() && std::str::from_utf8(&bytes).is_err()).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_the_contract_says() {
        let instant = |nanos, utc| Value::Timestamp { nanos, utc };
        for (value, text) in [
            (Value::Float(3.0), "3.0"),
            (Value::Float(-0.0), "0.0"),
            (Value::Float(1e300), "1e300"),
            (Value::Float(f64::NEG_INFINITY), "-Infinity"),
            (Value::Date(0), "1970-01-01"),
            (Value::Date(2_932_897), "+10000-01-01"),
            (Value::Date(-719_529), "-0001-12-31"),
            (instant(-1, true), "1969-12-31T23:59:59.999999999Z"),
            (instant(1_500_000_000, false), "1970-01-01T00:00:01.500"),
            (Value::Text(vec![0x61, 0xff].into()), "\\x61ff"),
            (
                Value::Uuid([0xab; 16]),
                "abababab-abab-abab-abab-abababababab",
            ),
            (
                Value::Interval {
                    months: 1,
                    days: 2,
                    millis: 3500,
                },
                "P1M2DT3.500S",
            ),
        ] {
            assert_eq!(value.to_string(), text);
        }
        // No column can hold these; showing them must only not fall over.
        for nanos in [i128::MIN, i128::MAX] {
            assert!(!instant(nanos, true).to_string().is_empty());
        }
    }

    #[test]
    fn bytes_are_known_by_what_they_are_shown_as() {
        for bytes in [&b"\xff"[..], b"a\xff\0", &[0x80; 20]] {
            let shown = Value::Text(bytes.into()).to_string();
            assert_eq!(bytes_shown_as(&shown).as_deref(), Some(bytes));
            let shouted = shown.to_ascii_uppercase().replace("\\X", "\\x");
            assert_eq!(bytes_shown_as(&shouted).as_deref(), Some(bytes));
        }
        // Bytes that are a text are shown as that.
        for text in ["\\x6162", "\\xf", "\\xéé", "\\x", "xff", ""] {
            assert_eq!(bytes_shown_as(text), None, "{text}");
        }
    }

    #[test]
    fn json_keeps_whole_numbers_and_quotes_what_is_none() {
        let mut json = String::new();
        for value in [
            Value::Int(18_446_744_073_709_551_615),
            Value::Float(f64::NAN),
            Value::text("a\"b\\\n\u{1}"),
            Value::Null,
        ] {
            value.write_json(&mut json);
            json.push(' ');
        }
        assert_eq!(
            json,
            "18446744073709551615 \"NaN\" \"a\\\"b\\\\\\n\\u0001\" null "
        );
    }
}
