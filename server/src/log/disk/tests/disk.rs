//! A disk in memory for tests.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use crate::log::disk::storage::{Storage, StorageFile};

/// A disk in memory that knows what was synced, and can stall and fail.
#[derive(Default)]
pub(super) struct Disk {
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
    written: Mutex<Vec<u8>>,
    synced: Mutex<Vec<u8>>,
    fail_syncs: Arc<AtomicU64>,
    stall: Arc<Mutex<()>>,
}

impl Disk {
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
        Ok(self.files.lock().unwrap().keys().cloned().collect())
    }

    fn create(&self, name: &str) -> io::Result<Arc<dyn StorageFile>> {
        let file = Arc::new(DiskFile {
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
        match self.files.lock().unwrap().get(name) {
            Some(file) => Ok(Arc::clone(file) as Arc<dyn StorageFile>),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.files
            .lock()
            .unwrap()
            .remove(name)
            .map(|_| ())
            .ok_or(io::ErrorKind::NotFound.into())
    }

    fn sync_names(&self) -> io::Result<()> {
        *self.names.lock().unwrap() = self.list()?;
        Ok(())
    }

    fn path(&self, name: &str) -> PathBuf {
        Path::new("disk").join(name)
    }
}

impl StorageFile for DiskFile {
    fn write_at(&self, position: u64, bytes: &[u8]) -> io::Result<()> {
        let mut written = self.written.lock().unwrap();
        let end = position as usize + bytes.len();
        if written.len() < end {
            written.resize(end, 0);
        }
        written[position as usize..end].copy_from_slice(bytes);
        Ok(())
    }

    fn read_at(&self, position: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let written = self.written.lock().unwrap();
        let rest = written.get(position as usize..).unwrap_or_default();
        let len = rest.len().min(buffer.len());
        buffer[..len].copy_from_slice(&rest[..len]);
        Ok(len)
    }

    fn sync(&self) -> io::Result<()> {
        let _not_stalled = self.stall.lock().unwrap();
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
        Ok(self.written.lock().unwrap().len() as u64)
    }

    fn truncate(&self, len: u64) -> io::Result<()> {
        self.written.lock().unwrap().truncate(len as usize);
        Ok(())
    }
}
