//! The values of one data page: which decoder its encoding asks for.

use bytes::Bytes;

use super::chunk::Encoding;
use super::encoding::TOO_FEW;
use super::encoding::hybrid::{Hybrid, Piece, unpack_piece};
use super::encoding::plain::Plain;
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
        hybrid: Option<Hybrid>,
        dictionary_len: u32,
    },
    Plain(Plain),
    Booleans {
        hybrid: Option<Hybrid>,
        numbers: Vec<u32>,
    },
}

impl Decoder {
    /// A decoder of the values that begin at byte `at` of a page's `data`.
    pub(super) fn new(
        encoding: Encoding,
        physical: Physical,
        data: &[u8],
        at: usize,
        dictionary_len: Option<usize>,
    ) -> Result<Self, Fault> {
        let end = data.len();
        match (encoding, physical) {
            (Encoding::PlainDictionary | Encoding::RleDictionary, _) => {
                let Some(len) = dictionary_len else {
                    return Err(Fault::corrupt("has codes, but its chunk has no dictionary"));
                };
                // Where all values are null there may be no bytes at all.
                let width = data.get(at).copied();
                let hybrid = width
                    .map(|width| Hybrid::new(at + 1, end, width))
                    .transpose()?;
                Ok(Self::Codes {
                    hybrid,
                    dictionary_len: u32::try_from(len).unwrap_or(u32::MAX),
                })
            }
            (Encoding::Plain, _) => Ok(Self::Plain(Plain::new(at, end))),
            (Encoding::Rle, Physical::Bool) => {
                let head = data.get(at..).and_then(|rest| rest.first_chunk());
                let hybrid = head.map(|head| {
                    let start = at + 4;
                    let len = u32::from_le_bytes(*head) as usize;
                    Hybrid::new(start, start.saturating_add(len).min(end), 1)
                });
                Ok(Self::Booleans {
                    hybrid: hybrid.transpose()?,
                    numbers: Vec::new(),
                })
            }
            _ => Err(Fault::unsupported("is encoded in a way that can't be read")),
        }
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
                match hybrid {
                    Some(hybrid) => read_codes(hybrid, data, count, *dictionary_len, codes),
                    None if count == 0 => Ok(()),
                    None => Err(TOO_FEW),
                }
            }
            (Self::Plain(plain), PageValues::Values(values)) => plain.read(data, count, values),
            (Self::Booleans { hybrid, numbers }, PageValues::Values(Values::Bool(out))) => {
                numbers.clear();
                match hybrid {
                    Some(hybrid) => hybrid.read(data, count, numbers)?,
                    None if count == 0 => {}
                    None => return Err(TOO_FEW),
                }
                out.clear();
                out.extend(numbers.iter().map(|&number| number == 1));
                Ok(())
            }
            _ => Err(Fault::corrupt("mixes codes and values")),
        }
    }
}

/// Reads codes and checks that each is in the dictionary.
fn read_codes(
    hybrid: &mut Hybrid,
    data: &[u8],
    mut count: usize,
    dictionary_len: u32,
    codes: &mut Vec<u32>,
) -> Result<(), Fault> {
    // No code of so few bits can be beyond the dictionary.
    let narrow = hybrid.width() < 32 && 1 << hybrid.width() <= dictionary_len;
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
                let old = codes.len();
                unpack_piece(bytes, hybrid.width(), skipped, taken, codes);
                let top = || codes[old..].iter().fold(0, |top, &code| top.max(code));
                if !narrow && top() >= dictionary_len {
                    return Err(NO_SUCH_CODE);
                }
                count -= taken;
            }
        }
    }
    Ok(())
}
