//! The one thread that writes: group commit without a timer.
//!
//! While a sync runs, records queue up; the next commit takes all of them. So a lone record waits for one sync,
//! and a thousand waiting clients share one.

use std::future::Future;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::Instant;

use tokio::sync::watch;

use super::commit::{Commit, Part};
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
    /// The next commit.
    next: Commit,
    /// Bytes of the records that wait or are being written.
    bytes: usize,
    /// Whether the writer has nothing to do, and so must be woken: that is a call of the operating system each time.
    is_idle: bool,
    /// Why nothing is taken any more.
    closed: Option<String>,
    /// Whether that is because something failed.
    failed: bool,
}

/// The segment that is written.
pub(super) struct Active {
    pub(super) segment: Arc<Segment>,
    /// Where the next frame goes.
    pub(super) position: u64,
    /// Where the file ends: behind the last frame there may be zeros, where the next ones will be.
    pub(super) prepared: u64,
    /// The next record's offset.
    pub(super) end: u64,
}

impl Active {
    /// Gives back what was prepared and is not needed. Whoever reads the file does without: zeros are no frame.
    fn cut(&mut self) {
        if self.prepared > self.position && self.segment.file.truncate(self.position).is_ok() {
            self.prepared = self.position;
        }
    }
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
            Ok(part) => Box::pin(part),
            Err(error) => Box::pin(std::future::ready(Err(error))),
        }
    }

    fn enqueue(&self, records: Vec<Vec<u8>>) -> Result<Part, AppendError> {
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
        queue.bytes += bytes;
        let part = queue.next.add(records, bytes);
        let is_idle = std::mem::take(&mut queue.is_idle);
        drop(queue);
        if is_idle {
            self.wake.notify_one();
        }
        Ok(part)
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
    fn next_commit(&self) -> Option<Commit> {
        let mut queue = self.lock_queue();
        loop {
            if queue.next.parts() > 0 {
                return Some(std::mem::take(&mut queue.next));
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
        let first = active.end;
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
        shared.lock_queue().bytes -= commit.bytes;
        if result.is_ok() {
            shared.end.send_replace(active.end);
        }
        commit.settle(result.map(|()| first));
    }
    if shared.failure().is_none() {
        active.cut();
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
    commit: &Commit,
    buffer: &mut Vec<u8>,
) -> Result<(), Failed> {
    let bytes = commit.bytes as u64;
    let segment_bytes_max = shared.options.segment_bytes_max;
    let is_empty = active.position == SEGMENT_HEADER_BYTES as u64;
    if !is_empty && active.position + bytes > segment_bytes_max {
        roll(shared, active)?;
    }
    let io = |doing| {
        let path = active.segment.path.clone();
        move |source| LogError::Io {
            path,
            doing,
            source,
        }
    };
    match write_frames(active, commit, segment_bytes_max, buffer) {
        Ok(written_to) => active.prepared = active.prepared.max(written_to),
        Err(error) => {
            // A full disk is known before anything was synced. If what was written of the commit can be cut off again, nothing
            // is in doubt; a crash meanwhile leaves a torn tail, as always.
            let is_full = error.kind() == ErrorKind::StorageFull;
            let is_undone = is_full && active.segment.file.truncate(active.position).is_ok();
            active.prepared = active.position;
            return Err(Failed {
                error: io("write to it")(error),
                is_undone,
            });
        }
    }
    let started = Instant::now();
    active.segment.file.sync().map_err(io("make it durable"))?;
    shared.syncs.add(started.elapsed());
    // Only now: the places of a commit that failed would be wrong for the next one.
    for record in &commit.records {
        active.segment.remember_place(active.end, active.position);
        active.position += (FRAME_HEADER_BYTES + record.len()) as u64;
        active.end += 1;
    }
    active.segment.set_end(active.position);
    Ok(())
}

/// Writes the frames of a commit, and zeros behind them where the file has to grow anyway; gives how far it has written.
fn write_frames(
    active: &Active,
    commit: &Commit,
    segment_bytes_max: u64,
    buffer: &mut Vec<u8>,
) -> io::Result<u64> {
    let identity = active.segment.header.identity;
    let mut position = active.position;
    buffer.clear();
    for (offset, record) in (active.end..).zip(&commit.records) {
        let distance = position - active.position + buffer.len() as u64;
        let distance = u32::try_from(distance).unwrap_or(u32::MAX);
        encode_frame(buffer, identity, offset, distance, record);
        if buffer.len() >= BUFFER_BYTES {
            active.segment.file.write_at(position, buffer)?;
            position += buffer.len() as u64;
            buffer.clear();
        }
    }
    let bytes = commit.bytes as u64;
    let end = active.position + bytes;
    if end > active.prepared {
        let ahead = ahead_bytes(end, bytes).min(segment_bytes_max.saturating_sub(end));
        buffer.resize(buffer.len() + ahead as usize, 0);
    }
    active.segment.file.write_at(position, buffer)?;
    Ok(position + buffer.len() as u64)
}

/// Frames that are written at once: a commit of a full queue must not stand in memory twice.
const BUFFER_BYTES: usize = 1 << 20;

/// How many zeros are written behind a commit of `bytes` that ends at `end`, where the file ends so far.
///
/// A sync of a file that has grown has to wait for the file system's journal too, which takes twice as long as the bytes alone.
/// Small commits find their place prepared; a large one, or a log of a few events, is as long as what is in it.
fn ahead_bytes(end: u64, bytes: u64) -> u64 {
    let ahead = (end / AHEAD_PART).min(AHEAD_BYTES_MAX);
    if ahead < AHEAD_BYTES_MIN || bytes > ahead / 2 {
        return 0;
    }
    ahead
}

/// A segment is prepared by this part of its length.
const AHEAD_PART: u64 = 8;
/// Less is not worth it.
pub(super) const AHEAD_BYTES_MIN: u64 = 128 << 10;
/// More makes the one that prepares wait too long.
const AHEAD_BYTES_MAX: u64 = 1 << 20;

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
        active.cut();
        active.segment = Arc::clone(last);
        active.position = SEGMENT_HEADER_BYTES as u64;
        active.prepared = active.position;
    }
    Ok(())
}
