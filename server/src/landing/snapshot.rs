//! What a query sees: the lake and the unlanded end of the log, at one moment.

use std::path::PathBuf;
use std::sync::Arc;

use super::batch::without_events;
use super::chosen::Chosen;
use super::{Landing, LandingError, Manifest, NewFile, lock};
use crate::analyze::Source;
use crate::plugins::Field;

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

/// How often the log is landed for a query whose unlanded records take too much memory, while more of them come in.
const TRIES_MAX: usize = 3;

impl Landing {
    /// All events that are acknowledged now. Cheap when little has changed since the last call.
    pub fn snapshot(&self) -> Result<Snapshot, LandingError> {
        self.snapshot_with(|extras| Chosen::all(&self.layout, extras))
    }

    /// The same, of which only the columns of these names (and others that cost nothing) will be looked at.
    pub fn snapshot_of(&self, columns: &[String]) -> Result<Snapshot, LandingError> {
        self.snapshot_with(|extras| Chosen::of(&self.layout, extras, columns))
    }

    fn snapshot_with(&self, choose: impl Fn(&[Field]) -> Chosen) -> Result<Snapshot, LandingError> {
        for _ in 0..TRIES_MAX {
            // One generation for the whole snapshot, whatever is loaded meanwhile.
            let plugins = self.plugins();
            let extras = plugins.extras();
            let snapshot = self.try_snapshot(&choose(&extras), &extras, plugins.has_matcher())?;
            if let Some(snapshot) = snapshot {
                return Ok(snapshot);
            }
            self.land()?;
        }
        Err(LandingError::TailTooLarge {
            bytes_max: self.options.tail_bytes_max,
        })
    }

    /// `None` if the unlanded records would take more memory than they may. `extras` are all columns that plugins will fill; if
    /// one is a matcher, it says who the provider is, when the events land.
    fn try_snapshot(
        &self,
        chosen: &Chosen,
        extras: &[Field],
        has_matcher: bool,
    ) -> Result<Option<Snapshot>, LandingError> {
        let mut tail = lock(&self.tail);
        loop {
            let manifest = self.manifest();
            let from = manifest.landed_to;
            // Whatever lands from here on is read from the log, where it stays for a while; if not, the next round has it landed.
            let to = self.log.end().max(from);
            let files = tail.files(
                &*self.log,
                from..to,
                &self.layout,
                chosen,
                extras,
                has_matcher,
            );
            match files {
                Err(LandingError::Missing { .. }) if self.landed_to() > from => {}
                Err(error) => return Err(error),
                Ok(None) => return Ok(None),
                Ok(Some(mut tail)) => {
                    if tail.is_empty() && lacks_a_column(&manifest, chosen) {
                        tail.push(Arc::new(without_events(&self.layout, chosen)?));
                    }
                    let _lease = Arc::clone(&self.lease);
                    return Ok(Some(Snapshot {
                        _lease,
                        root: self.lake.root().to_owned(),
                        manifest,
                        tail,
                        to,
                    }));
                }
            }
        }
    }
}

/// Whether a plugin will fill a column that is in no file of the lake yet: a query may ask for it all the same.
fn lacks_a_column(manifest: &Manifest, chosen: &Chosen) -> bool {
    let written = || {
        let records = manifest.files.iter().flat_map(|file| &file.plugins);
        records.flat_map(|record| &record.writes)
    };
    let is_missing = |field: &Field| !written().any(|other| other.name == field.name);
    !manifest.files.is_empty() && chosen.extras.iter().any(is_missing)
}
