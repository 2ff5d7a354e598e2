//! Plugins at work while events land: their columns come or stay blank, and the events are there in any case.

use ::parquet::file::reader::FileReader as _;

use questlog_core::{Format, Query, QueryOptions};

use super::*;
use crate::analyze::{self, Analysis};
use crate::plugins::guests::{Changes, ENRICH, enricher, enricher_with, matcher};
use crate::plugins::{Compiler, IngestLimits, Outcome, PluginRecord};

const FOLDER: &str = "purchases/date=2026-11-23";

fn put(folder: &Path, name: &str, component: &[u8], toml: &str) {
    let plugins = folder.join("plugins");
    fs::create_dir_all(&plugins).unwrap();
    fs::write(plugins.join(format!("{name}.wasm")), component).unwrap();
    fs::write(plugins.join(format!("{name}.toml")), toml).unwrap();
}

fn registry(folder: &Path) -> Arc<Registry> {
    // A deadline that only a hang meets.
    let limits = IngestLimits {
        start_deadline_ms: 60_000,
        batch_deadline_ms: 60_000,
        ..IngestLimits::default()
    };
    let headers = ["Host", "User-Agent", "Accept"].map(str::to_owned);
    let registry = Registry::open(&folder.join("plugins"), &headers, Compiler::Here, limits);
    let errors: Vec<_> = registry
        .known()
        .into_values()
        .filter_map(|known| known.error)
        .collect();
    assert_eq!(errors, [""; 0]);
    Arc::new(registry)
}

fn open_with_plugins(folder: &Path, log: &Arc<MemoryLog>) -> Landing {
    open(folder, log).with_plugins(registry(folder))
}

/// Purchases of one day, one of which a bad enricher can't stand.
fn purchases(ids: Range<usize>, item: &str) -> Vec<Vec<u8>> {
    let of = |id| {
        let json = format!(r#"{{"event_type":"{item} purchased","item":"{item}"}}"#);
        record(id, &json, "a.cox.net")
    };
    ids.map(of).collect()
}

fn records_in(folder: &Path, file: &LakeFile) -> Vec<PluginRecord> {
    let bytes = Bytes::from(fs::read(folder.join("lake").join(&file.path)).unwrap());
    let reader = SerializedFileReader::new(bytes).unwrap();
    let metadata = reader.metadata().file_metadata();
    let pairs = metadata.key_value_metadata().unwrap();
    let found = pairs
        .iter()
        .find(|pair| pair.key == "questlog.plugins")
        .unwrap();
    serde_json::from_str(found.value.as_ref().unwrap()).unwrap()
}

/// Column by id, of all files of the folder.
fn column(folder: &Path, landing: &Landing, name: &str) -> BTreeMap<String, Option<String>> {
    let manifest = landing.manifest();
    let files = manifest.folder(FOLDER);
    files
        .flat_map(|file| {
            rows(
                fs::read(folder.join("lake").join(&file.path))
                    .unwrap()
                    .into(),
            )
        })
        .map(|row| (row["id"].clone(), row.get(name).cloned()))
        .collect()
}

fn values<'a>(
    pairs: impl IntoIterator<Item = (&'a str, Option<&'a str>)>,
) -> BTreeMap<String, Option<String>> {
    let pairs = pairs.into_iter();
    pairs
        .map(|(id, value)| (id.to_owned(), value.map(str::to_owned)))
        .collect()
}

#[test]
fn what_plugins_answer_becomes_columns_and_the_file_says_of_whom() {
    let folder = TempDir::new().unwrap();
    put(folder.path(), "length", &enricher(Changes::default()), "");
    put(folder.path(), "hosts", &matcher(Changes::default()), "");
    let log = MemoryLog::of(&some_records(0..4));
    let landing = open_with_plugins(folder.path(), &log);
    landing.land().unwrap();
    assert_eq!(
        ids_in_folders(&folder.path().join("lake")),
        expected_ids(0..4)
    );
    assert_eq!(
        column(folder.path(), &landing, "length"),
        values([("id-0", Some("5"))])
    );
    // `user1.comcast.com` has 17 letters.
    assert_eq!(
        column(folder.path(), &landing, "provider"),
        values([("id-0", Some("odd"))])
    );
    let manifest = landing.manifest();
    for file in &manifest.files {
        let records = records_in(folder.path(), file);
        assert_eq!(records, file.plugins);
        let names: Vec<&str> = records.iter().map(|record| record.name.as_str()).collect();
        assert_eq!(names, ["hosts", "length"]);
        for record in &records {
            assert_eq!((record.generation, record.sha256.len()), (1, 64));
            let [batch] = record.batches.as_slice() else {
                panic!("one landing, one batch")
            };
            assert_eq!(
                (batch.rows, batch.blank, batch.outcome),
                (file.rows, 0, Outcome::Ok)
            );
        }
    }
    // The same range and generation, the same bytes.
    let again = TempDir::new().unwrap();
    let lake = Lake::open(&again.path().join("lake")).unwrap();
    let landing = Landing::open(lake, log, layout(), options(again.path())).unwrap();
    let landing = landing.with_plugins(registry(folder.path()));
    landing.land().unwrap();
    assert_eq!(landing.manifest(), manifest);
}

