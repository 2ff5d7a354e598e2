//! Landing: the log becomes Parquet files in the lake, each event once.
//!
//! A batch of records is turned into files by a pure function, the files are staged durably, the manifest that names them and says how
//! far the log has landed replaces the old one, then the files are renamed into place. The manifest's replacement is the one moment at
//! which the batch lands: a crash before it leaves staged files that are thrown away, a crash after it leaves renames to finish.

mod batch;
mod chosen;
mod error;
mod extras;
mod ids;
mod layout;
mod manifest;
mod merge;
mod parquet;
mod quarantine;
mod reading;
mod reenrich;
mod rows;
mod runs;
mod snapshot;
mod tail;
mod tidy;
mod verify;

#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use crate::lake::Lake;
use crate::log::Log;
use crate::plugins::Registry;

pub use batch::{Batch, NewFile, Unreadable, to_parquet, to_parquet_with};
pub use error::LandingError;
pub use ids::LandedId;
pub use layout::Layout;
pub use manifest::{LakeFile, Manifest};
pub use reenrich::Reenriched;
pub use snapshot::Snapshot;
pub use verify::Books;

pub(crate) use quarantine::hex;

use tail::Tail;
use tidy::{Retired, recover};

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
    /// Bytes of that Parquet; a query that needs more of it lands the records first. Default 64 MiB.
    pub tail_bytes_max: usize,
    /// Small files of one day that are merged into one. Default 16.
    pub merge_files_min: usize,
    /// How long events are kept, by whole days of their own time. Default: for ever.
    pub retain: Option<Duration>,
}

impl LandingOptions {
    /// The defaults, with a folder for what can't land.
    pub fn new(quarantine: impl Into<PathBuf>) -> Self {
        Self {
            quarantine: quarantine.into(),
            batch_bytes_max: BATCH_BYTES_MAX,
            keep_records: 4_000_000,
            tail_records_max: 8 << 10,
            tail_bytes_max: 64 << 20,
            merge_files_min: 16,
            retain: None,
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
    retired: Mutex<Retired>,
    /// Whether the file system can replace a folder in one step, which merging needs.
    can_swap: bool,
    /// Folders with files of another layout or damaged ones, which are not merged.
    unmergeable: Mutex<HashSet<String>>,
    /// Those whose columns are made while records land.
    plugins: Option<Arc<Registry>>,
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
            manifest: RwLock::new(Arc::new(manifest)),
            tail: Mutex::new(Tail::new(&layout, &options)),
            layout,
            options,
            at_work: Mutex::new(false),
            lease: Arc::default(),
            retired: Mutex::default(),
            can_swap,
            unmergeable: Mutex::default(),
            plugins: None,
        })
    }

    /// The same with plugins, whose columns are made while records land.
    #[must_use]
    pub fn with_plugins(mut self, plugins: Arc<Registry>) -> Self {
        self.plugins = Some(plugins);
        self
    }

    /// Its plugins.
    pub fn registry(&self) -> Option<&Arc<Registry>> {
        self.plugins.as_ref()
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
        let mut is_behind = self.begin()?;
        let (from, upto) = (self.landed_to(), self.log.end());
        let mut landed = Landed {
            from,
            to: from,
            ..Landed::default()
        };
        while landed.to < upto {
            // A query that is being answered goes first: somebody waits for it.
            drop(lock(&self.tail));
            self.land_batch(&mut landed, upto)?;
        }
        self.log
            .trim_before(landed.to.saturating_sub(self.options.keep_records))?;
        match self.merge_small_files().and_then(|()| self.drop_old_days()) {
            Ok(()) => *is_behind = false,
            // Everything has landed; the next landing tidies up and tries again.
            Err(error) => tracing::warn!(%error, "the lake could not be tidied up"),
        }
        Ok(landed)
    }

    /// Waits for other work on the lake and finishes what it left half-done. Set the flag to false when all has gone well.
    fn begin(&self) -> Result<MutexGuard<'_, bool>, LandingError> {
        let mut is_behind = lock(&self.at_work);
        if std::mem::replace(&mut *is_behind, true) {
            // No new snapshot while files may change their places.
            let _no_snapshots = lock(&self.tail);
            self.recover()?;
        }
        self.lake.remove_retired()?;
        lock(&self.retired).clear();
        Ok(is_behind)
    }

    fn land_batch(&self, landed: &mut Landed, upto: u64) -> Result<(), LandingError> {
        let from = landed.to;
        let records = tail::read_range(&*self.log, from, upto, self.options.batch_bytes_max)?;
        // One generation for the whole batch, whatever is loaded meanwhile.
        let batch = to_parquet_with(&records, &self.layout, &self.plugins())?;
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

    fn publish(&self, manifest: Manifest) {
        *self
            .manifest
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Arc::new(manifest);
    }
}

/// A lock that a panic elsewhere does not spoil: what it guards is only replaced as a whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
