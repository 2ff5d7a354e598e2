//! Doing again what plugins did: after one is fixed, or new, the lake's files are written anew with what it answers now.

use std::collections::{BTreeSet, HashSet};
use std::fs::File;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use ::parquet::file::reader::{FileReader as _, SerializedFileReader};

use super::extras;
use super::manifest::LakeFile;
use super::parquet::{Columns, FileWriter};
use super::{Landing, LandingError, Manifest, lock};
use crate::plugins::{Outcome, PluginRecord, PluginSet};

/// Bytes of the files that are written anew at once; nothing lands meanwhile.
const BYTES_MAX: u64 = 128 << 20;
/// How long the new files wait for queries to end that read the old ones, and how often they look.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(20);

/// What [`Landing::reenrich`] did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reenriched {
    /// Files that were written anew.
    pub files: u64,
    /// Their events.
    pub rows: u64,
    /// Files that already had all that the plugins answer.
    pub unchanged: u64,
    /// Files that were left as they were, because a plugin rested after failures, because their columns are not those of now, or
    /// because a query was reading.
    pub left: u64,
    /// Rows of the new files that a plugin has no answer for.
    pub blank: u64,
}

impl Landing {
    /// Has the plugins of now answer for every file of the lake that others, other versions or none have answered for, or in
    /// which rows stayed blank. New files take the old ones' places, some of a day at a time; events stay as they are, and
    /// those that come meanwhile land in between.
    ///
    /// Columns of plugins that are gone stay too.
    pub fn reenrich(&self) -> Result<Reenriched, LandingError> {
        self.reenrich_while(|| true)
    }

    /// The same, which ends early when `go_on` says no.
    pub fn reenrich_while(&self, go_on: impl Fn() -> bool) -> Result<Reenriched, LandingError> {
        let plugins = self.plugins();
        let mut done = Reenriched::default();
        let mut seen = HashSet::new();
        let manifest = self.manifest();
        let folders: BTreeSet<&str> = manifest.files.iter().map(LakeFile::folder).collect();
        for folder in folders {
            while go_on() && self.reenrich_some(folder, &plugins, &mut seen, &mut done)? {
                self.land()?;
            }
        }
        Ok(done)
    }

    /// Does it for files of a folder that have not been `seen`; says whether there may be more.
    fn reenrich_some(
        &self,
        folder: &str,
        plugins: &PluginSet,
        seen: &mut HashSet<String>,
        done: &mut Reenriched,
    ) -> Result<bool, LandingError> {
        let mut is_behind = self.begin()?;
        let manifest = self.manifest();
        let (mut old, mut new, mut bytes) = (Vec::new(), Vec::new(), 0);
        for file in manifest.folder(folder) {
            if bytes >= BYTES_MAX {
                break;
            }
            if !seen.insert(file.path.clone()) {
                continue;
            }
            if is_done(file, plugins) {
                done.unchanged += 1;
                continue;
            }
            let Some(again) = self.write_again(file, plugins)? else {
                done.left += 1;
                continue;
            };
            bytes += file.bytes;
            seen.insert(again.path.clone());
            old.push(file);
            new.push(again);
        }
        if !new.is_empty() {
            self.replace(folder, &manifest, &old, &new, done)?;
        }
        *is_behind = false;
        Ok(!new.is_empty())
    }

    /// Puts new files in the places of old ones of the same folder, unless a query is reading.
    fn replace(
        &self,
        folder: &str,
        manifest: &Manifest,
        old: &[&LakeFile],
        new: &[LakeFile],
        done: &mut Reenriched,
    ) -> Result<(), LandingError> {
        if !self.can_swap {
            return Err(LandingError::NoSwap(self.lake.root().to_owned()));
        }
        self.lake.sync_staging()?;
        let leave_out: Vec<&str> = old.iter().map(|file| file.path.as_str()).collect();
        let add: Vec<&str> = new.iter().map(|file| file.path.as_str()).collect();
        self.lake.prepare_folder(folder, &leave_out, &add)?;
        let mut next = manifest.clone();
        for file in &mut next.files {
            if let Some(at) = old.iter().position(|old| old.path == file.path) {
                *file = new[at].clone();
            }
        }
        let started = Instant::now();
        let mut retired = lock(&self.retired);
        while !self.without_snapshots(|| {
            next.commit(&self.lake)?;
            self.lake.swap_folder(folder)?;
            Ok(next.clone())
        })? {
            if started.elapsed() < PATIENCE {
                drop(retired);
                thread::sleep(PAUSE);
                retired = lock(&self.retired);
                continue;
            }
            done.left += new.len() as u64;
            return self.lake.remove_next_folder(folder);
        }
        done.files += new.len() as u64;
        done.rows += new.iter().map(|file| file.rows).sum::<u64>();
        let records = new.iter().flat_map(|file| &file.plugins);
        let batches = records.flat_map(|record| &record.batches);
        done.blank += batches.map(|batch| batch.blank).sum::<u64>();
        self.retire(&mut retired, folder, old.iter().copied().cloned())
    }

