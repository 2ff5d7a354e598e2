//! What could not be taken: kept with its reason, its source and its bytes, so that nothing vanishes and the sums add up.
//!
//! A request of which something was refused, or had been taken before, leaves a record in a log of its own before it is answered.
//! That log has a budget of disk space: beyond it the oldest records go, and their counts are added to `totals.json` first.

mod page;
mod record;
mod replay;
mod sums;
mod table;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use thiserror::Error;
use tokio::sync::oneshot;

use crate::ingest::{Format, Message, Refused, Taken};
use crate::landing::LandingError;
use crate::log::{AppendError, DiskLog, DiskLogOptions, DiskLogReader, Log, LogError};

pub use self::page::{Page, parse_place};
pub use self::record::RAW_BYTES_MAX;
pub use self::replay::Replay;
pub use self::sums::Sums;

use self::record::{ENTRIES_BYTES_MAX, Entry, Place, Raw, Record, Replayed, Replaying, Request};
use self::replay::resolve;
use self::sums::Totals;

/// The budget is this many segments, so that so much of it is given back at once.
const SEGMENTS: u64 = 8;
/// Bytes of records that are read at once.
const READ_BYTES: usize = 4 << 20;
/// How often a quarantine that a server changes meanwhile is looked at before that is an error.
const TRIES_MAX: u32 = 5;

