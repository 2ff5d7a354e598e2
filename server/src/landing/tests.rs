//! Landing as a whole: same records, same bytes; each event once, wherever the work is interrupted.

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
        batch_bytes_max: 1_000,
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

fn ids_in(snapshot: &Snapshot) -> Vec<String> {
    let landed = snapshot
        .manifest
        .files
        .iter()
        .map(|file| fs::read(snapshot.root.join(&file.path)).unwrap().into());
    let unlanded = snapshot.tail.iter().map(|file| file.bytes.clone());
    let mut ids: Vec<String> = landed
        .chain(unlanded)
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

#[test]
fn the_same_records_make_the_same_files() {
    let records: Vec<_> = some_records(0..50)
        .into_iter()
        .map(Bytes::from)
        .enumerate()
        .map(|(at, r)| (at as u64, r))
        .collect();
    let (once, again) = (
        to_parquet(&records, &layout()).unwrap(),
        to_parquet(&records, &layout()).unwrap(),
    );
    assert_eq!(once.files, again.files);
    let names: Vec<&str> = once.files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(
        names,
        [
            "purchases/date=2026-11-22/000000000003-000000000047.parquet",
            "purchases/date=2026-11-23/000000000000-000000000048.parquet",
            "join_guild/date=2026-11-23/000000000001-000000000049.parquet",
            "other/date=2026-11-23/000000000002-000000000046.parquet",
        ]
    );
    assert_eq!(once.to, 50);
}

#[test]
fn a_file_has_the_columns_that_were_promised() {
    let record = record(
        7,
        r#"{"event_type":"join_guild","level":9007199254740993,"item":5}"#,
        "user2.cox.net",
    );
    let batch = to_parquet(&[(3, record.into())], &layout()).unwrap();
    let reader = SerializedFileReader::new(batch.files[0].bytes.clone()).unwrap();
    let metadata = reader.metadata().file_metadata();
    let columns: Vec<String> = metadata
        .schema_descr()
        .columns()
        .iter()
        .map(|column| column.path().string())
        .collect();
    assert_eq!(
        columns.join(" "),
        "timestamp event_type item id received_at Host User-Agent Accept provider properties"
    );
    assert_eq!(
        metadata.created_by(),
        Some(concat!("questlog version ", env!("CARGO_PKG_VERSION")))
    );
    let row = &rows(batch.files[0].bytes.clone())[0];
    assert_eq!(row["timestamp"], "2026-11-23 10:00:00.000000 +00:00");
    assert_eq!(
        (row["event_type"].as_str(), row["id"].as_str()),
        ("join_guild", "id-7")
    );
    assert_eq!(
        (
            row["Host"].as_str(),
            row["Accept"].as_str(),
            row["provider"].as_str()
        ),
        ("user2.cox.net", "*/*", "cox")
    );
    assert_eq!(row["properties"], r#"{"level":9007199254740993,"item":5}"#);
    assert!(!row.contains_key("item") && !row.contains_key("User-Agent"));
}

#[test]
fn a_file_of_many_rows_has_row_groups_and_keeps_the_order_of_nulls() {
    let mut layout = layout();
    layout.row_group_rows_max = 1_000;
    let count = 1_010;
    let records: Vec<_> = (0..count)
        .map(|id| {
            let item = if id % 3 == 0 { "" } else { r#","item":"i""# };
            let json = format!(r#"{{"event_type":"log_in"{item}}}"#);
            (id as u64, Bytes::from(record(id, &json, "h")))
        })
        .collect();
    let batch = to_parquet(&records, &layout).unwrap();
    let reader = SerializedFileReader::new(batch.files[0].bytes.clone()).unwrap();
    assert_eq!(reader.num_row_groups(), 2);
    for (id, row) in reader.get_row_iter(None).unwrap().enumerate() {
        let row = row.unwrap();
        assert_eq!(row.get_string(3).unwrap(), &format!("id-{id}"));
        assert_eq!(row.get_string(2).is_ok(), id % 3 != 0);
    }
}

#[test]
fn hostile_records_go_to_the_quarantine_and_the_rest_lands() {
    let folder = TempDir::new().unwrap();
    let mut records = some_records(0..3);
    records.insert(1, b"not json".to_vec());
    records.insert(3, vec![0xff, 0]);
    records.push(br#"{"event_type":"no time"}"#.to_vec());
    let log = MemoryLog::of(&records);
    let landing = Landing::open(
        Lake::open(&folder.path().join("lake")).unwrap(),
        log,
        layout(),
        LandingOptions::new(folder.path().join("q")),
    )
    .unwrap();
    let landed = landing.land().unwrap();
    assert_eq!(
        landed,
        Landed {
            from: 0,
            to: 6,
            files: 3,
            rows: 3,
            unreadable: 3
        }
    );
    assert_eq!(landing.manifest().unreadable, 3);
    assert_eq!(
        ids_in_folders(&folder.path().join("lake")),
        expected_ids(0..3)
    );
    let lines = fs::read_to_string(folder.path().join("q/log-000000000000.jsonl")).unwrap();
    assert_eq!(
        lines,
        "{\"offset\":1,\"reason\":\"not JSON at byte 0: expected a value\",\"text\":\"not json\"}\n\
         {\"offset\":3,\"reason\":\"not UTF-8 at byte 0\",\"hex\":\"ff00\"}\n\
         {\"offset\":5,\"reason\":\"timestamp and received_at are missing\",\"text\":\"{\\\"event_type\\\":\\\"no time\\\"}\"}\n"
    );
}

#[test]
fn events_of_too_many_days_make_several_batches() {
    let record = |id: usize| {
        let year = id * 33;
        let json = format!(r#"{{"event_type":"a","timestamp":"{year:04}-01-01T00:00:00Z"}}"#);
        (id as u64, Bytes::from(record(id, &json, "h")))
    };
    let records: Vec<_> = (0..300).map(record).collect();
    let first = to_parquet(&records, &layout()).unwrap();
    assert_eq!((first.files.len(), first.to), (256, 256));
    let second = to_parquet(&records[256..], &layout()).unwrap();
    assert_eq!((second.files.len(), second.to), (44, 300));
    let last = second.files.last().unwrap();
    assert_eq!(
        last.path,
        "other/date=9867-01-01/000000000299-000000000299.parquet"
    );
}

#[test]
fn a_snapshot_holds_every_event_once_while_the_log_grows_and_lands() {
    let folder = TempDir::new().unwrap();
    let log = MemoryLog::of(&[]);
    let lake = Lake::open(&folder.path().join("lake")).unwrap();
    let options = LandingOptions {
        tail_records_max: 16,
        ..LandingOptions::new(folder.path().join("quarantine"))
    };
    let landing = Landing::open(lake, log.clone(), layout(), options).unwrap();
    assert!(landing.snapshot().unwrap().sources().is_empty());
    let mut to = 0;
    for (grow, land) in [
        (3, false),
        (20, false),
        (0, true),
        (5, false),
        (0, false),
        (40, false),
        (40, false),
        (1, true),
        (2, false),
    ] {
        log.push(&some_records(to..to + grow));
        to += grow;
        if land {
            landing.land().unwrap();
        }
        let snapshot = landing.snapshot().unwrap();
        assert_eq!(snapshot.to, to as u64);
        assert_eq!(ids_in(&snapshot), expected_ids(0..to));
    }
}

#[test]
fn a_query_in_progress_keeps_its_files() {
    let folder = TempDir::new().unwrap();
    let log = MemoryLog::of(&some_records(0..8));
    let landing = open(folder.path(), &log);
    let before = landing.snapshot().unwrap();
    landing.land().unwrap();
    log.push(&some_records(8..10));
    landing.land().unwrap();
    assert_eq!(ids_in(&before), expected_ids(0..8));
}

#[test]
fn a_query_over_very_many_unlanded_events_lands_them_first() {
    let folder = TempDir::new().unwrap();
    let log = MemoryLog::of(&some_records(0..10));
    let lake = Lake::open(&folder.path().join("lake")).unwrap();
    let options = LandingOptions {
        unlanded_records_max: 10,
        ..LandingOptions::new(folder.path().join("quarantine"))
    };
    let landing = Landing::open(lake, log.clone(), layout(), options).unwrap();
    assert!(landing.snapshot().unwrap().manifest.files.is_empty());
    log.push(&some_records(10..12));
    let snapshot = landing.snapshot().unwrap();
    assert_eq!((snapshot.manifest.landed_to, snapshot.tail.len()), (12, 0));
    assert_eq!(ids_in(&snapshot), expected_ids(0..12));
}

#[test]
fn landed_records_leave_the_log_after_a_while() {
    let folder = TempDir::new().unwrap();
    let log = MemoryLog::of(&some_records(0..30));
    let lake = Lake::open(&folder.path().join("lake")).unwrap();
    let options = LandingOptions {
        keep_records: 10,
        ..options(folder.path())
    };
    let landing = Landing::open(lake, log.clone(), layout(), options).unwrap();
    landing.land().unwrap();
    assert_eq!(log.start(), 20);
    log.push(&some_records(30..32));
    assert_eq!(ids_in(&landing.snapshot().unwrap()), expected_ids(0..32));
}

#[test]
fn a_second_process_and_another_log_are_refused() {
    let folder = TempDir::new().unwrap();
    let log = MemoryLog::of(&some_records(0..3));
    let landing = open(folder.path(), &log);
    landing.land().unwrap();
    let error = Lake::open(&folder.path().join("lake"))
        .err()
        .unwrap()
        .to_string();
    assert!(error.ends_with(
        "is in use by another questlog process; stop it, or choose another --lake folder"
    ));
    drop(landing);
    let lake = Lake::open(&folder.path().join("lake")).unwrap();
    let error = Landing::open(lake, MemoryLog::of(&[]), layout(), options(folder.path()))
        .err()
        .unwrap()
        .to_string();
    assert!(
        error.contains("has landed 3 records of a log, but this log ends at 0"),
        "{error}"
    );
}

#[test]
fn a_damaged_or_newer_manifest_is_named() {
    let folder = TempDir::new().unwrap();
    for (manifest, reason) in [
        ("{", "the lake's manifest is damaged: EOF"),
        (r#"{"version":2,"new":1}"#, "this program reads up to 1"),
    ] {
        fs::create_dir_all(folder.path().join("_manifest")).unwrap();
        fs::write(folder.path().join("_manifest/manifest.json"), manifest).unwrap();
        let error = Manifest::read(folder.path()).unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
    }
}

#[test]
fn headers_called_like_columns_are_refused() {
    let providers = || Providers::new(None, MatchRule::Contains).unwrap();
    for headers in [["Host", "Date"], ["Id", "Host"], ["Host", "host"]] {
        assert!(Layout::new(&headers.map(str::to_owned), providers()).is_err());
    }
}

/// Stops the landing at its `n`th step, again and again, and lets the next start go on: whatever was done, each event is there once.
#[test]
fn a_crash_at_any_step_loses_and_doubles_nothing() {
    let records = some_records(0..6);
    let mut steps_in_all = 0;
    for crash_at in 0.. {
        let folder = TempDir::new().unwrap();
        let lake_folder = folder.path().join("lake");
        let log = MemoryLog::of(&records);
        let steps = Arc::new(AtomicUsize::new(0));
        let checkpoint = {
            let steps = Arc::clone(&steps);
            Box::new(
                move |_: &'static str| match steps.fetch_add(1, Ordering::Relaxed) {
                    step if step == crash_at => Err(io::Error::other("the power is gone")),
                    _ => Ok(()),
                },
            )
        };
        let lake = Lake::open_with(&lake_folder, checkpoint).unwrap();
        let landing = Landing::open(lake, log.clone(), layout(), options(folder.path())).unwrap();
        let result = landing.land();
        // Without a restart the process goes on answering, from what it knows.
        assert_eq!(
            ids_in(&landing.snapshot().unwrap()),
            expected_ids(0..6),
            "crash at step {crash_at}"
        );
        let seen = ids_in_folders(&lake_folder);
        assert!(
            seen.windows(2).all(|pair| pair[0] != pair[1]),
            "a double for other readers at step {crash_at}"
        );
        drop(landing);
        if result.is_ok() {
            steps_in_all = crash_at;
            break;
        }

        log.push(&some_records(6..8));
        let landing = open(folder.path(), &log);
        assert_eq!(
            ids_in(&landing.snapshot().unwrap()),
            expected_ids(0..8),
            "restart after step {crash_at}"
        );
        landing.land().unwrap();
        assert_eq!(
            ids_in_folders(&lake_folder),
            expected_ids(0..8),
            "landed after step {crash_at}"
        );
        assert_eq!((landing.landed_to(), landing.manifest().rows()), (8, 8));
        assert_eq!(
            fs::read_dir(lake_folder.join("_staging")).unwrap().count(),
            0
        );
    }
    assert!(steps_in_all > 30, "only {steps_in_all} steps were tried");
}

/// The same without a restart: the next landing of the same process mends what the failed one left.
#[test]
fn a_landing_that_failed_is_taken_up_by_the_next_one() {
    for fail_at in 0..40 {
        let folder = TempDir::new().unwrap();
        let log = MemoryLog::of(&some_records(0..6));
        let steps = AtomicUsize::new(0);
        let checkpoint =
            Box::new(
                move |_: &'static str| match steps.fetch_add(1, Ordering::Relaxed) {
                    step if step == fail_at => Err(io::Error::other("disk full")),
                    _ => Ok(()),
                },
            );
        let lake = Lake::open_with(&folder.path().join("lake"), checkpoint).unwrap();
        let landing = Landing::open(lake, log, layout(), options(folder.path())).unwrap();
        if landing.land().is_err() {
            landing.land().unwrap();
        }
        assert_eq!(
            ids_in_folders(&folder.path().join("lake")),
            expected_ids(0..6),
            "after step {fail_at}"
        );
        assert_eq!(ids_in(&landing.snapshot().unwrap()), expected_ids(0..6));
    }
}
