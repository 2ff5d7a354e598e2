//! Why a plugin gave no answer, as one sentence.

use std::fmt;

use questlog_core::ErrorKind;

use super::bindings::exports::questlog::analysis::task;
use crate::analyze;

/// What went wrong with a plugin, or in it.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The plugin itself: its file, its shape, or what it did.
    Plugin(String),
    /// It wanted more memory than [`super::PluginLimits::memory_bytes_max`].
    Memory(String),
    /// It worked longer than [`super::PluginLimits::run_deadline_ms`].
    Deadline(String),
    /// The query or the files, as the plugin or the host found them.
    Analysis(analyze::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plugin(message) | Self::Memory(message) | Self::Deadline(message) => {
                f.write_str(message)
            }
            Self::Analysis(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {}

impl From<analyze::Error> for Error {
    fn from(error: analyze::Error) -> Self {
        Self::Analysis(error)
    }
}

impl From<task::Error> for Error {
    fn from(error: task::Error) -> Self {
        let kind = match error.kind {
            task::ErrorKind::Query => ErrorKind::Query,
            task::ErrorKind::Column => ErrorKind::Column,
            task::ErrorKind::NotParquet => ErrorKind::NotParquet,
            task::ErrorKind::Corrupt => ErrorKind::Corrupt,
            task::ErrorKind::Unsupported => ErrorKind::Unsupported,
            task::ErrorKind::Encrypted => ErrorKind::Encrypted,
            task::ErrorKind::Limit => ErrorKind::Limit,
            task::ErrorKind::Partial => ErrorKind::Partial,
            task::ErrorKind::Misuse => ErrorKind::Misuse,
        };
        questlog_core::Error::new(kind, error.message).into()
    }
}

impl From<questlog_core::Error> for Error {
    fn from(error: questlog_core::Error) -> Self {
        Self::Analysis(analyze::Error::Core(error))
    }
}
