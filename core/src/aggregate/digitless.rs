//! Texts that were met lately, whatever their digits, in front of the search for a provider.
//!
//! Hosts are many, but most differ in their digits only: `user17.cox.net` and `user42.cox.net` are of the same provider,
//! unless a provider has digits itself.

use super::numbers::UNMET;
use crate::parquet::Span;
use crate::wide::wide;

/// Entries of the cache; a power of two.
const ENTRIES: usize = 1 << 10;

/// Eight bytes each: longer texts are not kept.
const WORDS: usize = 4;
const BYTES_MAX: usize = 8 * WORDS;

/// When to stop asking here: not for the first texts, which can't be here yet, but when it stays in vain for many.
const DEBT_MAX: u32 = 1 << 16;

/// The numbers of texts that were met lately.
pub(crate) struct Digitless {
    entries: Vec<(Key, u32)>,
    /// Two for each text that was not here, less one for each that was.
    debt: u32,
}

/// A text of at most `BYTES_MAX` bytes, with one and the same byte in place of each digit, and zeros behind its end.
#[derive(Clone, Copy)]
struct Key {
    words: [u64; WORDS],
    len: u32,
}

/// For each length the bits that belong to a text, in a key's words.
static KEPT: [[u64; WORDS]; BYTES_MAX + 1] = kept();

const fn kept() -> [[u64; WORDS]; BYTES_MAX + 1] {
    let mut kept = [[0; WORDS]; BYTES_MAX + 1];
    let mut len = 0;
    while len <= BYTES_MAX {
        let mut byte = 0;
        while byte < len {
            kept[len][byte / 8] |= 0xff << (8 * (byte % 8));
            byte += 1;
        }
        len += 1;
    }
    kept
}

impl Key {
    /// The key of a text in `data`. What is behind the text is loaded with it and cut off, which is quicker than to load
    /// no more than there is.
    #[inline(always)]
    fn of(data: &[u8], span: Span) -> Option<Self> {
        let kept = KEPT.get(span.len as usize)?;
        let bytes = match data.get(span.start as usize..)?.first_chunk() {
            Some(bytes) => *bytes,
            None => padded(span.of(data)),
        };
        let (chunks, _) = bytes.as_chunks();
        let mut words = [0; WORDS];
        for ((word, chunk), kept) in words.iter_mut().zip(chunks).zip(kept) {
            *word = without_digits(u64::from_le_bytes(*chunk) & kept);
        }
        Some(Self {
            words,
            len: span.len,
        })
    }

    #[inline(always)]
    fn place(&self) -> usize {
        let [a, b, c, d] = self.words;
        // Turned, so that the same letters in another place make another sum.
        let sum = a
            .wrapping_add(b.rotate_left(17))
            .wrapping_add(c.rotate_left(31))
            .wrapping_add(d.rotate_left(47))
            .wrapping_add(self.len.into());
        let hash = sum.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (hash >> (u64::BITS - ENTRIES.trailing_zeros())) as usize
    }

    #[inline(always)]
    fn is(&self, other: &Self) -> bool {
        let words = self.words.iter().zip(&other.words);
        self.len == other.len && words.fold(0, |all, (a, b)| all | (a ^ b)) == 0
    }
}

/// A text at the end of its page, with zeros behind it.
#[cold]
fn padded(text: &[u8]) -> [u8; BYTES_MAX] {
    let mut bytes = [0; BYTES_MAX];
    for (byte, there) in bytes.iter_mut().zip(text) {
        *byte = *there;
    }
    bytes
}

/// The whole of a text.
fn whole(text: &[u8]) -> Span {
    Span {
        start: 0,
        len: u32::try_from(text.len()).unwrap_or(u32::MAX),
    }
}

/// Eight bytes, those that are digits replaced by 0xff: no provider has such a byte, as their names are UTF-8.
#[inline(always)]
fn without_digits(word: u64) -> u64 {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let above = word ^ (0x30 * EACH);
    // The highest bit of each byte: whether it is no digit. No sum carries into the next byte.
    let others = (((above & (0x7f * EACH)) + 0x76 * EACH) | above) & (0x80 * EACH);
    let keep = (others << 1).wrapping_sub(others >> 7);
    word | !keep
}

