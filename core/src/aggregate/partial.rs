//! What was counted so far, in a form that merges: identity, commutative, associative.

use crate::{Answer, Error, ErrorKind, Query};

/// The groups of a part of the data. Partials of the same query merge, in any order, to the same answer.
#[derive(Clone)]
pub struct Partial {
    fingerprint: [u8; 16],
}

impl Partial {
    /// Nothing counted: the identity of [`Partial::merge`].
    pub fn empty(query: &Query) -> Self {
        Self {
            fingerprint: query.fingerprint(),
        }
    }

    /// Adds what another counted. Fails for another query's partial and for columns whose types don't go together.
    pub fn merge(&mut self, other: Self) -> Result<(), Error> {
        let _ = other;
        Err(Error::new(
            ErrorKind::Unsupported,
            "merging is not there yet",
        ))
    }

    /// Its bytes: versioned, the same for the same content, however the work was split.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.fingerprint.to_vec()
    }

    /// A partial from its bytes. Fails for bytes of another query or version, and for damaged ones.
    pub fn from_bytes(bytes: &[u8], query: &Query) -> Result<Self, Error> {
        let _ = (bytes, query);
        Err(Error::new(
            ErrorKind::Unsupported,
            "partials are not there yet",
        ))
    }

    /// The answer: named, ordered, limited.
    pub fn answer(&self, query: &Query) -> Result<Answer, Error> {
        let _ = query;
        Err(Error::new(
            ErrorKind::Unsupported,
            "answers are not there yet",
        ))
    }
}
