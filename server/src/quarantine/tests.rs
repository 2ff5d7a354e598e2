//! The quarantine's promises: what was refused is there, is counted once, and can be taken later, whatever crashes.

use std::path::Path;

use questlog_core::{ErrorKind, Limits};
use serde_json::Value;
use tempfile::TempDir;

use super::*;
use crate::ingest::Ingest;

const NOW_US: i64 = 1_790_000_000_123_456;

/// A data folder's log and quarantine.
struct Opened {
    log: Arc<DiskLog>,
    quarantine: Arc<Quarantine>,
}

fn open(folder: &Path, bytes_max: u64) -> Opened {
    let log = Arc::new(DiskLog::open(&folder.join("log"), DiskLogOptions::default()).unwrap());
    let quarantine = Quarantine::open(&folder.join("quarantine"), bytes_max, &*log).unwrap();
    Opened {
        log,
        quarantine: Arc::new(quarantine),
    }
}

fn note(bodies: &[&str], format: Format, duplicate: u64) -> Note {
    let refused = bodies.iter().enumerate().map(|(index, body)| Refused {
        index,
        error: questlog_core::Error::new(ErrorKind::Event, "too large"),
        raw: Bytes::copy_from_slice(body.as_bytes()),
        format,
    });
    Note {
        door: "POST /v1/events".to_owned(),
        message: Message {
            format,
            headers: vec![("Host".to_owned(), "a.cox.net".to_owned())],
            received_at_us: NOW_US,
            ..Message::default()
        },
        events: bodies.len() as u64 + duplicate,
        taken: Taken {
            duplicate,
            ..Taken::default()
        },
        refused: refused.collect(),
    }
}

fn ingest(log: &Arc<DiskLog>) -> Ingest {
    Ingest::open(
        Arc::clone(log) as Arc<dyn Log>,
        None,
        1000,
        i64::MAX,
        NOW_US,
    )
    .unwrap()
}

fn page(quarantine: &Quarantine, from: (u64, usize), limit: usize) -> Value {
    serde_json::to_value(quarantine.page(from, limit).unwrap()).unwrap()
}

fn counted(folder: &Path) -> Sums {
    let log = DiskLogReader::open(&folder.join("log")).unwrap();
    Quarantine::count(&folder.join("quarantine"), &log).unwrap()
}

