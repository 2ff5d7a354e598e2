//! The log's promises: what is acknowledged is there, what is broken is noticed.

mod disk;
mod faults;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use proptest::prelude::*;

use self::disk::Disk;
use super::writer::AHEAD_BYTES_MIN;
use super::*;
use crate::log::AppendError;
use crate::log::RECORD_BYTES_MAX;
use std::ops::Range;

/// A log on a disk whose syncs wait for as long as a test wants, for tests of what stands before it.
pub(crate) struct StallableDisk(Arc<Disk>);

impl StallableDisk {
    pub(crate) fn log(options: DiskLogOptions) -> (DiskLog, Self) {
        let disk = Arc::new(Disk::default());
        let log = DiskLog::open_in(disk.clone(), options).unwrap();
        (log, Self(disk))
    }

    /// No sync ends before the guard goes.
    pub(crate) fn stall(&self) -> impl Drop + '_ {
        self.0.stall()
    }
}

/// Waits for a future without a runtime: the log needs none.
fn wait<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(std::thread::Thread);
    impl std::task::Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Arc::new(Unpark(std::thread::current())).into();
    let mut context = std::task::Context::from_waker(&waker);
    let mut future = std::pin::pin!(future);
    loop {
        if let std::task::Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
        std::thread::park();
    }
}

fn append(log: &DiskLog, records: &[&str]) -> Range<u64> {
    wait(
        log.append(
            records
                .iter()
                .map(|record| record.as_bytes().to_vec())
                .collect(),
        ),
    )
    .unwrap()
}

fn contents(log: &DiskLog) -> Vec<(u64, String)> {
    let mut all = Vec::new();
    let mut next = log.start();
    while next < log.end() {
        let some = log.read(next, 100).unwrap();
        next = some.last().unwrap().0 + 1;
        all.extend(
            some.into_iter()
                .map(|(offset, record)| (offset, String::from_utf8(record.to_vec()).unwrap())),
        );
    }
    all
}

fn numbered(records: &[&str]) -> Vec<(u64, String)> {
    records
        .iter()
        .enumerate()
        .map(|(offset, record)| (offset as u64, (*record).to_owned()))
        .collect()
}

fn only_segment(dir: &Path) -> PathBuf {
    let mut paths = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    paths
        .find(|path| path.extension().is_some_and(|extension| extension == "log"))
        .unwrap()
}

