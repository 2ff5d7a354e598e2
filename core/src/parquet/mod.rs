//! Parquet: footer, schema, pages, levels and encodings, from bytes to dictionary codes or values.
//!
//! Written from the format's own description (<https://parquet.apache.org/docs/file-format/>), whose chapters the
//! modules name. Nothing here reads: a [`Footer`] and a [`ChunkReader`] say which bytes they need next.

mod bloom;
mod bounds;
mod buffer;
mod chunk;
mod codec;
mod column;
mod contents;
mod counted;
mod encoding;
mod fault;
mod footer;
mod header;
mod index;
mod levels;
mod page;
mod schema;
mod selection;
mod store;
mod thrift;
mod values;
mod wanted;
mod writer;
mod xxhash;

pub use bloom::BloomFilter;
pub use bounds::Bounds;
pub use chunk::{Codec, ColumnChunk, Encoding, Statistics};
pub(crate) use column::{ChunkReader, PageStep};
pub(crate) use contents::Scratch;
pub(crate) use footer::FooterStep;
pub use footer::{Footer, RowGroup};
pub use index::{PagePlace, PageStatistics};
pub(crate) use page::{PageValues, Span, Values};
pub use schema::{Leaf, Physical, Schema};
pub(crate) use selection::byte_runs;
pub(crate) use store::Store;
pub(crate) use wanted::WantedRows;
pub(crate) use writer::Writer;

#[cfg(test)]
mod differential;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
#[cfg(test)]
mod handmade;
#[cfg(test)]
pub(crate) mod mutations;
#[cfg(test)]
pub(crate) mod tests;
