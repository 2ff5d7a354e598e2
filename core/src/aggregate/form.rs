//! How values of a file become cells.

use super::class::Cell;
use crate::calendar::MICROS_PER_DAY;
use crate::parquet::{Leaf, Physical, Values};
use crate::value::{DAY_NANOS, DECIMAL_BYTES_MAX, TimeUnit, Type};
use crate::{Error, ErrorKind};

/// How values of a file become cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// As they are: booleans, signed integers, floats, bytes.
    Plain,
    /// Whole numbers whose bits have no sign, of that many bits.
    Unsigned(u8),
    /// Steps of that many nanoseconds.
    Nanos(i64),
    /// A day and nanoseconds of it, in twelve bytes.
    DayAndNanos,
    /// Two bytes of a float.
    Half,
    /// Bytes of a whole number, the highest first.
    BigEndian,
    /// Three numbers of four bytes, the lowest byte first: months, days, milliseconds.
    Interval,
}

/// The Julian day of 1970-01-01.
const EPOCH_JULIAN_DAY: i64 = 2_440_588;

impl Form {
    /// The form of a column's values.
    pub(crate) fn of(leaf: &Leaf) -> Self {
        match (leaf.ty, leaf.physical) {
            (
                Type::Int {
                    signed: false,
                    bits,
                },
                _,
            ) => Self::Unsigned(bits),
            (Type::Timestamp { .. }, Physical::I96) => Self::DayAndNanos,
            (Type::Timestamp { unit, .. } | Type::Time { unit }, _) => Self::Nanos(match unit {
                TimeUnit::Milli => 1_000_000,
                TimeUnit::Micro => 1000,
                TimeUnit::Nano => 1,
            }),
            (Type::Float { bits: 16 }, _) => Self::Half,
            (Type::Interval, _) => Self::Interval,
            (Type::Decimal { .. }, Physical::Bytes | Physical::Fixed(_)) => Self::BigEndian,
            _ => Self::Plain,
        }
    }

    /// The value at a place; null behind the last one. Fails only for decimals that are too long.
    #[inline]
    pub(crate) fn cell<'a>(&self, values: &'a Values, place: usize) -> Result<Cell<'a>, Error> {
        let whole = |number: i64| Cell::Int(i128::from(number));
        let cell = match values {
            Values::Bool(values) => values.get(place).map(|value| whole(i64::from(*value))),
            Values::I32(values) => values.get(place).map(|value| self.whole(i64::from(*value))),
            Values::I64(values) => values.get(place).map(|value| self.whole(*value)),
            Values::I96(values) => values.get(place).map(day_and_nanos),
            Values::F32(values) => values
                .get(place)
                .map(|value| Cell::Float(f64::from(*value))),
            Values::F64(values) => values.get(place).map(|value| Cell::Float(*value)),
            Values::Bytes { data, spans } => match spans.get(place) {
                Some(span) => Some(self.bytes(span.of(data))?),
                None => None,
            },
            Values::Fixed { width, data } => {
                let start = place.checked_mul(*width);
                let range = start.and_then(|start| Some(start..start.checked_add(*width)?));
                match range.and_then(|range| data.get(range)) {
                    Some(bytes) => Some(self.bytes(bytes)?),
                    None => None,
                }
            }
        };
        Ok(cell.unwrap_or(Cell::Null))
    }

    #[inline]
    fn whole<'a>(&self, value: i64) -> Cell<'a> {
        Cell::Int(match self {
            Self::Unsigned(64) => i128::from(value as u64),
            Self::Unsigned(bits) => i128::from(value as u64 & ((1 << (*bits).min(63)) - 1)),
            Self::Nanos(step) => i128::from(value) * i128::from(*step),
            _ => i128::from(value),
        })
    }

    #[inline]
    pub(super) fn bytes<'a>(&self, bytes: &'a [u8]) -> Result<Cell<'a>, Error> {
        match self {
            Self::BigEndian => big_endian(bytes),
            Self::Half => Ok(Cell::Float(
                bytes
                    .try_into()
                    .map_or(0.0, |bytes| half(u16::from_le_bytes(bytes))),
            )),
            Self::Interval => Ok(Cell::Int(bytes.chunks_exact(4).take(3).fold(
                0,
                |parts, part| {
                    (parts << 32) | i128::from(part.try_into().map_or(0, u32::from_le_bytes))
                },
            ))),
            _ => Ok(Cell::Bytes(bytes)),
        }
    }
}

/// INT96: exact where 64 bits of nanoseconds can hold it, else what Spark makes of it.
///
/// The format never said what an instant far away means. Spark, which writes them, counts microseconds in 64 bits that
/// wrap around, and depends on that to read its own far instants back.
fn day_and_nanos<'a>(bytes: &[u8; 12]) -> Cell<'a> {
    let [a, b, c, d, e, f, g, h, day @ ..] = *bytes;
    let nanos = i64::from_le_bytes([a, b, c, d, e, f, g, h]);
    let days = i64::from(i32::from_le_bytes(day)) - EPOCH_JULIAN_DAY;
    let exact = i128::from(days) * DAY_NANOS + i128::from(nanos);
    if i64::try_from(exact).is_ok() {
        return Cell::Int(exact);
    }
    let micros = days.wrapping_mul(MICROS_PER_DAY).wrapping_add(nanos / 1000);
    Cell::Int(i128::from(micros) * 1000)
}

