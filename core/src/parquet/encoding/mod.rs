//! The decoders of values ("Encodings").
//!
//! Each keeps its own place in a page's bytes and is asked for some values at a time, so that a page of any size is
//! decoded in slices. None of them ever makes up a value: a page that holds fewer than it should is a fault.

pub(super) mod bits;
pub(super) mod delta;
pub(super) mod delta_bytes;
pub(super) mod hybrid;
pub(super) mod plain;
pub(super) mod split;

use super::fault::Fault;

/// A page that holds fewer values than it claims.
pub(super) const TOO_FEW: Fault = Fault::corrupt("holds fewer values than it claims");
