//! `where`: which rows count, in SQL's words and its three-valued logic.

use std::cmp::Ordering;

use super::expression::{Columns, Lens, Of, lens};
use super::like::Like;
use super::words::{Word, Words};
use crate::value::{bytes_shown_as, parse_instant};
use crate::{Error, ErrorKind};

/// How deep brackets and `not` may nest.
const DEPTH_MAX: usize = 100;

/// Words that are values, where they can't be names.
const LITERAL_WORDS: [&str; 3] = ["null", "true", "false"];

/// A condition, as a tree.
#[derive(Clone, Debug)]
pub(crate) enum Filter {
    And(Vec<Filter>),
    Or(Vec<Filter>),
    Not(Box<Filter>),
    Test {
        lens: Lens,
        test: Test,
        /// The byte of the text where it stands, for errors that only a file's schema brings to light.
        place: usize,
    },
}

impl Filter {
    /// Whether any of its tests looks at a value in this way.
    pub(crate) fn looks_at(&self, of: Of) -> bool {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().any(|part| part.looks_at(of)),
            Self::Not(part) => part.looks_at(of),
            Self::Test { lens, .. } => lens.of == of,
        }
    }
}

/// What is asked of one value.
#[derive(Clone, Debug)]
pub(crate) enum Test {
    Compare(Comparison, Literal),
    In(Vec<Literal>),
    Like(Like),
    IsNull,
    IsTrue,
}

/// How a value is compared with a literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A value in the text. What it means depends on the column it is compared with.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Literal {
    Null,
    Bool(bool),
    /// A number as it was written.
    Number(String),
    Text(String),
}

impl Comparison {
    fn of(sign: &str) -> Option<Self> {
        Some(match sign {
            "=" => Self::Equal,
            "!=" | "<>" => Self::Unequal,
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            ">" => Self::Greater,
            ">=" => Self::GreaterOrEqual,
            _ => return None,
        })
    }

    /// Whether it holds for a value that compares so with the literal.
    #[inline]
    pub(crate) fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::Unequal => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }

    /// The comparison that says the same with the sides swapped.
    fn mirrored(self) -> Self {
        match self {
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
            same => same,
        }
    }
}

/// Reads `where`; `None` for a text without words.
pub(crate) fn filter(
    text: &str,
    bytes_max: usize,
    columns: &mut Columns,
) -> Result<Option<Filter>, Error> {
    if text.len() > bytes_max {
        return Err(Error::new(
            ErrorKind::Limit,
            format!(
                "`where` has {} bytes; at most {bytes_max} are allowed",
                text.len()
            ),
        ));
    }
    let mut words = Words::new("where", text)?;
    if words.is_empty() {
        return Ok(None);
    }
    let condition = either(&mut words, columns, 0)?;
    if !words.is_empty() {
        return Err(words.error_here(format!("expected and, or, or the end{}", words.but_found())));
    }
    Ok(Some(condition))
}

/// Conditions between `or`.
fn either(words: &mut Words<'_>, columns: &mut Columns, depth: usize) -> Result<Filter, Error> {
    let first = both(words, columns, depth)?;
    let mut list = vec![first];
    while words.take_keyword("or") {
        list.push(both(words, columns, depth)?);
    }
    Ok(single_or(list, Filter::Or))
}

/// Conditions between `and`.
fn both(words: &mut Words<'_>, columns: &mut Columns, depth: usize) -> Result<Filter, Error> {
    let first = negated(words, columns, depth)?;
    let mut list = vec![first];
    while words.take_keyword("and") {
        list.push(negated(words, columns, depth)?);
    }
    Ok(single_or(list, Filter::And))
}

fn single_or(mut list: Vec<Filter>, join: impl FnOnce(Vec<Filter>) -> Filter) -> Filter {
    match list.pop() {
        Some(only) if list.is_empty() => only,
        last => {
            list.extend(last);
            join(list)
        }
    }
}

