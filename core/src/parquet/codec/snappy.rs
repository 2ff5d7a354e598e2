//! Snappy's raw blocks: a length, then elements that are literal bytes or copies of bytes that came before.
//!
//! Half of the time of counting plain hosts was spent in the crate `snap`, waiting for branches that were guessed wrong:
//! in texts nothing tells whether a literal or a copy comes next, or of what length. Here every short element is handled
//! alike, always moving 32 bytes of which only the element's count, which takes a third less.

use std::hint::select_unpredictable;

use super::{DAMAGED, Fault, OTHER_LENGTH};
use crate::wide::wide;

/// Bytes that are moved for each short element.
const MOVED: usize = 32;

/// For each tag the length of its element, and in the bits of `UPPER_OFFSET` what the tag says of a copy's offset.
static ELEMENTS: [u16; 256] = elements();
const LENGTH: usize = 0x7f;
const UPPER_OFFSET: usize = 0x700;

/// The part of the two bytes behind a tag that is a copy's offset, by the tag's two lowest bits.
static OFFSETS: [usize; 4] = [0, 0xff, 0xffff, 0];

/// The two lowest bits of a tag.
const LITERAL: usize = 0;
const COPY_NEAR: usize = 1;
const COPY: usize = 2;
const COPY_FAR: usize = 3;

/// A literal of more bytes has its length behind the tag.
const LITERAL_BYTES_MAX: usize = 60;

const fn elements() -> [u16; 256] {
    let mut elements = [0; 256];
    let mut tag = 0;
    while tag < elements.len() {
        elements[tag] = match tag & 3 {
            COPY_NEAR => (((tag >> 2 & 7) + 4) | (tag >> 5 << 8)) as u16,
            _ => (tag >> 2) as u16 + 1,
        };
        tag += 1;
    }
    elements
}

/// Fills `out` exactly.
pub(super) fn decompress(packed: &[u8], out: &mut [u8]) -> Result<(), Fault> {
    let (len, start) = length(packed).ok_or(DAMAGED)?;
    if len != out.len() as u64 {
        return Err(OTHER_LENGTH);
    }
    wide(
        #[inline(always)]
        || all(packed, start, out),
    )
    .ok_or(DAMAGED)
}

/// What a block says of its length, and where its elements begin.
fn length(packed: &[u8]) -> Option<(u64, usize)> {
    let mut len = 0;
    for (place, byte) in packed.iter().take(5).enumerate() {
        len |= u64::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            return u32::try_from(len).ok().map(|len| (len.into(), place + 1));
        }
    }
    None
}

/// Where the next element is, and where its bytes go.
#[derive(Clone, Copy)]
struct At {
    packed: usize,
    out: usize,
}

#[inline(always)]
fn all(packed: &[u8], start: usize, out: &mut [u8]) -> Option<()> {
    let mut at = At {
        packed: start,
        out: 0,
    };
    // As long as there are enough bytes on both sides to move more than are meant.
    while let Some(head) = chunk::<{ MOVED + 1 }>(packed, at.packed) {
        let [tag, low, high, ..] = head.map(usize::from);
        let (kind, element) = (tag & 3, usize::from(ELEMENTS[tag]));
        let len = element & LENGTH;
        let offset = (low | high << 8) & OFFSETS[kind] | element & UPPER_OFFSET;
        let is_literal = kind == LITERAL;
        // One question for all that is rare, which is never guessed wrong then.
        if kind == COPY_FAR || len > MOVED || (!is_literal & (offset < len)) {
            at = one(packed, out, at)?;
            continue;
        }
        let (_, literal) = head.split_first_chunk::<1>()?;
        let Some(copied) = chunk::<MOVED>(out, at.out.wrapping_sub(offset)) else {
            break;
        };
        let moved = words(select_unpredictable(
            is_literal,
            literal.first_chunk()?,
            copied,
        ));
        let Some(room) = out.get_mut(at.out..).and_then(<[u8]>::first_chunk_mut) else {
            break;
        };
        put(room, moved);
        at.out += len;
        // Found without a look at a table, as each step waits for the one before.
        at.packed += if is_literal { (tag >> 2) + 2 } else { kind + 1 };
    }
    while at.packed < packed.len() {
        at = one(packed, out, at)?;
    }
    (at.out == out.len()).then_some(())
}

