//! Landing into a lake, and what is refused.

use super::*;

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
        (r#"{"version":3,"new":1}"#, "this program reads up to 2"),
    ] {
        fs::create_dir_all(folder.path().join("_manifest")).unwrap();
        fs::write(folder.path().join("_manifest/manifest.json"), manifest).unwrap();
        let error = Manifest::read(folder.path()).unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
    }
}
