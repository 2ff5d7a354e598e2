//! Sums that are exact, so that they do not depend on how the work was split, and are rounded once, at the end.

use crate::Value;
use crate::value::{Decimal, Whole, Wide};

/// Limbs that hold every sum of 2^63 finite doubles as a multiple of 2^-1074, with two more bits for rounding a quotient.
const FLOAT_LIMBS: usize = 36;

/// A sum of whole numbers, or of decimals of one scale.
#[derive(Clone, Debug, Default)]
pub(crate) struct WholeSum {
    /// A part of the sum that 64 bits hold: adding to it costs a third in wasm, which knows no wider numbers.
    near: i64,
    small: i128,
    wide: Option<Box<Whole>>,
}

impl WholeSum {
    #[inline]
    pub(crate) fn add_near(&mut self, value: i64) {
        match self.near.checked_add(value) {
            Some(sum) => self.near = sum,
            None => {
                self.add(i128::from(self.near));
                self.near = value;
            }
        }
    }

    #[inline]
    pub(crate) fn add(&mut self, value: i128) {
        match self.small.checked_add(value) {
            Some(sum) => self.small = sum,
            None => {
                self.wide
                    .get_or_insert_with(|| Box::new(Wide::ZERO))
                    .add_shifted(self.small, 0);
                self.small = value;
            }
        }
    }

    pub(crate) fn add_wide(&mut self, value: &Whole) {
        self.wide
            .get_or_insert_with(|| Box::new(Wide::ZERO))
            .add(value);
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.add(i128::from(other.near));
        self.add(other.small);
        if let Some(wide) = &other.wide {
            self.add_wide(wide);
        }
    }

    pub(crate) fn total(&self) -> Whole {
        let mut total = self.wide.as_deref().copied().unwrap_or(Wide::ZERO);
        total.add_shifted(self.small, 0);
        total.add_shifted(i128::from(self.near), 0);
        total
    }

    pub(crate) fn from_total(total: Whole) -> Self {
        match total.to_i128() {
            Some(small) => Self {
                small,
                ..Self::default()
            },
            None => Self {
                wide: Some(Box::new(total)),
                ..Self::default()
            },
        }
    }

    /// The sum as a value; decimals have a scale.
    pub(crate) fn value(&self, scale: Option<u32>) -> Value {
        let total = self.total();
        match (scale, total.to_i128()) {
            (None, Some(whole)) => Value::Int(whole),
            (scale, _) => Value::Decimal(Box::new(Decimal {
                unscaled: total,
                scale: scale.unwrap_or(0),
            })),
        }
    }

    /// The mean, rounded once.
    pub(crate) fn mean(&self, count: u64, scale: u32) -> f64 {
        let total = self.total();
        let mut magnitude = Wide::<FLOAT_LIMBS>::ZERO;
        for (index, limb) in total.magnitude().limbs().iter().enumerate() {
            magnitude.add_shifted(i128::from(*limb), QUOTIENT_UNIT + index * 64);
        }
        quotient(magnitude, total.is_negative(), count, scale)
    }
}

/// The place of 1 in a quotient, whose lowest bit is two below a double's.
const QUOTIENT_UNIT: usize = 1076;

/// A sum of floats.
///
/// Each float is a whole number of at most 53 bits times a power of two. The sum is kept in 128 bits with the power of
/// the smallest one as long as that holds it, then in a number wide enough for every double there is (the idea of
/// U. Kulisch's long accumulator, "Computer Arithmetic and Validity").
#[derive(Clone, Debug, Default)]
pub(crate) struct FloatSum {
    /// A multiple of 2^(base - 1074).
    small: i128,
    base: u16,
    nan: bool,
    plus_infinity: bool,
    minus_infinity: bool,
    wide: Option<Box<Wide<FLOAT_LIMBS>>>,
}

impl FloatSum {
    #[inline]
    pub(crate) fn add(&mut self, value: f64) {
        let bits = value.to_bits();
        let exponent = ((bits >> 52) & 0x7ff) as u16;
        if exponent == 0x7ff {
            self.add_special(value);
            return;
        }
        let fraction = bits & ((1 << 52) - 1);
        let (number, place) = if exponent == 0 {
            (fraction, 0)
        } else {
            (fraction | (1 << 52), exponent - 1)
        };
        let number = number as i64;
        self.add_scaled(
            if value.is_sign_negative() {
                -number
            } else {
                number
            },
            place,
        );
    }

    /// Adds `number`, of less than 53 bits without its sign, times 2^(place - 1074).
    #[inline]
    fn add_scaled(&mut self, number: i64, place: u16) {
        if place >= self.base
            && place - self.base <= 70
            && let Some(sum) = self.small.checked_add(shifted(number, place - self.base))
        {
            self.small = sum;
            return;
        }
        self.add_far(number, place);
    }

