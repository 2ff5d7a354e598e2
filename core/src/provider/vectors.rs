//! Words looked for in many texts, at 32 places of a text at once and without a branch.
//!
//! Two tables for each letter's place in the words say which of eight words may have a byte of that lower half there, and
//! of that upper half. What all tables agree on is a word that begins there: nothing is left to be compared. (The
//! search named Teddy in Intel's Hyperscan does so with the first letters.)

use std::ops::Range;

use fearless_simd::prelude::*;
use fearless_simd::{Level, dispatch, u8x32, u64x4};

/// Words of a set: each has a bit of a byte.
const SET_WORDS: usize = u8::BITS as usize;
/// Places that are looked at at once.
const LANES: usize = 32;
/// Letters of a word at most.
const LETTERS_MAX: usize = 32;
/// Bytes of a text in which the words that begin at any of the places lie.
const WINDOW: usize = LANES + LETTERS_MAX - 1;

/// A byte for each place, a bit for each word.
type Places = [u8; LANES];

/// A list of words, to find the first that is anywhere in a text.
#[derive(Clone, Debug)]
pub(super) struct Vectors {
    sets: Vec<Set>,
}

/// Words that are looked for together.
#[derive(Clone, Debug)]
struct Set {
    /// For each letter of the longest word the words by the lower and by the upper half of a byte, twice the 16 of them:
    /// shorter words have any byte behind their end.
    letters: Vec<[Places; 2]>,
    /// The words that are no longer than what is left of a text: than [`WINDOW`] bytes, one byte less, and so on to none
    /// and a few times less than none. From where it says what is left behind the first place, it says so for all places.
    fitting: [u8; WINDOW + LANES],
}

impl Vectors {
    /// `None` when a word is too long.
    pub(super) fn new(words: &[String]) -> Option<Self> {
        if words.iter().any(|word| word.len() > LETTERS_MAX) {
            return None;
        }
        let sets = words.chunks(SET_WORDS).map(Set::new).collect();
        Some(Self { sets })
    }

    /// Calls `each` with the first word that is in each of the texts, which lie in `data`.
    #[inline]
    pub(super) fn first_of_each(
        &self,
        data: &[u8],
        texts: impl Iterator<Item = Range<usize>>,
        mut each: impl FnMut(Option<usize>),
    ) {
        dispatch!(Level::new(), simd => {
            for text in texts {
                each(self.first(simd, data, text));
            }
        });
    }

    #[inline(always)]
    fn first<S: Simd>(&self, simd: S, data: &[u8], text: Range<usize>) -> Option<usize> {
        // A closure would not be compiled for the processor that `simd` stands for.
        let (last, before) = self.sets.split_last()?;
        for (number, set) in before.iter().enumerate() {
            let words = set.words_in(simd, data, text.clone());
            if words > 0 {
                return Some(number * SET_WORDS + words.trailing_zeros() as usize);
            }
        }
        let words = last.words_in(simd, data, text);
        (words > 0).then_some(before.len() * SET_WORDS + words.trailing_zeros() as usize)
    }
}

impl Set {
    fn new(words: &[String]) -> Self {
        let letters_max = words.iter().map(String::len).max().unwrap_or(0);
        let mut letters = vec![[[0; LANES]; 2]; letters_max];
        let mut fitting = [0; WINDOW + LANES];
        for (word, bit) in words.iter().zip(0..) {
            let bit = 1_u8 << bit;
            let mut rest = word.bytes();
            for halves in &mut letters {
                let letter = rest.next();
                for (half, shift) in halves.iter_mut().zip([0, 4]) {
                    for (value, words) in (0..16).cycle().zip(half) {
                        if letter.is_none_or(|letter| letter >> shift & 15 == value) {
                            *words |= bit;
                        }
                    }
                }
            }
            let shorter = (WINDOW + 1).saturating_sub(word.len());
            fitting
                .iter_mut()
                .take(shorter)
                .for_each(|words| *words |= bit);
        }
        Self { letters, fitting }
    }

    /// The words that are in a text. Where there is but one sort of vectors it is one function, as the module is to be
    /// small.
    #[cfg_attr(target_arch = "wasm32", inline(never))]
    #[cfg_attr(not(target_arch = "wasm32"), inline(always))]
    fn words_in<S: Simd>(&self, simd: S, data: &[u8], text: Range<usize>) -> u8 {
        let mut found = u8x32::splat(simd, 0);
        let mut at = text.start;
        while at < text.end {
            let padded;
            // What is behind the text is loaded with it, which is quicker than to load no more than there is.
            let window: &[u8; WINDOW] = match data.get(at..).and_then(<[u8]>::first_chunk) {
                Some(window) => window,
                None => {
                    padded = padded_window(data.get(at..text.end).unwrap_or_default());
                    &padded
                }
            };
            let left = (text.end - at).min(WINDOW);
            let fitting = self.fitting.get(WINDOW - left..);
            let Some(fitting) = fitting.and_then(<[u8]>::first_chunk) else {
                break;
            };
            let mut words = u8x32::simd_from(simd, *fitting);
            for (bytes, [lower, upper]) in window.array_windows().zip(&self.letters) {
                let bytes = u8x32::simd_from(simd, *bytes);
                let lower = u8x32::simd_from(simd, *lower).swizzle_dyn_within_blocks(bytes & 15);
                let upper = u8x32::simd_from(simd, *upper).swizzle_dyn_within_blocks(bytes >> 4);
                words = words & lower & upper;
            }
            found |= words;
            at += LANES;
        }
        let [a, b, c, d]: [u64; 4] = found.bitcast::<u64x4<S>>().into();
        let all = a | b | c | d;
        let all = all | all >> 32;
        let all = all | all >> 16;
        (all | all >> 8) as u8
    }
}

/// A text with nothing behind it that could be loaded, and zeros instead.
fn padded_window(text: &[u8]) -> [u8; WINDOW] {
    let mut window = [0; WINDOW];
    let text = text.get(..WINDOW).unwrap_or(text);
    if let Some(start) = window.get_mut(..text.len()) {
        start.copy_from_slice(text);
    }
    window
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Few letters, so that words overlap, and bytes whose halves are those of other letters.
        #[test]
        fn the_first_word_of_the_list_that_is_in_a_text_is_found(
            texts in prop::collection::vec("([abc]|[1Aqé]|abc){0,60}", 0..20),
            words in prop::collection::vec("[abcé]{1,3}|[ab1]{4,9}|[abc]{30,32}", 1..20),
        ) {
            let mut end = 0;
            let ranges: Vec<Range<usize>> = texts
                .iter()
                .map(|text| {
                    end += text.len();
                    end - text.len()..end
                })
                .collect();
            let mut found = Vec::new();
            Vectors::new(&words)
                .unwrap()
                .first_of_each(texts.concat().as_bytes(), ranges.into_iter(), |word| found.push(word));
            let expected = texts
                .iter()
                .map(|text| words.iter().position(|word| text.contains(word)));
            prop_assert_eq!(found, expected.collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_word_is_as_long_as_32_letters_at_most() {
        for (len, works) in [(32, true), (33, false)] {
            assert_eq!(Vectors::new(&["x".repeat(len)]).is_some(), works);
        }
    }
}
