//! What can go wrong between the log and the lake.

use std::io;
use std::path::{Path, PathBuf};

use parquet::errors::ParquetError;
use thiserror::Error;

use crate::log::LogError;

/// Why a landing, or a snapshot for a query, was not made.
#[derive(Debug, Error)]
pub enum LandingError {
    /// The operating system refused.
    #[error("{}: can't {doing}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What was tried, as a verb.
        doing: &'static str,
        /// Its answer.
        source: io::Error,
    },
    /// The log can't be read.
    #[error(transparent)]
    Log(#[from] LogError),
    /// Another process lands into the same lake.
    #[error("{} is in use by another questlog process; stop it, or choose another --lake folder", .0.display())]
    InUse(PathBuf),
    /// The manifest is not what a landing writes.
    #[error("{}: the lake's manifest is damaged: {reason}", path.display())]
    Manifest {
        /// The lake.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The lake has landed records that the log has never had.
    #[error(
        "{}: the lake has landed {landed_to} records of a log, but this log ends at {log_end}; give the lake its own log back, or choose another --lake folder",
        path.display()
    )]
    OtherLog {
        /// The lake.
        path: PathBuf,
        /// What the manifest says.
        landed_to: u64,
        /// What the log says.
        log_end: u64,
    },
    /// Records were trimmed from the log before they landed.
    #[error(
        "records {from} to {to} are missing from the log and have not landed; restore the log from a copy"
    )]
    Missing {
        /// The first one.
        from: u64,
        /// The one after the last.
        to: u64,
    },
    /// A query needs more of the unlanded records in memory than may be.
    #[error(
        "the events that have not landed yet take more than {bytes_max} bytes of memory as the query wants them; ask for fewer columns, or again in a minute"
    )]
    TailTooLarge {
        /// The limit.
        bytes_max: usize,
    },
    /// Files are replaced by swapping folders, which this file system can't do in one step.
    #[error(
        "{}: files can't be replaced on this file system, because it can't swap two folders in one step; copy the lake to another one",
        .0.display()
    )]
    NoSwap(PathBuf),
    /// The quarantine can't be read.
    #[error("{0}")]
    Quarantine(String),
    /// A header's name is that of another column.
    #[error(
        "the header `{0}` can't be kept under its name, because a lake file has a column of that name; take it off --headers"
    )]
    Header(String),
    /// The Parquet writer failed.
    #[error("can't write Parquet: {0}")]
    Parquet(#[from] ParquetError),
}

impl LandingError {
    /// Whether the operating system could not read or write, rather than that something is wrong with a file: it may pass.
    pub(super) fn is_of_the_disk(&self) -> bool {
        match self {
            Self::Io { source, .. } => source.kind() != io::ErrorKind::NotFound,
            Self::Parquet(ParquetError::External(source)) => source.is::<io::Error>(),
            _ => false,
        }
    }

    /// Turns an I/O error into one that names the path and what was tried.
    pub(crate) fn io(path: &Path, doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io {
            path,
            doing,
            source,
        }
    }
}