#[test]
fn a_plugin_that_fails_loses_changes_and_doubles_no_event() {
    let plain = TempDir::new().unwrap();
    let records = some_records(0..40);
    let landing = open(plain.path(), &MemoryLog::of(&records));
    landing.land().unwrap();
    let without: Vec<_> = landing
        .manifest()
        .files
        .iter()
        .map(|file| {
            rows(
                fs::read(plain.path().join("lake").join(&file.path))
                    .unwrap()
                    .into(),
            )
        })
        .collect();
    for trick in [
        "unreachable",
        "(i32.store (i32.const 2048) (i32.const 0)) (i32.store (i32.const 2056) (i32.const 0)) (return (i32.const 2048))",
    ] {
        // It fails whatever it is asked for after its self-test, which is for 0 and for 6 rows.
        let locals = "(local $i i32) (local $at i32) (local $first i32) (local $out i32)";
        let body = format!(
            "{locals} (if (i32.eqz (i32.or (i32.eq (local.get $rows) (i32.const 6)) (i32.eqz (local.get $rows)))) (then {trick})) {}",
            ENRICH.replace(locals, "")
        );
        let folder = TempDir::new().unwrap();
        put(folder.path(), "length", &enricher_with("enrich", &body), "");
        let landing = open_with_plugins(folder.path(), &MemoryLog::of(&records));
        landing.land().unwrap();
        let with: Vec<_> = landing
            .manifest()
            .files
            .iter()
            .map(|file| {
                rows(
                    fs::read(folder.path().join("lake").join(&file.path))
                        .unwrap()
                        .into(),
                )
            })
            .collect();
        assert_eq!(with, without, "all that is missing is the plugin's column");
        for file in &landing.manifest().files {
            let batch = &file.plugins[0].batches[0];
            assert_ne!(batch.outcome, Outcome::Ok);
            assert!(batch.blank > 0 && batch.reason.is_some());
        }
    }
}

#[test]
fn files_of_different_plugins_are_merged() {
    let folder = TempDir::new().unwrap();
    let log = MemoryLog::of(&purchases(0..3, "knife"));
    open(folder.path(), &log).land().unwrap();
    put(folder.path(), "length", &enricher(Changes::default()), "");
    let landing = open_with_plugins(folder.path(), &log);
    log.push(&purchases(3..6, "axe"));
    landing.land().unwrap();
    drop(landing);
    fs::remove_dir_all(folder.path().join("plugins")).unwrap();
    let lake = Lake::open(&folder.path().join("lake")).unwrap();
    let merging = LandingOptions {
        merge_files_min: 2,
        ..options(folder.path())
    };
    let landing = Landing::open(lake, log, layout(), merging).unwrap();
    landing.land().unwrap();
    let manifest = landing.manifest();
    let merged: Vec<_> = manifest.folder(FOLDER).collect();
    assert_eq!(merged.len(), 1);
    assert_eq!(records_in(folder.path(), merged[0]), merged[0].plugins);
    assert_eq!(merged[0].plugins.len(), 1);
    assert_eq!(merged[0].plugins[0].batches[0].rows, 3);
    let expected = values([
        ("id-0", None),
        ("id-1", None),
        ("id-2", None),
        ("id-3", Some("3")),
        ("id-4", Some("3")),
        ("id-5", Some("3")),
    ]);
    assert_eq!(column(folder.path(), &landing, "length"), expected);
}

#[test]
fn a_fixed_plugin_answers_for_what_has_landed() {
    let folder = TempDir::new().unwrap();
    let log = MemoryLog::of(&purchases(0..3, "knife"));
    open(folder.path(), &log).land().unwrap();
    // It can't stand what begins with T.
    put(folder.path(), "length", &enricher(Changes::default()), "");
    log.push(&purchases(3..5, "Torch"));
    let landing = open_with_plugins(folder.path(), &log);
    landing.land().unwrap();
    assert_eq!(
        landing.manifest().folder(FOLDER).last().unwrap().plugins[0].batches[0].blank,
        2
    );
    let before = landing.manifest();
    let done = landing.reenrich().unwrap();
    assert_eq!((done.unchanged, done.left, done.blank), (0, 0, 2));
    let ends: Vec<String> = landing
        .manifest()
        .files
        .iter()
        .map(|file| file.path.clone())
        .collect();
    assert!(
        ends.iter().all(|path| path.ends_with("-r1.parquet")),
        "{ends:?}"
    );
    assert_eq!(landing.manifest().rows(), before.rows());
    drop(landing);

    let patient = ENRICH.replace("(i32.const 84)", "(i32.const 0)");
    put(
        folder.path(),
        "length",
        &enricher_with("enrich", &patient),
        "",
    );
    let landing = open_with_plugins(folder.path(), &log);
    landing.reenrich().unwrap();
    let expected = values(["id-0", "id-1", "id-2", "id-3", "id-4"].map(|id| (id, Some("5"))));
    assert_eq!(column(folder.path(), &landing, "length"), expected);
    assert_eq!(
        ids_in_folders(&folder.path().join("lake")),
        expected_ids(0..5)
    );
    let manifest = landing.manifest();
    assert!(
        manifest
            .files
            .iter()
            .all(|file| file.plugins[0].generation == 2)
    );
    let done = landing.reenrich().unwrap();
    assert_eq!(
        (done.files, done.unchanged),
        (0, manifest.files.len() as u64)
    );
    assert_eq!(landing.manifest(), manifest);

    // What a plugin wrote stays when it goes, also when another one comes.
    drop(landing);
    fs::remove_dir_all(folder.path().join("plugins")).unwrap();
    put(folder.path(), "hosts", &matcher(Changes::default()), "");
    let landing = open_with_plugins(folder.path(), &log);
    landing.reenrich().unwrap();
    assert_eq!(column(folder.path(), &landing, "length"), expected);
    let odd = values(["id-0", "id-1", "id-2", "id-3", "id-4"].map(|id| (id, Some("odd"))));
    assert_eq!(column(folder.path(), &landing, "provider"), odd);
}