fn big_endian(bytes: &[u8]) -> Result<Cell<'_>, Error> {
    let fill = match bytes.first() {
        Some(first) if first & 0x80 != 0 => 0xff,
        _ => 0,
    };
    // A byte that only says the sign once more is left out.
    let more = bytes
        .windows(2)
        .take_while(|pair| pair[0] == fill && (pair[1] ^ fill) & 0x80 == 0)
        .count();
    let number = &bytes[more..];
    let mut full = [fill; 16];
    if let Some(start) = full.len().checked_sub(number.len()) {
        full[start..].copy_from_slice(number);
        return Ok(Cell::Int(i128::from_be_bytes(full)));
    }
    if number.len() > DECIMAL_BYTES_MAX {
        return Err(Error::new(
            ErrorKind::Unsupported,
            format!(
                "a decimal's number has {} bytes; more than {DECIMAL_BYTES_MAX}, which is 76 digits, can't be read",
                number.len()
            ),
        ));
    }
    Ok(Cell::Wide(number))
}

/// IEEE 754 half precision.
fn half(bits: u16) -> f64 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let fraction = f64::from(bits & 0x3ff);
    let magnitude = match (bits >> 10) & 0x1f {
        0 => fraction * 2_f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        exponent => (1024.0 + fraction) * 2_f64.powi(i32::from(exponent) - 25),
    };
    sign * magnitude
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Value;

    #[test]
    fn big_endian_numbers_of_any_length() {
        fn whole(bytes: &[u8]) -> Cell<'_> {
            big_endian(bytes).unwrap()
        }
        assert_eq!(whole(&[]), Cell::Int(0));
        assert_eq!(whole(&[0xff]), Cell::Int(-1));
        assert_eq!(whole(&[0x00, 0xff]), Cell::Int(255));
        let mut long = [0xff; 40];
        long[39] = 0xfe;
        assert_eq!(whole(&long), Cell::Int(-2));
        // Sixteen bytes and no place for the sign.
        long[24] = 0x7f;
        assert_eq!(whole(&long), Cell::Wide(&long[23..]));
        assert_eq!(whole(&[1; 17]), Cell::Wide(&[1; 17]));
        assert_eq!(whole(&[0x7f; 32]), Cell::Wide(&[0x7f; 32]));
        let error = big_endian(&[0x7f; 33]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
    }

    #[test]
    fn int96_has_nanoseconds_nearby_and_the_microseconds_of_spark_far_away() {
        let day_max = i64::MAX / DAY_NANOS as i64;
        let rest = i64::MAX % DAY_NANOS as i64;
        for (days, nanos, text) in [
            (0, 1, "1970-01-01T00:00:00.000000001Z"),
            (0, -1, "1969-12-31T23:59:59.999999999Z"),
            (day_max, rest, "2262-04-11T23:47:16.854775807Z"),
            (day_max, rest + 1, "2262-04-11T23:47:16.854775Z"),
            (-day_max, -rest - 1, "1677-09-21T00:12:43.145224192Z"),
            (-719_162, 1_999, "0001-01-01T00:00:00.000001Z"),
            (2_932_896, 1_234_567, "9999-12-31T00:00:00.001234Z"),
            (2_932_897, 0, "+10000-01-01T00:00:00Z"),
            (106_751_991, 0, "+294247-01-10T00:00:00Z"),
            // Beyond 64 bits of microseconds: round to the other end.
            (106_751_992, 0, "-290308-12-22T15:58:10.448384Z"),
            (
                -110_000_000,
                -3_600_000_000_000,
                "+285354-04-12T07:01:49.551616Z",
            ),
        ] {
            let day = i32::try_from(days + EPOCH_JULIAN_DAY).unwrap();
            let mut bytes = [0; 12];
            bytes[..8].copy_from_slice(&nanos.to_le_bytes());
            bytes[8..].copy_from_slice(&day.to_le_bytes());
            let Cell::Int(nanos) = day_and_nanos(&bytes) else {
                panic!("an instant is a number");
            };
            assert_eq!(Value::Timestamp { nanos, utc: true }.to_string(), text);
        }
        for day in [i32::MIN, i32::MAX] {
            for nanos in [i64::MIN, i64::MAX] {
                let mut bytes = [0; 12];
                bytes[..8].copy_from_slice(&nanos.to_le_bytes());
                bytes[8..].copy_from_slice(&day.to_le_bytes());
                assert!(matches!(day_and_nanos(&bytes), Cell::Int(_)));
            }
        }
    }

    #[test]
    fn half_floats() {
        for (bits, value) in [
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x0001, 5.960_464_477_539_063e-8),
            (0x7c00, f64::INFINITY),
            (0x3555, 0.333_251_953_125),
        ] {
            assert_eq!(half(bits), value);
        }
        assert!(half(0x7e00).is_nan());
    }
}
