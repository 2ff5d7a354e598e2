//! Definition levels: which rows have a value ("Nested encoding", "Encodings").

use super::encoding::TOO_FEW;
use super::encoding::hybrid::{Hybrid, Piece, unpack_piece};
use super::fault::Fault;

/// Where a reader of definition levels is; the bytes are given with each call.
#[derive(Clone, Debug)]
pub(super) struct Levels {
    max: u32,
    form: Form,
    scratch: Vec<u32>,
}

#[derive(Clone, Debug)]
enum Form {
    /// Runs and bit-packed groups.
    Hybrid(Hybrid),
    /// The deprecated packing, most significant bit first: the next bit, and the end.
    BitPacked { bit: usize, end: usize },
}

impl Levels {
    /// Levels up to `max` (above 0) as runs and groups in the bytes from `at` to `end`.
    pub(super) fn hybrid(max: u16, at: usize, end: usize) -> Result<Self, Fault> {
        let form = Form::Hybrid(Hybrid::new(at, end, width(max))?);
        Ok(Self {
            max: max.into(),
            form,
            scratch: Vec::new(),
        })
    }

    /// Levels in the deprecated packing.
    pub(super) fn bit_packed(max: u16, at: usize, end: usize) -> Self {
        Self {
            max: max.into(),
            form: Form::BitPacked { bit: at * 8, end },
            scratch: Vec::new(),
        }
    }

    /// Reads `count` levels into `valid`, 1 where a row has a value, and returns how many have none.
    /// `valid` stays empty as long as there is no null.
    pub(super) fn read(
        &mut self,
        data: &[u8],
        count: usize,
        valid: &mut Vec<u8>,
    ) -> Result<usize, Fault> {
        let max = self.max;
        let (mut done, mut nulls) = (0, 0);
        valid.clear();
        let hybrid = match &mut self.form {
            Form::Hybrid(hybrid) => hybrid,
            Form::BitPacked { bit, end } => {
                let width = usize::from(width(max as u16));
                valid.reserve(count);
                for _ in 0..count {
                    let level = bits_from_the_top(data.get(..*end).ok_or(TOO_FEW)?, *bit, width)?;
                    *bit += width;
                    let there = is_there(level, max)?;
                    nulls += usize::from(!there);
                    valid.push(there.into());
                }
                if nulls == 0 {
                    valid.clear();
                }
                return Ok(nulls);
            }
        };
        while done < count {
            match hybrid.piece(data, count - done)? {
                Piece::Same(level, taken) => {
                    let there = is_there(level, max)?;
                    if !there && nulls == 0 {
                        valid.resize(done, 1);
                    }
                    nulls += if there { 0 } else { taken };
                    done += taken;
                    if nulls > 0 {
                        valid.resize(done, there.into());
                    }
                }
                Piece::Packed(bytes, skipped, taken) => {
                    self.scratch.clear();
                    let width = hybrid.width();
                    let top = unpack_piece(bytes, width, skipped, taken, &mut self.scratch);
                    is_there(top, max)?;
                    let here = self.scratch.iter().filter(|&&level| level == max).count();
                    if here < taken && nulls == 0 {
                        valid.resize(done, 1);
                    }
                    nulls += taken - here;
                    done += taken;
                    if nulls > 0 {
                        valid.extend(self.scratch.iter().map(|&level| u8::from(level == max)));
                    }
                }
            }
        }
        Ok(nulls)
    }
}

fn is_there(level: u32, max: u32) -> Result<bool, Fault> {
    if level > max {
        return Err(Fault::corrupt("has a definition level above the column's"));
    }
    Ok(level == max)
}

/// Bits of a level up to `max`.
fn width(max: u16) -> u8 {
    (u16::BITS - max.leading_zeros()) as u8
}

/// Bytes of `count` levels up to `max` in the deprecated packing.
pub(super) fn bit_packed_bytes(max: u16, count: usize) -> usize {
    count.saturating_mul(width(max).into()).div_ceil(8)
}

fn bits_from_the_top(data: &[u8], bit: usize, width: usize) -> Result<u32, Fault> {
    (bit..bit + width).try_fold(0, |number, bit| {
        let byte = *data.get(bit / 8).ok_or(TOO_FEW)?;
        Ok(number << 1 | u32::from(byte >> (7 - bit % 8) & 1))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_without_nulls_needs_no_bytes_a_row() {
        let mut levels = Levels::hybrid(1, 0, 2).unwrap();
        let mut valid = vec![7];
        assert_eq!(levels.read(&[0x14, 0x01], 10, &mut valid), Ok(0));
        assert!(valid.is_empty());
        assert_eq!(levels.read(&[0x14, 0x01], 1, &mut valid), Err(TOO_FEW));
    }

    #[test]
    fn nulls_after_values_in_runs_and_groups() {
        // Two rows there, one null, a group with rows 0, 2 and 7 there.
        let bytes = [0x04, 0x01, 0x02, 0x00, 0x03, 0b1000_0101];
        let mut levels = Levels::hybrid(1, 0, bytes.len()).unwrap();
        let mut valid = Vec::new();
        assert_eq!(levels.read(&bytes, 11, &mut valid), Ok(6));
        assert_eq!(valid, [1, 1, 0, 1, 0, 1, 0, 0, 0, 0, 1]);
    }

    #[test]
    fn inside_structs_only_the_highest_level_is_a_value() {
        // Levels 0 to 3 of two bits each, twice.
        let bytes = [0x03, 0b1110_0100, 0b1110_0100];
        let mut levels = Levels::hybrid(3, 0, bytes.len()).unwrap();
        let mut valid = Vec::new();
        assert_eq!(levels.read(&bytes, 8, &mut valid), Ok(6));
        assert_eq!(valid, [0, 0, 0, 1, 0, 0, 0, 1]);
        let mut levels = Levels::hybrid(2, 0, bytes.len()).unwrap();
        assert!(levels.read(&bytes, 8, &mut valid).is_err());
    }

    #[test]
    fn the_deprecated_packing_begins_at_the_top() {
        // The format's example: 0 to 7 in three bits each.
        let bytes = [0b0000_0101, 0b0011_1001, 0b0111_0111];
        let mut levels = Levels::bit_packed(7, 0, bytes.len());
        let mut valid = Vec::new();
        assert_eq!(levels.read(&bytes, 8, &mut valid), Ok(7));
        assert_eq!(valid, [0, 0, 0, 0, 0, 0, 0, 1]);
        assert_eq!(levels.read(&bytes, 1, &mut valid), Err(TOO_FEW));
        assert_eq!(bit_packed_bytes(7, 9), 4);
    }
}
