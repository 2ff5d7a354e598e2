//! The values of one data page: which decoder its encoding asks for.

use bytes::Bytes;

use super::chunk::Encoding;
use super::encoding::TOO_FEW;
use super::encoding::delta::Delta;
use super::encoding::delta_bytes::{DeltaBytes, DeltaLength, read_lengths};
use super::encoding::hybrid::{Hybrid, Piece, unpack_piece};
use super::encoding::plain::Plain;
use super::encoding::split::Split;
use super::fault::Fault;
use super::page::{PageValues, Values};
use super::schema::Physical;

/// The names under which PLAIN goes in a dictionary page.
pub(super) const PLAIN_ENCODINGS: [Encoding; 3] = [
    Encoding::Plain,
    Encoding::PlainDictionary,
    Encoding::RleDictionary,
];

const NO_SUCH_CODE: Fault = Fault::corrupt("has a code that is not in the dictionary");

/// A decoder in the middle of a page.
pub(super) enum Decoder {
    Codes {
        hybrid: Hybrid,
        dictionary_len: u32,
    },
    Plain(Plain),
    Booleans {
        hybrid: Hybrid,
        numbers: Vec<u32>,
    },
    Delta(Delta),
    DeltaLength(DeltaLength),
    DeltaBytes(Box<DeltaBytes>),
    Split(Split),
    /// A page without a byte for values: all of them are null.
    Nothing,
}

/// How the values of a page are written.
#[derive(Clone, Copy)]
pub(super) struct Form {
    pub(super) encoding: Encoding,
    pub(super) physical: Physical,
    /// Bytes that a page may have when its values are written out.
    pub(super) bytes_max: u64,
}

impl Decoder {
    /// A decoder of the values that begin at byte `at` of a page's `data`.
    pub(super) fn new(
        form: Form,
        data: &[u8],
        at: usize,
        dictionary_len: Option<usize>,
    ) -> Result<Self, Fault> {
        use Physical::{Bool, Bytes, F32, F64, Fixed, I32, I64};
        let end = data.len();
        if at >= end {
            return Ok(Self::Nothing);
        }
        Ok(match (form.encoding, form.physical) {
            (Encoding::PlainDictionary | Encoding::RleDictionary, _) => {
                let Some(len) = dictionary_len else {
                    return Err(Fault::corrupt("has codes, but its chunk has no dictionary"));
                };
                let hybrid = Hybrid::new(at + 1, end, data[at])?;
                Self::Codes {
                    hybrid,
                    dictionary_len: u32::try_from(len).unwrap_or(u32::MAX),
                }
            }
            (Encoding::Plain, _) => Self::Plain(Plain::new(at, end)),
            (Encoding::Rle, Bool) => {
                let len = data[at..].first_chunk().ok_or(TOO_FEW)?;
                let start = at + 4;
                let end = start
                    .saturating_add(u32::from_le_bytes(*len) as usize)
                    .min(end);
                Self::Booleans {
                    hybrid: Hybrid::new(start, end, 1)?,
                    numbers: Vec::new(),
                }
            }
            (Encoding::DeltaBinaryPacked, I32 | I64) => Self::Delta(Delta::new(data, at, end)?),
            (Encoding::DeltaLengthByteArray, Bytes) => {
                Self::DeltaLength(DeltaLength::new(data, at, end)?)
            }
            (Encoding::DeltaByteArray, Bytes | Fixed(_)) => {
                Self::DeltaBytes(Box::new(DeltaBytes::new(data, at, end, form.bytes_max)?))
            }
            (Encoding::ByteStreamSplit, I32 | F32) => Self::Split(Split::new(at, end, 4)?),
            (Encoding::ByteStreamSplit, I64 | F64) => Self::Split(Split::new(at, end, 8)?),
            (Encoding::ByteStreamSplit, Fixed(width)) => {
                Self::Split(Split::new(at, end, width as usize)?)
            }
            _ => return Err(Fault::unsupported("is encoded in a way that can't be read")),
        })
    }

    /// Whether it makes codes.
    pub(super) fn is_codes(&self) -> bool {
        matches!(self, Self::Codes { .. })
    }

    /// Reads the next `count` values into `out`, whose old values are gone after that.
    pub(super) fn read(
        &mut self,
        data: &Bytes,
        count: usize,
        out: &mut PageValues,
    ) -> Result<(), Fault> {
        match (self, out) {
            (
                Self::Codes {
                    hybrid,
                    dictionary_len,
                },
                PageValues::Codes(codes),
            ) => {
                codes.clear();
                read_codes(hybrid, data, count, *dictionary_len, codes)
            }
            (Self::Plain(plain), PageValues::Values(values)) => plain.read(data, count, values),
            (other, out) => other.read_rarer(data, count, out),
        }
    }

    /// The encodings that few files have: a function of its own, so that browsers don't optimise it for the others.
    #[inline(never)]
    fn read_rarer(
        &mut self,
        data: &Bytes,
        count: usize,
        out: &mut PageValues,
    ) -> Result<(), Fault> {
        match (self, out) {
            (Self::Booleans { hybrid, numbers }, PageValues::Values(Values::Bool(out))) => {
                numbers.clear();
                hybrid.read(data, count, numbers)?;
                out.clear();
                out.extend(numbers.iter().map(|&number| number == 1));
                Ok(())
            }
            (Self::Delta(delta), PageValues::Values(Values::I32(out))) => {
                out.clear();
                delta.read(data, count, |number| out.push(number as i32))
            }
            (Self::Delta(delta), PageValues::Values(Values::I64(out))) => {
                out.clear();
                delta.read(data, count, |number| out.push(number))
            }
            (Self::DeltaLength(reader), PageValues::Values(values)) => {
                read_lengths(reader, data, count, values)
            }
            (Self::DeltaBytes(reader), PageValues::Values(values)) => {
                reader.read(data, count, values)
            }
            (Self::Split(split), PageValues::Values(values)) => split.read(data, count, values),
            (Self::Nothing, PageValues::Values(values)) if count == 0 => {
                values.clear();
                Ok(())
            }
            (Self::Nothing, _) => Err(TOO_FEW),
            _ => Err(Fault::corrupt("mixes codes and values")),
        }
    }

    /// Goes past the next `count` values, quicker than by reading them where that can be; what is in `out` after that
    /// is of no use.
    pub(super) fn skip(
        &mut self,
        data: &Bytes,
        count: usize,
        out: &mut PageValues,
    ) -> Result<(), Fault> {
        match (self, out) {
            (Self::Codes { hybrid, .. } | Self::Booleans { hybrid, .. }, _) => {
                hybrid.skip(data, count)
            }
            (Self::Plain(plain), PageValues::Values(values)) => plain.skip(data, count, values),
            (other, out) => other.read(data, count, out),
        }
    }
}

/// Reads codes and checks that each is in the dictionary.
#[inline(never)]
fn read_codes(
    hybrid: &mut Hybrid,
    data: &[u8],
    mut count: usize,
    dictionary_len: u32,
    codes: &mut Vec<u32>,
) -> Result<(), Fault> {
    while count > 0 {
        match hybrid.piece(data, count)? {
            Piece::Same(code, taken) => {
                if code >= dictionary_len {
                    return Err(NO_SUCH_CODE);
                }
                codes.resize(codes.len() + taken, code);
                count -= taken;
            }
            Piece::Packed(bytes, skipped, taken) => {
                let greatest = unpack_piece(bytes, hybrid.width(), skipped, taken, codes);
                if greatest >= dictionary_len {
                    return Err(NO_SUCH_CODE);
                }
                count -= taken;
            }
        }
    }
    Ok(())
}
