//! The one thread that writes: group commit without a timer.
//!
//! While a sync runs, records queue up; the next commit takes all of them. So a lone record waits for one sync,
//! and a thousand waiting clients share one.

use std::future::Future;
use std::io::ErrorKind;
use std::ops::Range;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::Instant;

use tokio::sync::{oneshot, watch};

use super::frame::{FRAME_HEADER_BYTES, SEGMENT_HEADER_BYTES, SegmentHeader, encode_frame};
use super::reader::Segments;
use super::segment::Segment;
use super::storage::Storage;
use super::{DiskLogOptions, new_identity};
use crate::histogram::{Histogram, TIMES_US};
use crate::log::{Append, AppendError, LogError, RECORD_BYTES_MAX};

/// What the writer thread and the callers share.
pub(super) struct Shared {
    pub(super) storage: Arc<dyn Storage>,
    pub(super) segments: RwLock<Segments>,
    options: DiskLogOptions,
    queue: Mutex<Queue>,
    wake: Condvar,
    end: watch::Sender<u64>,
    pub(super) syncs: Histogram,
}

#[derive(Default)]
struct Queue {
    waiting: Vec<Waiting>,
    /// Bytes of the records that wait or are being written.
    bytes: usize,
    /// Whether the writer has nothing to do, and so must be woken: that is a call of the operating system each time.
    is_idle: bool,
    /// Why nothing is taken any more.
    closed: Option<String>,
    /// Whether that is because something failed.
    failed: bool,
}

struct Waiting {
    records: Vec<Vec<u8>>,
    bytes: usize,
    done: oneshot::Sender<Result<Range<u64>, AppendError>>,
}

/// The segment that is written.
pub(super) struct Active {
    pub(super) segment: Arc<Segment>,
    /// Where the next frame goes.
    pub(super) position: u64,
    /// The next record's offset.
    pub(super) end: u64,
}

impl Shared {
    pub(super) fn new(
        storage: Arc<dyn Storage>,
        segments: Segments,
        options: DiskLogOptions,
        end: u64,
    ) -> Self {
        Self {
            storage,
            segments: RwLock::new(segments),
            options,
            queue: Mutex::default(),
            wake: Condvar::new(),
            end: watch::Sender::new(end),
            syncs: Histogram::new(TIMES_US),
        }
    }

    pub(super) fn append(&self, records: Vec<Vec<u8>>) -> Append {
        match self.enqueue(records) {
            Ok(answer) => Box::pin(async move {
                answer.await.unwrap_or_else(|_| {
                    Err(AppendError::ReadOnly {
                        reason: "its writer has stopped".to_owned(),
                    })
                })
            }),
            Err(error) => Box::pin(std::future::ready(Err(error))),
        }
    }

    fn enqueue(
        &self,
        records: Vec<Vec<u8>>,
    ) -> Result<oneshot::Receiver<Result<Range<u64>, AppendError>>, AppendError> {
        let queue_bytes_max = self.options.queue_bytes_max;
        if let Some(record) = records
            .iter()
            .find(|record| record.len() > RECORD_BYTES_MAX)
        {
            return Err(AppendError::TooLarge {
                bytes: record.len(),
                bytes_max: RECORD_BYTES_MAX,
            });
        }
        let bytes = records
            .iter()
            .map(|record| FRAME_HEADER_BYTES + record.len())
            .sum();
        let mut queue = self.lock_queue();
        if let Some(reason) = &queue.closed {
            return Err(AppendError::ReadOnly {
                reason: reason.clone(),
            });
        }
        // What alone is larger than the queue is let through when nothing else is there, or it could never pass.
        if queue.bytes > 0 && queue.bytes.saturating_add(bytes) > queue_bytes_max {
            return Err(AppendError::Busy {
                queued_bytes: queue.bytes,
                queue_bytes_max,
            });
        }
        let (done, answer) = oneshot::channel();
        queue.bytes += bytes;
        queue.waiting.push(Waiting {
            records,
            bytes,
            done,
        });
        let is_idle = std::mem::take(&mut queue.is_idle);
        drop(queue);
        if is_idle {
            self.wake.notify_one();
        }
        Ok(answer)
    }

