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
