//! What can go wrong with a log.

use std::path::PathBuf;

use thiserror::Error;

/// Why records were not made durable.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum AppendError {
    /// The queue is full; the same records can be tried again.
    #[error("the log's queue is full ({queued_bytes} of {queue_bytes_max} bytes); try again")]
    Busy {
        /// What is queued.
        queued_bytes: usize,
        /// The limit.
        queue_bytes_max: usize,
    },
    /// A record alone is larger than a segment or the queue can hold.
    #[error("a record of {bytes} bytes is larger than the log takes ({bytes_max} bytes)")]
    TooLarge {
        /// The record's size.
        bytes: usize,
        /// The limit.
        bytes_max: usize,
    },
    /// There is no room; nothing of the records is there, and they can be tried again when there is.
    #[error("the disk is full; the records were not taken")]
    DiskFull,
    /// A write or fsync failed, or the log is being closed: nothing is taken any more.
    #[error("the log takes no more records: {reason}")]
    ReadOnly {
        /// What happened, with the file's name.
        reason: String,
    },
}

/// Why a log can't be opened or read.
#[derive(Debug, Error)]
pub enum LogError {
    /// The operating system refused.
    #[error("{}: can't {doing}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What was tried, as a verb.
        doing: &'static str,
        /// Its answer.
        source: std::io::Error,
    },
    /// Another process has it open.
    #[error("{} is in use by another questlog process; stop it, or choose another --data folder", .0.display())]
    InUse(PathBuf),
    /// Bytes are not what was written.
    #[error("{}: the log is damaged at byte {byte}: {reason}", path.display())]
    Damaged {
        /// The segment.
        path: PathBuf,
        /// Where in it.
        byte: u64,
        /// What is wrong there.
        reason: String,
    },
    /// It has been closed.
    #[error("the log is closed")]
    Closed,
}