    pub(super) fn end(&self) -> u64 {
        *self.end.borrow()
    }

    pub(super) fn wait_for(&self, offset: u64) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let mut end = self.end.subscribe();
        Box::pin(async move {
            // An error means that the log is gone; then waiting on would be for ever.
            let _ = end.wait_for(|&end| end > offset).await;
        })
    }

    pub(super) fn queue_bytes(&self) -> usize {
        self.lock_queue().bytes
    }

    pub(super) fn failure(&self) -> Option<String> {
        let queue = self.lock_queue();
        queue.closed.clone().filter(|_| queue.failed)
    }

    fn lock_queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Everything that waits; `None` when the log is closed and nothing does.
    fn next_commit(&self) -> Option<Vec<Waiting>> {
        let mut queue = self.lock_queue();
        loop {
            if !queue.waiting.is_empty() {
                return Some(std::mem::take(&mut queue.waiting));
            }
            if queue.closed.is_some() {
                return None;
            }
            queue.is_idle = true;
            queue = self
                .wake
                .wait(queue)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn fail(&self, reason: &str) {
        let mut queue = self.lock_queue();
        queue.closed = Some(reason.to_owned());
        queue.failed = true;
    }
}

/// The handle of the writer thread.
pub(super) struct Writer {
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    pub(super) fn start(shared: Arc<Shared>, active: Active) -> Result<Self, LogError> {
        let path = active.segment.path.clone();
        let thread = std::thread::Builder::new()
            .name("log-writer".to_owned())
            .spawn(move || run(&shared, active))
            .map_err(|source| LogError::Io {
                path,
                doing: "start the thread that writes it",
                source,
            })?;
        Ok(Self {
            thread: Mutex::new(Some(thread)),
        })
    }

    pub(super) fn stop(&self, shared: &Shared) {
        shared
            .lock_queue()
            .closed
            .get_or_insert_with(|| "it is being closed".to_owned());
        shared.wake.notify_one();
        let thread = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the log's writer thread panicked");
        }
    }
}

/// The writer thread: one commit after the other, until the log is closed.
fn run(shared: &Shared, mut active: Active) {
    let mut buffer = Vec::new();
    while let Some(commit) = shared.next_commit() {
        let bytes: usize = commit.iter().map(|waiting| waiting.bytes).sum();
        // After a failure nothing is known about the file's end: a later sync that succeeds would prove nothing,
        // because the kernel may have dropped the pages and forgotten. So nothing is tried again.
        let result = match shared.failure() {
            Some(reason) => Err(AppendError::ReadOnly { reason }),
            None => write(shared, &mut active, &commit, &mut buffer).map_err(|failed| {
                let reason = failed.error.to_string();
                if failed.is_undone {
                    tracing::error!(%reason, "the disk is full; these records were not taken");
                    return AppendError::DiskFull;
                }
                tracing::error!(%reason, "the log takes no more records");
                shared.fail(&reason);
                AppendError::ReadOnly { reason }
            }),
        };
        shared.lock_queue().bytes -= bytes;
        answer(shared, commit, active.end, &result);
        // One huge commit should not hold its memory for ever.
        buffer.clear();
        buffer.shrink_to(BUFFER_BYTES_KEPT);
    }
}

/// Memory the writer keeps between commits.
const BUFFER_BYTES_KEPT: usize = 4 << 20;

