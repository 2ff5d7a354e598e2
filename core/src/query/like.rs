//! Patterns of `like`: `%` stands for any text, `_` for one character; there is no escape sign.

use memchr::memmem;

/// A pattern, made ready.
#[derive(Clone, Debug)]
pub(crate) struct Like {
    /// As it was written.
    pattern: String,
    /// What stands between the `%` signs: one piece more than there are signs.
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug)]
enum Piece {
    Plain(Box<memmem::Finder<'static>>),
    /// Texts with one character between each two of them.
    Gapped(Vec<Vec<u8>>),
}

impl Like {
    pub(crate) fn new(pattern: &str) -> Self {
        let pieces = pattern.split('%').map(|piece| {
            if piece.contains('_') {
                Piece::Gapped(
                    piece
                        .split('_')
                        .map(|part| part.as_bytes().to_vec())
                        .collect(),
                )
            } else {
                Piece::Plain(Box::new(memmem::Finder::new(piece.as_bytes()).into_owned()))
            }
        });
        Self {
            pattern: pattern.to_owned(),
            pieces: pieces.collect(),
        }
    }

    /// What every text that matches begins with.
    pub(crate) fn prefix(&self) -> &[u8] {
        match self.pieces.first() {
            Some(Piece::Plain(finder)) => finder.needle(),
            Some(Piece::Gapped(parts)) => parts.first().map_or(&[], Vec::as_slice),
            None => &[],
        }
    }

    /// The pattern as it was written.
    pub(crate) fn pattern(&self) -> &str {
        &self.pattern
    }

    pub(crate) fn matches(&self, text: &[u8]) -> bool {
        let Some((first, rest)) = self.pieces.split_first() else {
            return text.is_empty();
        };
        let Some(mut at) = first.end_at(text, 0) else {
            return false;
        };
        let Some((last, middle)) = rest.split_last() else {
            return at == text.len();
        };
        // Taking each piece as early as possible leaves the most for those after it.
        for piece in middle {
            match piece.find_from(text, at) {
                Some(end) => at = end,
                None => return false,
            }
        }
        last.is_suffix(text, at)
    }
}

impl Piece {
    /// Where the piece ends if it stands at `start`.
    fn end_at(&self, text: &[u8], start: usize) -> Option<usize> {
        match self {
            Self::Plain(finder) => text
                .get(start..)?
                .starts_with(finder.needle())
                .then_some(start + finder.needle().len()),
            Self::Gapped(parts) => {
                let mut at = start;
                for (index, part) in parts.iter().enumerate() {
                    if index > 0 {
                        at += character_len(text.get(at..)?)?;
                    }
                    if !text.get(at..)?.starts_with(part) {
                        return None;
                    }
                    at += part.len();
                }
                Some(at)
            }
        }
    }

    /// Where the first occurrence at or after `start` ends.
    fn find_from(&self, text: &[u8], start: usize) -> Option<usize> {
        match self {
            Self::Plain(finder) => {
                Some(start + finder.find(text.get(start..)?)? + finder.needle().len())
            }
            Self::Gapped(_) => (start..=text.len())
                .filter(|at| is_start(text, *at))
                .find_map(|at| self.end_at(text, at)),
        }
    }

    /// Whether the text ends with the piece, and the piece begins at or after `start`.
    fn is_suffix(&self, text: &[u8], start: usize) -> bool {
        match self {
            Self::Plain(finder) => text
                .get(start..)
                .is_some_and(|rest| rest.ends_with(finder.needle())),
            Self::Gapped(_) => (start..=text.len())
                .filter(|at| is_start(text, *at))
                .any(|at| self.end_at(text, at) == Some(text.len())),
        }
    }
}

/// Whether a character starts here, so that `_` never takes half of one.
fn is_start(text: &[u8], at: usize) -> bool {
    text.get(at).is_none_or(|byte| byte & 0xc0 != 0x80)
}

/// Bytes of the first character; a byte that belongs to none is one by itself.
fn character_len(text: &[u8]) -> Option<usize> {
    let len = match text.first()? {
        0xc0..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf7 => 4,
        _ => 1,
    };
    Some(
        if text
            .get(1..len)
            .is_some_and(|rest| rest.iter().all(|byte| byte & 0xc0 == 0x80))
        {
            len
        } else {
            1
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_is_any_text_and_underscore_one_character() {
        for (pattern, text, expected) in [
            ("%cox%", "user1.cox.net", true),
            ("cox%", "user1.cox.net", false),
            ("%.net", "user1.cox.net", true),
            ("a%a", "a", false),
            ("a%a", "aa", true),
            ("", "", true),
            ("", "a", false),
            ("%", "", true),
            ("_", "ü", true),
            ("_", "", false),
            ("__", "ü", false),
            ("%_b", "aab", true),
            ("%a_c%d", "abcaxc-d", true),
            ("%ab%ab%", "abab", true),
            ("%ab%ab%", "aba", false),
            ("_%_", "a", false),
        ] {
            assert_eq!(
                Like::new(pattern).matches(text.as_bytes()),
                expected,
                "{text} like {pattern}"
            );
        }
    }
}
