//! Whole numbers wider than the machine's, of a fixed width, and decimals made of them.

use std::cmp::Ordering;

/// A signed whole number of `LIMBS` times 64 bits, two's complement, the lowest limb first.
///
/// Callers choose `LIMBS` so that nothing they can count overflows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Wide<const LIMBS: usize>([u64; LIMBS]);

/// A whole number of a decimal, or a sum of them: holds 2^63 numbers of [`DECIMAL_BYTES_MAX`] bytes added up.
pub(crate) type Whole = Wide<5>;

/// Bytes of a decimal's whole number at most, which hold 76 digits.
pub(crate) const DECIMAL_BYTES_MAX: usize = 32;

impl<const LIMBS: usize> Wide<LIMBS> {
    pub(crate) const ZERO: Self = Self([0; LIMBS]);

    /// A number with a sign from its bytes, the highest first; `None` when they are too many.
    pub(crate) fn from_be_bytes(bytes: &[u8]) -> Option<Self> {
        let fill = match bytes.first() {
            Some(first) if first & 0x80 != 0 => u64::MAX,
            _ => 0,
        };
        let mut wide = Self([fill; LIMBS]);
        let chunks = bytes.rchunks(8);
        if chunks.len() > LIMBS {
            return None;
        }
        for (limb, chunk) in wide.0.iter_mut().zip(chunks) {
            *limb = chunk
                .iter()
                .fold(fill, |limb, byte| (limb << 8) | u64::from(*byte));
        }
        Some(wide)
    }

    pub(crate) fn from_i128(value: i128) -> Self {
        let mut wide = Self::ZERO;
        wide.add_shifted(value, 0);
        wide
    }

    /// Adds `value` times two to the power of `shift`.
    pub(crate) fn add_shifted(&mut self, value: i128, shift: usize) {
        let (limb, bits) = (shift / 64, shift % 64);
        let sign = if value < 0 { u64::MAX } else { 0 };
        let (low, high) = (value as u64, (value >> 64) as u64);
        let spread = |upper: u64, lower: u64| {
            if bits == 0 {
                upper
            } else {
                (upper << bits) | (lower >> (64 - bits))
            }
        };
        let parts = [spread(low, 0), spread(high, low), spread(sign, high)];
        let mut carry = false;
        for (index, target) in self.0.iter_mut().enumerate().skip(limb) {
            let part = parts.get(index - limb).copied().unwrap_or(sign);
            let (sum, over) = target.overflowing_add(part);
            let (sum, over_carry) = sum.overflowing_add(u64::from(carry));
            *target = sum;
            carry = over || over_carry;
            // Beyond the parts only a sign or a carry can still change something.
            if index - limb >= 2 && !carry && sign == 0 {
                break;
            }
        }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        let mut carry = false;
        for (target, part) in self.0.iter_mut().zip(other.0) {
            let (sum, over) = target.overflowing_add(part);
            let (sum, over_carry) = sum.overflowing_add(u64::from(carry));
            *target = sum;
            carry = over || over_carry;
        }
    }

    /// Multiplies a number that is not negative, and adds; callers see to it that the product has place.
    pub(crate) fn multiply_add(&mut self, factor: u64, added: u64) {
        let mut carry = added;
        for limb in &mut self.0 {
            let product = u128::from(*limb) * u128::from(factor) + u128::from(carry);
            *limb = product as u64;
            carry = (product >> 64) as u64;
        }
    }

    /// The number with the other sign; the most negative one stays itself, which no caller reaches.
    pub(crate) fn negated(&self) -> Self {
        let mut negated = Self(self.0.map(|limb| !limb));
        negated.add_shifted(1, 0);
        negated
    }

    pub(crate) fn is_negative(&self) -> bool {
        self.0.last().is_some_and(|limb| limb >> 63 == 1)
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.0.iter().all(|limb| *limb == 0)
    }

    /// Its absolute value.
    pub(crate) fn magnitude(&self) -> Self {
        if self.is_negative() {
            self.negated()
        } else {
            *self
        }
    }

    /// Divides a number that is not negative, and gives the remainder.
    pub(crate) fn divide(&mut self, divisor: u64) -> u64 {
        let mut rest = 0;
        for limb in self.0.iter_mut().rev() {
            let part = (u128::from(rest) << 64) | u128::from(*limb);
            *limb = (part / u128::from(divisor)) as u64;
            rest = (part % u128::from(divisor)) as u64;
        }
        rest
    }

    /// How many bits a number that is not negative has.
    pub(crate) fn bits(&self) -> usize {
        let top = self.0.iter().rposition(|limb| *limb != 0);
        top.map_or(0, |index| {
            (index + 1) * 64 - self.0[index].leading_zeros() as usize
        })
    }

    /// How many of the lowest bits are zero; all of them for zero.
    pub(crate) fn trailing_zeros(&self) -> usize {
        let low = self.0.iter().position(|limb| *limb != 0);
        low.map_or(LIMBS * 64, |index| {
            index * 64 + self.0[index].trailing_zeros() as usize
        })
    }

