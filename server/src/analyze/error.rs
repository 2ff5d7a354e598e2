//! What can go wrong in an analysis, as one sentence.

use std::{fmt, io};

use questlog_core::ErrorKind;

/// Why an analysis gave no answer.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The query, or what is in a file.
    Core(questlog_core::Error),
    /// A file or folder that can't be read.
    Io(String),
    /// A path that leads to nothing to analyse.
    NoSource(String),
    /// The caller said so.
    Cancelled,
}

impl Error {
    /// The operating system's refusal, in words that name the file.
    pub(crate) fn io(name: &str, error: &io::Error) -> Self {
        let what = match error.kind() {
            io::ErrorKind::NotFound => "there is no such file or folder".to_owned(),
            io::ErrorKind::PermissionDenied => "may not be read (permission denied)".to_owned(),
            _ => format!("can't be read: {error}"),
        };
        Self::Io(format!("{name}: {what}"))
    }

    /// A file that is there, but not as it must be.
    pub(crate) fn unusable(name: &str, what: impl fmt::Display) -> Self {
        Self::Io(format!("{name} {what}"))
    }

    /// The words of the query are wrong, whatever the files are.
    pub fn is_query(&self) -> bool {
        matches!(self, Self::Core(error) if error.kind() == ErrorKind::Query)
    }

    /// Whether leaving the file out would mend it; a wrong query stays wrong.
    pub(crate) fn is_of_one_file(&self) -> bool {
        match self {
            Self::Io(_) => true,
            Self::Core(error) => matches!(
                error.kind(),
                ErrorKind::NotParquet
                    | ErrorKind::Corrupt
                    | ErrorKind::Unsupported
                    | ErrorKind::Encrypted
                    | ErrorKind::Limit
            ),
            Self::NoSource(_) | Self::Cancelled => false,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Core(error) => error.fmt(f),
            Self::Io(message) | Self::NoSource(message) => f.write_str(message),
            Self::Cancelled => f.write_str("cancelled before there was an answer"),
        }
    }
}

impl std::error::Error for Error {}

impl From<questlog_core::Error> for Error {
    fn from(error: questlog_core::Error) -> Self {
        Self::Core(error)
    }
}
