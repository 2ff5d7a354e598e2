//! The manifest: which files of the lake count, and how far the log has landed.

use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::LandingError;
use super::batch::NewFile;
use super::quarantine::hex;
use crate::lake::Lake;
use crate::plugins::PluginRecord;

/// The version this program writes; it reads no newer one.
const VERSION: u32 = 2;

/// What the lake holds, at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    version: u32,
    /// Every record below this offset has landed.
    pub landed_to: u64,
    /// How many of them were no events and went to the quarantine instead.
    pub unreadable: u64,
    /// How many of them were in days that have been dropped, because nobody wants to keep them.
    #[serde(default)]
    pub dropped: u64,
    /// The files; those of one folder in the order of their records.
    pub files: Vec<LakeFile>,
}

/// A Parquet file of the lake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LakeFile {
    /// Where it is, from the lake's root.
    pub path: String,
    /// Its rows.
    pub rows: u64,
    /// Its size.
    pub bytes: u64,
    /// The offset of its first record.
    pub first: u64,
    /// The offset of its last record; others between the two may be in other files.
    pub last: u64,
    /// The SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// The plugins that wrote columns of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub plugins: Vec<PluginRecord>,
}

impl Default for Manifest {
    fn default() -> Self {
        Self {
            version: VERSION,
            landed_to: 0,
            unreadable: 0,
            dropped: 0,
            files: vec![],
        }
    }
}

impl Manifest {
    /// Reads the manifest of the lake in `root`; an empty one where nothing has landed.
    pub fn read(root: &Path) -> Result<Self, LandingError> {
        let damaged = |reason: String| LandingError::Manifest {
            path: root.to_owned(),
            reason,
        };
        let Some(bytes) = Lake::read_manifest(root)? else {
            return Ok(Self::default());
        };
        #[derive(Deserialize)]
        struct Head {
            version: u32,
        }
        let head: Head =
            serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
        if head.version > VERSION {
            let version = head.version;
            return Err(damaged(format!(
                "it has version {version}, this program reads up to {VERSION}; use a newer questlog"
            )));
        }
        let manifest: Self =
            serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
        Ok(Self {
            version: VERSION,
            ..manifest
        })
    }

    /// Replaces the lake's manifest by this one, durably and all at once.
    pub fn commit(&self, lake: &Lake) -> Result<(), LandingError> {
        let bytes = serde_json::to_vec(self).map_err(|error| LandingError::Manifest {
            path: lake.root().to_owned(),
            reason: error.to_string(),
        })?;
        lake.write_manifest(&bytes)
    }

    /// The files of one folder, such as `purchases/date=2026-11-23`.
    pub fn folder<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = &'a LakeFile> {
        self.files
            .iter()
            .filter(move |file| file.folder() == folder)
    }

    /// How many events are in the files.
    pub fn rows(&self) -> u64 {
        self.files.iter().map(|file| file.rows).sum()
    }
}

impl LakeFile {
    pub(super) fn of(file: &NewFile) -> Self {
        Self {
            path: file.path.clone(),
            rows: file.rows,
            bytes: file.bytes.len() as u64,
            first: file.first,
            last: file.last,
            sha256: hex(&Sha256::digest(&file.bytes)),
            plugins: file.plugins.clone(),
        }
    }

    /// The folder it is in, from the lake's root.
    pub fn folder(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// The day its folder is named after.
    pub fn day(&self) -> Option<&str> {
        Some(self.folder().rsplit_once("/date=")?.1)
    }
}