/// Opens a log that must not open, and gives the sentence.
fn refusal(dir: &Path) -> String {
    match DiskLog::open(dir, DiskLogOptions::default()) {
        Ok(_) => panic!("the log opened"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn records_come_back_in_order_also_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let log = DiskLog::open(dir.path(), DiskLogOptions::default()).unwrap();
    assert_eq!((log.start(), log.end()), (0, 0));
    assert_eq!(append(&log, &["a"]), 0..1);
    assert_eq!(append(&log, &["b", "", "c"]), 1..4);
    assert_eq!(append(&log, &[]), 4..4);
    drop(log);
    let log = DiskLog::open(dir.path(), DiskLogOptions::default()).unwrap();
    assert_eq!(append(&log, &["d"]), 4..5);
    assert_eq!(contents(&log), numbered(&["a", "b", "", "c", "d"]));
}

#[test]
fn a_second_process_gets_a_sentence() {
    let dir = tempfile::tempdir().unwrap();
    let _log = DiskLog::open(dir.path(), DiskLogOptions::default()).unwrap();
    assert!(refusal(dir.path()).contains("in use by another questlog process"));
}

#[test]
fn a_reader_sees_what_is_appended_and_disturbs_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let log = DiskLog::open(
        dir.path(),
        DiskLogOptions {
            segment_bytes_max: 100,
            ..Default::default()
        },
    )
    .unwrap();
    append(&log, &["a"]);
    let mut reader = DiskLogReader::open(dir.path()).unwrap();
    assert_eq!((reader.start(), reader.end()), (0, 1));
    for _ in 0..20 {
        append(&log, &["0123456789"]);
    }
    reader.refresh().unwrap();
    assert_eq!(reader.end(), 21);
    assert_eq!(
        reader
            .read(5, 1000)
            .unwrap()
            .first()
            .map(|(offset, _)| *offset),
        Some(5)
    );
    assert_eq!(reader.read(21, 1000).unwrap(), vec![]);
}

#[test]
fn a_torn_tail_is_cut_wherever_it_was_torn() {
    let dir = tempfile::tempdir().unwrap();
    let log = DiskLog::open(dir.path(), DiskLogOptions::default()).unwrap();
    append(&log, &["first"]);
    let whole = std::fs::metadata(only_segment(dir.path())).unwrap().len();
    append(&log, &["second"]);
    drop(log);
    let path = only_segment(dir.path());
    let bytes = std::fs::read(&path).unwrap();
    for cut in whole as usize..bytes.len() {
        std::fs::write(&path, &bytes[..cut]).unwrap();
        let log = DiskLog::open(dir.path(), DiskLogOptions::default()).unwrap();
        assert_eq!(contents(&log), numbered(&["first"]), "cut at {cut}");
        assert_eq!(std::fs::metadata(&path).unwrap().len(), whole);
        assert_eq!(append(&log, &["again"]), 1..2);
    }
}

#[test]
fn a_segment_that_was_cut_in_its_header_begins_anew() {
    let dir = tempfile::tempdir().unwrap();
    drop(DiskLog::open(dir.path(), DiskLogOptions::default()).unwrap());
    for len in [0, 1, 31] {
        std::fs::write(only_segment(dir.path()), vec![0; len]).unwrap();
        let log = DiskLog::open(dir.path(), DiskLogOptions::default()).unwrap();
        assert_eq!(append(&log, &["a"]), 0..1);
    }
}

#[test]
fn every_flipped_bit_before_the_last_record_is_an_error_with_its_place() {
    let dir = tempfile::tempdir().unwrap();
    let log = DiskLog::open(dir.path(), DiskLogOptions::default()).unwrap();
    append(&log, &["first", "second"]);
    append(&log, &["third"]);
    drop(log);
    let path = only_segment(dir.path());
    let good = std::fs::read(&path).unwrap();
    let last = good.len() - 20 - "third".len();
    for bit in 0..last * 8 {
        let mut bad = good.clone();
        bad[bit / 8] ^= 1 << (bit % 8);
        std::fs::write(&path, &bad).unwrap();
        let sentence = refusal(dir.path());
        assert!(
            sentence.contains("damaged at byte") && sentence.contains(".log"),
            "bit {bit}: {sentence}"
        );
    }
}

#[test]
fn a_file_that_is_no_segment_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(
        dir.path().join("00000000000000000000.log"),
        "a diary of what happened, not a segment\n",
    )
    .unwrap();
    assert!(refusal(dir.path()).contains("not a Questlog log segment"));
}

#[test]
fn pages_of_one_commit_that_never_reached_the_disk_are_a_torn_tail() {
    let dir = tempfile::tempdir().unwrap();
    let log = DiskLog::open(dir.path(), DiskLogOptions::default()).unwrap();
    append(&log, &["first"]);
    let whole = std::fs::metadata(only_segment(dir.path())).unwrap().len() as usize;
    let record = "x".repeat(1000);
    append(&log, &[&record, &record, &record]);
    drop(log);
    let path = only_segment(dir.path());
    let good = std::fs::read(&path).unwrap();

    // The first page of the commit is missing, the later ones are there.
    let mut torn = good.clone();
    torn[whole..1024].fill(0);
    std::fs::write(&path, &torn).unwrap();
    let log = DiskLog::open(dir.path(), DiskLogOptions::default()).unwrap();
    assert_eq!(contents(&log), numbered(&["first"]));
    drop(log);

    // The same hole with a later commit behind it is damage: that commit followed a sync.
    std::fs::write(&path, &good).unwrap();
    let log = DiskLog::open(dir.path(), DiskLogOptions::default()).unwrap();
    append(&log, &["later"]);
    drop(log);
    let mut damaged = std::fs::read(&path).unwrap();
    damaged[whole..1024].fill(0);
    std::fs::write(&path, &damaged).unwrap();
    assert!(refusal(dir.path()).contains(&format!("damaged at byte {whole}")));
}

