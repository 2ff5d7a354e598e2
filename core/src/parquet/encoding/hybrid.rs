//! The hybrid of runs and bit-packed groups ("Encodings", RLE / bit-packing hybrid).

use super::TOO_FEW;
use super::bits::{GROUP, LOOKED_AT_BYTES, unpack};
use crate::parquet::fault::Fault;

/// Where a reader of the hybrid is; the bytes are given with each call.
#[derive(Clone, Debug)]
pub(crate) struct Hybrid {
    at: usize,
    end: usize,
    width: u8,
    run: Run,
}

/// The run being read.
#[derive(Clone, Copy, Debug)]
enum Run {
    /// One number, `left` times.
    Same { number: u32, left: usize },
    /// Packed numbers from byte `start` on, of which `done` are read.
    Packed {
        start: usize,
        done: usize,
        left: usize,
    },
}

/// Some numbers of one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// The same number, so many times.
    Same(u32, usize),
    /// Packed numbers: the first `.1` of the bytes' numbers are left out, the next `.2` are meant. There may be more
    /// bytes than they need.
    Packed(&'a [u8], usize, usize),
}

impl Hybrid {
    /// A reader of numbers of `width` bits (at most 32) in the bytes from `at` to `end`.
    pub(crate) fn new(at: usize, end: usize, width: u8) -> Result<Self, Fault> {
        if width > 32 {
            return Err(Fault::corrupt("packs numbers of more than 32 bits"));
        }
        Ok(Self {
            at,
            end,
            width,
            run: Run::Same { number: 0, left: 0 },
        })
    }

    /// Bits of a number.
    pub(crate) fn width(&self) -> u8 {
        self.width
    }

    /// The next numbers, at most `count` (above 0) and of one run.
    pub(crate) fn piece<'a>(&mut self, data: &'a [u8], count: usize) -> Result<Piece<'a>, Fault> {
        loop {
            match &mut self.run {
                Run::Same { left: 0, .. } | Run::Packed { left: 0, .. } => self.next_run(data)?,
                Run::Same { number, left } => {
                    let taken = count.min(*left);
                    *left -= taken;
                    return Ok(Piece::Same(*number, taken));
                }
                Run::Packed { start, done, left } => {
                    let taken = count.min(*left);
                    *left -= taken;
                    let skipped = *done % GROUP;
                    let from = *start + *done / GROUP * usize::from(self.width);
                    *done += taken;
                    let to = from + (skipped + taken).div_ceil(GROUP) * usize::from(self.width);
                    // The last group may be cut where its numbers end; what is behind it makes it quicker to unpack.
                    let to = to.saturating_add(LOOKED_AT_BYTES);
                    let bytes = data.get(from..to.min(self.end)).ok_or(TOO_FEW)?;
                    return Ok(Piece::Packed(bytes, skipped, taken));
                }
            }
        }
    }

    /// Appends the next `count` numbers to `out`.
    pub(crate) fn read(
        &mut self,
        data: &[u8],
        mut count: usize,
        out: &mut Vec<u32>,
    ) -> Result<(), Fault> {
        while count > 0 {
            match self.piece(data, count)? {
                Piece::Same(number, taken) => {
                    out.resize(out.len() + taken, number);
                    count -= taken;
                }
                Piece::Packed(bytes, skipped, taken) => {
                    unpack_piece(bytes, self.width, skipped, taken, out);
                    count -= taken;
                }
            }
        }
        Ok(())
    }

    /// Goes past the next `count` numbers without looking at them.
    pub(crate) fn skip(&mut self, data: &[u8], mut count: usize) -> Result<(), Fault> {
        while count > 0 {
            let (Piece::Same(_, taken) | Piece::Packed(_, _, taken)) = self.piece(data, count)?;
            count -= taken;
        }
        Ok(())
    }

    fn next_run(&mut self, data: &[u8]) -> Result<(), Fault> {
        if self.width == 0 && self.at >= self.end {
            // Some writers leave out the runs where there is only one number to choose from.
            self.run = Run::Same {
                number: 0,
                left: usize::MAX,
            };
            return Ok(());
        }
        let data = data.get(..self.end).ok_or(TOO_FEW)?;
        let mut head: u64 = 0;
        for shift in (0..).step_by(7) {
            let byte = *data.get(self.at).ok_or(TOO_FEW)?;
            self.at += 1;
            if shift > 28 && byte > 0x0f || shift > 35 {
                return Err(Fault::corrupt("has a run of an impossible length"));
            }
            head |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                break;
            }
        }
        let len = usize::try_from(head >> 1).map_err(|_| TOO_FEW)?;
        let width = usize::from(self.width);
        if head & 1 == 0 {
            let bytes = data
                .get(self.at..self.at + width.div_ceil(8))
                .ok_or(TOO_FEW)?;
            let mut number = [0; 4];
            number[..bytes.len()].copy_from_slice(bytes);
            let number = u32::from_le_bytes(number);
            if width < 32 && number >> width != 0 {
                return Err(Fault::corrupt(
                    "repeats a number that is wider than it may be",
                ));
            }
            self.at += bytes.len();
            self.run = Run::Same { number, left: len };
        } else {
            // Numbers beyond the bytes are left out; who needs them gets a fault.
            let available = data.len() - self.at;
            let bytes = len.saturating_mul(width).min(available);
            let numbers = (bytes * 8).checked_div(width).unwrap_or(usize::MAX);
            let left = numbers.min(len.saturating_mul(GROUP));
            self.run = Run::Packed {
                start: self.at,
                done: 0,
                left,
            };
            self.at += bytes;
        }
        Ok(())
    }
}