    /// Stages the file with the plugins' columns made anew, a row group at a time; `None` if it can't be or should not be.
    fn write_again(
        &self,
        file: &LakeFile,
        plugins: &PluginSet,
    ) -> Result<Option<LakeFile>, LandingError> {
        let is_gone = |record: &&PluginRecord| {
            !plugins
                .plugins
                .iter()
                .any(|plugin| plugin.name == record.name)
        };
        let gone: Vec<&PluginRecord> = file.plugins.iter().filter(is_gone).collect();
        let Some(kept) = extras::of_records(gone.iter().copied()) else {
            return Ok(None);
        };
        let mut all = kept.clone();
        all.extend(plugins.extras());
        let old = self.lake.root().join(&file.path);
        let open = File::open(&old).map_err(LandingError::io(&old, "open"))?;
        let reader = SerializedFileReader::new(open)?;
        let own = extras::of_records(file.plugins.iter()).unwrap_or_default();
        if !extras::are_columns_of(&self.layout, &own, reader.metadata()) {
            return Ok(None);
        }
        let layout = self.layout.with_extras(all)?;
        let path = next_path(&file.path);
        let staged = self.lake.create_staged(&path)?;
        let mut out = FileWriter::new(&layout, &layout.for_lake, staged)?;
        let mut records: Vec<PluginRecord> = gone.into_iter().cloned().collect();
        for at in 0..reader.num_row_groups() {
            let mut columns = Columns::read(&*reader.get_row_group(at)?, &self.layout, &kept)?;
            let answered = columns.enrich(&self.layout, plugins);
            let mut batches = answered.iter().flat_map(|record| &record.batches);
            if batches.any(|batch| batch.outcome == Outcome::Skipped) {
                drop(out);
                self.lake.discard(&path)?;
                return Ok(None);
            }
            PluginRecord::merge(&mut records, &answered);
            out.add(&columns)?;
        }
        let (bytes, sha256) = out.finish(&records)?.finish()?;
        Ok(Some(LakeFile {
            path,
            rows: file.rows,
            bytes,
            first: file.first,
            last: file.last,
            sha256,
            plugins: records,
        }))
    }

    /// The generation at work.
    pub(super) fn plugins(&self) -> Arc<PluginSet> {
        let plugins = self.plugins.as_ref().map(|plugins| plugins.current());
        plugins.unwrap_or_default()
    }
}

/// Whether these plugins have answered for every row of a file.
fn is_done(file: &LakeFile, plugins: &PluginSet) -> bool {
    plugins.plugins.iter().all(|plugin| {
        let mut answered = 0;
        for record in &file.plugins {
            let is_same = record.name == plugin.name
                && record.sha256 == plugin.sha256()
                && record.config_sha256 == plugin.config_sha256();
            if is_same && record.is_complete() {
                answered += record.batches.iter().map(|batch| batch.rows).sum::<u64>();
            }
        }
        answered == file.rows
    })
}

/// A name that the folder doesn't have yet: `…-r1.parquet`, then `…-r2.parquet`.
fn next_path(path: &str) -> String {
    let stem = path.strip_suffix(".parquet").unwrap_or(path);
    let numbered = stem.rsplit_once("-r");
    let numbered = numbered.and_then(|(stem, number)| Some((stem, number.parse::<u64>().ok()?)));
    let (stem, number) = numbered.unwrap_or((stem, 0));
    format!("{stem}-r{}.parquet", number + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_time_the_name_is_another() {
        let first = next_path("other/date=2026-11-23/000-041.parquet");
        assert_eq!(first, "other/date=2026-11-23/000-041-r1.parquet");
        assert_eq!(
            next_path(&first),
            "other/date=2026-11-23/000-041-r2.parquet"
        );
    }
}