#[test]
fn a_full_queue_is_busy_and_takes_again_later() {
    let disk = Arc::new(Disk::default());
    let options = DiskLogOptions {
        queue_bytes_max: 100,
        ..Default::default()
    };
    let log = DiskLog::open_in(disk.clone(), options).unwrap();
    let stalled = disk.stall();
    let first = log.append(vec![vec![b'a'; 60]]);
    let refused = wait(log.append(vec![vec![b'b'; 60]]));
    assert_eq!(
        refused,
        Err(AppendError::Busy {
            queued_bytes: 80,
            queue_bytes_max: 100
        })
    );
    drop(stalled);
    assert_eq!(wait(first), Ok(0..1));
    assert_eq!(wait(log.append(vec![vec![b'b'; 60]])), Ok(1..2));
}

#[test]
fn a_record_larger_than_the_log_takes_is_refused_alone() {
    let log = DiskLog::open_in(Arc::new(Disk::default()), DiskLogOptions::default()).unwrap();
    let error = wait(log.append(vec![vec![b'a'; RECORD_BYTES_MAX + 1]])).unwrap_err();
    assert!(matches!(error, AppendError::TooLarge { .. }));
    assert_eq!(append(&log, &["small"]), 0..1);
}

#[test]
fn a_failed_sync_is_never_retried() {
    let disk = Arc::new(Disk::default());
    let log = DiskLog::open_in(disk.clone(), DiskLogOptions::default()).unwrap();
    append(&log, &["kept"]);
    disk.fail_syncs.store(1, Ordering::SeqCst);
    let error = wait(log.append(vec![b"lost".to_vec()])).unwrap_err();
    assert!(
        error.to_string().contains("the log takes no more records"),
        "{error}"
    );
    // The disk would work again, but what it forgot is unknown.
    let error = wait(log.append(vec![b"later".to_vec()])).unwrap_err();
    assert!(matches!(error, AppendError::ReadOnly { .. }));
    assert!(log.failure().is_some());
    assert_eq!(contents(&log), numbered(&["kept"]));
}

#[test]
fn closing_makes_durable_what_was_queued_and_takes_no_more() {
    let disk = Arc::new(Disk::default());
    let log = DiskLog::open_in(disk.clone(), DiskLogOptions::default()).unwrap();
    let queued = log.append(vec![b"queued".to_vec()]);
    log.close();
    assert_eq!(wait(queued), Ok(0..1));
    assert!(matches!(
        wait(log.append(vec![b"late".to_vec()])),
        Err(AppendError::ReadOnly { .. })
    ));
    assert_eq!(log.failure(), None);
}

#[test]
fn trimming_gives_back_whole_segments_only() {
    let disk = Arc::new(Disk::default());
    let options = DiskLogOptions {
        segment_bytes_max: 90,
        ..Default::default()
    };
    let log = DiskLog::open_in(disk.clone(), options.clone()).unwrap();
    for record in ["0", "1", "2", "3", "4", "5"] {
        append(&log, &[record]);
    }
    log.trim_before(3).unwrap();
    assert_eq!(log.start(), 2);
    assert_eq!(
        log.read(0, 1).unwrap().first().map(|(offset, _)| *offset),
        Some(2)
    );
    log.trim_before(u64::MAX).unwrap();
    drop(log);
    let log = DiskLog::open_in(disk, options).unwrap();
    assert_eq!((log.start(), log.end()), (4, 6));
}

#[test]
fn waiting_for_a_record_ends_when_it_is_durable() {
    let log = DiskLog::open_in(Arc::new(Disk::default()), DiskLogOptions::default()).unwrap();
    let second = log.wait_for(1);
    append(&log, &["0"]);
    append(&log, &["1"]);
    wait(second);
    assert_eq!(log.end(), 2);
}

