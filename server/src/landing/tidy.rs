//! Keeping the lake in order: interrupted work is finished, small files are merged, old days go.
//!
//! Files go away only while no query of this process holds a [`super::Snapshot`]. Other programs that list a folder see either the
//! old files or the new ones; one that listed the old ones and opens them later gets "no such file", never a wrong answer. Whoever
//! asks this process ([`Landing::file`]) can have the old files until the next landing.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use questlog_core::event::day_text;

use super::merge::Merge;
use super::{LakeFile, Landing, LandingError, Manifest, lock};
use crate::lake::Lake;

/// Files that were merged or dropped since the last landing, and where they are until the next one.
pub(super) type Retired = Vec<(LakeFile, PathBuf)>;

impl Landing {
    /// Drops all days before `day` (such as `2026-01-31`) from the lake; gives the number of events that went.
    ///
    /// A day stays until the next call while a query is reading.
    pub fn drop_days_before(&self, day: &str) -> Result<u64, LandingError> {
        let mut is_behind = self.begin()?;
        let dropped = self.drop_days(day)?;
        *is_behind = false;
        Ok(dropped)
    }

    /// Drops the days of which every moment is longer ago than events are kept.
    pub(super) fn drop_old_days(&self) -> Result<(), LandingError> {
        let Some(retain) = self.options.retain else {
            return Ok(());
        };
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let oldest_us = i64::try_from(now.saturating_sub(retain).as_micros()).unwrap_or(0);
        let dropped = self.drop_days(&day_text(oldest_us))?;
        if dropped > 0 {
            tracing::info!(events = dropped, "old days were dropped");
        }
        Ok(())
    }

    fn drop_days(&self, before: &str) -> Result<u64, LandingError> {
        let dropped_before = self.manifest().dropped;
        loop {
            let mut manifest = Manifest::clone(&self.manifest());
            let is_old = |file: &&LakeFile| file.day().is_some_and(|day| day < before);
            let found = manifest.files.iter().find(is_old);
            let Some(folder) = found.map(|file| file.folder().to_owned()) else {
                break;
            };
            let old: Vec<LakeFile> = manifest.folder(&folder).cloned().collect();
            let mut retired = lock(&self.retired);
            let is_done = self.without_snapshots(|| {
                self.lake.hide_folder(&folder)?;
                let rows = manifest.folder(&folder).map(|file| file.rows);
                manifest.dropped += rows.sum::<u64>();
                manifest.files.retain(|file| file.folder() != folder);
                manifest.commit(&self.lake)?;
                Ok(manifest)
            })?;
            if !is_done {
                break;
            }
            self.retire(&mut retired, &folder, old)?;
        }
        Ok(self.manifest().dropped - dropped_before)
    }

    /// Merges small files, folder by folder, as long as no query is reading.
    pub(super) fn merge_small_files(&self) -> Result<(), LandingError> {
        while self.can_swap && Arc::strong_count(&self.lease) == 1 {
            let manifest = self.manifest();
            let skip = lock(&self.unmergeable).clone();
            let Some(merge) = Merge::plan(&manifest, self.options.merge_files_min, &skip) else {
                break;
            };
            let merged = match merge.run(&self.lake, &self.layout) {
                Ok(Some(merged)) => merged,
                Err(error) if error.is_of_the_disk() => return Err(error),
                outcome => {
                    if let Err(error) = outcome {
                        tracing::warn!(%error, folder = merge.folder, "files can't be merged; `questlog verify` looks them over");
                    }
                    lock(&self.unmergeable).insert(merge.folder.to_owned());
                    continue;
                }
            };
            let old: Vec<&str> = merge.files.iter().map(|file| file.path.as_str()).collect();
            self.lake.sync_staging()?;
            self.lake
                .prepare_folder(merge.folder, &old, &[&merged.path])?;

            let mut retired = lock(&self.retired);
            let is_done = self.without_snapshots(|| {
                let mut next = Manifest::clone(&manifest);
                let at = next.files.iter().position(|file| file.path == old[0]);
                next.files.insert(at.unwrap_or(0), merged.clone());
                next.files.retain(|file| !old.contains(&file.path.as_str()));
                next.commit(&self.lake)?;
                self.lake.swap_folder(merge.folder)?;
                Ok(next)
            })?;
            if is_done {
                self.retire(&mut retired, merge.folder, merge.files.into_iter().cloned())?;
            } else {
                self.lake.remove_next_folder(merge.folder)?;
            }
        }
        Ok(())
    }

    /// Keeps replaced files until the next landing, for those who have just read their names in the manifest.
    pub(super) fn retire(
        &self,
        retired: &mut Retired,
        folder: &str,
        files: impl IntoIterator<Item = LakeFile>,
    ) -> Result<(), LandingError> {
        let place = self.lake.retire_folder(folder, retired.len())?;
        retired.extend(files.into_iter().map(|file| {
            let place = place.join(file.path.rsplit('/').next().unwrap_or_default());
            (file, place)
        }));
        Ok(())
    }

    /// A file of the lake and where it is now; files that were merged or dropped since the last landing can still be had.
    ///
    /// Should it not be there when it is opened, it was replaced just then: ask once more.
    pub fn file(&self, path: &str) -> Option<(LakeFile, PathBuf)> {
        // Waits while files change their places.
        let retired = lock(&self.retired);
        let manifest = self.manifest();
        let live = manifest.files.iter().find(|file| file.path == path);
        match live {
            Some(file) => Some((file.clone(), self.lake.root().join(path))),
            None => retired.iter().find(|(file, _)| file.path == path).cloned(),
        }
    }

    /// Finishes what was left half-done. Whether or not the disk lets it, the next query sees files that are there.
    pub(super) fn recover(&self) -> Result<(), LandingError> {
        match recover(&self.lake) {
            Ok(manifest) => self.publish(manifest),
            Err(error) => {
                let is_there = |file: &LakeFile| self.lake.has(&file.path, false);
                if let Ok(manifest) = Manifest::read(self.lake.root())
                    && manifest.files.iter().all(is_there)
                {
                    self.publish(manifest);
                }
                return Err(error);
            }
        }
        Ok(())
    }

    /// Does what makes files go away, unless a query is reading; none begins meanwhile. Says whether it was done.
    pub(super) fn without_snapshots(
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
                // Half of it may be done.
                self.recover()?;
                return Err(error);
            }
        }
        Ok(true)
    }
}

/// Brings the folder to what its manifest says: staged files that it names go to their places, others go away, and so do the
/// folders of a merge or a drop that was interrupted, after what the manifest wants of them is in its place.
pub(super) fn recover(lake: &Lake) -> Result<Manifest, LandingError> {
    let manifest = Manifest::read(lake.root())?;
    let (named, strangers): (Vec<_>, Vec<_>) = lake
        .staged_paths()?
        .into_iter()
        .partition(|path| manifest.files.iter().any(|file| &file.path == path));
    lake.publish(named.iter().map(String::as_str))?;
    for path in &strangers {
        lake.discard(path)?;
    }
    lake.remove_retired()?;
    lake.remove_runs()?;
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
