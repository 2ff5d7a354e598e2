//! BYTE_STREAM_SPLIT: the first bytes of all values, then the second bytes, and so on ("Encodings").

use super::TOO_FEW;
use crate::parquet::fault::Fault;
use crate::parquet::page::Values;

/// Where a reader of split values is; the bytes are given with each call.
#[derive(Clone, Debug)]
pub(crate) struct Split {
    at: usize,
    /// Values of the page, and how many of them are read.
    len: usize,
    done: usize,
    width: usize,
}

impl Split {
    /// A reader of the values of `width` bytes between `at` and `end`.
    pub(crate) fn new(at: usize, end: usize, width: usize) -> Result<Self, Fault> {
        let bytes = end.saturating_sub(at);
        if width == 0 || !bytes.is_multiple_of(width) {
            return Err(Fault::corrupt("does not hold a whole number of values"));
        }
        Ok(Self {
            at,
            len: bytes / width,
            done: 0,
            width,
        })
    }

    /// Reads the next `count` values into `out`, whose old values are gone after that.
    pub(crate) fn read(
        &mut self,
        data: &[u8],
        count: usize,
        out: &mut Values,
    ) -> Result<(), Fault> {
        if count > self.len - self.done {
            return Err(TOO_FEW);
        }
        match out {
            Values::I32(out) => self.gather(data, count, out, i32::from_le_bytes)?,
            Values::I64(out) => self.gather(data, count, out, i64::from_le_bytes)?,
            Values::F32(out) => self.gather(data, count, out, f32::from_le_bytes)?,
            Values::F64(out) => self.gather(data, count, out, f64::from_le_bytes)?,
            Values::Fixed { width, data: out } => {
                let width = *width;
                out.clear();
                out.resize(count * width, 0);
                for place in 0..width {
                    let stream = self.stream(data, place, count)?;
                    for (value, &byte) in out.chunks_exact_mut(width).zip(stream) {
                        value[place] = byte;
                    }
                }
            }
            _ => return Err(Fault::unsupported("splits values that can't be split")),
        }
        self.done += count;
        Ok(())
    }

    fn gather<const WIDTH: usize, T>(
        &self,
        data: &[u8],
        count: usize,
        out: &mut Vec<T>,
        convert: impl Fn([u8; WIDTH]) -> T,
    ) -> Result<(), Fault> {
        let mut streams = [&data[..0]; WIDTH];
        for (place, stream) in streams.iter_mut().enumerate() {
            *stream = self.stream(data, place, count)?;
        }
        out.clear();
        out.extend((0..count).map(|index| convert(streams.map(|stream| stream[index]))));
        Ok(())
    }

    /// The bytes at one place of the next `count` values.
    fn stream<'a>(&self, data: &'a [u8], place: usize, count: usize) -> Result<&'a [u8], Fault> {
        if place >= self.width {
            return Err(TOO_FEW);
        }
        let start = self.at + place * self.len + self.done;
        data.get(start..start + count).ok_or(TOO_FEW)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_formats_own_example() {
        // Three floats whose bytes are AA BB CC DD, 00 11 22 33 and A3 B4 C5 D6.
        let data = [
            0xaa, 0x00, 0xa3, 0xbb, 0x11, 0xb4, 0xcc, 0x22, 0xc5, 0xdd, 0x33, 0xd6,
        ];
        let mut split = Split::new(0, data.len(), 4).unwrap();
        let mut out = Values::F32(Vec::new());
        split.read(&data, 1, &mut out).unwrap();
        let bits = |out: &Values| match out {
            Values::F32(values) => values
                .iter()
                .map(|value| value.to_bits())
                .collect::<Vec<_>>(),
            _ => Vec::new(),
        };
        assert_eq!(bits(&out), [0xddcc_bbaa]);
        split.read(&data, 2, &mut out).unwrap();
        assert_eq!(bits(&out), [0x3322_1100, 0xd6c5_b4a3]);
        assert_eq!(split.read(&data, 1, &mut out), Err(TOO_FEW));
    }

    #[test]
    fn values_of_any_fixed_length_are_gathered() {
        let data = *b"adbecf";
        let mut out = Values::Fixed {
            width: 3,
            data: Vec::new(),
        };
        Split::new(0, 6, 3)
            .unwrap()
            .read(&data, 2, &mut out)
            .unwrap();
        assert!(matches!(out, Values::Fixed { data, .. } if data == b"abcdef"));
        assert!(Split::new(0, 5, 3).is_err());
        assert!(Split::new(0, 5, 0).is_err());
        assert!(
            Split::new(0, 6, 3)
                .unwrap()
                .read(&data[..5], 2, &mut Values::I32(vec![]))
                .is_err()
        );
    }
}