/// Why the quarantine can't be used.
#[derive(Debug, Error)]
pub enum QuarantineError {
    /// The operating system refused.
    #[error("{}: can't {doing} it: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What was tried, as a verb.
        doing: &'static str,
        /// Its answer.
        source: std::io::Error,
    },
    /// A file is not what was written.
    #[error("{}: it is damaged: {reason}; move the folder away to begin a new quarantine", path.display())]
    Damaged {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// Its log, or that of the events, can't be read.
    #[error(transparent)]
    Log(#[from] LogError),
    /// A record can't be written.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// A folder can't be made durable, or a table can't be made.
    #[error(transparent)]
    Landing(#[from] LandingError),
    /// It has more entries than a query can look at.
    #[error("the quarantine has more than {0} entries; read it page by page instead")]
    TooMany(u64),
}

/// What is to be remembered of a request.
#[derive(Debug)]
pub struct Note {
    /// Which door it came through: `POST /v1/events`.
    pub door: String,
    /// What it said besides its body.
    pub message: Message,
    /// Its events; 1 where the body could not be read.
    pub events: u64,
    /// What became of those that were fit.
    pub taken: Taken,
    /// The others.
    pub refused: Vec<Refused>,
}

/// The quarantine of a data folder; one process at a time.
pub struct Quarantine {
    folder: PathBuf,
    log: DiskLog,
    bytes_max: u64,
    state: Mutex<State>,
    duplicates: Mutex<Duplicates>,
    /// Bytes that were added since the budget was last looked at.
    bytes_unchecked: AtomicU64,
    /// Held while old records go.
    at_work: Mutex<()>,
}

#[derive(Default)]
struct State {
    sums: Sums,
    replayed: Entries,
}

/// Entries that are no longer in the quarantine, or not wholly.
#[derive(Default)]
struct Entries {
    taken: HashSet<Place>,
    partly: HashMap<Place, HashSet<String>>,
}

/// Duplicates that wait for the next record: all that come while one is written share the next.
#[derive(Default)]
struct Duplicates {
    count: u64,
    waiting: Vec<oneshot::Sender<Result<(), AppendError>>>,
    is_running: bool,
}

impl Quarantine {
    /// Opens the quarantine in `folder`, of at most about `bytes_max`, and finishes what a crash left of a replay into `events`.
    ///
    /// Call it before anything is appended to `events`.
    pub fn open(folder: &Path, bytes_max: u64, events: &dyn Log) -> Result<Self, QuarantineError> {
        let options = DiskLogOptions {
            segment_bytes_max: (bytes_max / SEGMENTS).max(1 << 20),
            ..DiskLogOptions::default()
        };
        let log = DiskLog::open(folder, options)?;
        let quarantine = Self {
            folder: folder.to_owned(),
            bytes_max,
            state: Mutex::default(),
            duplicates: Mutex::default(),
            bytes_unchecked: AtomicU64::new(0),
            at_work: Mutex::default(),
            log,
        };
        let totals = Totals::read(folder)?;
        let end = quarantine.log.end();
        if totals.upto > end {
            return Err(quarantine.damaged("its totals are of more records than its log has had"));
        }
        let read = |from, bytes| quarantine.log.read(from, bytes);
        let (state, intent) = State::of(totals, folder, end, read)?;
        *quarantine.state() = state;
        if let Some(intent) = intent {
            let replayed = resolve(&intent, |from, bytes| events.read(from, bytes))?;
            quarantine.append_blocking(&Record::Replayed(replayed))?;
        }
        quarantine.keep_to_budget()?;
        Ok(quarantine)
    }

    /// The sums of the quarantine in `folder` as its files tell them, also while a server writes them.
    ///
    /// `events` is the log of the events, for what a crash may have left of a replay.
    pub fn count(folder: &Path, events: &DiskLogReader) -> Result<Sums, QuarantineError> {
        if !folder.is_dir() {
            return Ok(Sums::default());
        }
        let mut tries_left = TRIES_MAX;
        loop {
            tries_left -= 1;
            let totals = Totals::read(folder)?;
            let log = DiskLogReader::open(folder)?;
            // A server may just have given back what is neither in these totals nor in the log any more.
            if log.start() > totals.upto && tries_left > 0 {
                continue;
            }
            let read = |from, bytes| log.read(from, bytes);
            let (mut state, intent) = State::of(totals, folder, log.end(), read)?;
            if let Some(intent) = intent {
                let replayed = resolve(&intent, |from, bytes| events.read(from, bytes))?;
                state.sums.add(&Record::Replayed(replayed));
            }
            return Ok(state.sums);
        }
    }

    /// The sums now.
    pub fn sums(&self) -> Sums {
        self.state().sums
    }

    /// Why it takes nothing more, if something failed.
    pub fn failure(&self) -> Option<String> {
        self.log.failure()
    }

    /// Bytes of its files.
    pub fn bytes(&self) -> u64 {
        self.log.segments().iter().map(|(_, bytes)| bytes).sum()
    }

    /// Takes no more, and makes durable what is queued.
    pub fn close(&self) {
        self.log.close();
    }

    /// Makes durable what was not taken of a request. Answer the request only after that.
    pub async fn note(self: &Arc<Self>, note: Note) -> Result<(), AppendError> {
        if note.refused.is_empty() {
            return match note.taken.duplicate {
                0 => Ok(()),
                count => self.note_duplicates(count).await,
            };
        }
        let records = to_records(note);
        let bytes: Vec<Vec<u8>> = records.iter().map(Record::to_bytes).collect();
        self.append(bytes, &records).await?;
        self.keep_to_budget_now_and_then().await;
        Ok(())
    }

    async fn append(&self, bytes: Vec<Vec<u8>>, records: &[Record]) -> Result<(), AppendError> {
        let added: usize = bytes.iter().map(Vec::len).sum();
        self.log.append(bytes).await?;
        let mut state = self.state();
        records.iter().for_each(|record| state.sums.add(record));
        self.bytes_unchecked
            .fetch_add(added as u64, Ordering::Relaxed);
        Ok(())
    }

    async fn note_duplicates(self: &Arc<Self>, count: u64) -> Result<(), AppendError> {
        let (done, durable) = oneshot::channel();
        let is_running = {
            let mut duplicates = lock(&self.duplicates);
            duplicates.count += count;
            duplicates.waiting.push(done);
            std::mem::replace(&mut duplicates.is_running, true)
        };
        if !is_running {
            // In a task of its own: it goes on for the others when this client goes away.
            let quarantine = Arc::clone(self);
            tokio::spawn(async move { quarantine.write_duplicates().await });
        }
        let stopped = |_| AppendError::ReadOnly {
            reason: "it is being closed".to_owned(),
        };
        durable.await.map_err(stopped)?
    }

    async fn write_duplicates(&self) {
        loop {
            let (count, waiting) = {
                let mut duplicates = lock(&self.duplicates);
                if duplicates.waiting.is_empty() {
                    duplicates.is_running = false;
                    return;
                }
                (
                    std::mem::take(&mut duplicates.count),
                    std::mem::take(&mut duplicates.waiting),
                )
            };
            let record = Record::Duplicates { count };
            let result = self.append(vec![record.to_bytes()], &[record]).await;
            for done in waiting {
                // A client that has gone does not care.
                let _ = done.send(result.clone());
            }
        }
    }

    async fn keep_to_budget_now_and_then(self: &Arc<Self>) {
        if self.bytes_unchecked.load(Ordering::Relaxed) < self.bytes_max / SEGMENTS {
            return;
        }
        let quarantine = Arc::clone(self);
        let tidy = tokio::task::spawn_blocking(move || quarantine.keep_to_budget());
        if let Ok(Err(error)) = tidy.await {
            // What was noted is durable all the same; it is tried again with the next notes.
            tracing::error!(%error, "the quarantine could not give back disk space");
        }
    }

    /// Gives back the oldest records beyond the budget, after their counts have been added to the totals.
    fn keep_to_budget(&self) -> Result<(), QuarantineError> {
        let _at_work = lock(&self.at_work);
        self.bytes_unchecked.store(0, Ordering::Relaxed);
        let mut totals = Totals::read(&self.folder)?;
        let segments = self.log.segments();
        let mut bytes: u64 = segments.iter().map(|(_, bytes)| bytes).sum();
        let mut cut = totals.upto;
        for pair in segments.windows(2) {
            if bytes <= self.bytes_max {
                break;
            }
            bytes -= pair[0].1;
            cut = cut.max(pair[1].0);
        }
        if cut > totals.upto {
            let read = |from, bytes| self.log.read(from, bytes);
            let from = totals.upto;
            each_record(&self.folder, from, cut, read, |_, record| {
                totals.sums.add(&record);
                Ok(ControlFlow::Continue(()))
            })?;
            totals.upto = cut;
            totals.write(&self.folder)?;
            self.state().replayed.taken.retain(|place| place.0 >= cut);
            tracing::warn!(
                folder = %self.folder.display(),
                records = cut - from,
                "the quarantine is full: its oldest records went, their counts stay"
            );
        }
        // Also after a crash between the two.
        Ok(self.log.trim_before(totals.upto)?)
    }

    /// Appends a record from a thread that may block.
    fn append_blocking(&self, record: &Record) -> Result<(), QuarantineError> {
        block_on(self.log.append(vec![record.to_bytes()]))??;
        self.state().add(record);
        Ok(())
    }

    fn damaged(&self, reason: &str) -> QuarantineError {
        QuarantineError::Damaged {
            path: self.folder.clone(),
            reason: reason.to_owned(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

impl State {
    /// What the totals and the records say, and a replay that was begun and not ended.
    fn of(
        totals: Totals,
        folder: &Path,
        end: u64,
        read: impl FnMut(u64, usize) -> Result<Vec<(u64, Bytes)>, LogError>,
    ) -> Result<(Self, Option<Replaying>), QuarantineError> {
        let mut state = Self {
            sums: totals.sums,
            ..Self::default()
        };
        let mut intent = None;
        each_record(folder, totals.upto, end, read, |_, record| {
            state.add(&record);
            match record {
                Record::Replaying(replaying) => intent = Some(replaying),
                Record::Replayed(_) => intent = None,
                Record::Request(_) | Record::Duplicates { .. } => {}
            }
            Ok(ControlFlow::Continue(()))
        })?;
        Ok((state, intent))
    }

    fn add(&mut self, record: &Record) {
        self.sums.add(record);
        if let Record::Replayed(replayed) = record {
            self.replayed.add(replayed);
        }
    }
}

impl Entries {
    fn add(&mut self, replayed: &Replayed) {
        for place in &replayed.taken {
            self.taken.insert(*place);
            self.partly.remove(place);
        }
        if let Some((place, digests)) = &replayed.partly {
            self.partly
                .entry(*place)
                .or_default()
                .extend(digests.iter().cloned());
        }
    }
}

/// Reads the records `from..end` of a quarantine's log one by one, as long as `each` says so.
fn each_record(
    folder: &Path,
    from: u64,
    end: u64,
    mut read: impl FnMut(u64, usize) -> Result<Vec<(u64, Bytes)>, LogError>,
    mut each: impl FnMut(u64, Record) -> Result<ControlFlow<()>, QuarantineError>,
) -> Result<(), QuarantineError> {
    let mut next = from;
    while next < end {
        let records = read(next, READ_BYTES)?;
        let Some((last, _)) = records.last() else {
            break;
        };
        next = last + 1;
        for (offset, bytes) in records.iter().filter(|(offset, _)| *offset < end) {
            let record = Record::read(bytes).map_err(|reason| QuarantineError::Damaged {
                path: folder.to_owned(),
                reason: format!("record {offset}: {reason}"),
            })?;
            if each(*offset, record)?.is_break() {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// One record, or several where the refused events are too many or too large for one.
fn to_records(note: Note) -> Vec<Record> {
    let mut request = Request {
        door: note.door,
        message: note.message,
        events: note.events,
        received: note.events.saturating_sub(note.refused.len() as u64),
        accepted: note.taken.accepted,
        duplicate: note.taken.duplicate,
        rejected: vec![],
    };
    let mut records = vec![];
    let mut bytes = 0;
    for refused in note.refused {
        let entry = Entry {
            index: refused.index,
            reason: refused.error.message().to_owned(),
            format: refused.format,
            raw: Raw::keep(&refused.raw),
            bytes: refused.raw.len() as u64,
        };
        let entry_bytes = serde_json::to_vec(&entry).map_or(0, |json| json.len());
        if bytes + entry_bytes > ENTRIES_BYTES_MAX && !request.rejected.is_empty() {
            let next = Request {
                received: 0,
                accepted: 0,
                duplicate: 0,
                rejected: vec![],
                ..request.clone()
            };
            let full = std::mem::replace(&mut request, next);
            records.push(Record::Request(Box::new(full)));
            bytes = 0;
        }
        bytes += entry_bytes;
        request.received += 1;
        request.rejected.push(entry);
    }
    records.push(Record::Request(Box::new(request)));
    records
}

impl Refused {
    /// A whole body that can't be read as it was sent.
    pub fn whole(error: questlog_core::Error, raw: Bytes, format: Format) -> Self {
        Self {
            index: 0,
            error,
            raw,
            format,
        }
    }
}

/// Waits for a future on a thread of no runtime.
fn block_on<T>(future: impl Future<Output = T>) -> Result<T, QuarantineError> {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.map_err(|source| QuarantineError::Io {
        path: PathBuf::from("a runtime"),
        doing: "start",
        source,
    })?;
    Ok(runtime.block_on(future))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
