//! DELTA_BINARY_PACKED: whole numbers as differences in packed blocks ("Encodings").

use super::TOO_FEW;
use super::bits::{GROUP, cut};
use super::hybrid::unpack_piece;
use crate::parquet::fault::Fault;

/// Differences that are unpacked at once.
const BATCH: usize = 256;

/// Where a reader of deltas is; the bytes are given with each call.
///
/// Sums wrap around, as the format wants it; a column of 32-bit numbers takes the lower half.
#[derive(Clone, Debug)]
pub(crate) struct Delta {
    at: usize,
    end: usize,
    /// Miniblocks in a block, and numbers in a miniblock.
    minis: usize,
    mini_len: usize,
    /// Numbers left, the first one among them as long as `first` holds.
    left: u64,
    first: bool,
    last: i64,
    least_delta: i64,
    /// Where the block's widths are, and how many of its miniblocks were begun.
    widths_at: usize,
    minis_begun: usize,
    mini: Mini,
    scratch: Vec<u32>,
}

/// The miniblock being read.
#[derive(Clone, Copy, Debug, Default)]
struct Mini {
    at: usize,
    width: usize,
    done: usize,
    left: usize,
}

impl Delta {
    /// A reader of the numbers whose header begins at byte `at`.
    pub(crate) fn new(data: &[u8], at: usize, end: usize) -> Result<Self, Fault> {
        const ODD: Fault = Fault::corrupt("has blocks of differences of an impossible size");
        let mut delta = Self {
            at,
            end: end.min(data.len()),
            minis: 0,
            mini_len: 0,
            left: 0,
            first: true,
            last: 0,
            least_delta: 0,
            widths_at: 0,
            minis_begun: 0,
            mini: Mini::default(),
            scratch: Vec::new(),
        };
        let block_len = usize::try_from(delta.varint(data)?).map_err(|_| ODD)?;
        delta.minis = usize::try_from(delta.varint(data)?).map_err(|_| ODD)?;
        delta.left = delta.varint(data)?;
        delta.last = delta.zigzag(data)?;
        delta.mini_len = block_len.checked_div(delta.minis).unwrap_or(0);
        // A miniblock is a whole number of bytes whatever its width; a page of one number needs none.
        if delta.left > 1 && (delta.mini_len == 0 || !delta.mini_len.is_multiple_of(GROUP)) {
            return Err(ODD);
        }
        delta.minis_begun = delta.minis;
        Ok(delta)
    }

    /// Gives the next `count` numbers to `each`.
    pub(crate) fn read(
        &mut self,
        data: &[u8],
        mut count: usize,
        mut each: impl FnMut(i64),
    ) -> Result<(), Fault> {
        if count as u64 > self.left {
            return Err(TOO_FEW);
        }
        if count > 0 && self.first {
            self.first = false;
            self.left -= 1;
            count -= 1;
            each(self.last);
        }
        while count > 0 {
            if self.mini.left == 0 {
                self.next_mini(data)?;
            }
            let Mini {
                at,
                width,
                done,
                left,
            } = self.mini;
            let taken = count.min(left).min(BATCH);
            let end = at + (done + taken).saturating_mul(width).div_ceil(8);
            let packed = data
                .get(at..end)
                .filter(|_| end <= self.end)
                .ok_or(TOO_FEW)?;
            let (mut last, least_delta) = (self.last, self.least_delta);
            let mut step = |delta: u64| {
                last = last.wrapping_add(least_delta).wrapping_add(delta as i64);
                each(last);
            };
            match width {
                0 => (0..taken).for_each(|_| step(0)),
                1..=32 => {
                    let from = done / GROUP * width;
                    let packed = packed.get(from..).unwrap_or_default();
                    self.scratch.clear();
                    unpack_piece(packed, width as u8, done % GROUP, taken, &mut self.scratch);
                    self.scratch.iter().for_each(|&delta| step(delta.into()));
                }
                _ => (done..done + taken).for_each(|index| step(cut(packed, index * width, width))),
            }
            self.last = last;
            self.mini.done += taken;
            self.mini.left -= taken;
            self.left -= taken as u64;
            count -= taken;
        }
        Ok(())
    }

    /// Where the bytes after the numbers begin.
    pub(crate) fn end_of_numbers(&self, data: &[u8]) -> Result<usize, Fault> {
        let mut ahead = self.clone();
        if ahead.first && ahead.left > 0 {
            ahead.left -= 1;
        }
        while ahead.left > 0 {
            if ahead.mini.left == 0 {
                ahead.next_mini(data)?;
            }
            ahead.left -= ahead.left.min(ahead.mini.left as u64);
            ahead.mini.left = 0;
        }
        Ok(ahead.at)
    }

    /// Goes to the next miniblock, of the next block if need be.
    fn next_mini(&mut self, data: &[u8]) -> Result<(), Fault> {
        if self.minis_begun == self.minis {
            self.least_delta = self.zigzag(data)?;
            self.widths_at = self.at;
            self.at = self
                .at
                .checked_add(self.minis)
                .filter(|&at| at <= self.end)
                .ok_or(TOO_FEW)?;
            self.minis_begun = 0;
        }
        let width = *data.get(self.widths_at + self.minis_begun).ok_or(TOO_FEW)?;
        if width > 64 {
            return Err(Fault::corrupt("packs differences of more than 64 bits"));
        }
        let width = usize::from(width);
        self.mini = Mini {
            at: self.at,
            width,
            done: 0,
            left: self.mini_len,
        };
        self.minis_begun += 1;
        // The last miniblock may be cut where its numbers end.
        let bytes = (self.mini_len / 8).saturating_mul(width);
        self.at = self.at.saturating_add(bytes).min(self.end);
        Ok(())
    }

