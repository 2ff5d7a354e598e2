//! What the whole of it promises: the answer does not depend on how the work was dealt out.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use parquet::data_type::{ByteArray, ByteArrayType};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use questlog_core::{Format, Limits, Query, QueryOptions, Run};

use super::{
    Analysis, Error, Progress, Source, check_columns, discover, discover_with_bad, footer, run,
    split,
};

/// A file with a row group for each list of hosts.
fn write(path: &Path, row_groups: &[Vec<String>]) {
    let schema = parse_message_type("message events { required binary Host (UTF8); }").unwrap();
    let properties = WriterProperties::builder()
        .set_dictionary_enabled(false)
        .set_data_page_row_count_limit(500)
        .set_write_batch_size(500)
        .build();
    let file = File::create(path).unwrap();
    let mut writer =
        SerializedFileWriter::new(file, Arc::new(schema), Arc::new(properties)).unwrap();
    for hosts in row_groups {
        let values: Vec<ByteArray> = hosts.iter().map(|host| host.as_str().into()).collect();
        let mut group = writer.next_row_group().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        column
            .typed::<ByteArrayType>()
            .write_batch(&values, None, None)
            .unwrap();
        column.close().unwrap();
        group.close().unwrap();
    }
    writer.close().unwrap();
}

/// Row groups that are each large enough to be dealt out alone: long names, few different ones.
fn large(row_groups: usize) -> Vec<Vec<String>> {
    let hosts = |group: usize| {
        (0..1_500)
            .map(|row| format!("{}.{}.example", row % 7, "x".repeat(990 + group % 3)))
            .collect()
    };
    (0..row_groups).map(hosts).collect()
}

fn by_host() -> Query {
    let options = QueryOptions {
        group_by: Some("Host".into()),
        ..QueryOptions::default()
    };
    Query::new(&options, &Limits::default()).unwrap()
}

#[test]
fn a_column_that_no_file_has_is_an_error_before_any_is_read() {
    let folder = tempfile::tempdir().unwrap();
    write(
        &folder.path().join("a.parquet"),
        &[vec!["a.example".to_owned()]],
    );
    let sources = sources(folder.path());
    let limits = Limits::default();
    assert!(check_columns(&by_host(), &sources, &limits).is_ok());
    let options = QueryOptions {
        group_by: Some("Host,host".into()),
        ..QueryOptions::default()
    };
    let query = Query::new(&options, &limits).unwrap();
    assert_eq!(
        check_columns(&query, &sources, &limits)
            .unwrap_err()
            .to_string(),
        "there is no column `host`: did you mean `Host`?"
    );
}

#[test]
fn a_file_that_is_not_there_is_left_out_if_bad_ones_are() {
    let folder = tempfile::tempdir().unwrap();
    let [good, missing] = ["a.parquet", "b.parquet"].map(|name| folder.path().join(name));
    write(&good, &[vec!["a.example".to_owned()]]);
    assert!(discover(&[&good, &missing]).is_err());
    let mut analysis = Analysis::new(by_host(), discover_with_bad(&[&missing, &good]).unwrap());
    analysis.skip_bad = true;
    let (answer, skipped) = answer(&analysis).unwrap();
    assert!(answer.contains("[[\"a.example\",1]]"), "{answer}");
    assert_eq!(skipped, [missing.display().to_string()]);
}

/// The answer without what a clock says.
fn answer(analysis: &Analysis) -> Result<(String, Vec<String>), Error> {
    let (answer, found) = run(analysis)?;
    let skipped = found
        .skipped
        .into_iter()
        .map(|skipped| skipped.file)
        .collect();
    Ok((answer.render(Format::Json, &Run::default()), skipped))
}

fn sources(folder: &Path) -> Vec<Source> {
    discover(&[folder.display().to_string()]).unwrap()
}

/// Overwrites the first page of a file, so that its footer is good and its rows are not.
fn damage(path: &PathBuf) {
    let mut bytes = std::fs::read(path).unwrap();
    bytes[4..40].fill(0xff);
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn the_answer_does_not_depend_on_the_threads() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder.path().join("large.parquet"), &large(7));
    for small in 0..20 {
        write(
            &folder.path().join(format!("small-{small}.parquet")),
            &[vec![format!("h{small}")]],
        );
    }
    let answers: Vec<String> = [1, 2, 3, 8]
        .into_iter()
        .map(|threads| {
            let mut analysis = Analysis::new(by_host(), sources(folder.path()));
            analysis.threads = threads;
            answer(&analysis).unwrap().0
        })
        .collect();
    assert!(answers[0].contains("\"rows\":10520,"), "{}", answers[0]);
    assert!(
        answers.iter().all(|answer| *answer == answers[0]),
        "{answers:#?}"
    );
}