/// The answer to a query over all events, as CSV.
fn asked(landing: &Landing, group_by: &str) -> Result<String, String> {
    let options = QueryOptions {
        group_by: Some(group_by.to_owned()),
        ..QueryOptions::default()
    };
    let query = Query::new(&options, &Limits::default()).unwrap();
    let snapshot = landing.snapshot_of(&query.columns_needed()).unwrap();
    let analysis = Analysis::new(query, snapshot.sources());
    analyze::run(&analysis)
        .map(|(answer, run)| answer.render(Format::Csv, &run))
        .map_err(|error| error.to_string())
}

#[test]
fn a_query_knows_the_columns_of_plugins_before_anything_has_landed() {
    let folder = TempDir::new().unwrap();
    put(folder.path(), "length", &enricher(Changes::default()), "");
    let log = MemoryLog::of(&purchases(0..3, "knife"));
    let landing = open_with_plugins(folder.path(), &log);
    let null = "length,count\n,3\n";
    assert_eq!(asked(&landing, "length").unwrap(), null);
    landing.land().unwrap();
    assert_eq!(asked(&landing, "length").unwrap(), "length,count\n5,3\n");
    log.push(&purchases(3..4, "axe"));
    assert_eq!(
        asked(&landing, "length").unwrap(),
        "length,count\n5,3\n,1\n"
    );
    drop(landing);

    // All has landed before the plugin came.
    let folder = TempDir::new().unwrap();
    let log = MemoryLog::of(&purchases(0..3, "knife"));
    open(folder.path(), &log).land().unwrap();
    put(folder.path(), "length", &enricher(Changes::default()), "");
    let landing = open_with_plugins(folder.path(), &log);
    assert_eq!(asked(&landing, "length").unwrap(), null);
    assert!(asked(&landing, "width").unwrap_err().contains("width"));
}

#[test]
fn a_crash_at_any_step_of_enriching_anew_loses_and_doubles_nothing() {
    let plugins = TempDir::new().unwrap();
    put(plugins.path(), "length", &enricher(Changes::default()), "");
    let registry = registry(plugins.path());
    let log = MemoryLog::of(&purchases(0..4, "knife"));
    let ids = expected_ids(0..4);
    let mut steps_in_all = 0;
    for crash_at in 0.. {
        let folder = TempDir::new().unwrap();
        open(folder.path(), &log).land().unwrap();
        let steps = Arc::new(AtomicUsize::new(0));
        let lake = Lake::open_with(&folder.path().join("lake"), crash(&steps, crash_at)).unwrap();
        let landing = Landing::open(lake, log.clone(), layout(), options(folder.path())).unwrap();
        let landing = landing.with_plugins(Arc::clone(&registry));
        let outcome = landing.reenrich();
        assert_eq!(
            ids_in(&landing.snapshot().unwrap()),
            ids,
            "at step {crash_at}"
        );
        assert_eq!(
            ids_in_folders(&folder.path().join("lake")),
            ids,
            "at step {crash_at}"
        );
        drop(landing);
        let landing = open(folder.path(), &log).with_plugins(Arc::clone(&registry));
        assert_eq!(
            ids_in(&landing.snapshot().unwrap()),
            ids,
            "after step {crash_at}"
        );
        landing.reenrich().unwrap();
        assert_eq!(
            ids_in_folders(&folder.path().join("lake")),
            ids,
            "after step {crash_at}"
        );
        let expected = values(["id-0", "id-1", "id-2", "id-3"].map(|id| (id, Some("5"))));
        assert_eq!(column(folder.path(), &landing, "length"), expected);
        landing.land().unwrap();
        assert_eq!(
            fs::read_dir(folder.path().join("lake/_staging"))
                .unwrap()
                .count(),
            0
        );
        if outcome.is_ok() {
            steps_in_all = crash_at;
            break;
        }
    }
    assert!(steps_in_all > 10, "only {steps_in_all} steps were tried");
}