/// A condition after any number of `not`.
fn negated(words: &mut Words<'_>, columns: &mut Columns, depth: usize) -> Result<Filter, Error> {
    if depth >= DEPTH_MAX {
        return Err(words.error_here(format!(
            "brackets and `not` nest deeper than {DEPTH_MAX} levels"
        )));
    }
    // `not` is a keyword unless it is what a comparison is about, as in `not = 1`.
    let is_column = matches!(
        words.peek_second(),
        Some(Word::Sign("=" | "!=" | "<>" | "<" | "<=" | ">" | ">="))
    );
    if !is_column && words.take_keyword("not") {
        return Ok(Filter::Not(Box::new(negated(words, columns, depth + 1)?)));
    }
    if words.take_sign("(") {
        let condition = either(words, columns, depth + 1)?;
        words.expect_sign(")")?;
        return Ok(condition);
    }
    predicate(words, columns)
}

/// One question about one value.
fn predicate(words: &mut Words<'_>, columns: &mut Columns) -> Result<Filter, Error> {
    let place = words.place();
    if is_literal_first(words) {
        let left = literal(words)?;
        let comparison = comparison(words)?.mirrored();
        let lens = lens(words, columns)?;
        let found = |test| Filter::Test { lens, test, place };
        return Ok(compared(&found, comparison, left));
    }
    let lens = lens(words, columns)?;
    let found = |test| Filter::Test { lens, test, place };
    if words.take_keyword("is") {
        let negated = words.take_keyword("not");
        if words.take_keyword("null") {
            return Ok(negated_if(negated, found(Test::IsNull)));
        }
        return Err(words.error_here(format!(
            "expected null or not null after `is`{}",
            words.but_found()
        )));
    }
    let negated = words.take_keyword("not");
    if words.take_keyword("like") {
        return Ok(negated_if(negated, found(Test::Like(pattern(words)?))));
    }
    if words.take_keyword("in") {
        words.expect_sign("(")?;
        let mut list = vec![literal(words)?];
        while words.take_sign(",") {
            list.push(literal(words)?);
        }
        words.expect_sign(")")?;
        return Ok(negated_if(negated, found(Test::In(list))));
    }
    if negated {
        return Err(words.error_here(format!(
            "expected like or in after `not`{}",
            words.but_found()
        )));
    }
    match words.peek() {
        Some(Word::Sign("=" | "!=" | "<>" | "<" | "<=" | ">" | ">=")) => {
            let comparison = comparison(words)?;
            Ok(compared(&found, comparison, literal(words)?))
        }
        Some(Word::Bare(word)) if ["and", "or"].iter().any(|known| word.eq_ignore_ascii_case(known)) => Ok(found(Test::IsTrue)),
        None | Some(Word::Sign(")")) => Ok(found(Test::IsTrue)),
        _ => Err(words.error_here(format!(
            "expected =, !=, <, <=, >, >=, like, in or is{}; a name with blanks goes in double quotes",
            words.but_found()
        ))),
    }
}

/// A comparison of what was `found`. A text that stands for bytes stands for itself, too, so to differ from it is not to
/// be either.
fn compared(found: &impl Fn(Test) -> Filter, comparison: Comparison, literal: Literal) -> Filter {
    let is_either = matches!(&literal, Literal::Text(text) if bytes_shown_as(text).is_some());
    if comparison == Comparison::Unequal && is_either {
        return Filter::Not(Box::new(found(Test::Compare(Comparison::Equal, literal))));
    }
    found(Test::Compare(comparison, literal))
}

