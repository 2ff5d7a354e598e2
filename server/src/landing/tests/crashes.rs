//! Each event once, wherever the work is interrupted.

use std::sync::atomic::AtomicBool;

use super::*;

/// Stops the landing at its `n`th step, again and again, and lets the next start go on: whatever was done, each event is there once.
#[test]
fn a_crash_at_any_step_loses_and_doubles_nothing() {
    let records = some_records(0..4);
    let mut steps_in_all = 0;
    for crash_at in 0.. {
        let folder = TempDir::new().unwrap();
        let lake_folder = folder.path().join("lake");
        let log = MemoryLog::of(&records);
        let steps = Arc::new(AtomicUsize::new(0));
        let checkpoint = crash(&steps, crash_at);
        let lake = Lake::open_with(&lake_folder, checkpoint).unwrap();
        let landing = Landing::open(lake, log.clone(), layout(), options(folder.path())).unwrap();
        let result = landing.land();
        // Without a restart the process goes on answering, from what it knows.
        assert_eq!(
            ids_in(&landing.snapshot().unwrap()),
            expected_ids(0..4),
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

        log.push(&some_records(4..6));
        let landing = open(folder.path(), &log);
        assert_eq!(
            ids_in(&landing.snapshot().unwrap()),
            expected_ids(0..6),
            "restart after step {crash_at}"
        );
        landing.land().unwrap();
        assert_eq!(
            ids_in_folders(&lake_folder),
            expected_ids(0..6),
            "landed after step {crash_at}"
        );
        assert_eq!((landing.landed_to(), landing.manifest().rows()), (6, 6));
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
    for fail_at in (0..40).step_by(3) {
        let folder = TempDir::new().unwrap();
        let log = MemoryLog::of(&some_records(0..4));
        let checkpoint = crash(&Arc::default(), fail_at);
        let lake = Lake::open_with(&folder.path().join("lake"), checkpoint).unwrap();
        let landing = Landing::open(lake, log, layout(), options(folder.path())).unwrap();
        if landing.land().is_err() {
            landing.land().unwrap();
        }
        assert_eq!(
            ids_in_folders(&folder.path().join("lake")),
            expected_ids(0..4),
            "after step {fail_at}"
        );
        assert_eq!(ids_in(&landing.snapshot().unwrap()), expected_ids(0..4));
    }
}

/// Every call that changes the disk fails, once, twice or from then on, as a broken disk's or a full one's does: before it has
/// done anything, or in the middle of a write. When the disk works again, so does the same process, and so does the next one.
#[test]
fn a_disk_that_fails_at_any_call_loses_and_doubles_nothing() {
    let quiet = Arc::new(AtomicUsize::new(0));
    work_on_failing_disk(&quiet, Faults::none());
    let calls = quiet.load(Ordering::Relaxed);
    assert!(calls > 40, "only {calls} calls");
    for (kind, count, every) in [
        (io::ErrorKind::Other, 1, 1),
        (io::ErrorKind::StorageFull, usize::MAX, 1),
        (io::ErrorKind::StorageFull, 2, 3),
    ] {
        for first in (0..calls).step_by(every) {
            work_on_failing_disk(&Arc::default(), Faults { first, count, kind });
        }
    }
}

/// A folder in memory where there is such a thing: hundreds of landings with all their syncs would take long on a disk.
fn quick_folder() -> TempDir {
    TempDir::new_in("/dev/shm").unwrap_or_else(|_| TempDir::new().unwrap())
}

#[derive(Clone, Copy, Debug)]
struct Faults {
    /// The first call that fails, how many do, and how.
    first: usize,
    count: usize,
    kind: io::ErrorKind,
}

impl Faults {
    fn none() -> Self {
        Self {
            first: usize::MAX,
            count: 0,
            kind: io::ErrorKind::Other,
        }
    }
}

/// Lands twice and merges, whatever fails; then with a disk that works, and after a restart.
fn work_on_failing_disk(calls: &Arc<AtomicUsize>, faults: Faults) {
    let folder = quick_folder();
    let lake_folder = folder.path().join("lake");
    let log = MemoryLog::of(&some_records(0..4));
    let has_healed = Arc::new(AtomicBool::new(false));
    let checkpoint = {
        let (calls, has_healed) = (Arc::clone(calls), Arc::clone(&has_healed));
        move |_: &'static str| {
            let call = calls.fetch_add(1, Ordering::Relaxed);
            let is_struck = call
                .checked_sub(faults.first)
                .is_some_and(|after| after < faults.count);
            if is_struck && !has_healed.load(Ordering::Relaxed) {
                return Err(faults.kind.into());
            }
            Ok(())
        }
    };
    let Ok(lake) = Lake::open_with(&lake_folder, Box::new(checkpoint)) else {
        panic!("opening the lake is no call that fails here");
    };
    let options = LandingOptions {
        merge_files_min: 2,
        ..options(folder.path())
    };
    let landing = Landing::open(lake, log.clone(), layout(), options).unwrap();
    for upto in [4, 6] {
        if upto == 6 {
            log.push(&some_records(4..6));
        }
        // It may fail; what is asked is answered right all the same.
        let _ = landing.land();
        let asked = ids_in(&landing.snapshot().unwrap());
        assert_eq!(asked, expected_ids(0..upto), "{faults:?}");
        let seen = ids_in_folders(&lake_folder);
        let is_doubled = seen.windows(2).any(|pair| pair[0] == pair[1]);
        assert!(!is_doubled, "a double for other readers: {faults:?}");
    }
    has_healed.store(true, Ordering::Relaxed);
    landing.land().unwrap();
    let whole = |landing: &Landing| {
        assert_eq!(
            ids_in_folders(&lake_folder),
            expected_ids(0..6),
            "{faults:?}"
        );
        assert_eq!(
            ids_in(&landing.snapshot().unwrap()),
            expected_ids(0..6),
            "{faults:?}"
        );
        assert_eq!(
            (landing.landed_to(), landing.manifest().rows()),
            (6, 6),
            "{faults:?}"
        );
    };
    whole(&landing);
    drop(landing);
    let landing = open(folder.path(), &log);
    whole(&landing);
}
