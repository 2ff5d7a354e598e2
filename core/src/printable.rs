//! Text as a terminal or a log can take it.

use std::borrow::Cow;

/// `text` with each sign written out that would not be seen as itself: one that moves a terminal's cursor, colours or
/// ends a line, or turns the direction of what follows. An escape sign becomes `\u{1b}`, a line feed `\n`.
///
/// Names and values come from strangers; whatever quotes them in a sentence or a table sends them through here. Errors
/// of this crate have been through already.
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unseen) {
        return Cow::Borrowed(text);
    }
    let mut written = String::with_capacity(text.len() + 16);
    for sign in text.chars() {
        if is_unseen(sign) {
            written.extend(sign.escape_default());
        } else {
            written.push(sign);
        }
    }
    Cow::Owned(written)
}

/// Control characters of both sets, the line and paragraph separators, and what turns the direction of writing.
pub(crate) fn is_unseen(sign: char) -> bool {
    sign.is_control()
        || matches!(sign, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_seen_stays_and_what_is_not_is_written_out() {
        for (text, expected) in [
            ("knife Größe 剣 👩‍🚀 a\\b", "knife Größe 剣 👩‍🚀 a\\b"),
            ("\u{1b}[31mred\u{7}", "\\u{1b}[31mred\\u{7}"),
            ("two\r\nlines\t", "two\\r\\nlines\\t"),
            ("\u{9b}2J \u{7f}", "\\u{9b}2J \\u{7f}"),
            (
                "gpj.\u{202e}exe\u{2069}\u{2028}",
                "gpj.\\u{202e}exe\\u{2069}\\u{2028}",
            ),
        ] {
            assert_eq!(printable(text), expected);
        }
        assert!(matches!(printable("plain"), Cow::Borrowed(_)));
    }
}
