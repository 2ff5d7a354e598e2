//! Files of the staging folder that are written piece by piece.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use sha2::{Digest as _, Sha256};

use super::{Lake, STAGING};
use crate::landing::{LandingError, hex};

/// What the names of a merge's own files begin with; they need not survive a crash.
const RUN: &str = "=run=";

/// A staged file that is being written; it counts and hashes what goes through.
pub struct Staged<'a> {
    lake: &'a Lake,
    path: PathBuf,
    file: BufWriter<File>,
    bytes: u64,
    hash: Sha256,
}

impl Lake {
    /// Begins a file of the staging folder; `path` is where in the lake it shall be.
    pub fn create_staged(&self, path: &str) -> Result<Staged<'_>, LandingError> {
        let path = self.staged(path);
        self.step("stage a file", &path)?;
        let file = File::create(&path).map_err(LandingError::io(&path, "create"))?;
        Ok(Staged {
            lake: self,
            path,
            file: BufWriter::new(file),
            bytes: 0,
            hash: Sha256::new(),
        })
    }

    /// Where a merge may write its run of this number.
    pub fn run_path(&self, number: usize) -> PathBuf {
        self.root.join(STAGING).join(format!("{RUN}{number}"))
    }

    /// Removes all runs.
    pub fn remove_runs(&self) -> Result<(), LandingError> {
        let names = self.staging_names()?.into_iter();
        for name in names.filter(|name| name.starts_with(RUN)) {
            let path = self.root.join(STAGING).join(name);
            fs::remove_file(&path).map_err(LandingError::io(&path, "remove"))?;
        }
        Ok(())
    }
}

impl Staged<'_> {
    /// Makes it durable; gives its size and the SHA-256 of its bytes, in hexadecimal.
    pub fn finish(self) -> Result<(u64, String), LandingError> {
        let failed = |error| LandingError::io(&self.path, "write")(error);
        let file = self
            .file
            .into_inner()
            .map_err(|error| failed(error.into_error()))?;
        self.lake.step("stage a file", &self.path)?;
        file.sync_all().map_err(failed)?;
        Ok((self.bytes, hex(&self.hash.finalize())))
    }
}

impl Write for Staged<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.bytes += written as u64;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
