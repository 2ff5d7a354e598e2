//! Where compiled plugins are kept, so that only the first start of one pays for the compiler.
//!
//! Compiled code is run as it is, and wasmtime's cache takes what it finds. So each component has a folder of its own with a
//! record of what was written there: what is not exactly that, torn, flipped or strange, is thrown away before the cache sees it.

use std::collections::BTreeMap;
use std::env;
use std::fs::{self, DirBuilder, Permissions, set_permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use wasmtime::{Cache, CacheConfig};

use crate::landing::hex;

/// What is in the folder is run as it is, so nobody else may write there.
const ONLY_ITS_OWNER: u32 = 0o700;
/// Components whose code is kept; beyond, those that were compiled first go.
const COMPONENTS_MAX: usize = 64;
const RECORD: &str = "record.json";
const CODE: &str = "code";

/// The user's folder for compiled plugins; none where the user has no home.
pub(crate) fn user_folder() -> Option<PathBuf> {
    let named = |name: &str| Some(PathBuf::from(env::var_os(name)?));
    let caches = named("XDG_CACHE_HOME")
        .filter(|folder| folder.is_absolute())
        .or_else(|| Some(named("HOME")?.join(".cache")))?;
    Some(caches.join("questlog/compiled-plugins"))
}

/// Where one component's code is kept.
pub(crate) struct Compiled {
    folder: PathBuf,
    record: Record,
    cache: Cache,
}

/// What was written for a component.
#[derive(Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    /// The program that has looked the component over.
    questlog: String,
    /// The SHA-256 of each file, by its path in [`CODE`].
    sha256: BTreeMap<String, String>,
}

impl Compiled {
    /// The place for the component with this hash in `folder`, with nothing in it but what was written there by
    /// [`Compiled::keep`].
    ///
    /// A folder that can't be used costs time, not the answer: then there is none.
    pub(crate) fn open(folder: &Path, sha256: &str) -> Option<Self> {
        let folder = folder.join(sha256);
        let code = folder.join(CODE);
        DirBuilder::new()
            .recursive(true)
            .mode(ONLY_ITS_OWNER)
            .create(&code)
            .ok()?;
        set_permissions(&folder, Permissions::from_mode(ONLY_ITS_OWNER)).ok()?;
        let folder = folder.canonicalize().ok()?;
        let code = folder.join(CODE);
        let written = fs::read(folder.join(RECORD)).unwrap_or_default();
        let written: Record = serde_json::from_slice(&written).unwrap_or_default();
        let found = files(&code).ok()?;
        let mut record = Record::default();
        for (name, sha256) in found {
            if written.sha256.get(&name) == Some(&sha256) {
                record.sha256.insert(name, sha256);
            } else {
                fs::remove_file(code.join(name)).ok()?;
            }
        }
        record.questlog = written.questlog;
        let mut config = CacheConfig::new();
        config
            .with_directory(code)
            // Nothing is written again later, or it would not be what the record says.
            .with_optimized_compression_usage_counter_threshold(u64::MAX);
        let cache = Cache::new(config).ok()?;
        Some(Self {
            folder,
            record,
            cache,
        })
    }

    /// wasmtime's own cache in this place: its keys hold the plugin's hash, the version of the compiler and its settings.
    pub(crate) fn cache(&self) -> Cache {
        self.cache.clone()
    }

    /// Whether this version of the program has found the component valid and compiled it before.
    pub(crate) fn is_known(&self) -> bool {
        self.record.questlog == env!("CARGO_PKG_VERSION") && !self.record.sha256.is_empty()
    }

    /// Notes what the compiler has written, if it has.
    pub(crate) fn keep(&self) {
        if self.cache.cache_misses() == 0 && self.is_known() {
            return;
        }
        if let Err(error) = self.try_keep() {
            tracing::debug!(%error, "compiled code can't be kept");
        }
    }

    fn try_keep(&self) -> io::Result<()> {
        let record = Record {
            questlog: env!("CARGO_PKG_VERSION").to_owned(),
            sha256: files(&self.folder.join(CODE))?,
        };
        let next = self.folder.join("record.next");
        fs::write(&next, serde_json::to_vec(&record)?)?;
        fs::rename(next, self.folder.join(RECORD))?;
        match self.folder.parent() {
            Some(all) => remove_oldest(all),
            None => Ok(()),
        }
    }
}

