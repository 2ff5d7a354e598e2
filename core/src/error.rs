//! What can go wrong, as one sentence for a reader.

use std::borrow::Cow;
use std::fmt;

use crate::printable;

/// An error: its kind for a program, its sentence for a person.
#[derive(Clone, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    message: String,
}

/// What sort of thing went wrong; decides exit codes and HTTP statuses in the skins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The words of a query are wrong.
    Query,
    /// A column that the query names is not there, or is of a kind that can't be used so.
    Column,
    /// The bytes are not a Parquet file at all.
    NotParquet,
    /// A Parquet file that contradicts itself or ends too early.
    Corrupt,
    /// A valid file that uses something this version can't read.
    Unsupported,
    /// The file, or a column the query needs, is encrypted.
    Encrypted,
    /// A limit was reached.
    Limit,
    /// A partial of another query, version, or damaged.
    Partial,
    /// An event that can't be taken.
    Event,
    /// The caller broke the protocol of this crate (a bug in a skin).
    Misuse,
}

impl Error {
    /// An error of `kind` that says `message`: one sentence, no full stop at the end.
    ///
    /// Sentences quote what strangers wrote, so what a terminal would obey is written out, see [`printable()`].
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        let message = message.into();
        let message = match printable(&message) {
            Cow::Borrowed(_) => message,
            Cow::Owned(written) => written,
        };
        Self { kind, message }
    }

    /// The sort of error.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The sentence, without a file's name unless [`Error::within`] added one.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Puts the place in front: `place: message`.
    #[must_use]
    pub fn within(self, place: impl fmt::Display) -> Self {
        Self::new(self.kind, format!("{place}: {}", self.message))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

// The debug form reads like the sentence, so that no skin can print a debug dump by accident.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.kind, self.message)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strangers_name_commands_no_terminal() {
        let error = Error::new(ErrorKind::Column, "there is no column `\u{1b}[2J`");
        assert_eq!(
            error.within("a\nb.parquet").message(),
            r"a\nb.parquet: there is no column `\u{1b}[2J`"
        );
    }
}