/// One row group of many pages, the last hosts others than the first.
fn giant(rows: usize) -> Vec<Vec<String>> {
    let host = |row: usize| format!("{}.{}.example", row / 1_000, "x".repeat(990 + row % 7));
    vec![(0..rows).map(host).collect()]
}

#[test]
fn a_single_row_group_is_counted_by_all_threads() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("giant.parquet");
    write(&path, &giant(12_000));
    let footer = footer(&Source::file(&path), &Limits::default()).unwrap();
    assert_eq!(footer.row_groups().len(), 1);
    let parts = |threads| split::parts(&by_host(), &footer, threads).len();
    assert_eq!(parts(1), 1);
    assert_eq!(parts(2), 4);
    let told: Arc<Mutex<Vec<Progress>>> = Arc::default();
    let answers: Vec<String> = [1, 2, 4]
        .into_iter()
        .map(|threads| {
            let mut analysis = Analysis::new(by_host(), sources(folder.path()));
            analysis.threads = threads;
            let list = Arc::clone(&told);
            analysis.on_progress = Some(Box::new(move |progress| {
                list.lock().unwrap().push(*progress);
            }));
            answer(&analysis).unwrap().0
        })
        .collect();
    assert!(
        answers[0].contains(r#""files":1,"row_groups":1,"rows":12000,"#),
        "{}",
        answers[0]
    );
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    for progress in told.lock().unwrap().iter() {
        assert!(progress.files_done <= 1 && progress.rows_done <= 12_000);
        assert!(progress.bytes_done <= progress.bytes_total);
    }
}

#[test]
fn a_bad_page_of_a_single_row_group_is_told_alike_whoever_meets_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("giant.parquet");
    write(&path, &giant(12_000));
    let good = std::fs::read(&path).unwrap();
    for place in [4, good.len() / 2, good.len() / 8 * 7] {
        let mut bytes = good.clone();
        // Beyond any length that a value may have here, wherever a length lies.
        bytes[place..place + 1_200].fill(0xff);
        std::fs::write(&path, bytes).unwrap();
        let messages: Vec<String> = [1, 2, 4]
            .into_iter()
            .map(|threads| {
                let mut analysis = Analysis::new(by_host(), sources(folder.path()));
                analysis.threads = threads;
                answer(&analysis).unwrap_err().to_string()
            })
            .collect();
        assert!(
            messages[0].contains("giant.parquet: row group 0: column Host: the page at byte"),
            "{}",
            messages[0]
        );
        assert!(
            messages.iter().all(|message| *message == messages[0]),
            "{messages:#?}"
        );
    }
}

#[test]
fn files_in_memory_are_answered_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    write(&path, &[vec!["a".into(), "b".into(), "a".into()]]);
    let memory = Source::Memory {
        name: "log".into(),
        bytes: Bytes::from(std::fs::read(&path).unwrap()),
        partition: Vec::new(),
    };
    let both = answer(&Analysis::new(by_host(), vec![Source::file(&path), memory]))
        .unwrap()
        .0;
    assert!(both.contains(r#""rows":[["a",4],["b",2]]"#), "{both}");
}

#[test]
fn the_first_bad_file_is_told_whoever_meets_it() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a", "b", "c", "d"] {
        write(&folder.path().join(format!("{name}.parquet")), &large(3));
    }
    damage(&folder.path().join("b.parquet"));
    std::fs::write(folder.path().join("c.parquet"), b"not parquet").unwrap();
    for threads in [1, 2, 8] {
        let mut analysis = Analysis::new(by_host(), sources(folder.path()));
        analysis.threads = threads;
        let message = answer(&analysis).unwrap_err().to_string();
        assert!(
            message.contains("b.parquet"),
            "{threads} threads: {message}"
        );
    }
}