    fn varint(&mut self, data: &[u8]) -> Result<u64, Fault> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = *data
                .get(self.at)
                .filter(|_| self.at < self.end)
                .ok_or(TOO_FEW)?;
            self.at += 1;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(Fault::corrupt("has a number of impossible length"))
    }

    fn zigzag(&mut self, data: &[u8]) -> Result<i64, Fault> {
        let value = self.varint(data)?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::parquet::encoding::bits::tests::pack;
    use crate::parquet::encoding::hybrid::tests::varint;

    fn zigzag(value: i64) -> Vec<u8> {
        varint((value << 1 ^ value >> 63) as u64)
    }

    /// Encodes numbers in blocks of `minis` miniblocks of `mini_len` numbers.
    pub(crate) fn encode(numbers: &[i64], minis: usize, mini_len: usize) -> Vec<u8> {
        let mut bytes = varint((minis * mini_len) as u64);
        bytes.extend(varint(minis as u64));
        bytes.extend(varint(numbers.len() as u64));
        bytes.extend(zigzag(numbers.first().copied().unwrap_or(0)));
        let deltas: Vec<i64> = numbers
            .windows(2)
            .map(|pair| pair[1].wrapping_sub(pair[0]))
            .collect();
        for block in deltas.chunks(minis * mini_len) {
            let least = block.iter().copied().min().unwrap();
            let rests: Vec<u64> = block
                .iter()
                .map(|&delta| delta.wrapping_sub(least) as u64)
                .collect();
            let width = |mini: &[u64]| {
                64 - mini.iter().fold(0, |all, &rest| all | rest).leading_zeros() as usize
            };
            bytes.extend(zigzag(least));
            let mut widths: Vec<u8> = rests
                .chunks(mini_len)
                .map(|mini| width(mini) as u8)
                .collect();
            // Whatever stands for the miniblocks that are not needed must not matter.
            widths.resize(minis, 0xee);
            bytes.extend(widths);
            for mini in rests.chunks(mini_len) {
                let mut mini = mini.to_vec();
                let width = width(&mini);
                mini.resize(mini_len, 0);
                bytes.extend(pack(&mini, width));
            }
        }
        bytes
    }

    #[test]
    fn the_formats_own_example() {
        // 7, 5, 3, 1, 2, 3, 4, 5 in one block of 128 with four miniblocks.
        let bytes = [
            0x80, 0x01, 0x04, 0x08, 0x0e, 0x03, 0x02, 0x00, 0x00, 0x00, 0xc0, 0x3f, 0, 0, 0, 0, 0,
            0,
        ];
        let mut delta = Delta::new(&bytes, 0, bytes.len()).unwrap();
        let mut read = Vec::new();
        delta.read(&bytes, 8, |number| read.push(number)).unwrap();
        assert_eq!(read, [7, 5, 3, 1, 2, 3, 4, 5]);
        assert_eq!(delta.read(&bytes, 1, |_| ()), Err(TOO_FEW));
    }

    #[test]
    fn sizes_that_make_no_sense_are_refused() {
        for bytes in [
            &[][..],
            &[0x80],
            &[0, 0, 2, 0],
            &[0x81, 0x01, 0x01, 2, 0],
            &[0xff; 12],
        ] {
            assert!(Delta::new(bytes, 0, bytes.len()).is_err(), "{bytes:?}");
        }
        // A claim of 2^40 numbers with nothing behind it.
        let mut bytes = [varint(128), varint(4), varint(1 << 40), varint(0)].concat();
        bytes.extend([0, 0, 65, 0, 0]);
        let mut delta = Delta::new(&bytes, 0, bytes.len()).unwrap();
        assert!(delta.read(&bytes, 100, |_| ()).is_err());
        assert!(delta.end_of_numbers(&bytes).is_err());
    }

    proptest! {
        #[test]
        fn any_blocks_and_any_slicing_read_the_same(
            numbers in prop::collection::vec(
                prop_oneof![any::<i64>(), -1000_i64..1000, Just(i64::MIN), Just(i64::MAX)], 0..600),
            minis in 1_usize..6,
            groups in 1_usize..9,
            step in 1_usize..300,
        ) {
            let mut bytes = encode(&numbers, minis, groups * 32);
            let end = bytes.len();
            bytes.extend([0xaa; 9]);
            let mut delta = Delta::new(&bytes, 0, bytes.len()).unwrap();
            prop_assert_eq!(delta.end_of_numbers(&bytes).unwrap(), end);
            let mut read = Vec::new();
            while read.len() < numbers.len() {
                let count = step.min(numbers.len() - read.len());
                delta.read(&bytes, count, |number| read.push(number)).unwrap();
            }
            prop_assert_eq!(read, numbers);
            prop_assert_eq!(delta.end_of_numbers(&bytes).unwrap(), end);
        }
    }
}
