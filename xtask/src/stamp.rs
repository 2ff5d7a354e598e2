//! Whether something has to be made again: a hash of what it is made from, kept beside it.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Folders that hold what was made, not what it is made from.
const MADE_FOLDERS: [&str; 6] = [
    "node_modules",
    "dist",
    "dist-alone",
    "dist-package",
    "target",
    "wasm",
];

/// A hash over the contents of files and folders; what doesn't exist counts as empty.
///
/// Contents rather than times, so that a fresh clone of the same commit has the same hash.
pub(crate) fn hash_of(root: &Path, sources: &[&str], salt: &str) -> Result<String> {
    let mut files = Vec::new();
    for source in sources {
        collect(&root.join(source), &mut files)?;
    }
    files.sort();
    let mut hasher = DefaultHasher::new();
    salt.hash(&mut hasher);
    for file in files {
        let bytes =
            fs::read(&file).with_context(|| format!("{} could not be read", file.display()))?;
        file.strip_prefix(root).unwrap_or(&file).hash(&mut hasher);
        bytes.hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

/// Whether `stamp` says `hash` and everything that was made then still exists.
pub(crate) fn is_fresh(stamp: &Path, hash: &str, made: &[&Path]) -> bool {
    made.iter().all(|path| path.exists())
        && fs::read_to_string(stamp).is_ok_and(|text| text == hash)
}

/// Remembers what has just been made from.
pub(crate) fn write(stamp: &Path, hash: &str) -> Result<()> {
    if let Some(folder) = stamp.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(stamp, hash).with_context(|| format!("{} could not be written", stamp.display()))
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if path.is_file() {
        files.push(path.to_path_buf());
    } else if path.is_dir() {
        for entry in fs::read_dir(path)
            .with_context(|| format!("folder {} could not be read", path.display()))?
        {
            let entry = entry?;
            let name = entry.file_name();
            let made = MADE_FOLDERS.iter().any(|folder| name == *folder);
            if !(made || name.to_string_lossy().starts_with('.')) {
                collect(&entry.path(), files)?;
            }
        }
    }
    Ok(())
}