/// The three sums must add up to what was received.
fn balance(folder: &Path) -> (u64, u64, u64, u64) {
    let sums = counted(folder);
    let accepted = DiskLogReader::open(&folder.join("log")).unwrap().end();
    let all = (
        sums.all_received(accepted),
        accepted,
        sums.all_duplicate(),
        sums.still_rejected(),
    );
    assert_eq!(all.0, all.1 + all.2 + all.3, "{all:?}");
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_refused_is_there_after_a_restart_and_counted() {
    let dir = TempDir::new().unwrap();
    let open_one = || open(dir.path(), 1 << 30);
    let place = open_one();
    place
        .quarantine
        .note(note(&["{}", "\u{0}x", "nonsense"], Format::Json, 2))
        .await
        .unwrap();
    place
        .quarantine
        .note(note(&[], Format::Json, 5))
        .await
        .unwrap();
    assert_eq!(balance(dir.path()), (10, 0, 7, 3));
    // The task that wrote the duplicates answers first, and lets go of the quarantine a moment later.
    while Arc::strong_count(&place.quarantine) > 1 {
        tokio::task::yield_now().await;
    }
    drop(place);
    let place = open_one();
    assert_eq!(place.quarantine.sums(), counted(dir.path()));
    let first = page(&place.quarantine, (0, 0), 2);
    assert_eq!(first["entries"][1]["base64"], "AHg=");
    assert_eq!(first["entries"][1]["index"], 1);
    assert_eq!(first["entries"][0]["headers"]["Host"], "a.cox.net");
    let next = parse_place(first["next"].as_str().unwrap()).unwrap();
    let second = page(&place.quarantine, next, 2);
    assert_eq!(second["entries"][0]["text"], "nonsense");
    assert_eq!(second["next"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn duplicates_that_come_at_once_share_a_record_and_all_count() {
    let dir = TempDir::new().unwrap();
    let place = open(dir.path(), 1 << 30);
    let notes: Vec<_> = (1..=50)
        .map(|count| {
            let quarantine = Arc::clone(&place.quarantine);
            tokio::spawn(async move { quarantine.note(note(&[], Format::Json, count)).await })
        })
        .collect();
    for note in notes {
        note.await.unwrap().unwrap();
    }
    assert_eq!(balance(dir.path()), (1275, 0, 1275, 0));
    assert!(place.quarantine.log.end() <= 50);
}

#[tokio::test(flavor = "multi_thread")]
async fn beyond_the_budget_the_oldest_go_and_their_counts_stay() {
    let dir = TempDir::new().unwrap();
    let place = open(dir.path(), 2 << 20);
    let body = "x".repeat(300 << 10);
    for _ in 0..20 {
        place
            .quarantine
            .note(note(&[&body], Format::Json, 1))
            .await
            .unwrap();
    }
    assert_eq!(balance(dir.path()), (40, 0, 20, 20));
    place.quarantine.keep_to_budget().unwrap();
    assert!(place.quarantine.bytes() <= 2 << 20);
    assert!(place.quarantine.log.start() > 0);
    assert_eq!(balance(dir.path()), (40, 0, 20, 20));
    while Arc::strong_count(&place.quarantine) > 1 {
        tokio::task::yield_now().await;
    }
    drop(place);
    let place = open(dir.path(), 2 << 20);
    assert_eq!(place.quarantine.sums().rejected, 20);
    assert!(
        page(&place.quarantine, (0, 0), 100)["entries"]
            .as_array()
            .unwrap()
            .len()
            < 20
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn many_refused_events_take_several_records() {
    let dir = TempDir::new().unwrap();
    let place = open(dir.path(), 1 << 30);
    let body = "x".repeat(300 << 10);
    place
        .quarantine
        .note(note(&[body.as_str(); 5], Format::Json, 3))
        .await
        .unwrap();
    assert!(place.quarantine.log.end() >= 2);
    assert_eq!(balance(dir.path()), (8, 0, 3, 5));
}

#[test]
fn a_replay_takes_what_can_be_taken_now_exactly_once() {
    let dir = TempDir::new().unwrap();
    let place = open(dir.path(), 1 << 30);
    let good = r#"{"event_type":"a","id":"1"}"#;
    let without_id = r#"{"event_type":"b"}"#;
    let notes = [
        note(&[good, without_id, "{}", good], Format::Json, 0),
        note(
            &["{\"event_type\":\"c\"}\n{\"event_type\":\"d\"}\n"],
            Format::Lines,
            0,
        ),
    ];
    for note in notes {
        block_on(place.quarantine.note(note)).unwrap().unwrap();
    }
    let limits = Limits::default();
    let replay = || {
        place
            .quarantine
            .replay(&ingest(&place.log), &*place.log, &limits)
            .unwrap()
    };
    let done = replay();
    assert_eq!((done.accepted, done.duplicate, done.left), (4, 1, 1));
    assert_eq!(balance(dir.path()), (6, 4, 1, 1));
    let again = replay();
    assert_eq!((again.accepted, again.duplicate, again.left), (0, 0, 1));
    let listed = page(&place.quarantine, (0, 0), 10);
    let replayed: Vec<_> = listed["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["replayed"] == true)
        .collect();
    assert_eq!(replayed, [true, true, false, true, true]);
    let records = place.log.read(0, 1 << 20).unwrap();
    let hosts = records
        .iter()
        .map(|(_, record)| serde_json::from_slice::<Value>(record).unwrap()["Host"].clone());
    assert!(hosts.into_iter().all(|host| host == "a.cox.net"));
}

/// A crash between the intent and the outcome, with any number of the new records in the log.
#[test]
fn a_replay_that_was_interrupted_anywhere_is_neither_lost_nor_doubled() {
    for survived in 0..=5 {
        let dir = TempDir::new().unwrap();
        let place = open(dir.path(), 1 << 30);
        let lines =
            "{\"event_type\":\"c\"}\n{\"event_type\":\"d\"}\n{\"event_type\":\"e\",\"id\":\"7\"}\n";
        for note in [
            note(
                &[r#"{"event_type":"a"}"#, r#"{"event_type":"z","id":"old"}"#],
                Format::Json,
                0,
            ),
            note(&[lines], Format::Lines, 0),
            note(&[r#"{"event_type":"f"}"#], Format::Json, 0),
        ] {
            block_on(place.quarantine.note(note)).unwrap().unwrap();
        }
        // The whole replay, on a copy, tells which records there would be.
        block_on(place.log.append(vec![
            br#"{"id":"old","event_type":"z","timestamp":"2026-11-23T10:00:00Z"}"#.to_vec(),
        ]))
        .unwrap()
        .unwrap();
        let limits = Limits::default();
        place
            .quarantine
            .replay(&ingest(&place.log), &*place.log, &limits)
            .unwrap();
        let all = place.log.read(1, 1 << 20).unwrap();
        assert_eq!(all.len(), 5);
        let intent = place.quarantine.log.read(3, 1 << 20).unwrap().remove(0).1;
        drop(place);

        // The same data folder as the crash left it.
        let crashed = TempDir::new().unwrap();
        let place = open(crashed.path(), 1 << 30);
        block_on(place.log.append(vec![
            br#"{"id":"old","event_type":"z","timestamp":"2026-11-23T10:00:00Z"}"#.to_vec(),
        ]))
        .unwrap()
        .unwrap();
        let original = open(dir.path(), 1 << 30);
        let notes = original.quarantine.log.read(0, 1 << 20).unwrap();
        let mut records: Vec<Vec<u8>> = notes[..3]
            .iter()
            .map(|(_, record)| record.to_vec())
            .collect();
        records.push(intent.to_vec());
        block_on(place.quarantine.log.append(records))
            .unwrap()
            .unwrap();
        let survivors = all[..survived]
            .iter()
            .map(|(_, record)| record.to_vec())
            .collect();
        block_on(place.log.append(survivors)).unwrap().unwrap();
        drop(place);

        // Seen from outside, and again after the restart that settles it.
        balance(crashed.path());
        let place = open(crashed.path(), 1 << 30);
        balance(crashed.path());
        // Something else comes in before anybody replays again.
        block_on(place.log.append(vec![
            br#"{"id":"new","event_type":"n","timestamp":"2026-11-23T10:00:00Z"}"#.to_vec(),
        ]))
        .unwrap()
        .unwrap();
        let done = place
            .quarantine
            .replay(&ingest(&place.log), &*place.log, &limits)
            .unwrap();
        assert_eq!(done.accepted, 5 - survived as u64, "{survived}");
        assert_eq!(done.left, 0);
        let (received, accepted, duplicate, rejected) = balance(crashed.path());
        // Two came past the quarantine, the body of three lines turned out to be three events.
        assert_eq!(
            (received, accepted, duplicate, rejected),
            (8, 7, 1, 0),
            "{survived}"
        );
        let mut ids: Vec<_> = place.log.read(0, 1 << 20).unwrap();
        ids.retain(|(_, record)| record.starts_with(b"{\"id\":\"quarantine/"));
        let distinct: HashSet<_> = ids.iter().map(|(_, record)| record.clone()).collect();
        assert_eq!((ids.len(), distinct.len()), (4, 4), "{survived}");
    }
}

#[test]
fn a_body_that_is_no_longer_whole_stays() {
    let dir = TempDir::new().unwrap();
    let place = open(dir.path(), 1 << 30);
    let body = format!(
        r#"{{"event_type":"a","x":"{}"}}"#,
        "x".repeat(RAW_BYTES_MAX)
    );
    block_on(place.quarantine.note(note(&[&body], Format::Json, 0)))
        .unwrap()
        .unwrap();
    let limits = Limits {
        event_bytes_max: 1 << 20,
        ..Limits::default()
    };
    let replay = place
        .quarantine
        .replay(&ingest(&place.log), &*place.log, &limits)
        .unwrap();
    assert_eq!((replay.accepted, replay.left), (0, 1));
    assert_eq!(
        page(&place.quarantine, (0, 0), 1)["entries"][0]["bytes"],
        body.len() as u64
    );
}

#[test]
fn a_damaged_quarantine_is_said() {
    let dir = TempDir::new().unwrap();
    let place = open(dir.path(), 1 << 30);
    block_on(place.quarantine.log.append(vec![b"no record".to_vec()]))
        .unwrap()
        .unwrap();
    drop(place);
    let log = DiskLog::open(&dir.path().join("log"), DiskLogOptions::default()).unwrap();
    let Err(error) = Quarantine::open(&dir.path().join("quarantine"), 1 << 30, &log) else {
        panic!("it opened");
    };
    assert!(error.to_string().contains("record 0"), "{error}");
}
