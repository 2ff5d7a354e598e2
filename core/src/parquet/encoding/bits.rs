//! Unpacking of numbers of a few bits each, least significant bit first ("Encodings", RLE / bit-packing hybrid).

use fearless_simd::prelude::*;
use fearless_simd::{Level, dispatch, u8x16, u32x4};

/// Numbers that are unpacked together: always a whole number of bytes.
pub(crate) const GROUP: usize = 8;

/// Bytes from a group's start on that are looked at with it; where they are missing it takes longer.
pub(crate) const LOOKED_AT_BYTES: usize = SHUFFLED_BITS_MAX + 16;

/// The widest numbers that 32 bits hold wherever in a byte they begin.
const SHUFFLED_BITS_MAX: usize = 25;

/// Unpacks the numbers of `width` bits from `packed`, which starts with a whole group, until `out` is full; returns the
/// greatest of them.
///
/// The caller has checked that `packed` holds that many: where it does not, there are zeros behind it.
pub(crate) fn unpack(packed: &[u8], width: u8, out: &mut [u32]) -> u32 {
    unpack_by(Level::new(), packed, width, out)
}

fn unpack_by(level: Level, packed: &[u8], width: u8, out: &mut [u32]) -> u32 {
    if let Some(shuffle) = SHUFFLES.get(usize::from(width)) {
        return dispatch!(level, simd => shuffle.unpack(simd, packed, out));
    }
    // Codes this wide are of a dictionary of tens of millions of values.
    let width = usize::from(width.min(32));
    for (number, bit) in out.iter_mut().zip((0..).step_by(width)) {
        let word = packed.get(bit / 8..).and_then(<[u8]>::first_chunk);
        *number = match word {
            Some(word) => {
                (u64::from_le_bytes(*word) >> (bit % 8)) as u32 & (u32::MAX >> (32 - width))
            }
            None => cut(packed, bit, width) as u32,
        };
    }
    out.iter().fold(0, |greatest, number| greatest.max(*number))
}

/// How vectors unpack numbers of one width: the bytes of four numbers are moved into a lane each, and brought to the
/// same bit there. That is done by multiplying, as wasm can't shift each lane by another count.
///
/// All of it comes from a table, since a compiler that knows the numbers makes slow shifts of the products.
struct Shuffle {
    width: usize,
    places: [[u8; 16]; 2],
    factors: [[u32; 4]; 2],
}

static SHUFFLES: [Shuffle; SHUFFLED_BITS_MAX + 1] = shuffles();

const fn shuffles() -> [Shuffle; SHUFFLED_BITS_MAX + 1] {
    const NONE: Shuffle = Shuffle {
        width: 0,
        places: [[0; 16]; 2],
        factors: [[0; 4]; 2],
    };
    let mut shuffles = [NONE; SHUFFLED_BITS_MAX + 1];
    let mut width = 1;
    while width <= SHUFFLED_BITS_MAX {
        shuffles[width].width = width;
        let mut index = 0;
        while index < GROUP {
            let (half, lane) = (index / 4, index % 4);
            // Where the number begins, from the byte on in which its half of the group does.
            let bit = half * 4 * width % 8 + lane * width;
            shuffles[width].factors[half][lane] = 1 << (7 - bit % 8);
            let mut byte = 0;
            while byte < 4 {
                shuffles[width].places[half][lane * 4 + byte] = (bit / 8 + byte) as u8;
                byte += 1;
            }
            index += 1;
        }
        width += 1;
    }
    shuffles
}

impl Shuffle {
    #[inline(always)]
    fn unpack<S: Simd>(&self, simd: S, mut packed: &[u8], out: &mut [u32]) -> u32 {
        let loaded = Loaded {
            simd,
            places: self.places.map(|places| u8x16::simd_from(simd, places)),
            factors: self.factors.map(|factors| u32x4::simd_from(simd, factors)),
            mask: u32x4::splat(simd, ((1_u64 << self.width) - 1) as u32),
            // No width is greater: this only spares the question for each group.
            width: self.width.min(SHUFFLED_BITS_MAX),
        };
        let (groups, rest) = out.as_chunks_mut::<GROUP>();
        let mut greatest = u32x4::splat(simd, 0);
        for group in groups {
            let numbers = loaded.unpack(&mut packed);
            let [first, second] = numbers;
            greatest = greatest.max(first.max(second));
            let (halves, _) = group.as_chunks_mut::<4>();
            for (half, numbers) in halves.iter_mut().zip(numbers) {
                *half = numbers.to_array();
            }
        }
        let mut greatest = greatest.to_array().into_iter().fold(0, u32::max);
        if !rest.is_empty() {
            let last = loaded.unpack(&mut packed).map(|half| half.to_array());
            for (number, unpacked) in rest.iter_mut().zip(last.as_flattened()) {
                *number = *unpacked;
                greatest = greatest.max(*unpacked);
            }
        }
        greatest
    }
}

/// A [`Shuffle`] in vectors.
struct Loaded<S: Simd> {
    simd: S,
    width: usize,
    places: [u8x16<S>; 2],
    factors: [u32x4<S>; 2],
    mask: u32x4<S>,
}

impl<S: Simd> Loaded<S> {
    /// Takes the next group off the bytes; behind their end there are zeros.
    #[inline(always)]
    fn unpack(&self, packed: &mut &[u8]) -> [u32x4<S>; 2] {
        match packed.first_chunk() {
            Some(bytes) => {
                *packed = &packed[self.width..];
                self.halves(bytes)
            }
            None => {
                let bytes = padded(packed);
                *packed = packed.get(self.width..).unwrap_or_default();
                self.halves(&bytes)
            }
        }
    }

    #[inline(always)]
    fn halves(&self, bytes: &[u8; LOOKED_AT_BYTES]) -> [u32x4<S>; 2] {
        let [first, second] = [0, self.width / 2].map(|start| {
            let bytes = &bytes[start..start + 16];
            u8x16::from_slice(self.simd, bytes)
        });
        let half = |bytes: u8x16<S>, places, factors| {
            ((u32x4::from_bytes(bytes.swizzle_dyn(places)) * factors) >> 7) & self.mask
        };
        [
            half(first, self.places[0], self.factors[0]),
            half(second, self.places[1], self.factors[1]),
        ]
    }
}

/// The last bytes, and zeros behind them.
#[cold]
fn padded(packed: &[u8]) -> [u8; LOOKED_AT_BYTES] {
    let mut padded = [0; LOOKED_AT_BYTES];
    for (byte, there) in padded.iter_mut().zip(packed) {
        *byte = *there;
    }
    padded
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
            extra in 0_usize..60,
        ) {
            let mask = (u64::MAX >> (64 - width)) as u32;
            let numbers: Vec<u32> = numbers.iter().map(|number| number & mask).collect();
            let wide: Vec<u64> = numbers.iter().map(|&number| number.into()).collect();
            let mut packed = pack(&wide, width);
            packed.extend(vec![0xff; extra]);
            for level in [Level::new(), Level::baseline()] {
                let mut out = vec![0; numbers.len()];
                let greatest = unpack_by(level, &packed, width as u8, &mut out);
                prop_assert_eq!(&out, &numbers);
                prop_assert_eq!(greatest, numbers.iter().copied().fold(0, u32::max));
            }
            for (index, number) in wide.into_iter().enumerate() {
                prop_assert_eq!(cut(&packed, index * width, width), number);
            }
        }
    }
}
