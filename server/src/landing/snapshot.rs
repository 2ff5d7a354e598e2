//! What a query sees: the lake and the unlanded end of the log, at one moment.

use std::path::PathBuf;
use std::sync::Arc;

use super::{Landing, LandingError, Manifest, NewFile, lock};
use crate::analyze::Source;

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

impl Landing {
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
}
