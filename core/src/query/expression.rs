//! What a query looks at: a column, or something made of one.

use super::nearest::nearest;
use super::words::{Word, Words};
use crate::Error;

/// What is looked at, by the place of its column in the query's list of columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Lens {
    pub(crate) column: usize,
    pub(crate) of: Of,
}

/// What is made of the column's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Of {
    /// The value itself.
    Value,
    /// The provider found in it.
    Provider,
    /// The start of the time bucket that it is in.
    Bucket(Bucket),
}

/// A span of time that instants are put together by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Bucket {
    Minute,
    Hour,
    Day,
    /// Starts on Monday.
    Week,
    Month,
}

impl Of {
    pub(crate) const FUNCTIONS: [(&'static str, Self); 6] = [
        ("provider", Self::Provider),
        ("minute", Self::Bucket(Bucket::Minute)),
        ("hour", Self::Bucket(Bucket::Hour)),
        ("day", Self::Bucket(Bucket::Day)),
        ("week", Self::Bucket(Bucket::Week)),
        ("month", Self::Bucket(Bucket::Month)),
    ];

    /// The function's name; none for the value itself.
    pub(crate) fn name(self) -> Option<&'static str> {
        Self::FUNCTIONS
            .iter()
            .find(|(_, of)| *of == self)
            .map(|(name, _)| *name)
    }
}

/// The columns a query names, each once, in the order they were first named.
#[derive(Clone, Debug, Default)]
pub(crate) struct Columns(Vec<String>);

impl Columns {
    pub(crate) fn names(&self) -> &[String] {
        &self.0
    }

    fn index(&mut self, name: String) -> usize {
        if let Some(known) = self.0.iter().position(|column| *column == name) {
            return known;
        }
        self.0.push(name);
        self.0.len() - 1
    }
}

/// Reads a column or a function of one.
pub(crate) fn lens(words: &mut Words<'_>, columns: &mut Columns) -> Result<Lens, Error> {
    if matches!(words.peek_second(), Some(Word::Sign("(")))
        && let Some(Word::Bare(function)) = words.peek().cloned()
    {
        let known = Of::FUNCTIONS
            .iter()
            .find(|(name, _)| function.eq_ignore_ascii_case(name));
        let Some((_, of)) = known else {
            return Err(unknown_function(
                words,
                &function,
                Of::FUNCTIONS.iter().map(|(name, _)| *name),
            ));
        };
        words.take();
        words.take();
        let column = columns.index(name(words)?);
        words.expect_sign(")")?;
        return Ok(Lens { column, of: *of });
    }
    Ok(Lens {
        column: columns.index(name(words)?),
        of: Of::Value,
    })
}

/// Reads a column's name.
fn name(words: &mut Words<'_>) -> Result<String, Error> {
    match words.peek().cloned() {
        Some(Word::Bare(name) | Word::Quoted(name) | Word::Number(name)) => {
            words.take();
            Ok(name)
        }
        _ => Err(words.error_here(format!("expected a column{}", words.but_found()))),
    }
}

/// The error for a word before `(` that is no function.
pub(crate) fn unknown_function<'a>(
    words: &Words<'_>,
    function: &str,
    known: impl Iterator<Item = &'a str> + Clone,
) -> Error {
    let advice = match nearest(function, known.clone()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!(
            "known are {}; a column's name with brackets goes in double quotes",
            known.collect::<Vec<_>>().join(", ")
        ),
    };
    words.error_here(format!("there is no function `{function}`: {advice}"))
}
