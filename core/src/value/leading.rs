//! What a value begins with, as a number that orders as the values do: sorting looks at that first.

use super::{Value, canonical};

/// Bits of a rank; the rest are those of the value.
const RANK_BITS: u32 = 4;

impl Value {
    /// A number that is never greater than that of a greater value; values with the same number may differ.
    pub(crate) fn leading_bits(&self) -> u128 {
        let rank = u128::from(self.leading_rank()) << (u128::BITS - RANK_BITS);
        rank | (self.bits() >> RANK_BITS)
    }

    /// Never zero: turned for a descending order, no value may look like null, which is last there too.
    fn leading_rank(&self) -> u8 {
        self.rank() + 1
    }

    /// The same in fewer bits; and whether only values that are the same have this number.
    pub(crate) fn leading_bits_short(&self) -> (u64, bool) {
        const HALF: i128 = 1 << (u64::BITS - RANK_BITS - 1);
        match self {
            // Counts are smaller than that, and all their bits count.
            Self::Int(number) => {
                let bits = (number.clamp(&-HALF, &(HALF - 1)) + HALF) as u64;
                let rank = u64::from(self.leading_rank()) << (u64::BITS - RANK_BITS);
                // The ends of the range stand for all numbers beyond them as well.
                (rank | bits, (1 - HALF..HALF - 1).contains(number))
            }
            _ => {
                let is_all = matches!(self, Self::Null | Self::Bool(_));
                ((self.leading_bits() >> u64::BITS) as u64, is_all)
            }
        }
    }

    /// The value's own bits, the most telling ones first.
    fn bits(&self) -> u128 {
        let whole = |number: i128| {
            let number = number.clamp(i64::MIN.into(), i64::MAX.into()) - i128::from(i64::MIN);
            (number as u128) << u64::BITS
        };
        match self {
            Self::Bool(value) => u128::from(*value) << (u128::BITS - 1),
            Self::Int(number) => whole(*number),
            Self::Date(number) => whole(i128::from(*number)),
            Self::Time(nanos) | Self::Timestamp { nanos, .. } => whole(*nanos),
            Self::Float(value) => {
                let bits = canonical(*value).to_bits();
                let negative = bits >> (u64::BITS - 1) == 1;
                let ordered = if negative {
                    !bits
                } else {
                    bits | 1 << (u64::BITS - 1)
                };
                u128::from(ordered) << u64::BITS
            }
            Self::Text(bytes) => leading(bytes),
            Self::Uuid(bytes) => leading(bytes),
            Self::Interval { months, .. } => u128::from(*months) << (u128::BITS - u32::BITS),
            Self::Decimal(_) | Self::Null => 0,
        }
    }
}

/// The first bytes, zeros behind them.
fn leading(bytes: &[u8]) -> u128 {
    let mut first = [0; 16];
    for (to, byte) in first.iter_mut().zip(bytes) {
        *to = *byte;
    }
    u128::from_be_bytes(first)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::testing::any_value;

    proptest! {
        #[test]
        fn leading_bits_never_contradict_the_order(a in any_value(), b in any_value()) {
            let (a, b) = if a <= b { (a, b) } else { (b, a) };
            prop_assert!(a.leading_bits() <= b.leading_bits(), "{:?} {:?}", a, b);
            let ((short, is_all), (other, _)) = (a.leading_bits_short(), b.leading_bits_short());
            prop_assert!(short <= other, "{:?} {:?}", a, b);
            if is_all && short == other {
                prop_assert_eq!(a, b);
            }
        }
    }
}
