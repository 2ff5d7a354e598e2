//! A query's text, cut into words that know where they stand.

use crate::{Error, ErrorKind};

/// One word of a query's text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Word {
    /// A bare name, keyword or function: letters, digits, dots, dashes and whatever else is no sign of its own.
    Bare(String),
    /// A name in double quotes, possibly followed by `.member`.
    Quoted(String),
    /// A text in single quotes.
    Text(String),
    /// A number.
    Number(String),
    /// One of `( ) , : = != <> < <= > >=`.
    Sign(&'static str),
}

/// The words of one option, read from the front.
pub(crate) struct Words<'a> {
    option: &'static str,
    text: &'a str,
    words: Vec<Placed>,
    next: usize,
}

struct Placed {
    word: Word,
    start: usize,
    end: usize,
}

/// The signs, longer ones before those they begin with. A lone `!` is no sign.
const SIGNS: [&str; 12] = [
    "!=", "<>", "<=", ">=", "==", "(", ")", ",", "=", "<", ">", ":",
];

impl<'a> Words<'a> {
    /// Cuts `text`, the value of `option`.
    pub(crate) fn new(option: &'static str, text: &'a str) -> Result<Self, Error> {
        let mut this = Self {
            option,
            text,
            words: Vec::new(),
            next: 0,
        };
        let mut at = 0;
        while let Some(first) = text[at..].chars().next() {
            if first.is_whitespace() {
                at += first.len_utf8();
                continue;
            }
            let (word, len) = this.cut(at)?;
            this.words.push(Placed {
                word,
                start: at,
                end: at + len,
            });
            at += len;
        }
        Ok(this)
    }

    /// The word that starts at byte `at`, and its length.
    fn cut(&self, at: usize) -> Result<(Word, usize), Error> {
        let rest = &self.text[at..];
        // In lists a colon belongs to `order-by` alone; inside a bare name elsewhere it is a letter like others.
        let colon = self.option == "order-by";
        if let Some(sign) = SIGNS
            .iter()
            .find(|sign| rest.starts_with(**sign) && (colon || **sign != ":"))
        {
            return Ok((
                Word::Sign(if *sign == "==" { "=" } else { sign }),
                sign.len(),
            ));
        }
        if rest.starts_with('\'') {
            let (text, len) = self.quoted(at, '\'')?;
            return Ok((Word::Text(text), len));
        }
        if rest.starts_with('"') {
            let (name, len) = self.quoted(at, '"')?;
            return self.with_members(at, name, len);
        }
        let len = bare_len(rest, colon);
        // `geo."city name"`: only a member's name is in quotes.
        if let Some(dot) = rest[..len].find(".\"") {
            return self.with_members(at, rest[..dot].to_owned(), dot);
        }
        if len == 0 {
            let sign = rest.chars().next().unwrap_or(' ');
            return Err(self.error_at(at, format!("`{sign}` has no meaning here")));
        }
        let bare = rest[..len].to_owned();
        let word = if is_number(&bare) {
            Word::Number(bare)
        } else {
            Word::Bare(bare)
        };
        Ok((word, len))
    }

    /// The name at byte `at`, of which `len` bytes are read, and the `.member`s that follow it.
    fn with_members(
        &self,
        at: usize,
        mut name: String,
        mut len: usize,
    ) -> Result<(Word, usize), Error> {
        let rest = &self.text[at..];
        while rest[len..].starts_with('.') {
            let (part, part_len) = if rest[len + 1..].starts_with('"') {
                self.quoted(at + len + 1, '"')?
            } else {
                let end = bare_len(&rest[len + 1..], self.option == "order-by");
                (rest[len + 1..len + 1 + end].to_owned(), end)
            };
            name = format!("{name}.{part}");
            len += 1 + part_len;
        }
        Ok((Word::Quoted(name), len))
    }

    /// The text between the quote at byte `at` and its partner, doubled quotes made single, and the length of it all.
    fn quoted(&self, at: usize, quote: char) -> Result<(String, usize), Error> {
        let mut text = String::new();
        let mut signs = self.text[at..].char_indices().skip(1).peekable();
        while let Some((offset, sign)) = signs.next() {
            if sign != quote {
                text.push(sign);
            } else if signs.peek().is_some_and(|(_, next)| *next == quote) {
                text.push(quote);
                signs.next();
            } else {
                return Ok((text, offset + 1));
            }
        }
        Err(self.error_at(
            at,
            format!("the quote {quote} that opens here is never closed"),
        ))
    }

    /// The next word, without taking it.
    pub(crate) fn peek(&self) -> Option<&Word> {
        self.words.get(self.next).map(|placed| &placed.word)
    }

    /// The word after the next one.
    pub(crate) fn peek_second(&self) -> Option<&Word> {
        self.words.get(self.next + 1).map(|placed| &placed.word)
    }

    /// The word after that.
    pub(crate) fn peek_third(&self) -> Option<&Word> {
        self.words.get(self.next + 2).map(|placed| &placed.word)
    }

