//! Who may do what: keys with scopes and limits, from a file that can be changed while the server runs.
//!
//! The file holds digests, never keys. A key is 32 random bytes, so a plain SHA-256 of it can't be turned back by guessing.

mod bucket;
mod file;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant, SystemTime};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use thiserror::Error;

pub use self::file::{Entry, Scope};

use self::bucket::Bucket;

/// What every key begins with, so that scanners for leaked secrets can find it.
const PREFIX: &str = "questlog_";
/// Random bytes of a key.
const KEY_BYTES: usize = 32;

/// Why keys can't be read or made.
#[derive(Debug, Error)]
pub enum KeysError {
    /// The operating system refused.
    #[error("{}: can't {doing} the keys: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What was tried, as a verb.
        doing: &'static str,
        /// Its answer.
        source: std::io::Error,
    },
    /// The file is not what it should be.
    #[error("{}: {reason}", path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// What is wrong, with its place.
        reason: String,
    },
    /// The operating system has no randomness.
    #[error("no random numbers can be had from the operating system: {0}")]
    NoRandomness(String),
}

/// A key that a client has shown.
#[derive(Debug)]
pub struct Key {
    /// What people call it.
    pub name: String,
    scopes: Vec<Scope>,
    digest: [u8; 32],
    events: Option<Bucket>,
    bytes: Option<Bucket>,
}

/// All keys, as the file says now.
#[derive(Debug)]
pub struct Keys {
    path: PathBuf,
    current: RwLock<Arc<Vec<Arc<Key>>>>,
    seen: Mutex<Option<Version>>,
}

/// Tells whether a file has changed.
type Version = (Option<SystemTime>, u64);

impl Keys {
    /// Reads the file.
    pub fn open(path: &Path) -> Result<Self, KeysError> {
        let version = version(path);
        let keys = read(path, &HashMap::new())?;
        Ok(Self {
            path: path.to_owned(),
            current: RwLock::new(Arc::new(keys)),
            seen: Mutex::new(version),
        })
    }

    /// Reads the file again. If it can't be read, the keys stay as they are, and the error says why.
    pub fn reload(&self) -> Result<usize, KeysError> {
        *lock(&self.seen) = version(&self.path);
        let current = self.current();
        // Whoever has used up its limit does not get a new one by a reload.
        let before = current
            .iter()
            .map(|key| (key.digest, Arc::clone(key)))
            .collect();
        let keys = read(&self.path, &before)?;
        let count = keys.len();
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
        Ok(count)
    }

    /// Whether the file has changed since it was read.
    pub fn has_changed(&self) -> bool {
        *lock(&self.seen) != version(&self.path)
    }

    /// The key that a client shows, if there is one.
    pub fn find(&self, shown: &str) -> Option<Arc<Key>> {
        let digest: [u8; 32] = Sha256::digest(shown.as_bytes()).into();
        let mut found = None;
        // All are compared, each in the same time, so that time tells nothing about any of them.
        for key in self.current().iter() {
            if bool::from(key.digest.ct_eq(&digest)) {
                found = Some(Arc::clone(key));
            }
        }
        found
    }

    fn current(&self) -> Arc<Vec<Arc<Key>>> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&current)
    }
}

impl Key {
    /// Whether it opens doors of this scope; `admin` opens all.
    pub fn allows(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope) || self.scopes.contains(&Scope::Admin)
    }

    /// How long to wait until it may send again; none if it may send now.
    ///
    /// A key may always send when nothing is owed, however much: what is more than its limit is owed afterwards.
    pub fn wait(&self, now: Instant) -> Option<Duration> {
        let waits = [&self.events, &self.bytes]
            .into_iter()
            .flatten()
            .filter_map(|bucket| bucket.wait(now));
        waits.max()
    }

    /// Counts what it has sent.
    pub fn charge(&self, now: Instant, events: u64, bytes: u64) {
        for (bucket, count) in [(&self.events, events), (&self.bytes, bytes)] {
            if let Some(bucket) = bucket {
                bucket.take(now, count);
            }
        }
    }

    fn of(entry: &Entry, digest: [u8; 32], before: Option<&Key>) -> Self {
        let now = Instant::now();
        let bucket = |rate: Option<u64>, before: Option<&Option<Bucket>>| {
            let rate = rate?;
            let before = before.and_then(Option::as_ref);
            let same = before.filter(|bucket| bucket.rate() == rate).cloned();
            Some(same.unwrap_or_else(|| Bucket::new(rate, now)))
        };
        Self {
            name: entry.name.clone(),
            scopes: entry.scopes.clone(),
            digest,
            events: bucket(entry.events_per_second, before.map(|key| &key.events)),
            bytes: bucket(entry.bytes_per_second, before.map(|key| &key.bytes)),
        }
    }
}

