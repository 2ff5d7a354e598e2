//! Landing as a whole: same records, same bytes; each event once, wherever the work is interrupted.

mod crashes;
mod files;
mod lake;
mod merging;
mod plugins;
mod snapshots;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::ops::Range;
use std::path::Path;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use ::parquet::file::reader::{FileReader as _, SerializedFileReader};
use ::parquet::record::{Field, RowAccessor as _};
use bytes::Bytes;
use questlog_core::event::Event;
use questlog_core::{Limits, MatchRule, Providers};
use tempfile::TempDir;

use super::*;
use crate::log::{Append, LogError};

/// A log in memory that never fails; `start` moves as records are trimmed.
#[derive(Default)]
struct MemoryLog {
    records: Mutex<(u64, Vec<Bytes>)>,
}

impl MemoryLog {
    fn of(records: &[Vec<u8>]) -> Arc<Self> {
        let log = Self::default();
        log.push(records);
        Arc::new(log)
    }

    fn push(&self, records: &[Vec<u8>]) {
        let records = records.iter().map(|record| Bytes::from(record.clone()));
        self.records.lock().unwrap().1.extend(records);
    }
}

impl Log for MemoryLog {
    fn append(&self, records: Vec<Vec<u8>>) -> Append {
        let from = self.end();
        self.push(&records);
        let to = self.end();
        Box::pin(async move { Ok(from..to) })
    }

    fn end(&self) -> u64 {
        let records = self.records.lock().unwrap();
        records.0 + records.1.len() as u64
    }

    fn start(&self) -> u64 {
        self.records.lock().unwrap().0
    }

    fn read(&self, from: u64, bytes_max: usize) -> Result<Vec<(u64, Bytes)>, LogError> {
        let records = self.records.lock().unwrap();
        let from = from.max(records.0);
        let mut bytes = 0;
        let mut read = vec![];
        for (at, record) in records.1[(from - records.0) as usize..].iter().enumerate() {
            bytes += record.len();
            if at > 0 && bytes > bytes_max {
                break;
            }
            read.push((from + at as u64, record.clone()));
        }
        Ok(read)
    }

    fn trim_before(&self, offset: u64) -> Result<(), LogError> {
        let mut records = self.records.lock().unwrap();
        let trimmed = offset.saturating_sub(records.0) as usize;
        records.1.drain(..trimmed);
        records.0 = records.0.max(offset);
        Ok(())
    }

    fn durability(&self) -> &'static str {
        "memory"
    }

    fn wait_for(&self, _offset: u64) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(async {})
    }

    fn queue_bytes(&self) -> usize {
        0
    }

    fn failure(&self) -> Option<String> {
        None
    }
}

fn record(id: usize, json: &str, host: &str) -> Vec<u8> {
    let event = Event::parse(json.as_bytes(), &Limits::default()).unwrap();
    let headers = [
        ("Host".to_owned(), host.to_owned()),
        ("Accept".to_owned(), "*/*".to_owned()),
    ];
    // 2026-11-23T10:00:00Z
    event.record(&format!("id-{id}"), 1_795_428_000_000_000, &headers)
}

/// Events of all data sets and of two days, one of them early.
fn some_records(ids: Range<usize>) -> Vec<Vec<u8>> {
    let of = |id: usize| match id % 4 {
        0 => record(
            id,
            r#"{"event_type":"knife purchased","item":"knife"}"#,
            "user1.comcast.com",
        ),
        1 => record(
            id,
            r#"{"event_type":"join_guild","level":9007199254740993}"#,
            "user2.example.org",
        ),
        2 => record(id, r#"{"event_type":"log_in"}"#, "seattle.example.org"),
        _ => record(
            id,
            r#"{"event_type":"gem purchased","timestamp":"2026-11-22T23:59:59.999999Z"}"#,
            "a.cox.net:80",
        ),
    };
    ids.map(of).collect()
}

fn layout() -> Layout {
    let headers = ["Host", "User-Agent", "Accept"].map(str::to_owned);
    Layout::new(&headers, Providers::new(None, MatchRule::Contains).unwrap()).unwrap()
}

fn options(folder: &Path) -> LandingOptions {
    LandingOptions {
        batch_bytes_max: 500,
        ..LandingOptions::new(folder.join("quarantine"))
    }
}

fn open(folder: &Path, log: &Arc<MemoryLog>) -> Landing {
    let lake = Lake::open(&folder.join("lake")).unwrap();
    Landing::open(lake, log.clone(), layout(), options(folder)).unwrap()
}

/// Rows as a map from column to text, as any Parquet reader sees them.
fn rows(file: Bytes) -> Vec<BTreeMap<String, String>> {
    let reader = SerializedFileReader::new(file).unwrap();
    let row = |row: ::parquet::record::Row| {
        let columns = row.get_column_iter();
        let values = columns.filter(|(_, field)| !matches!(field, Field::Null));
        values
            .map(|(name, field)| (name.clone(), field.to_string().trim_matches('"').to_owned()))
            .collect()
    };
    reader
        .get_row_iter(None)
        .unwrap()
        .map(|r| row(r.unwrap()))
        .collect()
}

/// The ids in all Parquet files of the data folders, found without the manifest.
fn ids_in_folders(lake: &Path) -> Vec<String> {
    let mut ids = vec![];
    for data_set in ["purchases", "join_guild", "other"] {
        for day in fs::read_dir(lake.join(data_set)).into_iter().flatten() {
            for file in fs::read_dir(day.unwrap().path()).unwrap() {
                let bytes = Bytes::from(fs::read(file.unwrap().path()).unwrap());
                ids.extend(rows(bytes).into_iter().map(|row| row["id"].clone()));
            }
        }
    }
    ids.sort();
    ids
}

fn files_of(snapshot: &Snapshot) -> impl Iterator<Item = Bytes> {
    let landed = snapshot
        .manifest
        .files
        .iter()
        .map(|file| fs::read(snapshot.root.join(&file.path)).unwrap().into());
    let unlanded = snapshot.tail.iter().map(|file| file.bytes.clone());
    landed.chain(unlanded)
}

fn ids_in(snapshot: &Snapshot) -> Vec<String> {
    let mut ids: Vec<String> = files_of(snapshot)
        .flat_map(rows)
        .map(|row| row["id"].clone())
        .collect();
    ids.sort();
    ids
}

fn expected_ids(ids: Range<usize>) -> Vec<String> {
    let mut ids: Vec<String> = ids.map(|id| format!("id-{id}")).collect();
    ids.sort();
    ids
}

/// A checkpoint at which the `crash_at`th step is not done.
fn crash(steps: &Arc<AtomicUsize>, crash_at: usize) -> crate::lake::Checkpoint {
    let steps = Arc::clone(steps);
    Box::new(move |_| match steps.fetch_add(1, Ordering::Relaxed) {
        step if step == crash_at => Err(io::Error::other("the power is gone")),
        _ => Ok(()),
    })
}
