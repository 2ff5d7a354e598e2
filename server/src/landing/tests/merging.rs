//! Many small files become one, and days that nobody wants go; nobody ever sees a half or a double.

use super::*;

/// A lake of several small files a day, and the log they came from.
fn lake_of_small_files(folder: &Path, log: &Arc<MemoryLog>) {
    let lake = Lake::open(&folder.join("lake")).unwrap();
    let options = LandingOptions {
        merge_files_min: usize::MAX,
        batch_bytes_max: 300,
        ..options(folder)
    };
    let landing = Landing::open(lake, log.clone(), layout(), options).unwrap();
    landing.land().unwrap();
    assert!(
        landing
            .manifest()
            .folder("purchases/date=2026-11-23")
            .count()
            > 2
    );
}

/// Copies of that lake, which are made faster than the lake itself.
fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (source, target) = {
            let entry = entry.unwrap();
            (entry.path(), to.join(entry.file_name()))
        };
        if source.is_dir() {
            copy_folder(&source, &target);
        } else {
            fs::copy(&source, &target).unwrap();
        }
    }
}

fn merging(folder: &Path) -> LandingOptions {
    LandingOptions {
        merge_files_min: 2,
        ..options(folder)
    }
}

/// The ids in what other readers would list in the lake's folders.
fn check_everybody_sees(folder: &Path, landing: &Landing, ids: &[String], when: &str) {
    assert_eq!(ids_in_folders(&folder.join("lake")), ids, "{when}");
    assert_eq!(ids_in(&landing.snapshot().unwrap()), ids, "{when}");
}