/// A new key, to be shown once, and what the file needs to know it by.
pub fn make_key() -> Result<(String, String), KeysError> {
    let mut bytes = [0; KEY_BYTES];
    getrandom::fill(&mut bytes).map_err(|error| KeysError::NoRandomness(error.to_string()))?;
    let key = format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(bytes));
    let digest = file::digest_text(&Sha256::digest(key.as_bytes()).into());
    Ok((key, digest))
}

/// Adds a key to a file, which is made if it isn't there; only its owner may read it then.
pub fn add_key(path: &Path, entry: &Entry) -> Result<(), KeysError> {
    file::add(path, entry)
}

fn read(path: &Path, before: &HashMap<[u8; 32], Arc<Key>>) -> Result<Vec<Arc<Key>>, KeysError> {
    let entries = file::read(path)?;
    let keys = entries.iter().map(|(entry, digest)| {
        let before = before.get(digest).map(|key| &**key);
        Arc::new(Key::of(entry, *digest, before))
    });
    Ok(keys.collect())
}

fn version(path: &Path) -> Option<Version> {
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.modified().ok(), metadata.len()))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, digest: &str, scopes: &[Scope]) -> Entry {
        Entry {
            name: name.to_owned(),
            sha256: digest.to_owned(),
            scopes: scopes.to_vec(),
            events_per_second: Some(10),
            bytes_per_second: None,
        }
    }

    #[test]
    fn a_new_key_is_found_by_itself_alone_and_is_not_in_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keys.toml");
        let (key, digest) = make_key().unwrap();
        let (other, other_digest) = make_key().unwrap();
        add_key(&path, &entry("game", &digest, &[Scope::Write])).unwrap();
        add_key(&path, &entry("ops", &other_digest, &[Scope::Admin])).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(!text.contains(&key[PREFIX.len()..]), "{text}");
        let keys = Keys::open(&path).unwrap();
        let game = keys.find(&key).unwrap();
        assert_eq!(game.name, "game");
        assert!(game.allows(Scope::Write) && !game.allows(Scope::Read));
        let ops = keys.find(&other).unwrap();
        assert!(ops.allows(Scope::Write) && ops.allows(Scope::Read) && ops.allows(Scope::Admin));
        for wrong in ["", "questlog_", &key[1..], &digest] {
            assert!(keys.find(wrong).is_none(), "{wrong}");
        }
        let twice = add_key(&path, &entry("game", &digest, &[Scope::Read]));
        assert!(twice.unwrap_err().to_string().contains("`game`"));
    }

    #[test]
    fn a_reload_keeps_what_is_owed_and_survives_a_broken_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keys.toml");
        let (key, digest) = make_key().unwrap();
        add_key(&path, &entry("game", &digest, &[Scope::Write])).unwrap();
        let keys = Keys::open(&path).unwrap();
        let now = Instant::now();
        keys.find(&key).unwrap().charge(now, 1000, 0);
        let (_, second) = make_key().unwrap();
        add_key(&path, &entry("other", &second, &[Scope::Read])).unwrap();
        assert!(keys.has_changed());
        assert_eq!(keys.reload().unwrap(), 2);
        assert!(!keys.has_changed());
        assert!(keys.find(&key).unwrap().wait(now).is_some());
        std::fs::write(&path, "key = 7").unwrap();
        assert!(keys.reload().is_err());
        assert!(keys.find(&key).is_some());
    }
}
