//! What of a writer's statistics can be believed ("Metadata", `Statistics` and `ColumnOrder`).

use std::cmp::Ordering;

use super::chunk::Statistics;
use super::schema::{Leaf, Physical};
use crate::value::Type;

/// Bounds that hold for every value that is there, except for NaN, which writers leave out.
///
/// They are raw bytes in the column's PLAIN form, without a length, and can only ever save reading: a value inside them need not occur.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bounds<'a> {
    /// No value is below it.
    pub min: Option<&'a [u8]>,
    /// No value is above it.
    pub max: Option<&'a [u8]>,
    /// A value that begins with `max` may be longer and so above it: the writer may have cut it off.
    pub max_is_prefix: bool,
}

impl<'a> Bounds<'a> {
    /// The bounds in statistics of a column; none where the writer's word is not good enough.
    pub fn of(leaf: &Leaf, statistics: &'a Statistics) -> Self {
        let believed = if statistics.deprecated {
            // Old writers compared all of these as signed numbers, and that was right only for signed numbers.
            is_signed_number(leaf)
        } else {
            Self::are_known_of(leaf)
        };
        if !believed || leaf.max_rep > 0 {
            return Self::default();
        }
        // A number of which bytes were cut off is another number.
        let cut = |exact| exact == Some(false) && matches!(leaf.ty, Type::Decimal { .. });
        if cut(statistics.min_exact) || cut(statistics.max_exact) {
            return Self::default();
        }
        let known = |bytes: &&[u8]| compare(leaf, bytes, bytes).is_some();
        let min = statistics.min.as_deref().filter(known);
        let max = statistics.max.as_deref().filter(known);
        if let (Some(min), Some(max)) = (min, max)
            && compare(leaf, min, max) == Some(Ordering::Greater)
        {
            // They contradict each other, so the writer used another order.
            return Self::default();
        }
        let max_is_prefix = is_compared_by_bytes(leaf) && statistics.max_exact != Some(true);
        Self {
            min,
            max,
            max_is_prefix,
        }
    }
}

impl Bounds<'_> {
    /// Whether the order of a column's bounds is known, if they are not the deprecated ones.
    pub(crate) fn are_known_of(leaf: &Leaf) -> bool {
        has_order(leaf) && (leaf.ordered || shows_its_order(leaf))
    }
}

/// Whether the deprecated fields were filled in the order of the type.
fn is_signed_number(leaf: &Leaf) -> bool {
    match leaf.ty {
        Type::Int { signed, .. } => signed,
        Type::Float { bits } => bits > 16,
        Type::Decimal { .. } => matches!(leaf.physical, Physical::I32 | Physical::I64),
        Type::Timestamp { .. } => leaf.physical == Physical::I64,
        Type::Bool | Type::Date | Type::Time { .. } => true,
        Type::Text | Type::Bytes | Type::Uuid | Type::Interval | Type::Null => false,
    }
}

/// Whether the format gives the type an order that bounds can follow.
fn has_order(leaf: &Leaf) -> bool {
    !matches!(leaf.ty, Type::Interval | Type::Null) && leaf.physical != Physical::I96
}

/// Whether bounds in any other order than the type's contradict each other, so that they need no word of the file.
///
/// Numbers of one length are ordered the same as signed, as unsigned and by their bytes as long as none or all are negative.
/// With both, any other order puts the one sort on the wrong side of the other.
fn shows_its_order(leaf: &Leaf) -> bool {
    leaf.physical != Physical::Bytes && !is_compared_by_bytes(leaf)
}

fn is_compared_by_bytes(leaf: &Leaf) -> bool {
    matches!(leaf.ty, Type::Text | Type::Bytes | Type::Uuid)
}

