//! Landing: the log becomes Parquet files in the lake, each event once.
//!
//! A batch of records is turned into files by a pure function, the files are staged durably, the manifest that names them and says how
//! far the log has landed replaces the old one, then the files are renamed into place. The manifest's replacement is the one moment at
//! which the batch lands: a crash before it leaves staged files that are thrown away, a crash after it leaves renames to finish.

mod batch;
mod error;
mod layout;
mod manifest;
mod merge;
mod parquet;
mod quarantine;
mod reading;
mod tail;
mod verify;

#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use crate::analyze::Source;
use crate::lake::Lake;
use crate::log::Log;

pub use batch::{Batch, NewFile, Unreadable, to_parquet};
pub use error::LandingError;
pub use layout::Layout;
pub use manifest::{LakeFile, Manifest};
pub use verify::Books;

use merge::Merge;
use tail::Tail;

/// Log bytes that are landed at once; memory is a small multiple of it.
pub const BATCH_BYTES_MAX: usize = 32 << 20;

/// How a landing is done.
#[derive(Clone, Debug)]
pub struct LandingOptions {
    /// Where records go that are no events.
    pub quarantine: PathBuf,
    /// Log bytes of one batch. Default [`BATCH_BYTES_MAX`].
    pub batch_bytes_max: usize,
    /// Landed records that stay in the log, for the search for duplicates after a restart. Default 4,000,000.
    pub keep_records: u64,
    /// Unlanded records that are turned into Parquet at once for a query; the last, unfinished lot is made again for every
    /// query, so it is small. Default 8,192.
    pub tail_records_max: u64,
    /// Unlanded records beyond which a query lands them first, instead of keeping so much Parquet in memory. Default 500,000.
    pub unlanded_records_max: u64,
    /// Small files of one day that are merged into one. Default 16.
    pub merge_files_min: usize,
}

impl LandingOptions {
    /// The defaults, with a folder for what can't land.
    pub fn new(quarantine: impl Into<PathBuf>) -> Self {
        Self {
            quarantine: quarantine.into(),
            batch_bytes_max: BATCH_BYTES_MAX,
            keep_records: 4_000_000,
            tail_records_max: 8 << 10,
            unlanded_records_max: 500_000,
            merge_files_min: 16,
        }
    }
}

/// What a landing did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Landed {
    /// The first record's offset.
    pub from: u64,
    /// The offset after the last record.
    pub to: u64,
    /// New files.
    pub files: u64,
    /// Events in them.
    pub rows: u64,
    /// Records that were no events and went to the quarantine.
    pub unreadable: u64,
}

/// All events at one moment: the lake's files and, as files in memory, the records that have not landed. Each event is in one of them.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The lake's folder.
    pub root: PathBuf,
    /// What the lake holds.
    pub manifest: Arc<Manifest>,
    /// The records from there on.
    pub tail: Vec<Arc<NewFile>>,
    /// The offset after the last record in it.
    pub to: u64,
    /// As long as it is held, no file of the manifest goes away.
    _lease: Arc<()>,
}

impl Snapshot {
    /// Everything, for [`crate::analyze`].
    pub fn sources(&self) -> Vec<Source> {
        let landed = self.manifest.files.iter().map(|file| Source::File {
            path: self.root.join(&file.path),
            name: file.path.clone(),
            partition: questlog_core::partition_columns(&file.path),
        });
        let unlanded = self.tail.iter().map(|file| Source::Memory {
            name: format!("unlanded/{}", file.path),
            bytes: file.bytes.clone(),
            partition: questlog_core::partition_columns(&file.path),
        });
        landed.chain(unlanded).collect()
    }
}

/// A lake and the log that lands in it.
pub struct Landing {
    lake: Lake,
    log: Arc<dyn Log>,
    layout: Layout,
    options: LandingOptions,
    manifest: RwLock<Arc<Manifest>>,
    tail: Mutex<Tail>,
    /// Held while a batch lands; true when the disk may be ahead of `manifest`, because a landing failed half-way.
    at_work: Mutex<bool>,
    /// Held by every snapshot; files are only replaced while there is none.
    lease: Arc<()>,
    /// Whether the file system can replace a folder in one step, which merging needs.
    can_swap: bool,
    /// Folders with files of another layout, which are not merged.
    unmergeable: Mutex<HashSet<String>>,
}

