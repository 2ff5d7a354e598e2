//! Unpacking of numbers of a few bits each, least significant bit first ("Encodings", RLE / bit-packing hybrid).

use crate::wide::wide;

/// Numbers that are unpacked together: always a whole number of bytes.
pub(crate) const GROUP: usize = 8;

/// Unpacks the numbers of `width` bits from `packed`, which starts with a whole group, until `out` is full.
///
/// The caller has checked that `packed` holds that many: where it does not, the rest of `out` stays as it is.
pub(crate) fn unpack(packed: &[u8], width: u8, out: &mut [u32]) {
    macro_rules! by_width {
        ($($width:literal)*) => {
            match width {
                0 => out.fill(0),
                $($width => wide(#[inline(always)] || unpack_width::<$width>(packed, out)),)*
                _ => {}
            }
        };
    }
    by_width!(1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32);
}

/// One copy of the loop for each width, so that all shifts and places are constants.
#[inline(always)]
fn unpack_width<const WIDTH: usize>(packed: &[u8], out: &mut [u32]) {
    let mut at = 0;
    let mut groups = out.chunks_exact_mut(GROUP);
    for group in &mut groups {
        // Eight bytes more than the group has, so that each number can be cut out of one 64-bit word.
        if let Some(bytes) = packed.get(at..at + WIDTH + 8) {
            unpack_group::<WIDTH>(bytes, group);
        } else {
            unpack_last::<WIDTH>(packed.get(at..).unwrap_or_default(), group);
        }
        at += WIDTH;
    }
    let rest = groups.into_remainder();
    if !rest.is_empty() {
        unpack_last::<WIDTH>(packed.get(at..).unwrap_or_default(), rest);
    }
}

#[inline(always)]
fn unpack_group<const WIDTH: usize>(bytes: &[u8], group: &mut [u32]) {
    let mask = mask(WIDTH);
    let Some(bytes) = bytes.get(..WIDTH + 8) else {
        return;
    };
    let Ok(group) = <&mut [u32; GROUP]>::try_from(group) else {
        return;
    };
    if WIDTH <= 8 {
        let word = word(bytes, 0);
        for (index, number) in group.iter_mut().enumerate() {
            *number = (word >> (index * WIDTH)) as u32 & mask;
        }
    } else {
        for (index, number) in group.iter_mut().enumerate() {
            let bit = index * WIDTH;
            *number = (word(bytes, bit / 8) >> (bit % 8)) as u32 & mask;
        }
    }
}

/// The last numbers, behind which there may be no bytes.
fn unpack_last<const WIDTH: usize>(packed: &[u8], out: &mut [u32]) {
    let mut padded = [0; 40];
    let len = packed.len().min(WIDTH);
    padded[..len].copy_from_slice(&packed[..len]);
    let mut group = [0; GROUP];
    unpack_group::<WIDTH>(&padded, &mut group);
    for (number, unpacked) in out.iter_mut().zip(group) {
        *number = unpacked;
    }
}

/// The number of `width` bits (1 to 64) that begins at bit `bit`; bits beyond the bytes are 0.
pub(crate) fn cut(packed: &[u8], bit: usize, width: usize) -> u64 {
    let rest = packed.get(bit / 8..).unwrap_or_default();
    let mut bytes = [0; 16];
    let len = rest.len().min(9);
    bytes[..len].copy_from_slice(&rest[..len]);
    let word = u128::from_le_bytes(bytes) >> (bit % 8);
    word as u64 & (u64::MAX >> (64 - width))
}

#[inline(always)]
fn word(bytes: &[u8], at: usize) -> u64 {
    match bytes
        .get(at..at + 8)
        .and_then(|bytes| bytes.try_into().ok())
    {
        Some(bytes) => u64::from_le_bytes(bytes),
        None => 0,
    }
}

const fn mask(width: usize) -> u32 {
    (u64::MAX >> (64 - width)) as u32
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Packs numbers one bit at a time.
    pub(crate) fn pack(numbers: &[u64], width: usize) -> Vec<u8> {
        let mut packed = vec![0; (numbers.len() * width).div_ceil(8)];
        for (index, number) in numbers.iter().enumerate() {
            for bit in 0..width {
                let place = index * width + bit;
                packed[place / 8] |= ((number >> bit & 1) as u8) << (place % 8);
            }
        }
        packed
    }

    #[test]
    fn the_formats_own_example() {
        // 0 to 7 in three bits each.
        let mut out = [0; 8];
        unpack(&[0b1000_1000, 0b1100_0110, 0b1111_1010], 3, &mut out);
        assert_eq!(out, [0, 1, 2, 3, 4, 5, 6, 7]);
    }

    proptest! {
        #[test]
        fn every_width_unpacks_what_was_packed(
            width in 1_usize..=32,
            numbers in prop::collection::vec(any::<u32>(), 0..100),
            extra in 0_usize..20,
        ) {
            let numbers: Vec<u32> = numbers.iter().map(|number| number & mask(width)).collect();
            let wide: Vec<u64> = numbers.iter().map(|&number| number.into()).collect();
            let mut packed = pack(&wide, width);
            packed.extend(vec![0xff; extra]);
            let mut out = vec![0; numbers.len()];
            unpack(&packed, width as u8, &mut out);
            prop_assert_eq!(out, numbers);
            for (index, number) in wide.into_iter().enumerate() {
                prop_assert_eq!(cut(&packed, index * width, width), number);
            }
        }
    }
}