    /// The 64 bits from bit `shift` on of a number that is not negative.
    pub(crate) fn window(&self, shift: usize) -> u64 {
        let (limb, bits) = (shift / 64, shift % 64);
        let low = self.0.get(limb).copied().unwrap_or(0);
        let high = self.0.get(limb + 1).copied().unwrap_or(0);
        if bits == 0 {
            low
        } else {
            (low >> bits) | (high << (64 - bits))
        }
    }

    /// The number as 128 bits, if it fits.
    pub(crate) fn to_i128(self) -> Option<i128> {
        let low = self.0.first().copied().unwrap_or(0);
        let high = self.0.get(1).copied().unwrap_or(0);
        let value = (i128::from(high as i64) << 64) | i128::from(low);
        (Self::from_i128(value) == self).then_some(value)
    }

    /// Its limbs, the lowest first.
    pub(crate) fn limbs(&self) -> &[u64; LIMBS] {
        &self.0
    }

    /// Its decimal digits, without a sign.
    pub(crate) fn digits(&self) -> String {
        const CHUNK: u64 = 10_000_000_000_000_000_000;
        let mut rest = self.magnitude();
        let mut chunks = Vec::new();
        while !rest.is_zero() {
            chunks.push(rest.divide(CHUNK));
        }
        let mut text = chunks.pop().unwrap_or(0).to_string();
        for chunk in chunks.iter().rev() {
            text.push_str(&format!("{chunk:019}"));
        }
        text
    }
}

impl<const LIMBS: usize> Ord for Wide<LIMBS> {
    fn cmp(&self, other: &Self) -> Ordering {
        let signs = other.is_negative().cmp(&self.is_negative());
        signs.then_with(|| self.0.iter().rev().cmp(other.0.iter().rev()))
    }
}

impl<const LIMBS: usize> PartialOrd for Wide<LIMBS> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A decimal number: a whole number divided by ten to the power of a scale.
///
/// Decimals of one column have the same scale, so they compare by their whole numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Decimal {
    pub(crate) unscaled: Whole,
    pub(crate) scale: u32,
}

impl Decimal {
    /// Digits after the point at most: more than any writer gives, and few enough to be written out.
    pub(crate) const SCALE_MAX: u32 = 1000;

    /// `unscaled` divided by ten to the power of `scale`.
    pub fn new(unscaled: i128, scale: u32) -> Self {
        Self {
            unscaled: Wide::from_i128(unscaled),
            scale,
        }
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        self.unscaled
            .cmp(&other.unscaled)
            .then(self.scale.cmp(&other.scale))
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl std::fmt::Display for Decimal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digits = self.unscaled.digits();
        if self.unscaled.is_negative() {
            f.write_str("-")?;
        }
        let scale = self.scale as usize;
        if scale == 0 {
            return f.write_str(&digits);
        }
        let padded = format!("{digits:0>width$}", width = scale + 1);
        let (whole, fraction) = padded.split_at(padded.len() - scale);
        write!(f, "{whole}.{fraction}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_cross_limbs_and_signs() {
        let mut wide = Wide::<6>::ZERO;
        wide.add_shifted(i128::MAX, 0);
        wide.add_shifted(i128::MAX, 0);
        assert_eq!(wide.digits(), "340282366920938463463374607431768211454");
        assert_eq!(wide.to_i128(), None);
        wide.add_shifted(i128::MIN, 0);
        wide.add_shifted(i128::MIN, 0);
        assert_eq!(wide.to_i128(), Some(-2));
        wide.add_shifted(-1, 100);
        wide.add_shifted(1, 100);
        assert_eq!(wide.to_i128(), Some(-2));
        assert!(wide < Wide::ZERO);
    }

    #[test]
    fn bytes_have_a_sign_and_the_highest_first() {
        for (bytes, digits) in [
            (&[][..], "0"),
            (&[0xff], "-1"),
            (&[0x01, 0, 0, 0, 0, 0, 0, 0, 0], "18446744073709551616"),
            (&[0x80, 0, 0, 0, 0, 0, 0, 0], "-9223372036854775808"),
        ] {
            let wide = Whole::from_be_bytes(bytes).unwrap();
            assert_eq!(
                Decimal {
                    unscaled: wide,
                    scale: 0
                }
                .to_string(),
                digits
            );
        }
        assert!(Wide::<1>::from_be_bytes(&[1; 9]).is_none());
        let mut nines = Whole::ZERO;
        (0..76).for_each(|_| nines.multiply_add(10, 9));
        assert_eq!(nines.digits(), "9".repeat(76));
        assert!(nines.negated() < Whole::ZERO);
    }

    #[test]
    fn decimals_show_all_their_digits() {
        for (unscaled, scale, text) in [
            (1250, 2, "12.50"),
            (-5, 2, "-0.05"),
            (0, 3, "0.000"),
            (7, 0, "7"),
            (i128::MIN, 38, "-1.70141183460469231731687303715884105728"),
        ] {
            assert_eq!(Decimal::new(unscaled, scale).to_string(), text);
        }
    }
}