#[test]
fn a_log_that_grows_is_prepared_ahead_and_that_is_seen_by_nobody() {
    let disk = Arc::new(Disk::default());
    let log = DiskLog::open_in(disk.clone(), DiskLogOptions::default()).unwrap();
    let file = disk.open(&Segment::file_name(0), false).unwrap();
    let bytes = || log.segments()[0].1;
    append(&log, &["small"]);
    assert_eq!(file.len().unwrap(), bytes(), "a log of a few records");
    let large = "x".repeat(200 << 10);
    for _ in 0..6 {
        append(&log, &[&large]);
        assert_eq!(file.len().unwrap(), bytes(), "a large commit");
    }
    append(&log, &["next"]);
    let prepared = file.len().unwrap();
    assert!(prepared >= bytes() + AHEAD_BYTES_MIN, "{prepared}");
    append(&log, &["in its place"]);
    assert_eq!(file.len().unwrap(), prepared);
    let (end, bytes_now, all) = (log.end(), bytes(), contents(&log));
    // It knows the places of some records only; what is prepared would be more than is between two of them.
    assert!(log.bytes_from(end) < AHEAD_BYTES_MIN);

    // The power goes: the zeros are there, and are nothing that was torn.
    let survived = Arc::new(disk.after_power_cut());
    let again = DiskLog::open_in(survived, DiskLogOptions::default()).unwrap();
    assert_eq!((again.end(), contents(&again)), (end, all));
    assert_eq!(again.segments(), [(0, bytes_now)]);
    assert_eq!(append(&again, &["later"]), end..end + 1);

    drop(log);
    assert_eq!(file.len().unwrap(), bytes_now);
}

#[test]
fn a_torn_write_into_what_was_prepared_is_cut() {
    let disk = Arc::new(Disk::default());
    let log = DiskLog::open_in(disk.clone(), DiskLogOptions::default()).unwrap();
    append(&log, &["x".repeat(100 << 10).as_str(); 12]);
    append(&log, &["last"]);
    let (end, bytes) = (log.end(), log.segments()[0].1);
    for torn in [&[7; 3][..], &[7; 700]] {
        let survived = Arc::new(disk.after_power_cut());
        let file = survived.open(&Segment::file_name(0), true).unwrap();
        file.write_at(bytes, torn).unwrap();
        let again = DiskLog::open_in(survived, DiskLogOptions::default()).unwrap();
        assert_eq!((again.end(), again.segments()), (end, vec![(0, bytes)]));
        assert_eq!(append(&again, &["next"]), end..end + 1);
    }
}

/// What a client can do to a log.
#[derive(Clone, Debug)]
enum Step {
    Append(Vec<String>),
    Trim(u64),
    /// Power off: what was not synced is gone.
    Crash,
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => prop::collection::vec("[a-z]{0,40}", 0..4).prop_map(Step::Append),
        1 => (0..40_u64).prop_map(Step::Trim),
        1 => Just(Step::Crash),
        1 => Just(Step::Restart),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Whatever happens, the log holds exactly what was acknowledged.
    #[test]
    fn the_log_is_a_list_of_what_was_acknowledged(steps in prop::collection::vec(step(), 0..40)) {
        let mut disk = Arc::new(Disk::default());
        let options = DiskLogOptions { segment_bytes_max: 200, ..Default::default() };
        let mut log = DiskLog::open_in(disk.clone(), options.clone()).unwrap();
        let mut model: BTreeMap<u64, String> = BTreeMap::new();
        let mut end = 0;
        for step in steps {
            match step {
                Step::Append(records) => {
                    let bytes = records.iter().map(|record| record.clone().into_bytes()).collect();
                    let range = wait(log.append(bytes)).unwrap();
                    prop_assert_eq!(range.clone(), end..end + records.len() as u64);
                    end = range.end;
                    model.extend(range.zip(records));
                }
                Step::Trim(offset) => log.trim_before(offset).unwrap(),
                Step::Crash => {
                    let survived = Arc::new(disk.after_power_cut());
                    drop(log);
                    disk = survived;
                    log = DiskLog::open_in(disk.clone(), options.clone()).unwrap();
                }
                Step::Restart => {
                    drop(log);
                    log = DiskLog::open_in(disk.clone(), options.clone()).unwrap();
                }
            }
            model = model.split_off(&log.start());
            prop_assert_eq!(log.end(), end);
            prop_assert_eq!(contents(&log), model.clone().into_iter().collect::<Vec<_>>());
        }
    }
}
