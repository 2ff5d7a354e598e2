//! What is wrong with some bytes, before anybody knows which column and place they belong to.

use crate::{Error, ErrorKind};

/// Why bytes can't be read; becomes an [`Error`] where the column and the place are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) kind: ErrorKind,
    /// The rest of a sentence that begins with what is being read.
    pub(super) why: &'static str,
}

/// Bytes that were changed since they were written.
pub(super) const WRONG_CHECKSUM: Fault =
    Fault::corrupt("does not have the checksum it should have");

impl Fault {
    pub(super) const fn corrupt(why: &'static str) -> Self {
        Self {
            kind: ErrorKind::Corrupt,
            why,
        }
    }

    pub(super) const fn unsupported(why: &'static str) -> Self {
        Self {
            kind: ErrorKind::Unsupported,
            why,
        }
    }

    pub(super) const fn limit(why: &'static str) -> Self {
        Self {
            kind: ErrorKind::Limit,
            why,
        }
    }

    /// The error, in a sentence that begins with `what`.
    pub(super) fn of(self, what: impl std::fmt::Display) -> Error {
        Error::new(self.kind, format!("{what} {}", self.why))
    }
}
