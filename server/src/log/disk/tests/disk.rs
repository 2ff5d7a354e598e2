//! A disk in memory for tests.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use crate::log::disk::storage::{Storage, StorageFile};

/// How a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// EIO.
    Broken,
    /// ENOSPC, with nothing written.
    Full,
    /// ENOSPC in the middle of a write.
    FullHalfWay,
}

/// What is to go wrong.
#[derive(Default)]
pub(super) struct Faults {
    calls: AtomicU64,
    /// The first call that fails, how many do, and how.
    plan: Mutex<Option<(u64, u64, Fault)>>,
}

impl Faults {
    /// Lets `count` calls fail after `calls_before` more.
    pub(super) fn plan(&self, calls_before: u64, count: u64, fault: Fault) {
        let first = self.calls.load(Ordering::SeqCst) + calls_before;
        *self.plan.lock().unwrap() = Some((first, count, fault));
    }

    pub(super) fn clear(&self) {
        *self.plan.lock().unwrap() = None;
    }

    /// Calls so far.
    pub(super) fn calls(&self) -> u64 {
        self.calls.load(Ordering::SeqCst)
    }

    /// Counts a call; the fault if it is to fail.
    fn next(&self) -> Option<Fault> {
        let call = self.calls.fetch_add(1, Ordering::SeqCst);
        let (first, count, fault) = (*self.plan.lock().unwrap())?;
        (first..first.saturating_add(count))
            .contains(&call)
            .then_some(fault)
    }

    fn check(&self) -> io::Result<()> {
        match self.next() {
            None => Ok(()),
            Some(Fault::Broken) => Err(io::Error::other("input/output error")),
            Some(Fault::Full | Fault::FullHalfWay) => Err(io::ErrorKind::StorageFull.into()),
        }
    }
}

/// A disk in memory that knows what was synced, and can stall and fail.
#[derive(Default)]
pub(super) struct Disk {
    pub(super) faults: Arc<Faults>,
    files: Mutex<BTreeMap<String, Arc<DiskFile>>>,
    /// Names that are durable.
    names: Mutex<Vec<String>>,
    /// How many syncs are to fail.
    pub(super) fail_syncs: Arc<AtomicU64>,
    /// Held by a test while syncs are to wait.
    stall: Arc<Mutex<()>>,
}

#[derive(Default)]
struct DiskFile {
    faults: Arc<Faults>,
    /// After a failed sync the system has forgotten what was to be written: later syncs succeed and write nothing.
    has_forgotten: AtomicBool,
    written: Mutex<Vec<u8>>,
    synced: Mutex<Vec<u8>>,
    fail_syncs: Arc<AtomicU64>,
    stall: Arc<Mutex<()>>,
}

impl Disk {
    fn names_now(&self) -> Vec<String> {
        self.files.lock().unwrap().keys().cloned().collect()
    }

    pub(super) fn stall(&self) -> std::sync::MutexGuard<'_, ()> {
        self.stall.lock().unwrap()
    }

    /// The disk as it is found when the power comes back.
    pub(super) fn after_power_cut(&self) -> Disk {
        let disk = Disk::default();
        let names = self.names.lock().unwrap();
        for (name, file) in self
            .files
            .lock()
            .unwrap()
            .iter()
            .filter(|(name, _)| names.contains(name))
        {
            let synced = file.synced.lock().unwrap().clone();
            let file = DiskFile {
                faults: Arc::clone(&disk.faults),
                fail_syncs: Arc::clone(&disk.fail_syncs),
                stall: Arc::clone(&disk.stall),
                written: Mutex::new(synced.clone()),
                synced: Mutex::new(synced),
                ..Default::default()
            };
            disk.files
                .lock()
                .unwrap()
                .insert(name.clone(), Arc::new(file));
        }
        *disk.names.lock().unwrap() = names.clone();
        disk
    }
}

impl Storage for Disk {
    fn list(&self) -> io::Result<Vec<String>> {
        self.faults.check()?;
        Ok(self.names_now())
    }

    fn create(&self, name: &str) -> io::Result<Arc<dyn StorageFile>> {
        self.faults.check()?;
        if self.files.lock().unwrap().contains_key(name) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let file = Arc::new(DiskFile {
            faults: Arc::clone(&self.faults),
            fail_syncs: Arc::clone(&self.fail_syncs),
            stall: Arc::clone(&self.stall),
            ..Default::default()
        });
        self.files
            .lock()
            .unwrap()
            .insert(name.to_owned(), Arc::clone(&file));
        Ok(file)
    }

    fn open(&self, name: &str, _writable: bool) -> io::Result<Arc<dyn StorageFile>> {
        self.faults.check()?;
        match self.files.lock().unwrap().get(name) {
            Some(file) => Ok(Arc::clone(file) as Arc<dyn StorageFile>),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.faults.check()?;
        self.files
            .lock()
            .unwrap()
            .remove(name)
            .map(|_| ())
            .ok_or(io::ErrorKind::NotFound.into())
    }

    fn sync_names(&self) -> io::Result<()> {
        self.faults.check()?;
        *self.names.lock().unwrap() = self.names_now();
        Ok(())
    }

    fn path(&self, name: &str) -> PathBuf {
        Path::new("disk").join(name)
    }
}

impl StorageFile for DiskFile {
    fn write_at(&self, position: u64, bytes: &[u8]) -> io::Result<()> {
        let fault = self.faults.next();
        let bytes = match fault {
            None => bytes,
            Some(Fault::FullHalfWay) => &bytes[..bytes.len() / 2],
            Some(Fault::Broken | Fault::Full) => &[],
        };
        let mut written = self.written.lock().unwrap();
        let end = position as usize + bytes.len();
        if written.len() < end {
            written.resize(end, 0);
        }
        written[position as usize..end].copy_from_slice(bytes);
        match fault {
            None => Ok(()),
            Some(Fault::Broken) => Err(io::Error::other("input/output error")),
            Some(Fault::Full | Fault::FullHalfWay) => Err(io::ErrorKind::StorageFull.into()),
        }
    }

    fn read_at(&self, position: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.faults.check()?;
        let written = self.written.lock().unwrap();
        let rest = written.get(position as usize..).unwrap_or_default();
        let len = rest.len().min(buffer.len());
        buffer[..len].copy_from_slice(&rest[..len]);
        Ok(len)
    }

    fn sync(&self) -> io::Result<()> {
        let _not_stalled = self.stall.lock().unwrap();
        self.faults
            .check()
            .inspect_err(|_| self.has_forgotten.store(true, Ordering::SeqCst))?;
        if self.has_forgotten.load(Ordering::SeqCst) {
            return Ok(());
        }
        if self
            .fail_syncs
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                left.checked_sub(1)
            })
            .is_ok()
        {
            return Err(io::Error::other("input/output error"));
        }
        *self.synced.lock().unwrap() = self.written.lock().unwrap().clone();
        Ok(())
    }

    fn len(&self) -> io::Result<u64> {
        self.faults.check()?;
        Ok(self.written.lock().unwrap().len() as u64)
    }

    fn truncate(&self, len: u64) -> io::Result<()> {
        self.faults.check()?;
        self.written.lock().unwrap().truncate(len as usize);
        Ok(())
    }
}
