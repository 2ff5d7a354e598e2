//! Doing again what plugins did: after one is fixed, or new, the lake's files are written anew with what it answers now.

use std::fs::File;
use std::sync::Arc;

use ::parquet::file::reader::{FileReader as _, SerializedFileReader};

use super::batch::NewFile;
use super::extras;
use super::manifest::LakeFile;
use super::parquet::{Columns, FileWriter};
use super::{Landing, LandingError, Manifest, lock};
use crate::plugins::{Outcome, PluginRecord, PluginSet};

/// What [`Landing::reenrich`] did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reenriched {
    /// Files that were written anew.
    pub files: u64,
    /// Their events.
    pub rows: u64,
    /// Files that already had all that the plugins answer.
    pub unchanged: u64,
    /// Files that were left as they were, because a plugin rested after failures, or because their columns are not those of now.
    pub left: u64,
    /// Rows of the new files that a plugin has no answer for.
    pub blank: u64,
}

impl Landing {
    /// Has the plugins of now answer for every file of the lake that others, other versions or none have answered for, or in
    /// which rows stayed blank. New files take the old ones' places, a day at a time; events stay as they are.
    ///
    /// Columns of plugins that are gone stay too.
    pub fn reenrich(&self) -> Result<Reenriched, LandingError> {
        let mut is_behind = self.begin()?;
        let plugins = self.plugins();
        let mut done = Reenriched::default();
        let manifest = self.manifest();
        let mut folders: Vec<&str> = manifest.files.iter().map(LakeFile::folder).collect();
        folders.sort_unstable();
        folders.dedup();
        for folder in folders {
            self.reenrich_folder(folder, &plugins, &mut done)?;
        }
        *is_behind = false;
        Ok(done)
    }

    fn reenrich_folder(
        &self,
        folder: &str,
        plugins: &PluginSet,
        done: &mut Reenriched,
    ) -> Result<(), LandingError> {
        let manifest = self.manifest();
        let (mut old, mut new) = (Vec::new(), Vec::new());
        for file in manifest.folder(folder) {
            if is_done(file, plugins) {
                done.unchanged += 1;
                continue;
            }
            let Some(again) = self.write_again(file, plugins)? else {
                done.left += 1;
                continue;
            };
            self.lake.stage(&again.path, &again.bytes)?;
            let batches = again.plugins.iter().flat_map(|record| &record.batches);
            done.blank += batches.map(|batch| batch.blank).sum::<u64>();
            done.files += 1;
            done.rows += again.rows;
            old.push(file);
            new.push(LakeFile::of(&again));
        }
        if new.is_empty() {
            return Ok(());
        }
        if !self.can_swap {
            return Err(LandingError::NoSwap(self.lake.root().to_owned()));
        }
        self.lake.sync_staging()?;
        let leave_out: Vec<&str> = old.iter().map(|file| file.path.as_str()).collect();
        let add: Vec<&str> = new.iter().map(|file| file.path.as_str()).collect();
        self.lake.prepare_folder(folder, &leave_out, &add)?;
        let mut retired = lock(&self.retired);
        let is_swapped = self.without_snapshots(|| {
            let mut next = Manifest::clone(&manifest);
            for file in &mut next.files {
                if let Some(at) = old.iter().position(|old| old.path == file.path) {
                    *file = new[at].clone();
                }
            }
            next.commit(&self.lake)?;
            self.lake.swap_folder(folder)?;
            Ok(next)
        })?;
        if is_swapped {
            self.retire(&mut retired, folder, old.into_iter().cloned())
        } else {
            let count = new.len() as u64;
            (done.files, done.left) = (done.files - count, done.left + count);
            self.lake.remove_next_folder(folder)
        }
    }

    /// The file with the plugins' columns made anew; `None` if it can't be or should not be.
    fn write_again(
        &self,
        file: &LakeFile,
        plugins: &PluginSet,
    ) -> Result<Option<NewFile>, LandingError> {
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
        let path = self.lake.root().join(&file.path);
        let open = File::open(&path).map_err(LandingError::io(&path, "open"))?;
        let reader = SerializedFileReader::new(open)?;
        let own = extras::of_records(file.plugins.iter()).unwrap_or_default();
        if !extras::are_columns_of(&self.layout, &own, reader.metadata()) {
            return Ok(None);
        }
        let layout = self.layout.with_extras(all)?;
        let mut out = FileWriter::new(&layout, &layout.for_lake, vec![])?;
        let mut records: Vec<PluginRecord> = gone.into_iter().cloned().collect();
        for at in 0..reader.num_row_groups() {
            let mut columns = Columns::read(&*reader.get_row_group(at)?, &self.layout, &kept)?;
            let answered = columns.enrich(&self.layout, plugins);
            let mut batches = answered.iter().flat_map(|record| &record.batches);
            if batches.any(|batch| batch.outcome == Outcome::Skipped) {
                return Ok(None);
            }
            PluginRecord::merge(&mut records, &answered);
            out.add(&columns)?;
        }
        Ok(Some(NewFile {
            path: next_path(&file.path),
            rows: file.rows,
            first: file.first,
            last: file.last,
            bytes: out.finish(&records)?.into(),
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
                && record.sha256 == plugin.sha256
                && record.config_sha256 == plugin.config_sha256;
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
