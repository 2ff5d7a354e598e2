//! A disk on which every call fails once, and one on which everything fails from some call on.

use super::disk::Fault;
use super::*;

/// Appends, each alone, that a workload makes.
const APPENDS: usize = 12;

fn options() -> DiskLogOptions {
    DiskLogOptions {
        // Two or three records a segment, so that faults strike the making of segments too.
        segment_bytes_max: 120,
        ..Default::default()
    }
}

/// What came of an append: where it is if it was acknowledged.
type Acknowledged = Vec<(u64, String)>;

/// Appends and trims; gives what was acknowledged. The log may refuse at any time.
fn work(disk: &Arc<Disk>) -> Acknowledged {
    let mut acknowledged = vec![];
    let Ok(log) = DiskLog::open_in(disk.clone(), options()) else {
        return acknowledged;
    };
    for number in 0..APPENDS {
        let record = format!("record {number}");
        if let Ok(range) = wait(log.append(vec![record.clone().into_bytes()])) {
            acknowledged.push((range.start, record));
        }
        if number == APPENDS / 2 {
            // A failure to give space back is no failure of the log.
            let _ = log.trim_before(2);
        }
    }
    acknowledged
}

/// The log of a disk that works again.
fn after(disk: &Arc<Disk>) -> Vec<(u64, String)> {
    disk.faults.clear();
    let log = match DiskLog::open_in(disk.clone(), options()) {
        Ok(log) => log,
        Err(error) => panic!("it does not open again: {error}"),
    };
    let found = contents(&log);
    // And it goes on taking records.
    let next = append(&log, &["next"]);
    assert_eq!(
        next.start,
        found.last().map_or(log.start(), |(offset, _)| offset + 1)
    );
    found
}

fn check(acknowledged: &Acknowledged, found: &[(u64, String)], case: &str) {
    for pair in found.windows(2) {
        assert_eq!(pair[1].0, pair[0].0 + 1, "{case}: a gap");
        assert_ne!(pair[1].1, pair[0].1, "{case}: doubled");
    }
    let start = found.first().map_or(0, |(offset, _)| *offset);
    for (offset, record) in acknowledged.iter().filter(|(offset, _)| *offset >= start) {
        let there = found.iter().find(|(at, _)| at == offset);
        assert_eq!(
            there.map(|(_, record)| record),
            Some(record),
            "{case}: {offset} was acknowledged; found {found:?}"
        );
    }
    assert!(start <= 2, "{case}: more than was trimmed is gone");
}

#[test]
fn whatever_call_fails_what_was_acknowledged_is_there() {
    let quiet = Arc::new(Disk::default());
    assert_eq!(work(&quiet).len(), APPENDS);
    let calls = quiet.faults.calls();
    assert!(calls > 40, "{calls}");
    let mut refused = 0;
    for fault in [Fault::Broken, Fault::Full, Fault::FullHalfWay] {
        for count in [1, 2, 3, u64::MAX] {
            for call in 0..calls {
                let case = format!("{fault:?} {count} times from call {call} on");
                let disk = Arc::new(Disk::default());
                disk.faults.plan(call, count, fault);
                let acknowledged = work(&disk);
                refused += APPENDS - acknowledged.len();
                // The power goes too, or only the process.
                let survived = Arc::new(disk.after_power_cut());
                check(
                    &acknowledged,
                    &after(&survived),
                    &format!("{case}, power cut"),
                );
                check(&acknowledged, &after(&disk), &case);
            }
        }
    }
    assert!(refused > 0, "no fault was felt");
}

#[test]
fn a_disk_that_was_full_for_a_while_takes_records_again() {
    for calls_before in 0..8 {
        let disk = Arc::new(Disk::default());
        let log = DiskLog::open_in(disk.clone(), options()).unwrap();
        append(&log, &["before"]);
        disk.faults.plan(calls_before, 1, Fault::FullHalfWay);
        let mut refused = 0;
        for number in 0..APPENDS {
            match wait(log.append(vec![format!("{number}").into_bytes()])) {
                Ok(_) => {}
                // A full disk that shows itself at a sync leaves unknown what is durable: then it is over.
                Err(AppendError::ReadOnly { .. }) => break,
                Err(error) => {
                    assert_eq!(error, AppendError::DiskFull);
                    refused += 1;
                }
            }
        }
        if log.failure().is_none() {
            assert!(refused <= 1, "{calls_before}");
            assert_eq!(log.end() as usize, 1 + APPENDS - refused);
            // Records are found by their places, also those behind the refused ones.
            for offset in 0..log.end() {
                assert_eq!(log.read(offset, 1).unwrap()[0].0, offset);
            }
        }
    }
}
