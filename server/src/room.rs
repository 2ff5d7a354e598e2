//! Room on the disk: events are taken only while there is a reserve, and while not too much waits to be landed.
//!
//! The reserve is what a landing needs to make Parquet of the log, and an operator to look around. The server turns read-only before
//! the disk is full, says so, and takes events again by itself when there is room.

use std::io;
use std::path::Path;
use std::sync::{PoisonError, RwLock};

/// How much may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoomLimits {
    /// Bytes of the disk that are left free. Default 256 MiB.
    pub reserve_bytes: u64,
    /// Bytes of the log that wait to be landed. Default 16 GiB.
    pub unlanded_bytes_max: u64,
}

impl Default for RoomLimits {
    fn default() -> Self {
        Self {
            reserve_bytes: 256 << 20,
            unlanded_bytes_max: 16 << 30,
        }
    }
}

/// Whether there is room, as it was found last.
#[derive(Debug, Default)]
pub struct Room {
    state: RwLock<State>,
}

#[derive(Clone, Debug, Default)]
struct State {
    free_bytes: u64,
    lacking: Option<String>,
}

impl Room {
    /// Notes what there is; gives what has changed, as a sentence for the server's log.
    pub fn note(
        &self,
        free_bytes: u64,
        unlanded_bytes: u64,
        limits: &RoomLimits,
    ) -> Option<String> {
        let lacking = if free_bytes < limits.reserve_bytes {
            Some("the disk is nearly full, so no events are taken until there is room again")
        } else if unlanded_bytes > limits.unlanded_bytes_max {
            Some("too many events wait to be landed, so no more are taken until some have")
        } else {
            None
        };
        let lacking = lacking.map(str::to_owned);
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let is_new = state.lacking != lacking;
        *state = State {
            free_bytes,
            lacking: lacking.clone(),
        };
        let there_is = || "there is room on the disk again, and events are taken".to_owned();
        is_new.then(|| lacking.unwrap_or_else(there_is))
    }

    /// Why no events are taken, if there is no room.
    pub fn lacking(&self) -> Option<String> {
        self.state().lacking.clone()
    }

    /// Free bytes as they were found last.
    pub fn free_bytes(&self) -> u64 {
        self.state().free_bytes
    }

    fn state(&self) -> std::sync::RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Bytes of the disk that holds `path` which this user may still use.
pub fn free_bytes(path: &Path) -> io::Result<u64> {
    let disk = rustix::fs::statvfs(path)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_turns_read_only_and_back_by_itself_and_says_so_once() {
        let limits = RoomLimits {
            reserve_bytes: 100,
            unlanded_bytes_max: 1000,
        };
        let room = Room::default();
        assert_eq!(room.note(100, 1000, &limits), None);
        assert_eq!(room.lacking(), None);
        assert!(room.note(99, 0, &limits).unwrap().contains("nearly full"));
        assert_eq!(room.note(98, 0, &limits), None);
        assert_eq!(room.free_bytes(), 98);
        assert!(room.note(100, 1001, &limits).unwrap().contains("landed"));
        assert!(room.note(100, 1000, &limits).unwrap().contains("again"));
        assert_eq!(room.lacking(), None);
    }

    #[test]
    fn the_disk_of_a_folder_has_room() {
        let dir = tempfile::tempdir().unwrap();
        assert!(free_bytes(dir.path()).unwrap() > 0);
        assert!(free_bytes(&dir.path().join("no such folder")).is_err());
    }
}