/// Compares two bounds in the order of the column's type; `None` when one is not a value of it, or NaN.
fn compare(leaf: &Leaf, a: &[u8], b: &[u8]) -> Option<Ordering> {
    let unsigned = matches!(leaf.ty, Type::Int { signed: false, .. });
    match leaf.physical {
        Physical::Bool => Some(a.first()?.cmp(b.first()?)),
        Physical::I32 if unsigned => Some(both(a, b, u32::from_le_bytes)?.order()),
        Physical::I32 => Some(both(a, b, i32::from_le_bytes)?.order()),
        Physical::I64 if unsigned => Some(both(a, b, u64::from_le_bytes)?.order()),
        Physical::I64 => Some(both(a, b, i64::from_le_bytes)?.order()),
        Physical::F32 => both(a, b, f32::from_le_bytes)?.partial_order(),
        Physical::F64 => both(a, b, f64::from_le_bytes)?.partial_order(),
        Physical::I96 => None,
        Physical::Bytes | Physical::Fixed(_) => match leaf.ty {
            Type::Decimal { .. } => compare_decimals(a, b),
            Type::Float { .. } => both(a, b, half)?.partial_order(),
            _ => Some(a.cmp(b)),
        },
    }
}

struct Pair<T>(T, T);

impl<T: Ord> Pair<T> {
    fn order(&self) -> Ordering {
        self.0.cmp(&self.1)
    }
}

impl<T: PartialOrd> Pair<T> {
    fn partial_order(&self) -> Option<Ordering> {
        self.0.partial_cmp(&self.1)
    }
}

/// Both as numbers of exactly `WIDTH` bytes.
fn both<const WIDTH: usize, T>(
    a: &[u8],
    b: &[u8],
    convert: fn([u8; WIDTH]) -> T,
) -> Option<Pair<T>> {
    Some(Pair(
        convert(a.try_into().ok()?),
        convert(b.try_into().ok()?),
    ))
}

/// A half-precision number as a double that orders the same; subnormal ones are not scaled.
fn half(bytes: [u8; 2]) -> f64 {
    let bits = u16::from_le_bytes(bytes);
    let magnitude = bits & 0x7fff;
    match magnitude {
        0x7c01.. => f64::NAN,
        _ if bits >> 15 == 1 => -f64::from(magnitude),
        _ => magnitude.into(),
    }
}

