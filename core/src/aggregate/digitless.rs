//! Texts that were met lately, whatever their digits, in front of the search for a provider.
//!
//! Hosts are many, but most differ in their digits only: `user17.cox.net` and `user42.cox.net` are of the same provider,
//! unless a provider has digits itself.

use fearless_simd::prelude::*;
use fearless_simd::{Level, dispatch, i16x16, u8x32, u64x2, u64x4};

use super::numbers::UNMET;
use crate::parquet::Span;

/// Entries of the cache; a power of two.
const ENTRIES: usize = 1 << 10;

/// Longer texts are not kept.
const BYTES_MAX: usize = 32;

/// When to stop asking here: not for the first texts, which can't be here yet, but when it stays in vain for many.
const DEBT_MAX: u32 = 1 << 16;

/// How often texts that want the same entry are dealt out anew.
const DEALS_MAX: u32 = 64;

/// The numbers of texts that were met lately.
pub(crate) struct Digitless {
    entries: Option<Box<Entries>>,
    /// Two for each text that was not here, less one for each that was.
    debt: u32,
}

/// A text of at most `BYTES_MAX` bytes: 0xff in place of each digit, a `0` behind its end, then zeros. No provider has a
/// byte 0xff, as their names are UTF-8, and no digit is left, so the `0` tells a text from one with more zeros.
type Key = [u8; BYTES_MAX];

/// What is in an entry that was not used: it has no end.
const NOBODY: Key = [0; BYTES_MAX];

struct Entries {
    keys: [Key; ENTRIES],
    numbers: [u32; ENTRIES],
    /// What places are made with.
    factor: u64,
    deals: u32,
}

/// For each length the bytes that belong to a text, and its end.
static KEPT: [Key; BYTES_MAX + 1] = filled(true);
static ENDS: [Key; BYTES_MAX + 1] = filled(false);

const fn filled(before_end: bool) -> [Key; BYTES_MAX + 1] {
    let mut keys = [NOBODY; BYTES_MAX + 1];
    let mut len = 0;
    while len < keys.len() {
        let mut byte = 0;
        while byte < BYTES_MAX {
            if before_end && byte < len {
                keys[len][byte] = 0xff;
            } else if !before_end && byte == len {
                keys[len][byte] = b'0';
            }
            byte += 1;
        }
        len += 1;
    }
    keys
}

/// Odd numbers without a pattern, so that the same letters in another place make another sum.
static WEIGHTS: [i16; BYTES_MAX / 2] = [
    0x3a5d, 0x51c7, -0x2e91, 0x6b33, -0x4f0d, 0x1d7b, 0x7a19, -0x60e5, 0x25af, -0x3b6d, 0x4e81,
    -0x1735, 0x5c9f, 0x6e2b, -0x7d47, 0x32b3,
];

/// The key of a text in `data`. What is behind the text is loaded with it and cut off, which is quicker than to load
/// no more than there is.
#[inline(always)]
fn key_of<S: Simd>(simd: S, data: &[u8], span: Span) -> Option<u8x32<S>> {
    let len = span.len as usize;
    let (kept, end) = (KEPT.get(len)?, ENDS.get(len)?);
    let bytes = match data.get(span.start as usize..)?.first_chunk() {
        Some(bytes) => *bytes,
        None => padded(span.of(data)),
    };
    let text = u8x32::simd_from(simd, bytes) & u8x32::simd_from(simd, *kept);
    Some(without_digits(text) | u8x32::simd_from(simd, *end))
}

/// Bytes, those that are digits replaced by 0xff.
#[inline(always)]
fn without_digits<S: Simd>(bytes: u8x32<S>) -> u8x32<S> {
    let is_digit = (bytes - b'0').simd_le(9);
    is_digit.select(u8x32::splat(bytes.simd, 0xff), bytes)
}

/// The entry of a key.
#[inline(always)]
fn place_of<S: Simd>(key: u8x32<S>, factor: u64) -> usize {
    let numbers: i16x16<S> = key.bitcast();
    let (low, high) = numbers
        .pairwise_dot_product(i16x16::simd_from(key.simd, WEIGHTS))
        .split();
    let [a, b]: [u64; 2] = (low + high).bitcast::<u64x2<S>>().into();
    let hash = a.wrapping_add(b.rotate_left(21)).wrapping_mul(factor);
    (hash >> (u64::BITS - ENTRIES.trailing_zeros())) as usize % ENTRIES
}

