//! Each event once, wherever the work is interrupted.

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
