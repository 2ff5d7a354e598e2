//! Questlog's portable core: bytes in, answers out.
//!
//! The core knows nothing of the outside: no file, clock, thread, socket, randomness, async or JavaScript.
//! A skin opens a [`Scan`] for a file, fetches the byte ranges it asks for, and gets a [`Partial`] that merges with
//! other partials, in any order, to the same [`Answer`].

mod error;
pub mod event;
mod limits;
mod parquet;
mod value;

pub use error::{Error, ErrorKind};
pub use limits::Limits;
pub use parquet::{
    Codec, ColumnChunk, Encoding, Footer, Leaf, Physical, RowGroup, Schema, Statistics,
};
pub use value::{TimeUnit, Type};