/// Appends `taken` numbers of packed bytes to `out`, without the first `skipped` (fewer than a group); returns the
/// greatest of them.
pub(crate) fn unpack_piece(
    bytes: &[u8],
    width: u8,
    skipped: usize,
    taken: usize,
    out: &mut Vec<u32>,
) -> u32 {
    let old = out.len();
    if skipped == 0 {
        out.resize(old + taken, 0);
        return unpack(bytes, width, &mut out[old..]);
    }
    let mut first = [0; GROUP];
    let head = taken.min(GROUP - skipped);
    unpack(bytes, width, &mut first);
    let first = &first[skipped..skipped + head];
    let greatest = first
        .iter()
        .fold(0, |greatest, number| greatest.max(*number));
    out.extend_from_slice(first);
    out.resize(old + taken, 0);
    let rest = bytes.get(usize::from(width)..).unwrap_or_default();
    greatest.max(unpack(rest, width, &mut out[old + head..]))
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::parquet::encoding::bits::tests::pack;

    pub(crate) fn varint(mut value: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        while value >= 0x80 {
            bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        bytes.push(value as u8);
        bytes
    }

    #[test]
    fn runs_and_groups_follow_each_other() {
        // 5 times 2, then one group of eight, then 300 times 1; three bits each.
        let mut bytes = vec![0x0a, 0x02, 0x03, 0b1000_1000, 0b1100_0110, 0b1111_1010];
        bytes.extend([0xd8, 0x04, 0x01]);
        let mut hybrid = Hybrid::new(0, bytes.len(), 3).unwrap();
        let mut out = Vec::new();
        hybrid.read(&bytes, 13, &mut out).unwrap();
        assert_eq!(out, [2, 2, 2, 2, 2, 0, 1, 2, 3, 4, 5, 6, 7]);
        out.clear();
        hybrid.read(&bytes, 300, &mut out).unwrap();
        assert_eq!(out, [1; 300]);
        assert_eq!(hybrid.read(&bytes, 1, &mut out), Err(TOO_FEW));
    }

    #[test]
    fn what_is_not_there_is_a_fault_and_never_a_number() {
        let mut out = Vec::new();
        // A group of eight numbers of four bits that is cut after five.
        let bytes = [0x03, 0x21, 0x43, 0x65];
        let mut hybrid = Hybrid::new(0, bytes.len(), 4).unwrap();
        assert_eq!(hybrid.read(&bytes, 6, &mut out), Ok(()));
        assert_eq!(out, [1, 2, 3, 4, 5, 6]);
        assert_eq!(hybrid.read(&bytes, 1, &mut out), Err(TOO_FEW));
        assert!(Hybrid::new(0, 0, 33).is_err());
        for bytes in [&[0x02][..], &[0x80], &[0xff; 9], &[0x02, 0x09]] {
            let mut hybrid = Hybrid::new(0, bytes.len(), 3).unwrap();
            assert!(hybrid.read(bytes, 1, &mut out).is_err(), "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn any_slicing_reads_the_same(
            width in 0_usize..=32,
            runs in prop::collection::vec((any::<bool>(), any::<u32>(), 1_usize..60), 1..20),
            steps in prop::collection::vec(1_usize..50, 1..200),
        ) {
            let mask = if width == 0 { 0 } else { u32::MAX >> (32 - width) };
            let (mut bytes, mut expected) = (Vec::new(), Vec::new());
            for (same, number, len) in runs {
                if same {
                    bytes.extend(varint(len as u64 * 2));
                    bytes.extend(&(number & mask).to_le_bytes()[..width.div_ceil(8)]);
                    expected.resize(expected.len() + len, number & mask);
                } else {
                    let numbers: Vec<u32> =
                        (0..len as u32 * 8).map(|index| number.wrapping_mul(index | 1) & mask).collect();
                    bytes.extend(varint(len as u64 * 2 + 1));
                    bytes.extend(pack(&numbers.iter().map(|&n| n.into()).collect::<Vec<_>>(), width));
                    expected.extend(numbers);
                }
            }
            let mut hybrid = Hybrid::new(0, bytes.len(), width as u8).unwrap();
            let mut read = Vec::new();
            for step in steps {
                let step = step.min(expected.len() - read.len());
                if step % 3 == 0 {
                    hybrid.skip(&bytes, step).unwrap();
                    read.extend_from_slice(&expected[read.len()..read.len() + step]);
                } else {
                    hybrid.read(&bytes, step, &mut read).unwrap();
                }
            }
            let left = expected.len() - read.len();
            hybrid.read(&bytes, left, &mut read).unwrap();
            prop_assert_eq!(read, expected);
        }
    }
}
