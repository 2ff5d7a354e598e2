//! Questlog's portable core: bytes in, answers out.
//!
//! The core knows nothing of the outside: no file, clock, thread, socket, randomness, async or JavaScript.
//! A skin opens a [`Scan`] for a file, fetches the byte ranges it asks for, and gets a [`Partial`] that merges with
//! other partials, in any order, to the same [`Answer`].

mod aggregate;
mod answer;
mod calendar;
mod error;
pub mod event;
mod file;
mod limits;
mod parquet;
mod plan;
mod provider;
mod query;
mod scan;
mod value;

pub use aggregate::Partial;
pub use answer::{Answer, Format, Run, Scanned, Skipped};
pub use error::{Error, ErrorKind};
pub use file::{FileInfo, partition_columns};
pub use limits::Limits;
pub use parquet::{
    BloomFilter, Bounds, Codec, ColumnChunk, Encoding, Footer, IndexedPage, Leaf, Physical,
    RowGroup, Schema, Statistics,
};
pub use provider::{MatchRule, Providers};
pub use query::{Query, QueryOptions};
pub use scan::{Progress, Scan, Step};
pub use value::{Decimal, TimeUnit, Type, Value};

#[cfg(test)]
mod testing;
