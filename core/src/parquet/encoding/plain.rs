//! PLAIN: values one after the other ("Encodings").

use bytes::Bytes;

use super::TOO_FEW;
use crate::parquet::fault::Fault;
use crate::parquet::page::{Span, Values};

/// Where a reader of plain values is; the bytes are given with each call.
#[derive(Clone, Debug)]
pub(crate) struct Plain {
    at: usize,
    end: usize,
    /// The next bit of the byte at `at`, for booleans.
    bit: usize,
}

impl Plain {
    /// A reader of the bytes from `at` to `end`.
    pub(crate) fn new(at: usize, end: usize) -> Self {
        Self { at, end, bit: 0 }
    }

    /// Reads the next `count` values into `out`, whose old values are gone after that.
    pub(crate) fn read(
        &mut self,
        data: &Bytes,
        count: usize,
        out: &mut Values,
    ) -> Result<(), Fault> {
        match out {
            Values::Bool(out) => self.read_bools(data, count, out),
            Values::I32(out) => self.read_numbers(data, count, out, i32::from_le_bytes),
            Values::I64(out) => self.read_numbers(data, count, out, i64::from_le_bytes),
            Values::I96(out) => self.read_numbers(data, count, out, |bytes: [u8; 12]| bytes),
            Values::F32(out) => self.read_numbers(data, count, out, f32::from_le_bytes),
            Values::F64(out) => self.read_numbers(data, count, out, f64::from_le_bytes),
            Values::Fixed { width, data: out } => {
                out.clear();
                out.extend_from_slice(self.take(data, count, *width)?);
                Ok(())
            }
            Values::Bytes { data: out, spans } => {
                out.clone_from(data);
                self.read_spans(data, count, spans)
            }
        }
    }

    /// Goes past the next `count` values, of the type of `out`, whose values are of no use after that.
    pub(crate) fn skip(
        &mut self,
        data: &Bytes,
        count: usize,
        out: &mut Values,
    ) -> Result<(), Fault> {
        let width = match out {
            Values::I32(_) | Values::F32(_) => 4,
            Values::I64(_) | Values::F64(_) => 8,
            Values::I96(_) => 12,
            Values::Fixed { width, .. } => *width,
            // Where the next value is, only the ones before it tell.
            Values::Bool(_) | Values::Bytes { .. } => return self.read(data, count, out),
        };
        self.take(data, count, width).map(|_| ())
    }

    fn read_numbers<const WIDTH: usize, T>(
        &mut self,
        data: &[u8],
        count: usize,
        out: &mut Vec<T>,
        convert: impl Fn([u8; WIDTH]) -> T,
    ) -> Result<(), Fault> {
        let (numbers, _) = self.take(data, count, WIDTH)?.as_chunks::<WIDTH>();
        out.clear();
        out.extend(numbers.iter().map(|&bytes| convert(bytes)));
        Ok(())
    }

    fn read_bools(&mut self, data: &[u8], count: usize, out: &mut Vec<bool>) -> Result<(), Fault> {
        let bytes = data.get(self.at..self.end).ok_or(TOO_FEW)?;
        if (bytes.len() * 8).saturating_sub(self.bit) < count {
            return Err(TOO_FEW);
        }
        out.clear();
        out.extend((self.bit..self.bit + count).map(|bit| bytes[bit / 8] >> (bit % 8) & 1 == 1));
        self.bit += count;
        Ok(())
    }

    /// Byte arrays stay where they are; only their places are noted.
    fn read_spans(&mut self, data: &[u8], count: usize, out: &mut Vec<Span>) -> Result<(), Fault> {
        let data = data.get(..self.end).ok_or(TOO_FEW)?;
        // Every array has a length of four bytes: a lying count costs no memory.
        if data.len().saturating_sub(self.at) / 4 < count {
            return Err(TOO_FEW);
        }
        out.clear();
        out.reserve(count);
        let mut at = self.at;
        for _ in 0..count {
            let Some((head, rest)) = data.get(at..).and_then(|rest| rest.split_first_chunk())
            else {
                return Err(TOO_FEW);
            };
            let len = u32::from_le_bytes(*head);
            if len as usize > rest.len() {
                return Err(Fault::corrupt("holds a value that is longer than the page"));
            }
            at += 4;
            out.push(Span {
                start: at as u32,
                len,
            });
            at += len as usize;
        }
        self.at = at;
        Ok(())
    }

    fn take<'a>(&mut self, data: &'a [u8], count: usize, width: usize) -> Result<&'a [u8], Fault> {
        let end = count
            .checked_mul(width)
            .and_then(|len| self.at.checked_add(len));
        let end = end.filter(|&end| end <= self.end).ok_or(TOO_FEW)?;
        let taken = data.get(self.at..end).ok_or(TOO_FEW)?;
        self.at = end;
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn byte_arrays_stay_where_they_are() {
        let data = Bytes::from_static(b"\x02\0\0\0ab\0\0\0\0\x01\0\0\0c");
        let mut out = Values::Bytes {
            data: Bytes::new(),
            spans: Vec::new(),
        };
        let mut plain = Plain::new(0, data.len());
        plain.read(&data, 2, &mut out).unwrap();
        assert_eq!(out.len(), 2);
        plain.read(&data, 1, &mut out).unwrap();
        let Values::Bytes { data: kept, spans } = &out else {
            unreachable!()
        };
        assert_eq!(spans[0].of(kept), b"c");
        assert_eq!(plain.read(&data, 1, &mut out), Err(TOO_FEW));
    }

    #[test]
    fn a_length_beyond_the_page_is_a_fault() {
        let data = Bytes::from_static(b"\xff\xff\xff\xffab");
        let mut out = Values::Bytes {
            data: Bytes::new(),
            spans: Vec::new(),
        };
        assert!(Plain::new(0, data.len()).read(&data, 1, &mut out).is_err());
        assert_eq!(
            Plain::new(0, data.len()).read(&data, 1 << 40, &mut out),
            Err(TOO_FEW)
        );
    }

    #[test]
    fn booleans_are_bits_from_the_lowest_on() {
        let data = Bytes::from_static(&[0b0100_1101, 0b1]);
        let mut out = Values::Bool(Vec::new());
        let mut plain = Plain::new(0, data.len());
        plain.read(&data, 3, &mut out).unwrap();
        assert!(matches!(&out, Values::Bool(bools) if *bools == [true, false, true]));
        plain.read(&data, 6, &mut out).unwrap();
        assert!(
            matches!(&out, Values::Bool(bools) if *bools == [true, false, false, true, false, true])
        );
        assert_eq!(plain.read(&data, 8, &mut out), Err(TOO_FEW));
    }

    #[test]
    fn numbers_are_little_endian() {
        let data = Bytes::from_static(&[1, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff, 9]);
        let mut out = Values::I32(Vec::new());
        let mut plain = Plain::new(0, data.len());
        plain.read(&data, 2, &mut out).unwrap();
        assert!(matches!(&out, Values::I32(numbers) if *numbers == [1, -2]));
        assert_eq!(plain.read(&data, 1, &mut out), Err(TOO_FEW));
        let mut plain = Plain::new(0, data.len());
        plain.skip(&data, 1, &mut out).unwrap();
        plain.read(&data, 1, &mut out).unwrap();
        assert!(matches!(&out, Values::I32(numbers) if *numbers == [-2]));
        assert_eq!(plain.skip(&data, 1, &mut out), Err(TOO_FEW));
    }
}