#[test]
fn small_files_of_a_day_become_one_that_is_sorted() {
    let folder = TempDir::new().unwrap();
    let log = MemoryLog::of(&some_records(0..12));
    lake_of_small_files(folder.path(), &log);
    let lake = Lake::open(&folder.path().join("lake")).unwrap();
    let landing = Landing::open(lake, log.clone(), layout(), merging(folder.path())).unwrap();
    let before = landing.snapshot().unwrap();
    landing.land().unwrap();
    assert_eq!(
        landing.manifest(),
        before.manifest,
        "a query is reading the old files"
    );
    let old = before
        .manifest
        .folder("purchases/date=2026-11-23")
        .next()
        .unwrap()
        .clone();
    drop(before);

    log.push(&[record(12, r#"{"event_type":"a purchase","level":5}"#, "h")]);
    landing.land().unwrap();
    check_everybody_sees(
        folder.path(),
        &landing,
        &expected_ids(0..13),
        "after merging",
    );
    let manifest = landing.manifest();
    let merged: Vec<_> = manifest.folder("purchases/date=2026-11-23").collect();
    assert_eq!(merged.len(), 1);
    assert_eq!(
        (merged[0].rows, merged[0].first, merged[0].last),
        (4, 0, 12)
    );
    let rows = rows(
        fs::read(folder.path().join("lake").join(&merged[0].path))
            .unwrap()
            .into(),
    );
    let ids: Vec<_> = rows.iter().map(|row| row["id"].as_str()).collect();
    assert_eq!(ids, ["id-12", "id-0", "id-4", "id-8"]);
    assert_eq!(rows[0]["properties"], r#"{"level":5}"#);
    assert_eq!(
        (rows[1]["item"].as_str(), rows[1]["provider"].as_str()),
        ("knife", "comcast")
    );
    // Whoever has just seen an old file's name can still have it, until the next landing.
    let (file, place) = landing.file(&old.path).unwrap();
    assert_eq!(
        (file, fs::read(place).unwrap().len() as u64),
        (old.clone(), old.bytes)
    );
    let (file, place) = landing.file(&merged[0].path).unwrap();
    assert_eq!(
        (&file, fs::read(place).unwrap().len() as u64),
        (merged[0], merged[0].bytes)
    );
    landing.land().unwrap();
    assert_eq!(landing.file(&old.path), None);
    let staging = folder.path().join("lake/_staging");
    assert_eq!(fs::read_dir(staging).unwrap().count(), 0);
}

/// A merge of more rows than fit in memory: here a run has a few rows, and a block one.
#[test]
fn a_merge_of_many_runs_is_sorted_as_a_whole_and_always_the_same() {
    let folder = TempDir::new().unwrap();
    let count = 600;
    let kinds = ["knife purchased", "gem purchased", "purchase", "a purchase"];
    let records: Vec<_> = (0..count)
        .map(|id| {
            let (kind, second) = (kinds[id * 7 % 4], id * 37 % 60);
            let json = format!(
                r#"{{"event_type":"{kind}","timestamp":"2026-11-23T10:00:{second:02}Z","n":{id}}}"#
            );
            record(id, &json, "user1.comcast.com")
        })
        .collect();
    let log = MemoryLog::of(&records);
    lake_of_small_files(folder.path(), &log);
    let copy = TempDir::new().unwrap();
    copy_folder(folder.path(), copy.path());
    let merged = [&folder, &copy].map(|folder| {
        let mut layout = layout();
        layout.row_group_rows_max = 16;
        let lake = Lake::open(&folder.path().join("lake")).unwrap();
        let landing = Landing::open(lake, log.clone(), layout, merging(folder.path())).unwrap();
        landing.land().unwrap();
        let manifest = landing.manifest();
        assert_eq!(manifest.files.len(), 1);
        let staging = folder.path().join("lake/_staging");
        let runs = fs::read_dir(staging).unwrap().filter(|entry| {
            let name = entry.as_ref().unwrap().file_name();
            name.to_string_lossy().starts_with("=run=")
        });
        assert_eq!(runs.count(), 0, "the runs are gone");
        check_everybody_sees(folder.path(), &landing, &expected_ids(0..count), "merged");
        manifest.files[0].clone()
    });
    assert_eq!(merged[0], merged[1]);
    let bytes = Bytes::from(fs::read(folder.path().join("lake").join(&merged[0].path)).unwrap());
    assert_eq!(merged[0].bytes, bytes.len() as u64);
    let keys = rows(bytes).into_iter().map(|row| {
        let id = row["id"].clone();
        assert_eq!(row["properties"], format!("{{\"n\":{}}}", &id[3..]));
        (row["event_type"].clone(), row["timestamp"].clone())
    });
    let keys: Vec<_> = keys.collect();
    assert_eq!(keys.len(), count);
    assert!(keys.is_sorted());
}

#[test]
fn a_merge_takes_neighbours_and_leaves_what_is_large_alone() {
    const MIB: u64 = 1 << 20;
    let plan = |sizes: &[u64], files_min| {
        let mut manifest = Manifest::default();
        manifest.files = sizes
            .iter()
            .enumerate()
            .map(|(at, mib)| LakeFile {
                path: format!("other/date=2026-11-23/{at}.parquet"),
                rows: 1000,
                bytes: mib * MIB,
                first: at as u64,
                last: at as u64,
                sha256: String::new(),
                plugins: vec![],
            })
            .collect();
        let merge = merge::Merge::plan(&manifest, files_min, &HashSet::new());
        merge.map(|merge| {
            merge
                .files
                .iter()
                .map(|file| file.first)
                .collect::<Vec<_>>()
        })
    };
    assert_eq!(plan(&[1, 1, 1], 3), Some(vec![0, 1, 2]));
    assert_eq!(plan(&[1, 1, 1], 4), None, "too few");
    assert_eq!(plan(&[70, 1, 1, 70, 1], 3), Some(vec![1, 2, 4]));
    assert_eq!(
        plan(&[60, 60, 60, 1], 2),
        Some(vec![0, 1]),
        "no more than 128 MiB"
    );
    assert_eq!(
        plan(&[60, 1, 1, 1], 3),
        Some(vec![1, 2, 3]),
        "a large one waits for as much as a quarter of it"
    );
    assert_eq!(plan(&[60, 5, 5, 5], 4), Some(vec![0, 1, 2, 3]));
    assert_eq!(plan(&[60, 1], 2), None);
}

#[test]
fn files_with_other_columns_are_not_merged() {
    let folder = TempDir::new().unwrap();
    let log = MemoryLog::of(&some_records(0..12));
    lake_of_small_files(folder.path(), &log);
    let lake = Lake::open(&folder.path().join("lake")).unwrap();
    let layout = Layout::new(
        &["Host".to_owned()],
        Providers::new(None, MatchRule::Contains).unwrap(),
    )
    .unwrap();
    let landing = Landing::open(lake, log, layout, merging(folder.path())).unwrap();
    let before = landing.manifest();
    landing.land().unwrap();
    assert_eq!(landing.manifest(), before);
}

#[test]
fn a_crash_at_any_step_of_merging_shows_nobody_a_half_or_a_double() {
    let template = TempDir::new().unwrap();
    // Three small files of one folder, and one of another.
    let mut records = some_records(0..9);
    records.retain(|record| {
        !record
            .windows(4)
            .any(|word| word == b"join" || word == b"log_")
    });
    let log = MemoryLog::of(&records);
    let ids = ["id-0", "id-3", "id-4", "id-7", "id-8"].map(str::to_owned);
    lake_of_small_files(template.path(), &log);
    for crash_at in 0.. {
        let folder = TempDir::new().unwrap();
        copy_folder(template.path(), folder.path());
        let steps = Arc::new(AtomicUsize::new(0));
        let checkpoint = crash(&steps, crash_at);
        let lake = Lake::open_with(&folder.path().join("lake"), checkpoint).unwrap();
        let landing = Landing::open(lake, log.clone(), layout(), merging(folder.path())).unwrap();
        landing.land().unwrap();
        check_everybody_sees(
            folder.path(),
            &landing,
            &ids,
            &format!("at step {crash_at}"),
        );
        drop(landing);

        let lake = Lake::open(&folder.path().join("lake")).unwrap();
        let landing = Landing::open(lake, log.clone(), layout(), merging(folder.path())).unwrap();
        check_everybody_sees(
            folder.path(),
            &landing,
            &ids,
            &format!("after step {crash_at}"),
        );
        landing.land().unwrap();
        check_everybody_sees(
            folder.path(),
            &landing,
            &ids,
            &format!("merged after step {crash_at}"),
        );
        let manifest = landing.manifest();
        assert_eq!(manifest.folder("purchases/date=2026-11-23").count(), 1);
        landing.land().unwrap();
        assert_eq!(
            fs::read_dir(folder.path().join("lake/_staging"))
                .unwrap()
                .count(),
            0
        );
        if steps.load(Ordering::Relaxed) <= crash_at {
            assert!(crash_at > 20, "only {crash_at} steps were tried");
            break;
        }
    }
}

#[test]
fn old_days_are_dropped_whole_and_the_books_know() {
    let template = TempDir::new().unwrap();
    let log = MemoryLog::of(&some_records(0..9));
    lake_of_small_files(template.path(), &log);
    for crash_at in 0.. {
        let folder = TempDir::new().unwrap();
        copy_folder(template.path(), folder.path());
        let steps = Arc::new(AtomicUsize::new(0));
        let lake = Lake::open_with(&folder.path().join("lake"), crash(&steps, crash_at)).unwrap();
        let landing = Landing::open(lake, log.clone(), layout(), options(folder.path())).unwrap();
        let _ = landing.drop_days_before("2026-11-23");
        drop(landing);

        let landing = open(folder.path(), &log);
        for _ in 0..2 {
            landing.drop_days_before("2026-11-23").unwrap();
        }
        // Of every four events the last was of the day before.
        let mut kept = expected_ids(0..9);
        kept.retain(|id| id != "id-3" && id != "id-7");
        assert_eq!(
            ids_in_folders(&folder.path().join("lake")),
            kept,
            "after step {crash_at}"
        );
        assert_eq!(
            ids_in(&landing.snapshot().unwrap()),
            kept,
            "after step {crash_at}"
        );
        assert_eq!(
            (landing.manifest().dropped, landing.manifest().rows()),
            (2, 7)
        );
        assert_eq!(
            fs::read_dir(folder.path().join("lake/_staging"))
                .unwrap()
                .count(),
            0
        );
        if steps.load(Ordering::Relaxed) <= crash_at {
            break;
        }
    }
}

#[test]
fn a_day_that_a_query_is_reading_stays_for_now() {
    let folder = TempDir::new().unwrap();
    let log = MemoryLog::of(&some_records(0..9));
    lake_of_small_files(folder.path(), &log);
    let landing = open(folder.path(), &log);
    let query = landing.snapshot().unwrap();
    assert_eq!(landing.drop_days_before("9999-12-31").unwrap(), 0);
    assert_eq!(ids_in(&query), expected_ids(0..9));
    drop(query);
    assert_eq!(landing.drop_days_before("9999-12-31").unwrap(), 9);
    assert!(landing.snapshot().unwrap().sources().is_empty());
}
