//! The log in a folder of this machine: checksummed segments, one writer thread, group commit.

mod commit;
mod frame;
mod reader;
mod recovery;
mod segment;
mod storage;
#[cfg(test)]
mod tests;
mod writer;

use std::fs;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, PoisonError};

use bytes::Bytes;

use self::frame::SegmentHeader;
use self::reader::Segments;
use self::recovery::find_tail;
use self::segment::Segment;
use self::storage::{Folder, Storage};
use self::writer::{Active, Shared, Writer};
use super::{Append, Log, LogError};
use crate::histogram::Histogram;

pub use self::reader::DiskLogReader;
#[cfg(test)]
pub(crate) use self::tests::StallableDisk;

/// Limits of a [`DiskLog`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiskLogOptions {
    /// A segment is closed when the next commit would make it larger than this. Default 64 MiB.
    pub segment_bytes_max: u64,
    /// Records that are queued or being written, in bytes; more are refused as busy. Default 64 MiB.
    pub queue_bytes_max: usize,
}

impl Default for DiskLogOptions {
    fn default() -> Self {
        Self {
            segment_bytes_max: 64 << 20,
            queue_bytes_max: 64 << 20,
        }
    }
}

/// A durable log in a folder; one process at a time.
pub struct DiskLog {
    shared: Arc<Shared>,
    writer: Writer,
    /// Held until the log is dropped.
    _lock: Option<fs::File>,
}

impl DiskLog {
    /// Opens the log in the folder `dir`, making it if it isn't there, and cuts a torn tail.
    pub fn open(dir: &Path, options: DiskLogOptions) -> Result<Self, LogError> {
        let io = |doing| {
            move |source| LogError::Io {
                path: dir.to_owned(),
                doing,
                source,
            }
        };
        fs::create_dir_all(dir).map_err(io("make the log's folder"))?;
        let lock = lock(dir)?;
        let mut log = Self::open_in(Arc::new(Folder::new(dir)), options)?;
        log._lock = Some(lock);
        Ok(log)
    }

    fn open_in(storage: Arc<dyn Storage>, options: DiskLogOptions) -> Result<Self, LogError> {
        let (mut segments, unfinished) = Segments::open(storage.as_ref(), true)?;
        if let Some(base) = unfinished {
            let name = Segment::file_name(base);
            let io = |source| LogError::Io {
                path: storage.path(&name),
                doing: "remove the unfinished segment",
                source,
            };
            storage
                .remove(&name)
                .and_then(|()| storage.sync_names())
                .map_err(io)?;
        }
        if segments.last().is_none() {
            let header = SegmentHeader {
                base: unfinished.unwrap_or(0),
                identity: new_identity(),
            };
            segments.push(Segment::create(storage.as_ref(), header)?);
        }
        let Some(last) = segments.last().map(Arc::clone) else {
            return Err(LogError::Closed);
        };
        let tail = find_tail(&last)?;
        if tail.position < tail.file_bytes {
            let io = |source| LogError::Io {
                path: last.path.clone(),
                doing: "cut the torn tail",
                source,
            };
            last.file
                .truncate(tail.position)
                .and_then(|()| last.file.sync())
                .map_err(io)?;
            if tail.is_torn {
                tracing::warn!(
                    segment = %last.path.display(),
                    bytes = tail.file_bytes - tail.position,
                    "cut a torn, never acknowledged write at the end of the log"
                );
            }
        }
        let active = Active {
            segment: last,
            position: tail.position,
            prepared: tail.position,
            end: tail.end,
        };
        let shared = Arc::new(Shared::new(storage, segments, options, tail.end));
        let writer = Writer::start(Arc::clone(&shared), active)?;
        Ok(Self {
            shared,
            writer,
            _lock: None,
        })
    }

    /// The segments, oldest first: the offset of the first record, and the bytes of the file as far as they can be told.
    pub fn segments(&self) -> Vec<(u64, u64)> {
        let segments = self
            .shared
            .segments
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        segments.sizes()
    }

    /// Takes no more records, makes those queued durable, and stops the writer thread.
    pub fn close(&self) {
        self.writer.stop(&self.shared);
    }
}

impl Drop for DiskLog {
    fn drop(&mut self) {
        self.close();
    }
}

impl Log for DiskLog {
    fn append(&self, records: Vec<Vec<u8>>) -> Append {
        self.shared.append(records)
    }

    fn end(&self) -> u64 {
        self.shared.end()
    }

    fn start(&self) -> u64 {
        self.shared
            .segments
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .start()
    }

    fn read(&self, from: u64, bytes_max: usize) -> Result<Vec<(u64, Bytes)>, LogError> {
        // The end is taken first: a segment that is added meanwhile holds only later records.
        let end = self.end();
        let segments = self
            .shared
            .segments
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        segments.read(from, end, bytes_max)
    }

    fn trim_before(&self, offset: u64) -> Result<(), LogError> {
        let taken = self
            .shared
            .segments
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .take_before(offset);
        let storage = self.shared.storage.as_ref();
        for segment in &taken {
            let io = |source| LogError::Io {
                path: segment.path.clone(),
                doing: "remove a landed segment",
                source,
            };
            storage.remove(&segment.name).map_err(io)?;
        }
        if taken.is_empty() {
            return Ok(());
        }
        storage.sync_names().map_err(|source| LogError::Io {
            path: storage.path(""),
            doing: "make removed names durable",
            source,
        })
    }

    fn durability(&self) -> &'static str {
        "fsync"
    }

    fn wait_for(&self, offset: u64) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        self.shared.wait_for(offset)
    }

    fn queue_bytes(&self) -> usize {
        self.shared.queue_bytes()
    }

    fn syncs(&self) -> Option<&Histogram> {
        Some(&self.shared.syncs)
    }

    fn bytes_from(&self, offset: u64) -> u64 {
        let segments = self
            .shared
            .segments
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        segments.bytes_from(offset)
    }

    fn failure(&self) -> Option<String> {
        self.shared.failure()
    }
}

/// A number that no other segment has, as far as chance goes.
fn new_identity() -> u64 {
    uuid::Uuid::now_v7().as_u64_pair().1
}

/// Takes the folder for this process; the operating system gives it back when the process ends, however it ends.
fn lock(dir: &Path) -> Result<fs::File, LogError> {
    let path: PathBuf = dir.join("lock");
    let io = |doing| {
        let path = path.clone();
        move |source| LogError::Io {
            path,
            doing,
            source,
        }
    };
    let file = fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(io("open the lock file"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(LogError::InUse(dir.to_owned())),
        Err(fs::TryLockError::Error(source)) => Err(io("lock it")(source)),
    }
}
