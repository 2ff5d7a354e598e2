//! DELTA_LENGTH_BYTE_ARRAY and DELTA_BYTE_ARRAY: byte arrays with their lengths, and shared prefixes, as differences ("Encodings").

use bytes::Bytes;

use super::TOO_FEW;
use super::delta::Delta;
use crate::parquet::fault::Fault;
use crate::parquet::page::{Span, Values, reclaim};

const ODD_LENGTH: Fault = Fault::corrupt("holds a value of an impossible length");

/// Where a reader of byte arrays with their lengths in front is.
#[derive(Clone, Debug)]
pub(crate) struct DeltaLength {
    lengths: Delta,
    at: usize,
    end: usize,
}

impl DeltaLength {
    /// A reader of the arrays whose lengths begin at byte `at`.
    pub(crate) fn new(data: &[u8], at: usize, end: usize) -> Result<Self, Fault> {
        let lengths = Delta::new(data, at, end)?;
        let at = lengths.end_of_numbers(data)?;
        Ok(Self { lengths, at, end })
    }

    /// Reads the places of the next `count` arrays; the bytes stay where they are.
    pub(crate) fn read(
        &mut self,
        data: &[u8],
        count: usize,
        out: &mut Vec<Span>,
    ) -> Result<(), Fault> {
        let (mut at, end) = (self.at, self.end);
        let mut fits = true;
        out.clear();
        self.lengths.read(data, count, |len| {
            let len = u32::try_from(len)
                .ok()
                .filter(|&len| len as usize <= end - at);
            fits &= len.is_some();
            let len = len.unwrap_or(0);
            out.push(Span {
                start: at as u32,
                len,
            });
            at += len as usize;
        })?;
        self.at = at;
        if fits { Ok(()) } else { Err(ODD_LENGTH) }
    }
}

/// Where a reader of byte arrays that share prefixes is.
#[derive(Clone, Debug)]
pub(crate) struct DeltaBytes {
    prefixes: Delta,
    suffixes: DeltaLength,
    last: Vec<u8>,
    lengths: Vec<i64>,
    spans: Vec<Span>,
    /// Bytes that the page's arrays may still have together.
    bytes_left: u64,
}

impl DeltaBytes {
    /// A reader of the arrays whose prefixes' lengths begin at byte `at`. Together they may have `bytes_max` bytes:
    /// shared prefixes can make a page grow with the square of its length.
    pub(crate) fn new(data: &[u8], at: usize, end: usize, bytes_max: u64) -> Result<Self, Fault> {
        let prefixes = Delta::new(data, at, end)?;
        let suffixes = DeltaLength::new(data, prefixes.end_of_numbers(data)?, end)?;
        Ok(Self {
            prefixes,
            suffixes,
            last: Vec::new(),
            lengths: Vec::new(),
            spans: Vec::new(),
            bytes_left: bytes_max,
        })
    }

    /// Reads the next `count` arrays into `out`, whose old values are gone after that.
    pub(crate) fn read(
        &mut self,
        data: &[u8],
        count: usize,
        out: &mut Values,
    ) -> Result<(), Fault> {
        self.lengths.clear();
        self.prefixes
            .read(data, count, |len| self.lengths.push(len))?;
        self.suffixes.read(data, count, &mut self.spans)?;
        match out {
            Values::Bytes { data: out, spans } => {
                let mut joined = reclaim(std::mem::take(out));
                joined.clear();
                let mut joined = Vec::from(joined);
                spans.clear();
                let read = self.join(data, &mut joined, |start, len| {
                    spans.push(Span {
                        start: start as u32,
                        len: len as u32,
                    });
                    Ok(())
                });
                *out = joined.into();
                read
            }
            Values::Fixed {
                width,
                data: joined,
            } => {
                let width = *width;
                joined.clear();
                self.join(data, joined, |_, len| {
                    if len == width {
                        Ok(())
                    } else {
                        Err(ODD_LENGTH)
                    }
                })
            }
            _ => Err(TOO_FEW),
        }
    }

    /// Puts prefixes and suffixes together at the end of `out`.
    fn join(
        &mut self,
        data: &[u8],
        out: &mut Vec<u8>,
        mut each: impl FnMut(usize, usize) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        // The last array is in `out`, except for the first one here.
        let mut last = 0..0;
        let mut before = std::mem::take(&mut self.last);
        for (&prefix, &suffix) in self.lengths.iter().zip(&self.spans) {
            let previous_len = if last.is_empty() {
                before.len()
            } else {
                last.len()
            };
            let prefix = usize::try_from(prefix)
                .ok()
                .filter(|&prefix| prefix <= previous_len);
            let prefix = prefix.ok_or(ODD_LENGTH)?;
            let len = prefix + suffix.len as usize;
            self.bytes_left = self.bytes_left.checked_sub(len as u64).ok_or(Fault::limit(
                "grows beyond the bytes a page may have by the prefixes its values share",
            ))?;
            let start = out.len();
            if last.is_empty() {
                out.extend_from_slice(&before[..prefix]);
            } else {
                out.extend_from_within(last.start..last.start + prefix);
            }
            out.extend_from_slice(suffix.of(data));
            each(start, len)?;
            before.clear();
            last = start..out.len();
        }
        before.extend_from_slice(&out[last]);
        self.last = before;
        Ok(())
    }
}

