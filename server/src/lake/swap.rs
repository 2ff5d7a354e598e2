//! Replacing the files of a folder in one step: the new folder is prepared beside the old one, then the two change places.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{Lake, STAGING, sync_folder, unstaged};
use crate::landing::LandingError;

/// What the names of prepared and just replaced folders begin with; no data set does.
const NEXT: &str = "=next=";
/// What the names of replaced folders begin with that are kept for a while, for those who have just seen the old files' names.
const OLD: &str = "=old=";

impl Lake {
    /// Prepares `folder` anew beside itself: its present files without `leave_out`, and the staged files `add`.
    ///
    /// Files that stay are linked, not copied. Nothing that a reader sees changes before [`Lake::swap_folder`].
    pub fn prepare_folder(
        &self,
        folder: &str,
        leave_out: &[&str],
        add: &[&str],
    ) -> Result<(), LandingError> {
        let (live, next) = (self.root.join(folder), self.next_folder(folder));
        self.step("make the next folder", &next)?;
        fs::create_dir(&next).map_err(LandingError::io(&next, "create"))?;
        let entries = fs::read_dir(&live).map_err(LandingError::io(&live, "list"))?;
        for entry in entries {
            let entry = entry.map_err(LandingError::io(&live, "list"))?;
            let name = entry.file_name();
            let path = format!("{folder}/{}", name.to_string_lossy());
            if !leave_out.contains(&path.as_str()) {
                self.step("link a file that stays", &next)?;
                fs::hard_link(entry.path(), next.join(&name))
                    .map_err(LandingError::io(&next, "link a file into"))?;
            }
        }
        for path in add {
            let name = path.rsplit('/').next().unwrap_or(path);
            self.step("move a file into the next folder", &next)?;
            fs::rename(self.staged(path), next.join(name))
                .map_err(LandingError::io(&next, "move a file into"))?;
        }
        self.step("sync the next folder", &next)?;
        sync_folder(&next)?;
        self.sync_staging()
    }

    /// Puts a prepared folder in the place of the present one, in one step: a reader lists either the old files or the new ones.
    pub fn swap_folder(&self, folder: &str) -> Result<(), LandingError> {
        let (live, next) = (self.root.join(folder), self.next_folder(folder));
        self.step("swap a folder", &live)?;
        exchange(&live, &next).map_err(LandingError::io(&live, "swap"))?;
        self.step("sync the swapped folders", &live)?;
        sync_folder(live.parent().unwrap_or(&self.root))?;
        sync_folder(&self.root.join(STAGING))
    }

    /// Takes a folder out of sight of every reader, in one step; [`Lake::retire_folder`] keeps it for a while.
    pub fn hide_folder(&self, folder: &str) -> Result<(), LandingError> {
        let (live, next) = (self.root.join(folder), self.next_folder(folder));
        self.step("hide a folder", &live)?;
        fs::rename(&live, &next).map_err(LandingError::io(&live, "hide"))?;
        sync_folder(&self.root.join(STAGING))?;
        sync_folder(live.parent().unwrap_or(&self.root))
    }

    /// Puts a hidden folder back.
    pub fn show_folder(&self, folder: &str) -> Result<(), LandingError> {
        let (live, next) = (self.root.join(folder), self.next_folder(folder));
        self.step("show a folder", &live)?;
        fs::rename(&next, &live).map_err(LandingError::io(&live, "show"))?;
        sync_folder(live.parent().unwrap_or(&self.root))?;
        sync_folder(&self.root.join(STAGING))
    }

    /// Removes a prepared folder, or what a swap or a drop left.
    pub fn remove_next_folder(&self, folder: &str) -> Result<(), LandingError> {
        let next = self.next_folder(folder);
        self.step("remove an old folder", &next)?;
        fs::remove_dir_all(&next).map_err(LandingError::io(&next, "remove"))
    }

    /// Keeps what a swap or a drop left, under a name that `number` makes unique; says where.
    pub fn retire_folder(&self, folder: &str, number: usize) -> Result<PathBuf, LandingError> {
        let next = self.next_folder(folder);
        let name = format!("{OLD}{number}={}", folder.replace('/', "+"));
        let old = self.root.join(STAGING).join(name);
        self.step("retire an old folder", &old)?;
        fs::rename(&next, &old).map_err(LandingError::io(&old, "retire"))?;
        Ok(old)
    }

    /// Removes all retired folders.
    pub fn remove_retired(&self) -> Result<(), LandingError> {
        let names = self.staging_names()?.into_iter();
        for name in names.filter(|name| name.starts_with(OLD)) {
            let old = self.root.join(STAGING).join(name);
            self.step("remove a retired folder", &old)?;
            fs::remove_dir_all(&old).map_err(LandingError::io(&old, "remove"))?;
        }
        Ok(())
    }

    /// Folders that were prepared or replaced when the work was interrupted.
    pub fn next_folders(&self) -> Result<Vec<String>, LandingError> {
        let names = self.staging_names()?.into_iter();
        Ok(names
            .filter_map(|name| Some(unstaged(name.strip_prefix(NEXT)?)))
            .collect())
    }

    /// Whether `path` is a file, in its place or, with `is_next`, in the prepared folder.
    pub fn has(&self, path: &str, is_next: bool) -> bool {
        match path.rsplit_once('/') {
            Some((folder, name)) if is_next => self.next_folder(folder).join(name).is_file(),
            _ => self.root.join(path).is_file(),
        }
    }

    /// Whether the file system can swap two folders in one step; tried once, in the staging folder.
    pub fn can_swap(&self) -> bool {
        let (one, two) = (
            self.root.join(STAGING).join("=one"),
            self.root.join(STAGING).join("=two"),
        );
        let made = fs::create_dir_all(&one).and_then(|()| fs::create_dir_all(&two));
        let can = made.and_then(|()| exchange(&one, &two)).is_ok();
        // Empty folders of these names harm nobody should they stay; `recover` leaves them alone.
        let _ = (fs::remove_dir(&one), fs::remove_dir(&two));
        can
    }

    fn next_folder(&self, folder: &str) -> PathBuf {
        self.root
            .join(STAGING)
            .join(format!("{NEXT}{}", folder.replace('/', "+")))
    }
}

#[cfg(any(target_os = "linux", target_os = "macos"))]
fn exchange(one: &Path, two: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, one, CWD, two, RenameFlags::EXCHANGE)?)
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn exchange(_one: &Path, _two: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
