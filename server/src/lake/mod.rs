//! The lake: a local folder of Parquet files, and the two-step way a file gets there.
//!
//! A file is first staged under `_staging`, which readers leave out because of the underscore; once the manifest names it,
//! it is renamed into its place. So nobody ever sees half a file, nor one that the manifest doesn't count.

mod staged;
mod swap;

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::landing::LandingError;

pub use self::staged::Staged;

const STAGING: &str = "_staging";
const MANIFEST: &str = "_manifest/manifest.json";
const MANIFEST_NEXT: &str = "_manifest/manifest.json.next";
const LOCK: &str = "_manifest/lock";

/// Called before every step that changes the disk; an error stops the work there, as a crash would. Tests use it.
pub type Checkpoint = Box<dyn Fn(&'static str) -> io::Result<()> + Send + Sync>;

/// A lake that this process alone may change.
pub struct Lake {
    root: PathBuf,
    checkpoint: Checkpoint,
    /// Held for as long as the lake is open; the operating system lets go of it when the process dies.
    _lock: File,
}

impl Lake {
    /// Opens or creates the lake in `root`; a second process on the same folder gets an error.
    pub fn open(root: &Path) -> Result<Self, LandingError> {
        Self::open_with(root, Box::new(|_| Ok(())))
    }

    /// Opens the lake with something to call before every step that changes the disk.
    pub fn open_with(root: &Path, checkpoint: Checkpoint) -> Result<Self, LandingError> {
        for folder in [STAGING, "_manifest"] {
            create_folder(&root.join(folder))?;
        }
        let lock_path = root.join(LOCK);
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&lock_path)
            .map_err(LandingError::io(&lock_path, "open"))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(LandingError::InUse(root.to_owned())),
            Err(TryLockError::Error(error)) => {
                return Err(LandingError::io(&lock_path, "lock")(error));
            }
        }
        Ok(Self {
            root: root.to_owned(),
            checkpoint,
            _lock: lock,
        })
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Writes `bytes` durably into the staging folder; `path` is where in the lake they shall be.
    pub fn stage(&self, path: &str, bytes: &[u8]) -> Result<(), LandingError> {
        self.write_durably(&self.staged(path), bytes, "stage a file")
    }

    /// Makes the staged files' names durable. Call it before the manifest names them.
    pub fn sync_staging(&self) -> Result<(), LandingError> {
        self.step("sync the staging folder", &self.root.join(STAGING))?;
        sync_folder(&self.root.join(STAGING))
    }

    /// Moves staged files that the manifest names into their places.
    pub fn publish<'a>(
        &self,
        paths: impl IntoIterator<Item = &'a str>,
    ) -> Result<(), LandingError> {
        let mut folders = vec![];
        for path in paths {
            let place = self.root.join(path);
            let folder = place.parent().unwrap_or(&self.root).to_owned();
            self.step("make a day's folder", &folder)?;
            create_folder(&folder)?;
            self.step("publish a file", &place)?;
            fs::rename(self.staged(path), &place).map_err(LandingError::io(&place, "publish"))?;
            if folders.last() != Some(&folder) {
                folders.push(folder);
            }
        }
        for folder in folders {
            self.step("sync a day's folder", &folder)?;
            sync_folder(&folder)?;
        }
        Ok(())
    }

    /// Where staged files would go.
    pub fn staged_paths(&self) -> Result<Vec<String>, LandingError> {
        let names = self.staging_names()?.into_iter();
        Ok(names
            .filter(|name| !name.starts_with('='))
            .map(|name| unstaged(&name))
            .collect())
    }

    fn staging_names(&self) -> Result<Vec<String>, LandingError> {
        let folder = self.root.join(STAGING);
        let entries = fs::read_dir(&folder).map_err(LandingError::io(&folder, "list"))?;
        let names: io::Result<Vec<_>> = entries
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect();
        let mut names = names.map_err(LandingError::io(&folder, "list"))?;
        names.sort();
        Ok(names)
    }

    /// Removes a staged file that no manifest names: its landing never happened.
    pub fn discard(&self, path: &str) -> Result<(), LandingError> {
        let staged = self.staged(path);
        self.step("discard a staged file", &staged)?;
        fs::remove_file(&staged).map_err(LandingError::io(&staged, "remove"))
    }

    /// Where a file that the manifest of the lake in `root` names is: in its place, or still staged after a crash.
    pub fn place_of(root: &Path, path: &str) -> PathBuf {
        let place = root.join(path);
        let staged = staged_in(root, path);
        if !place.exists() && staged.exists() {
            staged
        } else {
            place
        }
    }

    /// The manifest's bytes, if there is one.
    pub fn read_manifest(root: &Path) -> Result<Option<Vec<u8>>, LandingError> {
        let path = root.join(MANIFEST);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(LandingError::io(&path, "read")(error)),
        }
    }

    /// Replaces the manifest, durably and all at once.
    pub fn write_manifest(&self, bytes: &[u8]) -> Result<(), LandingError> {
        let (next, place) = (self.root.join(MANIFEST_NEXT), self.root.join(MANIFEST));
        self.write_durably(&next, bytes, "write the next manifest")?;
        self.step("commit the manifest", &place)?;
        fs::rename(&next, &place).map_err(LandingError::io(&place, "replace"))?;
        self.step("sync the manifest's folder", &place)?;
        sync_folder(&self.root.join("_manifest"))
    }

    fn staged(&self, path: &str) -> PathBuf {
        staged_in(&self.root, path)
    }

    fn step(&self, step: &'static str, path: &Path) -> Result<(), LandingError> {
        (self.checkpoint)(step).map_err(LandingError::io(path, step))
    }

    fn write_durably(
        &self,
        path: &Path,
        bytes: &[u8],
        step: &'static str,
    ) -> Result<(), LandingError> {
        let failed = |error| LandingError::io(path, "write")(error);
        self.step(step, path)?;
        let mut file = File::create(path).map_err(failed)?;
        // Two halves, so that a test can stop between them.
        let (first, second) = bytes.split_at(bytes.len() / 2);
        file.write_all(first).map_err(failed)?;
        self.step(step, path)?;
        file.write_all(second).map_err(failed)?;
        self.step(step, path)?;
        file.sync_all().map_err(failed)
    }
}

/// The staged file's name: `+` is in no path that a landing makes, so it can be turned back. Those of whole folders begin with `=`.
fn staged_in(root: &Path, path: &str) -> PathBuf {
    root.join(STAGING).join(path.replace('/', "+"))
}

/// The path that a staged name stands for.
fn unstaged(name: &str) -> String {
    name.replace('+', "/")
}

/// Creates a folder and those above it that are missing, durably.
pub(crate) fn create_folder(folder: &Path) -> Result<(), LandingError> {
    if folder.is_dir() {
        return Ok(());
    }
    let parent = folder
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    if let Some(parent) = parent {
        create_folder(parent)?;
    }
    match fs::create_dir(folder) {
        Ok(()) => sync_folder(parent.unwrap_or(Path::new("."))),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        Err(error) => Err(LandingError::io(folder, "create")(error)),
    }
}

/// Makes the names in a folder durable.
pub(crate) fn sync_folder(folder: &Path) -> Result<(), LandingError> {
    let sync = |folder: &Path| File::open(folder)?.sync_all();
    sync(folder).map_err(LandingError::io(folder, "sync"))
}