/// The number that was kept lately for a text in `data`.
#[inline(always)]
fn find(entries: &[(Key, u32)], data: &[u8], span: Span) -> Option<u32> {
    let key = Key::of(data, span)?;
    let (known, number) = entries.get(key.place())?;
    known.is(&key).then_some(*number)
}

impl Digitless {
    pub(crate) fn new() -> Self {
        Self {
            entries: Vec::new(),
            debt: 0,
        }
    }

    /// Whether so many texts are met again that it pays to ask.
    #[inline]
    pub(crate) fn is_worth_it(&self) -> bool {
        self.debt < DEBT_MAX
    }

    /// The number of `text`, if it was kept lately, whatever its digits.
    #[inline]
    pub(crate) fn number(&mut self, text: &[u8]) -> Option<u32> {
        let number = find(&self.entries, text, whole(text))?;
        self.debt = self.debt.saturating_sub(1);
        Some(number)
    }

    /// Appends the number of each text, [`UNMET`] for those that were not kept lately.
    pub(crate) fn number_all(&mut self, data: &[u8], spans: &[Span], out: &mut Vec<u32>) {
        let start = out.len();
        out.resize(start + spans.len(), UNMET);
        let numbers = out.get_mut(start..).unwrap_or_default();
        let (entries, places) = (&self.entries, numbers.iter_mut().zip(spans));
        wide(
            #[inline(always)]
            || {
                for (number, span) in places {
                    *number = find(entries, data, *span).unwrap_or(UNMET);
                }
            },
        );
        let met = numbers.iter().filter(|number| **number != UNMET).count();
        self.debt = self.debt.saturating_sub(met as u32);
    }

    /// Keeps the number of a text that was asked for in vain.
    pub(crate) fn keep(&mut self, text: &[u8], number: u32) {
        self.debt = self.debt.saturating_add(2);
        let Some(key) = Key::of(text, whole(text)) else {
            return;
        };
        if self.entries.is_empty() {
            // No text has this key, as it is none of a length that is kept.
            let nobody = Key {
                words: [0; WORDS],
                len: u32::MAX,
            };
            self.entries.resize(ENTRIES, (nobody, 0));
        }
        if let Some(entry) = self.entries.get_mut(key.place()) {
            *entry = (key, number);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_digits_are_alike() {
        for byte in 0..=u8::MAX {
            for other in [b'/', b'0', b'9', b':', b'a', 0, 0x7f, 0x80, 0xb0, 0xfe] {
                let word = u64::from_le_bytes([byte, other, byte, byte, other, other, byte, other]);
                let expected = word
                    .to_le_bytes()
                    .map(|byte| if byte.is_ascii_digit() { 0xff } else { byte });
                assert_eq!(without_digits(word).to_le_bytes(), expected);
            }
        }
    }

    #[test]
    fn a_text_is_met_again_with_other_digits_but_not_with_more_of_them() {
        let mut recent = Digitless::new();
        let long = "x".repeat(BYTES_MAX + 1);
        for (number, text) in (1..).zip(["user17.cox.net", "user17.att.net", "att1.net", "", &long])
        {
            recent.keep(text.as_bytes(), number);
        }
        for (text, expected) in [
            ("user42.cox.net", Some(1)),
            ("user42.att.net", Some(2)),
            ("user421.cox.net", None),
            ("usera2.cox.net", None),
            ("att2.net", Some(3)),
            ("att2.net\0", None),
            ("att22.net", None),
            ("", Some(4)),
            ("\0", None),
            (&long, None),
        ] {
            assert_eq!(recent.number(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn it_is_given_up_when_it_stays_in_vain() {
        let mut recent = Digitless::new();
        for _ in 0..DEBT_MAX / 16 {
            assert!(recent.is_worth_it());
            recent.keep(b"user1.cox.net", 1);
            (0..2).for_each(|_| assert_eq!(recent.number(b"user2.cox.net"), Some(1)));
        }
        (0..=DEBT_MAX / 2).for_each(|_| recent.keep(b"att.net", 2));
        assert!(!recent.is_worth_it());
    }
}
