//! Patterns of `like`: `%` stands for any text, `_` for one character. As in standard SQL no sign takes that away unless
//! `escape` names one.

use memchr::memmem;

/// A pattern, made ready.
#[derive(Clone, Debug)]
pub(crate) struct Like {
    /// As it was written.
    pattern: String,
    escape: Option<char>,
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
    /// `escape` makes the sign after it stand for itself; `None` for a pattern that ends with it.
    pub(crate) fn new(pattern: &str, escape: Option<char>) -> Option<Self> {
        // Each piece as the texts between its `_` signs.
        let mut pieces = vec![vec![String::new()]];
        let mut signs = pattern.chars();
        while let Some(sign) = signs.next() {
            let is_escaped = Some(sign) == escape;
            let sign = if is_escaped { signs.next()? } else { sign };
            match (sign, pieces.last_mut()) {
                ('%', _) if !is_escaped => pieces.push(vec![String::new()]),
                ('_', Some(piece)) if !is_escaped => piece.push(String::new()),
                (sign, piece) => piece.and_then(|piece| piece.last_mut())?.push(sign),
            }
        }
        Some(Self {
            pattern: pattern.to_owned(),
            escape,
            pieces: pieces.into_iter().map(Piece::new).collect(),
        })
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

    /// The sign that makes the one after it stand for itself.
    pub(crate) fn escape(&self) -> Option<char> {
        self.escape
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
    fn new(parts: Vec<String>) -> Self {
        match parts.as_slice() {
            [plain] => Self::Plain(Box::new(memmem::Finder::new(plain).into_owned())),
            _ => Self::Gapped(parts.into_iter().map(String::into_bytes).collect()),
        }
    }

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
                Like::new(pattern, None).unwrap().matches(text.as_bytes()),
                expected,
                "{text} like {pattern}"
            );
        }
    }

    #[test]
    fn an_escape_sign_makes_the_next_one_stand_for_itself() {
        for (pattern, escape, text, expected) in [
            ("50\\%", '\\', "50%", true),
            ("50\\%", '\\', "50 cents", false),
            ("%\\_x", '\\', "a_x", true),
            ("%\\_x", '\\', "abx", false),
            ("a\\\\%", '\\', "a\\b", true),
            ("!a!!!%%", '!', "a!%b", true),
            ("ü%ü%", 'ü', "%%", true),
            ("%%5", '%', "%5", true),
            ("__a", '_', "_a", true),
        ] {
            let like = Like::new(pattern, Some(escape)).unwrap();
            assert_eq!(
                like.matches(text.as_bytes()),
                expected,
                "{text} like {pattern} escape {escape}"
            );
        }
        assert!(Like::new("a!", Some('!')).is_none());
        assert!(Like::new("a!", None).unwrap().matches(b"a!"));
        assert!(Like::new("\\%", None).unwrap().matches(b"\\x"));
    }
}
