//! The log: the truth from which everything else can be made again.
//!
//! A log is a sequence of records numbered from 0 without gaps. An event is acknowledged only after its record is durable.

mod disk;
mod error;

use std::future::Future;
use std::ops::Range;
use std::pin::Pin;

use bytes::Bytes;

use crate::histogram::Histogram;

#[cfg(test)]
pub(crate) use disk::StallableDisk;
pub use disk::{DiskLog, DiskLogOptions, DiskLogReader};
pub use error::{AppendError, LogError};

/// A record's largest size in bytes: an event of the largest size with all its headers is well below it.
pub const RECORD_BYTES_MAX: usize = 1 << 20;

/// What [`Log::append`] returns: resolves when the records are durable, to their offsets.
pub type Append = Pin<Box<dyn Future<Output = Result<Range<u64>, AppendError>> + Send>>;

/// A durable, ordered sequence of records.
pub trait Log: Send + Sync {
    /// Appends `records` side by side and resolves to their offsets once they are durable.
    ///
    /// The records are queued (or refused) at once, whether or not the future is awaited.
    fn append(&self, records: Vec<Vec<u8>>) -> Append;

    /// The offset the next record will get; everything below it is durable.
    fn end(&self) -> u64;

    /// The oldest offset that is still there.
    fn start(&self) -> u64;

    /// Durable records from `from` on with their offsets: at least one if there is one, then as many as fit in `bytes_max`.
    ///
    /// Starts at the oldest record when `from` has been trimmed.
    fn read(&self, from: u64, bytes_max: usize) -> Result<Vec<(u64, Bytes)>, LogError>;

    /// Gives back the space of records below `offset`, in whole segments; some of them may stay.
    fn trim_before(&self, offset: u64) -> Result<(), LogError>;

    /// What an acknowledgement promises: `fsync` or `replicated`.
    fn durability(&self) -> &'static str;

    /// Waits until [`Log::end`] is above `offset`.
    fn wait_for(&self, offset: u64) -> Pin<Box<dyn Future<Output = ()> + Send>>;

    /// Bytes that are queued and not durable yet.
    fn queue_bytes(&self) -> usize;

    /// How long the syncs since the log was opened took; none for a log that leaves them to others.
    fn syncs(&self) -> Option<&Histogram> {
        None
    }

    /// Bytes that the records from `offset` on take, about.
    fn bytes_from(&self, offset: u64) -> u64 {
        let _ = offset;
        0
    }

    /// Why the log takes no more records, if something failed.
    fn failure(&self) -> Option<String>;
}

/// Reads a position as it is printed, `0/1234` (partition and offset), or the offset alone.
pub fn parse_position(text: &str) -> Result<u64, String> {
    let offset = text.strip_prefix("0/").unwrap_or(text);
    offset
        .parse()
        .map_err(|_| format!("`{text}` is not a position; write it as 0/1234"))
}
