//! The sums of the quarantine: what the records that are there say, and what those said that had to go.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::QuarantineError;
use super::record::Record;
use crate::lake::sync_folder;

const FILE_NAME: &str = "totals.json";
const NEXT_NAME: &str = "totals.json.next";

/// Counts of events; every one that was received is in one of the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sums {
    /// Events of the requests that have a record here, but for those that were taken at once without another being refused.
    pub received: u64,
    /// Those of them that were taken.
    pub accepted: u64,
    /// Those that had been taken before.
    pub duplicate: u64,
    /// Those that could not be taken, at first.
    pub rejected: u64,
    /// Of the rejected, those that have been replayed.
    pub replayed: u64,
    /// Events that the replayed became: a whole body may have had several.
    pub replayed_accepted: u64,
    /// Events of the replayed that had been taken before.
    pub replayed_duplicate: u64,
}

/// What the records below an offset say, which are no longer needed for the sums.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Totals {
    pub(super) upto: u64,
    pub(super) sums: Sums,
}

impl Sums {
    /// Everything that was received, when `accepted` events have been taken altogether.
    ///
    /// It is counted from what the doors said they received, not from the other sums, so that the two can be compared.
    pub fn all_received(&self, accepted: u64) -> u64 {
        let unnoticed = accepted.saturating_sub(self.accepted + self.replayed_accepted);
        let unfolded = self.replayed_accepted + self.replayed_duplicate;
        (unnoticed + self.received + unfolded).saturating_sub(self.replayed)
    }

    /// Events that had been taken before.
    pub fn all_duplicate(&self) -> u64 {
        self.duplicate + self.replayed_duplicate
    }

    /// Events that could not be taken, and have not been since.
    pub fn still_rejected(&self) -> u64 {
        self.rejected.saturating_sub(self.replayed)
    }

    pub(super) fn add(&mut self, record: &Record) {
        match record {
            Record::Request(request) => {
                self.received += request.received;
                self.accepted += request.accepted;
                self.duplicate += request.duplicate;
                self.rejected += request.rejected.len() as u64;
            }
            Record::Duplicates { count } => {
                self.received += count;
                self.duplicate += count;
            }
            Record::Replaying(_) => {}
            Record::Replayed(replayed) => {
                self.replayed += replayed.taken.len() as u64;
                self.replayed_accepted += replayed.accepted;
                self.replayed_duplicate += replayed.duplicate;
            }
        }
    }
}

impl Totals {
    /// Reads them; zeros where nothing has had to go yet.
    pub(super) fn read(folder: &Path) -> Result<Self, QuarantineError> {
        let path = folder.join(FILE_NAME);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(source) => {
                return Err(QuarantineError::Io {
                    path,
                    doing: "read",
                    source,
                });
            }
        };
        serde_json::from_slice(&bytes).map_err(|error| QuarantineError::Damaged {
            path,
            reason: error.to_string(),
        })
    }

    /// Replaces them, durably and all at once.
    pub(super) fn write(&self, folder: &Path) -> Result<(), QuarantineError> {
        let (next, place) = (folder.join(NEXT_NAME), folder.join(FILE_NAME));
        // Nothing in it can fail to become JSON.
        let json = serde_json::to_vec(self).unwrap_or_default();
        let write = || -> io::Result<()> {
            let mut file = File::create(&next)?;
            file.write_all(&json)?;
            file.sync_all()?;
            fs::rename(&next, &place)
        };
        write().map_err(|source| QuarantineError::Io {
            path: place.clone(),
            doing: "write",
            source,
        })?;
        Ok(sync_folder(folder)?)
    }
}