/// Compares big-endian numbers in two's complement, of any and different lengths.
fn compare_decimals(a: &[u8], b: &[u8]) -> Option<Ordering> {
    let (sign_a, sign_b) = (a.first()? >> 7, b.first()? >> 7);
    if sign_a != sign_b {
        return Some(sign_b.cmp(&sign_a));
    }
    // With the same sign, and the sign's bytes before the shorter one, the order is that of the bytes.
    let (len, fill) = (a.len().max(b.len()), if sign_a == 1 { 0xff } else { 0 });
    let digits = |bytes: &[u8]| {
        let before = std::iter::repeat_n(fill, len - bytes.len());
        before.chain(bytes.to_vec())
    };
    Some(digits(a).cmp(digits(b)))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::value::TimeUnit;

    fn leaf(physical: Physical, ty: Type) -> Leaf {
        Leaf {
            name: "k".to_owned(),
            top_level: true,
            physical,
            ty,
            max_def: 1,
            max_rep: 0,
            ordered: true,
        }
    }

    fn bounds(leaf: &Leaf, min: &[u8], max: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
        let statistics = Statistics {
            min: Some(Bytes::copy_from_slice(min)),
            max: Some(Bytes::copy_from_slice(max)),
            ..Statistics::default()
        };
        let bounds = Bounds::of(leaf, &statistics);
        Some((bounds.min?.to_vec(), bounds.max?.to_vec()))
    }

    fn believed(leaf: &Leaf, min: &[u8], max: &[u8]) -> bool {
        bounds(leaf, min, max).is_some()
    }

    #[test]
    fn unsigned_bounds_in_signed_order_are_not_believed() {
        let leaf = leaf(
            Physical::I32,
            Type::Int {
                bits: 32,
                signed: false,
            },
        );
        let (small, great) = (5_u32.to_le_bytes(), 4_000_000_000_u32.to_le_bytes());
        assert!(believed(&leaf, &small, &great));
        assert!(!believed(&leaf, &great, &small));
    }

    #[test]
    fn decimals_are_signed_whatever_their_length() {
        let leaf = leaf(
            Physical::Bytes,
            Type::Decimal {
                precision: 9,
                scale: 2,
            },
        );
        let number = |value: i16, len: usize| value.to_be_bytes()[2 - len..].to_vec();
        assert!(believed(&leaf, &number(-100, 1), &number(200, 2)));
        assert!(believed(&leaf, &number(-300, 2), &number(-5, 1)));
        assert!(believed(&leaf, &number(5, 1), &number(300, 2)));
        assert!(!believed(&leaf, &number(50, 1), &number(-100, 1)));
        assert!(!believed(&leaf, &number(300, 2), &number(5, 1)));
        assert!(!believed(&leaf, &[], &number(5, 1)));
    }

    #[test]
    fn a_bound_that_is_not_a_number_is_none() {
        let leaf = leaf(Physical::F64, Type::Float { bits: 64 });
        let nan = f64::NAN.to_le_bytes();
        assert!(!believed(&leaf, &nan, &1_f64.to_le_bytes()));
        assert!(believed(
            &leaf,
            &(-1_f64).to_le_bytes(),
            &1_f64.to_le_bytes()
        ));
        assert!(!believed(&leaf, &1_f32.to_le_bytes(), &2_f32.to_le_bytes()));
        let half = self::leaf(Physical::Fixed(2), Type::Float { bits: 16 });
        let (minus_two, one, nan) = ([0x00, 0xc0], [0x00, 0x3c], [0x00, 0x7e]);
        assert!(believed(&half, &minus_two, &one));
        assert!(!believed(&half, &one, &minus_two));
        assert!(!believed(&half, &one, &nan));
    }

    #[test]
    fn the_deprecated_fields_count_for_signed_numbers_only() {
        let of = |leaf: &Leaf| {
            let four = Bytes::from_static(&[1, 0, 0, 0]);
            let statistics = Statistics {
                min: Some(four.clone()),
                max: Some(four),
                deprecated: true,
                ..Statistics::default()
            };
            Bounds::of(leaf, &statistics).min.is_some()
        };
        let without_order = |leaf: Leaf| Leaf {
            ordered: false,
            ..leaf
        };
        assert!(of(&without_order(leaf(Physical::I32, Type::Date))));
        assert!(!of(&leaf(
            Physical::I32,
            Type::Int {
                bits: 16,
                signed: false
            }
        )));
        assert!(!of(&leaf(Physical::Bytes, Type::Text)));
        assert!(!of(&leaf(
            Physical::Fixed(4),
            Type::Decimal {
                precision: 9,
                scale: 2
            }
        )));
    }

    #[test]
    fn without_an_order_or_as_a_list_there_are_no_bounds() {
        let text = leaf(Physical::Bytes, Type::Text);
        assert!(believed(&text, b"a", b"b"));
        assert!(!believed(
            &Leaf {
                ordered: false,
                ..text.clone()
            },
            b"a",
            b"b"
        ));
        assert!(!believed(&Leaf { max_rep: 1, ..text }, b"a", b"b"));
        let far = leaf(
            Physical::I96,
            Type::Timestamp {
                unit: TimeUnit::Nano,
                utc: true,
            },
        );
        assert!(!believed(&far, &[0; 12], &[0; 12]));
        assert!(!believed(
            &leaf(Physical::Fixed(12), Type::Interval),
            &[0; 12],
            &[0; 12]
        ));
    }

    #[test]
    fn the_end_of_a_text_may_be_cut_off() {
        let of = |exact| {
            let max = Some(Bytes::from_static(b"zzz"));
            let statistics = Statistics {
                max,
                max_exact: exact,
                ..Statistics::default()
            };
            Bounds::of(&leaf(Physical::Bytes, Type::Text), &statistics).max_is_prefix
        };
        assert!(of(None) && of(Some(false)) && !of(Some(true)));
    }
}