    /// Adds what does not fit the present 128 bits as they are placed.
    fn add_far(&mut self, mut number: i64, mut place: u16) {
        if number == 0 {
            return;
        }
        let zeros = number.trailing_zeros() as u16;
        (number, place) = (number >> zeros, place + zeros);
        let whole = i128::from(number);
        if self.small == 0 {
            (self.small, self.base) = (whole, place);
        } else if place < self.base
            && self.small.unsigned_abs().leading_zeros() > u32::from(self.base - place) + 2
        {
            self.small <<= self.base - place;
            self.base = place;
            self.add_scaled(number, place);
        } else if place < self.base {
            self.wide().add_shifted(whole, usize::from(place));
        } else {
            let (small, base) = (self.small, usize::from(self.base));
            self.wide().add_shifted(small, base);
            (self.small, self.base) = (whole, place);
        }
    }

    fn wide(&mut self) -> &mut Wide<FLOAT_LIMBS> {
        self.wide.get_or_insert_with(|| Box::new(Wide::ZERO))
    }

    #[cold]
    fn add_special(&mut self, value: f64) {
        self.nan |= value.is_nan();
        self.plus_infinity |= value == f64::INFINITY;
        self.minus_infinity |= value == f64::NEG_INFINITY;
    }

    /// Adds a sum of whole numbers, exactly.
    pub(crate) fn add_whole(&mut self, sum: &WholeSum) {
        let total = sum.total();
        let sign = if total.is_negative() { -1 } else { 1 };
        for (index, limb) in total.magnitude().limbs().iter().enumerate() {
            if *limb != 0 {
                self.wide()
                    .add_shifted(i128::from(*limb) * sign, 1074 + index * 64);
            }
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.nan |= other.nan;
        self.plus_infinity |= other.plus_infinity;
        self.minus_infinity |= other.minus_infinity;
        if let Some(wide) = &other.wide {
            self.wide().add(wide);
        }
        if other.small != 0 {
            self.wide()
                .add_shifted(other.small, usize::from(other.base));
        }
    }

    /// The finite part as a multiple of 2^-1074, and which of NaN, infinity and minus infinity were met.
    pub(crate) fn parts(&self) -> (Wide<FLOAT_LIMBS>, [bool; 3]) {
        let mut total = self.wide.as_deref().copied().unwrap_or(Wide::ZERO);
        total.add_shifted(self.small, usize::from(self.base));
        (total, [self.nan, self.plus_infinity, self.minus_infinity])
    }

    pub(crate) fn from_parts(
        total: Wide<FLOAT_LIMBS>,
        [nan, plus_infinity, minus_infinity]: [bool; 3],
    ) -> Self {
        let wide = (!total.is_zero()).then(|| Box::new(total));
        Self {
            small: 0,
            base: 0,
            nan,
            plus_infinity,
            minus_infinity,
            wide,
        }
    }

    /// The sum, rounded once.
    pub(crate) fn value(&self) -> f64 {
        self.mean(1)
    }

    /// The mean, rounded once.
    pub(crate) fn mean(&self, count: u64) -> f64 {
        if self.nan || (self.plus_infinity && self.minus_infinity) {
            return f64::NAN;
        }
        if self.plus_infinity {
            return f64::INFINITY;
        }
        if self.minus_infinity {
            return f64::NEG_INFINITY;
        }
        let (total, _) = self.parts();
        let mut magnitude = Wide::<FLOAT_LIMBS>::ZERO;
        for (index, limb) in total.magnitude().limbs().iter().enumerate() {
            if *limb != 0 {
                magnitude.add_shifted(i128::from(*limb), 2 + index * 64);
            }
        }
        quotient(magnitude, total.is_negative(), count, 0)
    }
}

/// `number` times two to the power of `places`, up to 127. Made of 64-bit shifts: wasm calls a function for a wider one.
#[inline]
fn shifted(number: i64, places: u16) -> i128 {
    let (low, high) = if places < 64 {
        (number << places, number >> 1 >> (63 - places))
    } else {
        (0, number << (places - 64))
    };
    i128::from(high) << 64 | i128::from(low as u64)
}

/// `magnitude` times 2^-1076, divided by `count` and ten to the power of `scale`, rounded once to the nearest double, ties to even.
fn quotient(mut magnitude: Wide<FLOAT_LIMBS>, negative: bool, count: u64, scale: u32) -> f64 {
    // Dividing step by step loses nothing: what is left over is either nothing at every step or something.
    let mut inexact = magnitude.divide(count.max(1)) != 0;
    let mut digits = scale;
    while digits > 0 {
        let step = digits.min(19);
        inexact |= magnitude.divide(10_u64.pow(step)) != 0;
        digits -= step;
    }
    let rounded = round(&magnitude, inexact);
    if negative && rounded != 0.0 {
        -rounded
    } else {
        rounded
    }
}

fn round(magnitude: &Wide<FLOAT_LIMBS>, inexact: bool) -> f64 {
    let bits = magnitude.bits();
    if bits == 0 {
        return 0.0;
    }
    // The lowest bit that the double keeps: 53 bits, fewer where doubles end.
    let dropped = bits.saturating_sub(53).max(2);
    let kept = magnitude.window(dropped);
    let half = magnitude.window(dropped - 1) & 1 == 1;
    let rest = inexact || magnitude.trailing_zeros() < dropped - 1;
    let kept = kept + u64::from(half && (rest || kept & 1 == 1));
    // A full mantissa's highest bit adds one to the exponent, and so does a carry: both come out right.
    let exponent = (dropped - 2) as u64;
    let pattern = (exponent << 52) + kept;
    if pattern >= 0x7ff << 52 {
        f64::INFINITY
    } else {
        f64::from_bits(pattern)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sum(values: &[f64]) -> FloatSum {
        let mut sum = FloatSum::default();
        values.iter().for_each(|value| sum.add(*value));
        sum
    }

    #[test]
    fn sums_are_rounded_once() {
        assert_eq!(sum(&[0.1; 10]).value(), 1.0);
        assert_eq!(sum(&[1e308, 1e308, -1e308, -1e308, 1e-300]).value(), 1e-300);
        assert_eq!(sum(&[f64::MAX, f64::MAX]).value(), f64::INFINITY);
        assert_eq!(sum(&[f64::MAX, f64::MAX]).mean(2), f64::MAX);
        assert_eq!(sum(&[5e-324, 5e-324]).mean(2), 5e-324);
        assert_eq!(
            sum(&[5e-324]).mean(2),
            0.0,
            "half of the smallest is a tie, which goes to the even zero"
        );
        assert_eq!(sum(&[1.0, 2.0, 2.0]).mean(3), 5.0 / 3.0);
        assert_eq!(sum(&[-0.0]).value().to_bits(), 0);
    }

    #[test]
    fn infinities_and_nan_win() {
        assert_eq!(sum(&[1.0, f64::INFINITY]).value(), f64::INFINITY);
        assert!(sum(&[f64::NEG_INFINITY, f64::INFINITY]).value().is_nan());
        assert!(sum(&[f64::NAN, 1.0]).value().is_nan());
    }

    #[test]
    fn whole_sums_pass_128_bits() {
        let mut sum = WholeSum::default();
        (0..3).for_each(|_| sum.add(i128::MAX));
        assert_eq!(
            sum.value(None).to_string(),
            "510423550381407695195061911147652317181"
        );
        assert_eq!(sum.mean(3, 0), i128::MAX as f64);
        (0..3).for_each(|_| sum.add(-i128::MAX));
        assert_eq!(sum.value(None), Value::Int(0));
        sum.add(125);
        assert_eq!(sum.mean(1, 2), 1.25);
        assert_eq!(sum.value(Some(2)).to_string(), "1.25");
    }

    proptest! {
        #[test]
        fn a_shift_is_a_shift(number in -(1_i64 << 53)..(1 << 53), places in 0_u16..=70) {
            prop_assert_eq!(shifted(number, places), i128::from(number) << places);
        }

        #[test]
        fn near_sums_are_sums(values in prop::collection::vec(any::<i64>(), 0..40)) {
            let (mut near, mut plain) = (WholeSum::default(), WholeSum::default());
            for value in &values {
                near.add_near(*value);
                plain.add(i128::from(*value));
            }
            prop_assert_eq!(near.total(), plain.total());
            let mut merged = near.clone();
            merged.merge(&plain);
            plain.merge(&near);
            prop_assert_eq!(merged.total(), plain.total());
        }

        #[test]
        fn order_and_split_do_not_matter(values in prop::collection::vec(any::<f64>(), 0..40), cut in 0usize..40) {
            let whole = sum(&values);
            let cut = cut.min(values.len());
            let mut parts = sum(&values[cut..]);
            parts.merge(&sum(&values[..cut]));
            let mut backwards = values.clone();
            backwards.reverse();
            prop_assert_eq!(whole.parts(), parts.parts());
            prop_assert_eq!(whole.parts(), sum(&backwards).parts());
        }

        #[test]
        fn two_floats_add_as_the_machine_adds_them(a in any::<f64>(), b in any::<f64>()) {
            prop_assume!(!a.is_nan() && !b.is_nan());
            prop_assert_eq!(sum(&[a, b]).value(), a + b);
        }

        #[test]
        fn a_mean_is_the_machines_quotient(a in any::<f64>(), count in 1u64..1_000_000) {
            prop_assume!(a.is_finite());
            prop_assert_eq!(sum(&[a]).mean(count), a / count as f64);
        }

        #[test]
        fn whole_means_are_the_machines_where_those_are_exact(a in -(1i64 << 53)..(1 << 53), count in 1u64..1_000_000) {
            let mut sum = WholeSum::default();
            sum.add(i128::from(a));
            prop_assert_eq!(sum.mean(count, 0), a as f64 / count as f64);
        }
    }
}