    /// Takes the next word.
    pub(crate) fn take(&mut self) -> Option<Word> {
        let word = self.peek().cloned();
        self.next += usize::from(word.is_some());
        word
    }

    /// Takes the next word if it is this sign.
    pub(crate) fn take_sign(&mut self, sign: &str) -> bool {
        let taken = matches!(self.peek(), Some(Word::Sign(found)) if *found == sign);
        self.next += usize::from(taken);
        taken
    }

    /// Takes the next word if it is this keyword, in small or capital letters.
    pub(crate) fn take_keyword(&mut self, keyword: &str) -> bool {
        let taken =
            matches!(self.peek(), Some(Word::Bare(found)) if found.eq_ignore_ascii_case(keyword));
        self.next += usize::from(taken);
        taken
    }

    /// Takes this sign, or says that it is missing.
    pub(crate) fn expect_sign(&mut self, sign: &str) -> Result<(), Error> {
        if self.take_sign(sign) {
            return Ok(());
        }
        Err(self.error_here(format!("expected `{sign}`{}", self.but_found())))
    }

    /// Whether all words are taken.
    pub(crate) fn is_empty(&self) -> bool {
        self.next >= self.words.len()
    }

    /// The byte where the next word starts.
    pub(crate) fn place(&self) -> usize {
        self.words
            .get(self.next)
            .map_or(self.text.len(), |placed| placed.start)
    }

    /// The text from byte `start` to the end of the word taken last.
    pub(crate) fn written_since(&self, start: usize) -> &'a str {
        let end = self
            .next
            .checked_sub(1)
            .and_then(|last| self.words.get(last))
            .map_or(start, |placed| placed.end);
        self.text.get(start..end).unwrap_or_default()
    }

    /// `, but found …`, for the next word.
    pub(crate) fn but_found(&self) -> String {
        match self.words.get(self.next) {
            Some(placed) => format!(", but found `{}`", &self.text[placed.start..placed.end]),
            None => ", but the text ends".to_owned(),
        }
    }

    /// An error at the next word.
    pub(crate) fn error_here(&self, message: impl AsRef<str>) -> Error {
        self.error_at(self.place(), message)
    }

    /// An error at a byte of the text.
    pub(crate) fn error_at(&self, place: usize, message: impl AsRef<str>) -> Error {
        let column = column_of(self.text, place);
        Error::new(
            ErrorKind::Query,
            format!("`{}`, column {column}: {}", self.option, message.as_ref()),
        )
    }
}

/// The column of a byte in a text, counted in characters from 1.
pub(crate) fn column_of(text: &str, place: usize) -> usize {
    text.char_indices()
        .take_while(|(at, _)| *at < place)
        .count()
        + 1
}

/// How far a bare word goes. A quote inside a name (`it's`) belongs to it.
fn bare_len(text: &str, colon: bool) -> usize {
    let ends =
        |sign: char| sign.is_whitespace() || "(),=<>".contains(sign) || (colon && sign == ':');
    let len = text.find(ends).unwrap_or(text.len());
    // `a!=1` without blanks: the exclamation mark belongs to the sign.
    if text[len..].starts_with('=') && text[..len].ends_with('!') {
        len - 1
    } else {
        len
    }
}

fn is_number(word: &str) -> bool {
    let unsigned = word.strip_prefix(['-', '+']).unwrap_or(word);
    unsigned.starts_with(|sign: char| sign.is_ascii_digit() || sign == '.')
        && unsigned.contains(|sign: char| sign.is_ascii_digit())
        && word.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<Word> {
        let mut words = Words::new("where", text).unwrap();
        std::iter::from_fn(|| words.take()).collect()
    }

    #[test]
    fn names_texts_numbers_and_signs() {
        let bare = |name: &str| Word::Bare(name.into());
        assert_eq!(
            words("User-Agent like 'it''s %' and a!=-1.5"),
            [
                bare("User-Agent"),
                bare("like"),
                Word::Text("it's %".into()),
                bare("and"),
                bare("a"),
                Word::Sign("!="),
                Word::Number("-1.5".into())
            ]
        );
        assert_eq!(
            words("\"a \"\"b\"\"\".c 1st it's"),
            [Word::Quoted("a \"b\".c".into()), bare("1st"), bare("it's")]
        );
        assert_eq!(
            words("geo.\"city, name\".x='y'"),
            [
                Word::Quoted("geo.city, name.x".into()),
                Word::Sign("="),
                Word::Text("y".into())
            ]
        );
    }

    #[test]
    fn errors_name_the_option_and_the_column() {
        let error = Words::new("where", "ü = 'open").err().unwrap();
        assert_eq!(
            error.message(),
            "`where`, column 5: the quote ' that opens here is never closed"
        );
        assert!(Words::new("where", "!").is_ok_and(|words| words.words.len() == 1));
    }
}