/// The bytes of a page as values that are places in it.
pub(crate) fn read_lengths(
    reader: &mut DeltaLength,
    data: &Bytes,
    count: usize,
    out: &mut Values,
) -> Result<(), Fault> {
    match out {
        Values::Bytes { data: out, spans } => {
            out.clone_from(data);
            reader.read(data, count, spans)
        }
        _ => Err(TOO_FEW),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::parquet::encoding::delta::tests::encode;

    fn texts(values: &Values) -> Vec<Vec<u8>> {
        let Values::Bytes { data, spans } = values else {
            unreachable!()
        };
        spans.iter().map(|span| span.of(data).to_vec()).collect()
    }

    fn none() -> Values {
        Values::Bytes {
            data: Bytes::new(),
            spans: Vec::new(),
        }
    }

    fn encode_prefixed(values: &[Vec<u8>]) -> Vec<u8> {
        let mut last: &[u8] = b"";
        let (mut prefixes, mut lengths, mut rest) = (Vec::new(), Vec::new(), Vec::new());
        for value in values {
            let prefix = last.iter().zip(value).take_while(|(a, b)| a == b).count();
            prefixes.push(prefix as i64);
            lengths.push((value.len() - prefix) as i64);
            rest.extend(&value[prefix..]);
            last = value;
        }
        [encode(&prefixes, 4, 32), encode(&lengths, 4, 32), rest].concat()
    }

    proptest! {
        #[test]
        fn both_forms_read_what_was_written(
            values in prop::collection::vec("[ab]{0,6}", 0..300),
            step in 1_usize..200,
        ) {
            let values: Vec<Vec<u8>> = values.into_iter().map(String::into_bytes).collect();
            let lengths: Vec<i64> = values.iter().map(|value| value.len() as i64).collect();
            let data = Bytes::from([encode(&lengths, 2, 64), values.concat()].concat());
            let mut reader = DeltaLength::new(&data, 0, data.len()).unwrap();
            let prefixed = Bytes::from(encode_prefixed(&values));
            let mut prefixed_reader = DeltaBytes::new(&prefixed, 0, prefixed.len(), 1 << 20).unwrap();
            let (mut read, mut prefixed_read) = (Vec::new(), Vec::new());
            let (mut out, mut prefixed_out) = (none(), none());
            while read.len() < values.len() {
                let count = step.min(values.len() - read.len());
                read_lengths(&mut reader, &data, count, &mut out).unwrap();
                read.extend(texts(&out));
                prefixed_reader.read(&prefixed, count, &mut prefixed_out).unwrap();
                prefixed_read.extend(texts(&prefixed_out));
            }
            prop_assert_eq!(&read, &values);
            prop_assert_eq!(&prefixed_read, &values);
        }
    }

    #[test]
    fn lengths_that_lie_are_faults() {
        let long = Bytes::from([encode(&[3, 9], 4, 32), b"abcdef".to_vec()].concat());
        let mut reader = DeltaLength::new(&long, 0, long.len()).unwrap();
        assert_eq!(
            read_lengths(&mut reader, &long, 2, &mut none()),
            Err(ODD_LENGTH)
        );
        let negative = Bytes::from(encode(&[-1], 4, 32));
        let mut reader = DeltaLength::new(&negative, 0, negative.len()).unwrap();
        assert_eq!(
            read_lengths(&mut reader, &negative, 1, &mut none()),
            Err(ODD_LENGTH)
        );
        let prefix = [
            encode(&[0, 4], 4, 32),
            encode(&[3, 0], 4, 32),
            b"abc".to_vec(),
        ]
        .concat();
        let prefix = Bytes::from(prefix);
        let mut reader = DeltaBytes::new(&prefix, 0, prefix.len(), 100).unwrap();
        assert_eq!(reader.read(&prefix, 2, &mut none()), Err(ODD_LENGTH));
    }

    #[test]
    fn prefixes_can_not_make_a_page_grow_without_end() {
        let mut values = vec![vec![b'a'; 1000]; 1000];
        let data = Bytes::from(encode_prefixed(&values));
        assert!(data.len() < 3000);
        let mut reader = DeltaBytes::new(&data, 0, data.len(), 1_000_000).unwrap();
        assert_eq!(reader.read(&data, 1000, &mut none()), Ok(()));
        values.push(b"b".to_vec());
        let data = Bytes::from(encode_prefixed(&values));
        let mut reader = DeltaBytes::new(&data, 0, data.len(), 1_000_000).unwrap();
        let fault = reader.read(&data, 1001, &mut none()).unwrap_err();
        assert_eq!(fault.kind, crate::ErrorKind::Limit);
    }

    #[test]
    fn values_of_fixed_length_must_have_it() {
        let values = vec![b"abc".to_vec(), b"abd".to_vec()];
        let data = Bytes::from(encode_prefixed(&values));
        let read = |width| {
            let mut out = Values::Fixed {
                width,
                data: Vec::new(),
            };
            let mut reader = DeltaBytes::new(&data, 0, data.len(), 100).unwrap();
            reader.read(&data, 2, &mut out).map(|()| out)
        };
        assert!(matches!(read(3), Ok(Values::Fixed { data, .. }) if data == b"abcabd"));
        assert!(read(2).is_err());
    }
}