/// What stands after `like`.
fn pattern(words: &mut Words<'_>) -> Result<Like, Error> {
    let place = words.place();
    let Some(Word::Text(pattern)) = words.peek().cloned() else {
        return Err(words.error_here(format!(
            "expected a pattern in single quotes after `like`{}",
            words.but_found()
        )));
    };
    words.take();
    let mut escape = None;
    if words.take_keyword("escape") {
        let mut signs = match words.peek() {
            Some(Word::Text(text)) => text.chars(),
            _ => "".chars(),
        };
        escape = signs.next();
        if escape.is_none() || signs.next().is_some() {
            return Err(words.error_here(format!(
                "expected one character in single quotes after `escape`{}",
                words.but_found()
            )));
        }
        words.take();
    }
    Like::new(&pattern, escape).ok_or_else(|| {
        words.error_at(
            place,
            "the pattern ends with its escape sign, which wants a sign after it",
        )
    })
}

fn negated_if(negated: bool, condition: Filter) -> Filter {
    if negated {
        Filter::Not(Box::new(condition))
    } else {
        condition
    }
}

fn comparison(words: &mut Words<'_>) -> Result<Comparison, Error> {
    if let Some(Word::Sign(sign)) = words.peek()
        && let Some(comparison) = Comparison::of(sign)
    {
        words.take();
        return Ok(comparison);
    }
    Err(words.error_here(format!("expected a comparison{}", words.but_found())))
}

/// Whether a literal stands at the left side of a comparison: only where it can't be a column's name.
fn is_literal_first(words: &Words<'_>) -> bool {
    let is_any = |word: &str, known: &[&str]| {
        let mut known = known.iter();
        known.any(|known| word.eq_ignore_ascii_case(known))
    };
    match (words.peek(), words.peek_second(), words.peek_third()) {
        (Some(Word::Number(_) | Word::Text(_)), _, _) => true,
        (Some(Word::Bare(word)), Some(Word::Text(_)), _) => is_any(word, &["date", "timestamp"]),
        // `true = b`; but `true = false` asks a column of that name.
        (Some(Word::Bare(word)), Some(Word::Sign(sign)), Some(right)) => {
            let right_is_name = match right {
                Word::Quoted(_) => true,
                Word::Bare(right) => !is_any(right, &LITERAL_WORDS),
                _ => false,
            };
            is_any(word, &LITERAL_WORDS) && Comparison::of(sign).is_some() && right_is_name
        }
        _ => false,
    }
}

fn literal(words: &mut Words<'_>) -> Result<Literal, Error> {
    let literal = match words.peek() {
        Some(Word::Text(text)) => Literal::Text(text.clone()),
        Some(Word::Number(number)) => Literal::Number(number.clone()),
        Some(Word::Bare(word)) => {
            let is = |keyword| word.eq_ignore_ascii_case(keyword);
            if is("null") {
                Literal::Null
            } else if is("true") || is("false") {
                Literal::Bool(is("true"))
            } else if is("date") || is("timestamp") {
                words.take();
                return dated(words);
            } else {
                return Err(words.error_here(format!(
                    "expected a value, but found `{word}`; a text goes in single quotes, as in '{word}'"
                )));
            }
        }
        Some(Word::Quoted(name)) => {
            return Err(words.error_here(format!("expected a value, but found a name in double quotes; a text goes in single quotes, as in '{name}'")));
        }
        _ => return Err(words.error_here(format!("expected a value{}", words.but_found()))),
    };
    words.take();
    Ok(literal)
}