/// A text at the end of its page, with zeros behind it.
#[cold]
fn padded(text: &[u8]) -> Key {
    let mut bytes = NOBODY;
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

impl Entries {
    fn new(factor: u64, deals: u32) -> Box<Self> {
        Box::new(Self {
            keys: [NOBODY; ENTRIES],
            numbers: [0; ENTRIES],
            factor,
            deals,
        })
    }

    /// The number that was kept lately for a text in `data`.
    #[inline(always)]
    fn find<S: Simd>(&self, simd: S, data: &[u8], span: Span) -> Option<u32> {
        let key = key_of(simd, data, span)?;
        let place = place_of(key, self.factor);
        let differing = (u8x32::simd_from(simd, self.keys[place]) ^ key).bitcast::<u64x4<S>>();
        differing
            .simd_eq(0)
            .all_true()
            .then_some(self.numbers[place])
    }

    /// Keeps a number; returns whether nobody had to go for it.
    #[inline(always)]
    fn put<S: Simd>(&mut self, key: u8x32<S>, number: u32) -> bool {
        let place = place_of(key, self.factor);
        let key = key.into();
        let before = std::mem::replace(&mut self.keys[place], key);
        self.numbers[place] = number;
        before == NOBODY || before == key
    }

    /// Keeps a number. Two texts that are met again and again must not drive each other out, so all places are made
    /// anew then: a few dozen texts soon have places of their own.
    #[inline(always)]
    fn keep<S: Simd>(mut self: Box<Self>, key: u8x32<S>, number: u32) -> Box<Self> {
        const MULTIPLIER: u64 = 0xd134_2543_de82_ef95;
        if self.deals >= DEALS_MAX || self.keys[place_of(key, self.factor)] == NOBODY {
            self.put(key, number);
            return self;
        }
        let mut anew = Self::new(self.factor.wrapping_mul(MULTIPLIER), self.deals + 1);
        for (key_before, number) in self.keys.iter().zip(self.numbers) {
            if *key_before != NOBODY {
                anew.put(u8x32::simd_from(key.simd, *key_before), number);
            }
        }
        anew.put(key, number);
        anew
    }
}

impl Digitless {
    pub(crate) fn new() -> Self {
        Self {
            entries: None,
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
        let entries = self.entries.as_ref()?;
        let found = dispatch!(Level::new(), simd => entries.find(simd, text, whole(text)));
        if found.is_some() {
            self.debt = self.debt.saturating_sub(1);
        }
        found
    }

    /// Appends the number of each text, [`UNMET`] for those that were not kept lately; says whether all were.
    #[inline(never)]
    pub(crate) fn number_all(&mut self, data: &[u8], spans: &[Span], out: &mut Vec<u32>) -> bool {
        let start = out.len();
        out.resize(start + spans.len(), UNMET);
        let Some(entries) = &self.entries else {
            return spans.is_empty();
        };
        let places = out.get_mut(start..).unwrap_or_default().iter_mut();
        let mut met = 0;
        dispatch!(Level::new(), simd => {
            for (number, span) in places.zip(spans) {
                if let Some(known) = entries.find(simd, data, *span) {
                    *number = known;
                    met += 1;
                }
            }
        });
        self.debt = self.debt.saturating_sub(met);
        met as usize == spans.len()
    }

    /// Keeps the number of a text that was asked for in vain.
    pub(crate) fn keep(&mut self, text: &[u8], number: u32) {
        const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
        self.debt = self.debt.saturating_add(2);
        dispatch!(Level::new(), simd => {
            if let Some(key) = key_of(simd, text, whole(text)) {
                let entries = self.entries.take();
                let entries = entries.unwrap_or_else(|| Entries::new(FACTOR, 0));
                self.entries = Some(entries.keep(key, number));
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_digits_are_alike() {
        for byte in 0..=u8::MAX {
            let bytes: Key = std::array::from_fn(|place| byte.wrapping_add(place as u8 % 3));
            let expected = bytes.map(|byte| if byte.is_ascii_digit() { 0xff } else { byte });
            let made: Key = dispatch!(Level::new(), simd => {
                without_digits(u8x32::simd_from(simd, bytes)).into()
            });
            assert_eq!(made, expected);
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
    fn texts_that_are_met_again_and_again_do_not_drive_each_other_out() {
        let mut recent = Digitless::new();
        let texts: Vec<String> = (b'a'..=b'z')
            .flat_map(|letter| (1..4).map(move |len| char::from(letter).to_string().repeat(len)))
            .collect();
        for (number, text) in (0..).zip(&texts) {
            recent.keep(text.as_bytes(), number);
        }
        for (number, text) in (0..).zip(&texts) {
            assert_eq!(recent.number(text.as_bytes()), Some(number), "{text}");
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
