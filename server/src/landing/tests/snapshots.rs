//! What a query sees: every event once, at any time.

use super::*;

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
    let log = MemoryLog::of(&some_records(0..400));
    let host = ["Host".to_owned()];
    let bytes =
        |snapshot: &Snapshot| -> usize { snapshot.tail.iter().map(|file| file.bytes.len()).sum() };
    let landing = open(folder.path(), &log);
    let some = bytes(&landing.snapshot_of(&host).unwrap());
    let all = bytes(&landing.snapshot().unwrap());
    assert!(some < all, "{some} {all}");
    drop(landing);

    let lake = Lake::open(&folder.path().join("lake")).unwrap();
    let options = LandingOptions {
        tail_bytes_max: some,
        ..options(folder.path())
    };
    let landing = Landing::open(lake, log.clone(), layout(), options).unwrap();
    let snapshot = landing.snapshot_of(&host).unwrap();
    assert_eq!(snapshot.manifest.landed_to, 0, "one column is not much");
    let snapshot = landing.snapshot().unwrap();
    assert_eq!((snapshot.manifest.landed_to, snapshot.tail.len()), (400, 0));
    assert_eq!(ids_in(&snapshot), expected_ids(0..400));
}

#[test]
fn a_snapshot_for_some_columns_holds_them_whatever_was_asked_before() {
    let folder = TempDir::new().unwrap();
    let log = MemoryLog::of(&[]);
    let lake = Lake::open(&folder.path().join("lake")).unwrap();
    let options = LandingOptions {
        tail_records_max: 16,
        // Landings end somewhere within what is kept in memory.
        batch_bytes_max: 3000,
        ..LandingOptions::new(folder.path().join("quarantine"))
    };
    let landing = Landing::open(lake, log.clone(), layout(), options).unwrap();
    let mut to = 0;
    for (grow, columns, land) in [
        (300, &["item"][..], false),
        (7, &["Host", "item"], true),
        (90, &["id"], false),
        (1, &[], true),
        (200, &["provider", "properties", "no such column"], false),
        (0, &["received_at", "timestamp", "date"], true),
    ] {
        log.push(&some_records(to..to + grow));
        to += grow;
        let columns: Vec<String> = columns.iter().map(|&name| name.to_owned()).collect();
        let snapshot = landing.snapshot_of(&columns).unwrap();
        let all = to_parquet(&log.read(0, usize::MAX).unwrap(), &layout()).unwrap();
        for column in columns.iter().map(String::as_str).chain(["event_type"]) {
            let expected = values(all.files.iter().map(|file| file.bytes.clone()), column);
            assert_eq!(expected.values().sum::<usize>(), to);
            assert_eq!(values(files_of(&snapshot), column), expected, "{column}");
        }
        if land {
            landing.land().unwrap();
            log.push(&some_records(to..to + 40));
            to += 40;
        }
    }
}

/// How often each value stands in a column.
fn values(files: impl Iterator<Item = Bytes>, column: &str) -> BTreeMap<Option<String>, usize> {
    let mut counts = BTreeMap::new();
    for row in files.flat_map(rows) {
        *counts.entry(row.get(column).cloned()).or_default() += 1;
    }
    counts
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
