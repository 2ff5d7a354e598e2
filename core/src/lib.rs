//! Questlog's portable core: bytes in, answers out.
//!
//! The core knows nothing of the outside: no file, clock, thread, socket, randomness, async or JavaScript.
//! A skin opens a [`Scan`] for a file, fetches the byte ranges it asks for, and gets a [`Partial`] that merges with
//! other partials, in any order, to the same [`Answer`].
//!
//! ```
//! use questlog_core::{Error, FileInfo, Limits, Partial, Query, QueryOptions, Scan, Step};
//!
//! /// Answers a query over files that are in memory; another skin would fetch the ranges from elsewhere.
//! fn answer(options: &QueryOptions, files: &[(&str, &'static [u8])]) -> Result<Vec<String>, Error> {
//!     let limits = Limits::default();
//!     let query = Query::new(options, &limits)?;
//!     let mut whole = Partial::empty(&query);
//!     for (name, bytes) in files {
//!         let file = FileInfo { name: name.to_string(), size_bytes: bytes.len() as u64, partition: Vec::new() };
//!         let mut scan = Scan::new(&query, file, &limits);
//!         loop {
//!             match scan.advance(1_000_000)? {
//!                 Step::Need(ranges) => {
//!                     for range in ranges {
//!                         let piece = &bytes[range.start as usize..range.end as usize];
//!                         scan.feed(range.start, piece.into())?;
//!                     }
//!                 }
//!                 Step::More => {}
//!                 Step::Done => break,
//!             }
//!         }
//!         whole.merge(scan.finish()?)?;
//!     }
//!     Ok(whole.answer(&query)?.rows.iter().map(|row| format!("{row:?}")).collect())
//! }
//!
//! let count = QueryOptions { measure: Some("count".into()), ..QueryOptions::default() };
//! assert_eq!(answer(&count, &[]).unwrap(), ["[Int(0)]"]);
//! let error = answer(&count, &[("notes.txt", b"no Parquet at all")]).unwrap_err();
//! assert!(error.message().starts_with("notes.txt: "));
//! ```

mod aggregate;
mod answer;
mod calendar;
mod describe;
mod error;
pub mod event;
mod explain;
mod file;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
mod limits;
mod parquet;
mod part;
mod plan;
mod preview;
mod printable;
mod provider;
mod query;
mod scan;
mod span;
mod value;

pub use aggregate::Partial;
pub use answer::{Answer, Format, Run, Scanned, Skipped};
pub use describe::{ChunkDescription, ColumnDescription, ColumnTotals};
pub use error::{Error, ErrorKind};
pub use explain::{Explanation, HostMatch, Hosts, ProviderHosts};
pub use file::{FileInfo, partition_columns};
pub use limits::Limits;
pub use parquet::{
    BloomFilter, Bounds, Codec, ColumnChunk, Encoding, Footer, Leaf, PagePlace, PageStatistics,
    Physical, RowGroup, Schema, Statistics,
};
pub use part::{Cutting, Part};
pub use preview::{Preview, Previewed, PreviewedColumn};
pub use printable::printable;
pub use provider::{MatchRule, Providers};
pub use query::{Query, QueryOptions};
pub use scan::{Progress, Scan, Spared, Step};
pub use value::{Decimal, TimeUnit, Type, Value};

#[cfg(test)]
mod laws;
#[cfg(test)]
mod testing;