impl Landing {
    /// Finishes what a crash interrupted and gets ready to land `log` into `lake`.
    pub fn open(
        lake: Lake,
        log: Arc<dyn Log>,
        layout: Layout,
        options: LandingOptions,
    ) -> Result<Self, LandingError> {
        let manifest = recover(&lake)?;
        let can_swap = lake.can_swap();
        if manifest.landed_to > log.end() {
            return Err(LandingError::OtherLog {
                path: lake.root().to_owned(),
                landed_to: manifest.landed_to,
                log_end: log.end(),
            });
        }
        Ok(Self {
            lake,
            log,
            layout,
            manifest: RwLock::new(Arc::new(manifest)),
            tail: Mutex::new(Tail::new(options.tail_records_max)),
            options,
            at_work: Mutex::new(false),
            lease: Arc::default(),
            can_swap,
            unmergeable: Mutex::default(),
        })
    }

    /// What the lake holds now.
    pub fn manifest(&self) -> Arc<Manifest> {
        Arc::clone(&self.manifest.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The offset up to which the log has landed.
    pub fn landed_to(&self) -> u64 {
        self.manifest().landed_to
    }

    /// Lands every record that is in the log now, batch by batch. After an error it can be called again.
    pub fn land(&self) -> Result<Landed, LandingError> {
        let mut is_behind = lock(&self.at_work);
        if std::mem::replace(&mut *is_behind, true) {
            // No new snapshot while files may change their places.
            let _no_snapshots = lock(&self.tail);
            self.publish(recover(&self.lake)?);
        }
        let (from, upto) = (self.landed_to(), self.log.end());
        let mut landed = Landed {
            from,
            to: from,
            ..Landed::default()
        };
        while landed.to < upto {
            self.land_batch(&mut landed, upto)?;
        }
        self.log
            .trim_before(landed.to.saturating_sub(self.options.keep_records))?;
        match self.merge_small_files() {
            Ok(()) => *is_behind = false,
            // Everything has landed; the next landing tidies up and tries again.
            Err(error) => tracing::warn!(%error, "small files could not be merged"),
        }
        Ok(landed)
    }

    /// Drops all days before `day` (such as `2026-01-31`) from the lake; gives the number of events that went.
    ///
    /// A day that a query is reading stays until the next call.
    pub fn drop_days_before(&self, day: &str) -> Result<u64, LandingError> {
        let mut is_behind = lock(&self.at_work);
        if std::mem::replace(&mut *is_behind, true) {
            let _no_snapshots = lock(&self.tail);
            self.publish(recover(&self.lake)?);
        }
        let before = self.manifest().dropped;
        loop {
            let mut manifest = Manifest::clone(&self.manifest());
            let is_old = |file: &&LakeFile| file.day().is_some_and(|of| of < day);
            let Some(folder) = manifest
                .files
                .iter()
                .find(is_old)
                .map(|file| file.folder().to_owned())
            else {
                break;
            };
            let is_done = self.without_snapshots(|| {
                self.lake.hide_folder(&folder)?;
                manifest.dropped += manifest.folder(&folder).map(|file| file.rows).sum::<u64>();
                manifest.files.retain(|file| file.folder() != folder);
                manifest.commit(&self.lake)?;
                Ok(manifest)
            })?;
            if !is_done {
                break;
            }
            self.lake.remove_next_folder(&folder)?;
        }
        *is_behind = false;
        Ok(self.manifest().dropped - before)
    }

    /// All events that are acknowledged now. Cheap when little has changed since the last call.
    pub fn snapshot(&self) -> Result<Snapshot, LandingError> {
        let unlanded = self.log.end().saturating_sub(self.landed_to());
        if unlanded > self.options.unlanded_records_max
            && let Err(error) = self.land()
        {
            // Answering matters more than memory: the records are still in the log.
            tracing::warn!(%error, "a query could not land the log first");
        }
        let mut tail = lock(&self.tail);
        loop {
            let manifest = self.manifest();
            let from = manifest.landed_to;
            // Whatever lands from here on is read from the log, where it stays for a while; if not, the next round has it landed.
            let to = self.log.end().max(from);
            match tail.files(&*self.log, from, to, &self.layout) {
                Err(LandingError::Missing { .. }) if self.landed_to() > from => {}
                Err(error) => return Err(error),
                Ok(tail) => {
                    let _lease = Arc::clone(&self.lease);
                    return Ok(Snapshot {
                        _lease,
                        root: self.lake.root().to_owned(),
                        manifest,
                        tail,
                        to,
                    });
                }
            }
        }
    }

    fn land_batch(&self, landed: &mut Landed, upto: u64) -> Result<(), LandingError> {
        let from = landed.to;
        let records = tail::read_range(&*self.log, from, upto, self.options.batch_bytes_max)?;
        let batch = to_parquet(&records, &self.layout)?;
        drop(records);

        quarantine::write(&self.options.quarantine, from, &batch.unreadable)?;
        for file in &batch.files {
            self.lake.stage(&file.path, &file.bytes)?;
        }
        self.lake.sync_staging()?;

        let mut manifest = Manifest::clone(&self.manifest());
        manifest.landed_to = batch.to;
        manifest.unreadable += batch.unreadable.len() as u64;
        manifest.files.extend(batch.files.iter().map(LakeFile::of));
        manifest.commit(&self.lake)?;
        self.lake
            .publish(batch.files.iter().map(|file| file.path.as_str()))?;

        landed.to = batch.to;
        landed.files += batch.files.len() as u64;
        landed.rows += batch.files.iter().map(|file| file.rows).sum::<u64>();
        landed.unreadable += batch.unreadable.len() as u64;
        self.publish(manifest);
        Ok(())
    }

    /// Merges small files, folder by folder, as long as no query is reading.
    fn merge_small_files(&self) -> Result<(), LandingError> {
        while self.can_swap && Arc::strong_count(&self.lease) == 1 {
            let manifest = self.manifest();
            let skip = lock(&self.unmergeable).clone();
            let Some(merge) = Merge::plan(&manifest, self.options.merge_files_min, &skip) else {
                break;
            };
            let Some(merged) = merge.run(self.lake.root(), &self.layout)? else {
                lock(&self.unmergeable).insert(merge.folder.to_owned());
                continue;
            };
            let old: Vec<&str> = merge.files.iter().map(|file| file.path.as_str()).collect();
            self.lake.stage(&merged.path, &merged.bytes)?;
            self.lake.sync_staging()?;
            self.lake
                .prepare_folder(merge.folder, &old, &[&merged.path])?;

            self.without_snapshots(|| {
                let mut next = Manifest::clone(&manifest);
                let at = next.files.iter().position(|file| file.path == old[0]);
                next.files.insert(at.unwrap_or(0), LakeFile::of(&merged));
                next.files.retain(|file| !old.contains(&file.path.as_str()));
                next.commit(&self.lake)?;
                self.lake.swap_folder(merge.folder)?;
                Ok(next)
            })?;
            self.lake.remove_next_folder(merge.folder)?;
        }
        Ok(())
    }

    /// Does what makes files go away, unless a query is reading; none begins meanwhile. Says whether it was done.
    fn without_snapshots(
        &self,
        change: impl FnOnce() -> Result<Manifest, LandingError>,
    ) -> Result<bool, LandingError> {
        let _no_new_ones = lock(&self.tail);
        if Arc::strong_count(&self.lease) > 1 {
            return Ok(false);
        }
        match change() {
            Ok(manifest) => self.publish(manifest),
            Err(error) => {
                // Half of it may be done; the next query must see files that are there.
                self.publish(recover(&self.lake)?);
                return Err(error);
            }
        }
        Ok(true)
    }

    fn publish(&self, manifest: Manifest) {
        *self
            .manifest
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Arc::new(manifest);
    }
}

/// Brings the folder to what its manifest says: staged files that it names go to their places, others go away, and so do the
/// folders of a merge or a drop that was interrupted, after what the manifest wants of them is in its place.
fn recover(lake: &Lake) -> Result<Manifest, LandingError> {
    let manifest = Manifest::read(lake.root())?;
    let (named, strangers): (Vec<_>, Vec<_>) = lake
        .staged_paths()?
        .into_iter()
        .partition(|path| manifest.files.iter().any(|file| &file.path == path));
    lake.publish(named.iter().map(String::as_str))?;
    for path in &strangers {
        lake.discard(path)?;
    }
    for folder in lake.next_folders()? {
        let are_all = |is_next| {
            manifest
                .folder(&folder)
                .all(|file| lake.has(&file.path, is_next))
        };
        if !are_all(false) {
            if !are_all(true) {
                let folder = lake.root().join(&folder);
                tracing::warn!(folder = %folder.display(), "the lake lacks files of its manifest; `questlog verify` names them");
                continue;
            }
            if !lake.root().join(&folder).exists() {
                lake.show_folder(&folder)?;
                continue;
            }
            lake.swap_folder(&folder)?;
        }
        lake.remove_next_folder(&folder)?;
    }
    Ok(manifest)
}

/// A lock that a panic elsewhere does not spoil: what it guards is only replaced as a whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