#[test]
fn bad_files_are_left_out_whole_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder.path().join("good.parquet"), &[vec!["a".into()]]);
    write(&folder.path().join("half.parquet"), &large(4));
    damage(&folder.path().join("half.parquet"));
    std::fs::write(folder.path().join("zero.parquet"), b"").unwrap();
    for threads in [1, 2, 8] {
        let mut analysis = Analysis::new(by_host(), sources(folder.path()));
        analysis.threads = threads;
        analysis.skip_bad = true;
        let (answer, skipped) = answer(&analysis).unwrap();
        assert!(answer.contains(r#""rows":[["a",1]]"#), "{answer}");
        assert!(answer.contains(r#""files":1,"#), "{answer}");
        let names: Vec<&str> = skipped
            .iter()
            .filter_map(|name| name.rsplit('/').next())
            .collect();
        assert_eq!(names, ["half.parquet", "zero.parquet"]);
    }
}

#[test]
fn a_wrong_column_is_an_error_also_when_bad_files_are_left_out() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder.path().join("a.parquet"), &[vec!["a".into()]]);
    let options = QueryOptions {
        group_by: Some("host".into()),
        ..QueryOptions::default()
    };
    let query = Query::new(&options, &Limits::default()).unwrap();
    let mut analysis = Analysis::new(query, sources(folder.path()));
    analysis.skip_bad = true;
    let message = answer(&analysis).unwrap_err().to_string();
    assert!(
        message.contains("host") && message.contains("Host"),
        "{message}"
    );
}

#[test]
fn a_cancelled_run_gives_no_answer() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder.path().join("a.parquet"), &large(3));
    for threads in [1, 4] {
        let mut analysis = Analysis::new(by_host(), sources(folder.path()));
        analysis.threads = threads;
        analysis.cancel.store(true, Ordering::Relaxed);
        assert!(matches!(answer(&analysis), Err(Error::Cancelled)));
    }
}

#[test]
fn progress_never_goes_back_and_never_past_the_end() {
    let folder = tempfile::tempdir().unwrap();
    for name in 0..8 {
        write(&folder.path().join(format!("{name}.parquet")), &large(6));
    }
    let told: Arc<Mutex<Vec<Progress>>> = Arc::default();
    let mut analysis = Analysis::new(by_host(), sources(folder.path()));
    analysis.threads = 2;
    let list = Arc::clone(&told);
    analysis.on_progress = Some(Box::new(move |progress| {
        list.lock().unwrap().push(*progress);
    }));
    assert!(answer(&analysis).unwrap().0.contains("\"rows\":72000,"));
    let told = told.lock().unwrap();
    for pair in told.windows(2) {
        assert!(pair[0].rows_done <= pair[1].rows_done && pair[0].bytes_done <= pair[1].bytes_done);
    }
    for progress in told.iter() {
        assert!(progress.files_done <= progress.files_total && progress.files_total == 8);
        assert!(progress.bytes_done <= progress.bytes_total && progress.rows_done <= 72_000);
    }
}

#[test]
fn a_column_that_no_file_has_is_told_before_any_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let paths = ["a.parquet", "b.parquet", "c.parquet"].map(|name| folder.path().join(name));
    for path in &paths {
        write(path, &large(2));
        // Whoever counts this finds that its pages are none.
        let mut bytes = std::fs::read(path).unwrap();
        bytes[4..1_000].fill(0xff);
        std::fs::write(path, bytes).unwrap();
    }
    let asked = |filter: &str, threads: usize| {
        let options = QueryOptions {
            filter: Some(filter.into()),
            ..QueryOptions::default()
        };
        let query = Query::new(&options, &Limits::default()).unwrap();
        let sources = discover(&[folder.path().display().to_string()]).unwrap();
        let mut analysis = Analysis::new(query, sources);
        analysis.threads = threads;
        run(&analysis).unwrap_err().to_string()
    };
    for threads in [1, 2] {
        assert_eq!(
            asked("host = 'x'", threads),
            "there is no column `host`: did you mean `Host`?"
        );
    }
    // Where another file has it, it is null in those that lack it: counting begins, and meets the first bad page.
    std::fs::create_dir(folder.path().join("host=x")).unwrap();
    std::fs::rename(&paths[2], folder.path().join("host=x/c.parquet")).unwrap();
    let message = asked("host is null and Host != 'y'", 1);
    assert!(message.contains("a.parquet: row group 0"), "{message}");
}