/// The compiled files below a folder and their hashes. Beside them the cache has notes of its own, whose names have an
/// extension; they are not run.
fn files(folder: &Path) -> io::Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next)? {
            let entry = entry?;
            let path = entry.path();
            if entry.file_type()?.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(folder).ok().and_then(Path::to_str);
            let name = name.ok_or_else(|| io::Error::other("a name that is not UTF-8"))?;
            if path.extension().is_none() {
                files.insert(name.to_owned(), hex(&Sha256::digest(fs::read(&path)?)));
            }
        }
    }
    Ok(files)
}

/// Of too many components the ones go that were compiled first.
fn remove_oldest(folder: &Path) -> io::Result<()> {
    let mut records: Vec<(SystemTime, PathBuf)> = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if let Ok(metadata) = fs::metadata(path.join(RECORD)) {
            records.push((metadata.modified()?, path));
        }
    }
    records.sort();
    let surplus = records.len().saturating_sub(COMPONENTS_MAX);
    for (_, path) in &records[..surplus] {
        fs::remove_dir_all(path)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use wasmtime::component::Component;
    use wasmtime::{Config, Engine};

    use super::*;

    const COMPONENT: &str = "(component (core module (func (export \"f\"))))";

    /// Compiles in `folder`; says whether it was known, and how often the cache hit and missed.
    fn compile(folder: &Path) -> (bool, usize, usize) {
        let compiled = Compiled::open(folder, "abc").unwrap();
        let engine = Engine::new(Config::new().cache(Some(compiled.cache()))).unwrap();
        let component = wat::parse_str(COMPONENT).unwrap();
        Component::from_binary(&engine, &component).unwrap();
        compiled.keep();
        let cache = compiled.cache();
        (
            compiled.is_known(),
            cache.cache_hits(),
            cache.cache_misses(),
        )
    }

    /// The one file of code.
    fn code(folder: &Path) -> PathBuf {
        let code = folder.join("abc").join(CODE);
        let files = files(&code).unwrap();
        assert_eq!(files.len(), 1);
        code.join(files.keys().next().unwrap())
    }

    #[test]
    fn what_was_compiled_is_not_compiled_again() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("a/b");
        assert_eq!(compile(&place), (false, 0, 1));
        assert_eq!(compile(&place), (true, 1, 0));
        let mode = place.join("abc").metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        // A folder that can't be had is no reason to fail.
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(Compiled::open(&file.join("c"), "abc").is_none());
    }

    #[test]
    fn what_is_torn_or_flipped_is_compiled_anew() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path();
        compile(place);
        let whole = fs::read(code(place)).unwrap();
        let middle = whole.len() / 2;
        let mut flipped = whole.clone();
        flipped[middle] ^= 1;
        for wrong in [&whole[..middle], &flipped, &[]] {
            fs::write(code(place), wrong).unwrap();
            assert_eq!(compile(place), (false, 0, 1));
            assert_eq!(compile(place), (true, 1, 0));
        }
        // A record that is torn, gone or of another program vouches for nothing.
        let record = place.join("abc").join(RECORD);
        let written = fs::read(&record).unwrap();
        for wrong in [&written[..written.len() / 2], b"{}", &[]] {
            fs::write(&record, wrong).unwrap();
            assert_eq!(compile(place), (false, 0, 1));
        }
        // A stranger's file is not there for long.
        let strange = place.join("abc").join(CODE).join("modules/strange");
        fs::write(&strange, &whole).unwrap();
        compile(place);
        assert!(!strange.exists());
    }

    #[test]
    fn the_oldest_go_when_there_are_too_many() {
        let folder = tempfile::tempdir().unwrap();
        for n in 0..COMPONENTS_MAX + 3 {
            let component = folder.path().join(n.to_string());
            fs::create_dir(&component).unwrap();
            let record = fs::File::create(component.join(RECORD)).unwrap();
            let then = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(n as u64);
            record.set_modified(then).unwrap();
        }
        remove_oldest(folder.path()).unwrap();
        let left = |n: usize| folder.path().join(n.to_string()).exists();
        assert!(!left(0) && !left(2) && left(3) && left(COMPONENTS_MAX + 2));
    }
}