/// Publishes the new end and wakes everybody who waited for this commit.
fn answer(shared: &Shared, commit: Vec<Waiting>, end: u64, result: &Result<(), AppendError>) {
    let records: u64 = commit
        .iter()
        .map(|waiting| waiting.records.len() as u64)
        .sum();
    if result.is_ok() {
        shared.end.send_replace(end);
    }
    let mut next = end.saturating_sub(records);
    for waiting in commit {
        let first = next;
        next += waiting.records.len() as u64;
        // A client that has gone does not care.
        let _ = waiting.done.send(match result {
            Ok(()) => Ok(first..next),
            Err(error) => Err(error.clone()),
        });
    }
}

/// A commit that was not written.
struct Failed {
    error: LogError,
    /// Nothing of it is there: the log is as it was before, and may go on.
    is_undone: bool,
}

impl From<LogError> for Failed {
    fn from(error: LogError) -> Self {
        Self {
            error,
            is_undone: false,
        }
    }
}

/// Writes and syncs one commit; on success `active` stands behind it.
fn write(
    shared: &Shared,
    active: &mut Active,
    commit: &[Waiting],
    buffer: &mut Vec<u8>,
) -> Result<(), Failed> {
    let bytes: u64 = commit.iter().map(|waiting| waiting.bytes as u64).sum();
    let is_empty = active.position == SEGMENT_HEADER_BYTES as u64;
    if !is_empty && active.position + bytes > shared.options.segment_bytes_max {
        roll(shared, active)?;
    }
    let identity = active.segment.header.identity;
    let records = commit.iter().flat_map(|waiting| &waiting.records);
    for (offset, record) in (active.end..).zip(records) {
        let distance = u32::try_from(buffer.len()).unwrap_or(u32::MAX);
        encode_frame(buffer, identity, offset, distance, record);
    }
    let io = |doing| {
        let path = active.segment.path.clone();
        move |source| LogError::Io {
            path,
            doing,
            source,
        }
    };
    if let Err(error) = active.segment.file.write_at(active.position, buffer) {
        // A full disk is known before anything was synced. If what was written of the commit can be cut off again, nothing
        // is in doubt; a crash meanwhile leaves a torn tail, as always.
        let is_full = error.kind() == ErrorKind::StorageFull;
        let is_undone = is_full && active.segment.file.truncate(active.position).is_ok();
        return Err(Failed {
            error: io("write to it")(error),
            is_undone,
        });
    }
    let started = Instant::now();
    active.segment.file.sync().map_err(io("make it durable"))?;
    shared.syncs.add(started.elapsed());
    // Only now: the places of a commit that failed would be wrong for the next one.
    for record in commit.iter().flat_map(|waiting| &waiting.records) {
        active.segment.remember_place(active.end, active.position);
        active.position += (FRAME_HEADER_BYTES + record.len()) as u64;
        active.end += 1;
    }
    Ok(())
}

/// Begins a new segment; the old one is complete and synced.
fn roll(shared: &Shared, active: &mut Active) -> Result<(), Failed> {
    let header = SegmentHeader {
        base: active.end,
        identity: new_identity(),
    };
    let storage = shared.storage.as_ref();
    let segment = Segment::create(storage, header).map_err(|error| {
        let is_full = matches!(&error, LogError::Io { source, .. } if source.kind() == ErrorKind::StorageFull);
        // Without the file, or with one that could not be made, everything is as before; the next commit tries again.
        let name = Segment::file_name(header.base);
        // That must be durable: were the file to come back after a crash, it would be taken for the log's end.
        let is_gone = is_full
            && match storage.remove(&name) {
                Ok(()) => storage.sync_names().is_ok(),
                Err(error) => {
                    error.kind() == ErrorKind::NotFound && storage.sync_names().is_ok()
                }
            };
        Failed {
            error,
            is_undone: is_gone,
        }
    })?;
    let mut segments = shared
        .segments
        .write()
        .unwrap_or_else(PoisonError::into_inner);
    segments.push(segment);
    if let Some(last) = segments.last() {
        active.segment = Arc::clone(last);
        active.position = SEGMENT_HEADER_BYTES as u64;
    }
    Ok(())
}