#[inline(always)]
fn chunk<const LEN: usize>(bytes: &[u8], at: usize) -> Option<&[u8; LEN]> {
    bytes.get(at..)?.first_chunk()
}

/// Bytes as numbers, so that the compiler keeps them in registers and not in memory.
#[inline(always)]
fn words(bytes: &[u8; MOVED]) -> [u64; MOVED / 8] {
    let (words, _) = bytes.as_chunks();
    std::array::from_fn(|index| u64::from_le_bytes(words[index]))
}

#[inline(always)]
fn put(bytes: &mut [u8; MOVED], words: [u64; MOVED / 8]) {
    let (chunks, _) = bytes.as_chunks_mut();
    for (chunk, word) in chunks.iter_mut().zip(words) {
        *chunk = word.to_le_bytes();
    }
}

/// Does any one element, however long, far, or close to an end; returns where the next one is.
#[inline(never)]
fn one(packed: &[u8], out: &mut [u8], at: At) -> Option<At> {
    let tag = usize::from(*packed.get(at.packed)?);
    let behind = at.packed + 1;
    let number = |len: usize| {
        let bytes = packed.get(behind..behind + len)?.iter();
        Some(
            bytes
                .rev()
                .fold(0, |number, byte| number << 8 | usize::from(*byte)),
        )
    };
    let len = usize::from(ELEMENTS[tag]) & LENGTH;
    let (offset, offset_len) = match tag & 3 {
        LITERAL => {
            let len_len = len.saturating_sub(LITERAL_BYTES_MAX);
            let len = if len_len == 0 {
                len
            } else {
                number(len_len)?.checked_add(1)?
            };
            let (from, to) = (behind + len_len, at.out.checked_add(len)?);
            let literal = packed.get(from..from.checked_add(len)?)?;
            out.get_mut(at.out..to)?.copy_from_slice(literal);
            return Some(At {
                packed: from + len,
                out: to,
            });
        }
        COPY_NEAR => (tag >> 5 << 8 | number(1)?, 1),
        COPY => (number(2)?, 2),
        _ => (number(4)?, 4),
    };
    let (from, end) = (at.out.checked_sub(offset)?, at.out + len);
    if offset == 0 || end > out.len() {
        return None;
    }
    // A copy may reach into itself: then what it begins with is repeated.
    let mut filled = at.out;
    while filled < end {
        let there = (filled - from).min(end - filled);
        out.copy_within(from..from + there, filled);
        filled += there;
    }
    Some(At {
        packed: behind + offset_len,
        out: end,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What both decoders make of a block, none when they refuse it.
    fn both(packed: &[u8], len: usize) -> [Option<Vec<u8>>; 2] {
        let (mut ours, mut theirs) = (vec![7; len], vec![9; len]);
        let decompressed = decompress(packed, &mut ours);
        let same_len = snap::raw::decompress_len(packed).ok() == Some(len);
        let other = snap::raw::Decoder::new().decompress(packed, &mut theirs);
        [
            decompressed.is_ok().then_some(ours),
            (same_len && other.is_ok()).then_some(theirs),
        ]
    }

    fn varint(mut number: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        while number >= 0x80 {
            bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        bytes.push(number as u8);
        bytes
    }

    /// Any elements, as no writer would choose them; the numbers are cut to what their forms can say.
    fn block(elements: &[(usize, usize, usize)]) -> (Vec<u8>, usize) {
        let (mut packed, mut made) = (Vec::new(), 0_usize);
        for (kind, len, offset) in elements {
            let offset = 1 + offset % made.max(1);
            let kind = if made == 0 { LITERAL } else { *kind };
            match kind {
                COPY_NEAR if offset < 1 << 11 => {
                    let len = 4 + len % 8;
                    packed.extend([
                        ((offset >> 8) << 5 | (len - 4) << 2 | 1) as u8,
                        offset as u8,
                    ]);
                    made += len;
                }
                COPY | COPY_NEAR if offset < 1 << 16 => {
                    packed.push(((len % 64) << 2 | 2) as u8);
                    packed.extend((offset as u16).to_le_bytes());
                    made += len % 64 + 1;
                }
                COPY | COPY_NEAR | COPY_FAR => {
                    packed.push(((len % 64) << 2 | 3) as u8);
                    packed.extend((offset as u32).to_le_bytes());
                    made += len % 64 + 1;
                }
                _ => {
                    let len = len % 70_000;
                    let bytes = (len as u32).to_le_bytes();
                    let len_len = bytes
                        .iter()
                        .rposition(|byte| *byte != 0)
                        .map_or(1, |last| last + 1);
                    if len < LITERAL_BYTES_MAX {
                        packed.push((len << 2) as u8);
                    } else {
                        packed.push(((59 + len_len) << 2) as u8);
                        packed.extend(&bytes[..len_len]);
                    }
                    packed.extend((0..=len).map(|place| (place * 31 + made) as u8));
                    made += len + 1;
                }
            }
        }
        ([varint(made), packed].concat(), made)
    }

    proptest! {
        #[test]
        fn any_elements_become_what_the_other_decoder_makes_of_them(
            elements in prop::collection::vec(
                (0_usize..4, prop_oneof![0_usize..70, any::<usize>()], prop_oneof![0_usize..70, any::<usize>()]),
                0..60,
            ),
            damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
        ) {
            let (mut packed, len) = block(&elements);
            let [ours, theirs] = both(&packed, len);
            prop_assert!(ours.is_some());
            prop_assert_eq!(ours, theirs);
            for (place, byte) in damage {
                let place = place.index(packed.len());
                packed[place] = byte;
            }
            let [ours, theirs] = both(&packed, len);
            prop_assert_eq!(ours, theirs);
            packed.truncate(packed.len() / 2);
            let [ours, theirs] = both(&packed, len);
            prop_assert_eq!(ours, theirs);
        }

        #[test]
        fn texts_come_back(texts in prop::collection::vec("(user[0-9]{1,7}|[a-z]{0,40})[.](cox|comcast)[.]com", 0..300)) {
            let text = texts.concat().into_bytes();
            let packed = snap::raw::Encoder::new().compress_vec(&text).unwrap();
            let mut out = vec![7; text.len()];
            prop_assert!(decompress(&packed, &mut out).is_ok());
            prop_assert_eq!(out, text);
        }
    }

    #[test]
    fn lies_about_lengths_are_refused() {
        assert_eq!(decompress(&[], &mut []), Err(DAMAGED));
        assert_eq!(decompress(&[0], &mut []), Ok(()));
        assert_eq!(decompress(&[1], &mut [0]), Err(DAMAGED));
        assert_eq!(decompress(&[1, 0, 65], &mut [0; 2]), Err(OTHER_LENGTH));
        assert_eq!(decompress(&[0xff; 6], &mut [0; 2]), Err(DAMAGED));
        // Beyond 32 bits.
        assert_eq!(
            decompress(&[0x80, 0x80, 0x80, 0x80, 0x10], &mut []),
            Err(DAMAGED)
        );
        // A copy of what is before the block, of nothing, and one that reaches beyond the end.
        assert_eq!(decompress(&[5, 0, 65, 0x01, 2], &mut [0; 5]), Err(DAMAGED));
        assert_eq!(decompress(&[5, 0, 65, 0x01, 0], &mut [0; 5]), Err(DAMAGED));
        assert_eq!(decompress(&[4, 0, 65, 0x01, 1], &mut [0; 4]), Err(DAMAGED));
    }
}