/// The text after `date` or `timestamp`.
fn dated(words: &mut Words<'_>) -> Result<Literal, Error> {
    match words.peek().cloned() {
        Some(Word::Text(text)) if parse_instant(&text).is_some() => {
            words.take();
            Ok(Literal::Text(text))
        }
        _ => Err(words.error_here(format!(
            "expected a date and time such as '2026-11-23T10:00:00Z'{}",
            words.but_found()
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        filter(text, 1 << 16, &mut Columns::default())
            .err()
            .map_or_else(|| "no error".into(), |error| error.message().to_owned())
    }

    #[test]
    fn and_binds_stronger_than_or() {
        let mut columns = Columns::default();
        let parsed = filter("a = 1 or b = 2 and not (c is not null)", 100, &mut columns)
            .unwrap()
            .unwrap();
        let Filter::Or(list) = parsed else {
            panic!("or is the last to bind")
        };
        assert!(matches!(&list[1], Filter::And(both) if matches!(&both[1], Filter::Not(_))));
        assert_eq!(columns.names(), ["a", "b", "c"]);
    }

    #[test]
    fn a_literal_may_come_first() {
        for (text, column, comparison, literal) in [
            (
                "5 <= n",
                "n",
                Comparison::GreaterOrEqual,
                Literal::Number("5".into()),
            ),
            ("True = b", "b", Comparison::Equal, Literal::Bool(true)),
            (
                "false <> \"true\"",
                "true",
                Comparison::Unequal,
                Literal::Bool(false),
            ),
            ("null = b", "b", Comparison::Equal, Literal::Null),
            (
                "date '2026-11-23' < day",
                "day",
                Comparison::Greater,
                Literal::Text("2026-11-23".into()),
            ),
            // What could be a column's name is one.
            (
                "true = false",
                "true",
                Comparison::Equal,
                Literal::Bool(false),
            ),
            (
                "date = '2026-11-23'",
                "date",
                Comparison::Equal,
                Literal::Text("2026-11-23".into()),
            ),
        ] {
            let mut columns = Columns::default();
            let parsed = filter(text, 100, &mut columns).unwrap().unwrap();
            let Filter::Test {
                test: Test::Compare(found, value),
                ..
            } = parsed
            else {
                panic!("{text} is a comparison")
            };
            assert_eq!((found, value), (comparison, literal), "{text}");
            assert_eq!(columns.names(), [column], "{text}");
        }
        assert_eq!(
            error("date 'noon' < day"),
            "`where`, column 6: expected a date and time such as '2026-11-23T10:00:00Z', but found `'noon'`"
        );
    }

    #[test]
    fn errors_point_at_the_place() {
        for (text, message) in [
            (
                "event_type = knife",
                "`where`, column 14: expected a value, but found `knife`; a text goes in single quotes, as in 'knife'",
            ),
            (
                "a = 1 b",
                "`where`, column 7: expected and, or, or the end, but found `b`",
            ),
            (
                "(a = 1",
                "`where`, column 7: expected `)`, but the text ends",
            ),
            (
                "a in (1,",
                "`where`, column 9: expected a value, but the text ends",
            ),
            (
                "a like %b%",
                "`where`, column 8: expected a pattern in single quotes after `like`, but found `%b%`",
            ),
            (
                "a like '5!' escape '!'",
                "`where`, column 8: the pattern ends with its escape sign, which wants a sign after it",
            ),
            (
                "a like '5%' escape '!!'",
                "`where`, column 20: expected one character in single quotes after `escape`, but found `'!!'`",
            ),
            (
                "a like '5%' escape",
                "`where`, column 19: expected one character in single quotes after `escape`, but the text ends",
            ),
            (
                "a is 5",
                "`where`, column 6: expected null or not null after `is`, but found `5`",
            ),
        ] {
            assert_eq!(error(text), message);
        }
    }

    #[test]
    fn nesting_and_length_are_limited() {
        let nested = |levels: usize| format!("{}a = 1{}", "(".repeat(levels), ")".repeat(levels));
        assert_eq!(error(&nested(DEPTH_MAX - 1)), "no error");
        assert!(error(&nested(DEPTH_MAX)).contains("deeper than 100 levels"));
        assert!(error(&"not ".repeat(10_000)).contains("deeper than 100 levels"));
        assert!(filter("a = 1", 5, &mut Columns::default()).is_ok());
        assert!(filter("a = 12", 5, &mut Columns::default()).is_err());
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_parsed_or_refused(text in "(not|and|or|in|is|null|like|[a-z]{1,3}|'[^']{0,3}'|[0-9.e-]{1,4}|[()<>=!,\" ]|\\PC){0,30}") {
            let _ = filter(&text, 1 << 16, &mut Columns::default());
        }
    }
}
