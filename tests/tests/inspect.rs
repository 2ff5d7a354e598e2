//! Promise: `questlog inspect` says of a file what pyarrow says of it.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use questlog_tests::{peer, questlog};
use serde_json::Value;

fn inspected(folder: &Path, more: &[&str]) -> Result<Value> {
    let mut words = vec!["inspect".as_ref(), folder.as_os_str()];
    words.extend(more.iter().map(AsRef::<std::ffi::OsStr>::as_ref));
    questlog(&words)?.json()
}

/// Checks that `ours` says all that `theirs` says; it may say more. Encodings are a set.
fn check(ours: &Value, theirs: &Value, place: &str) -> Result<()> {
    match theirs {
        Value::Object(members) => members.iter().try_for_each(|(name, value)| {
            let place = format!("{place}.{name}");
            if name == "encodings" {
                let mut names: Vec<_> = ours[name].as_array().into_iter().flatten().collect();
                names.sort_by_key(|name| name.to_string());
                names.dedup();
                let theirs: Vec<_> = value.as_array().into_iter().flatten().collect();
                ensure!(names == theirs, "{place}: {names:?} instead of {theirs:?}");
                return Ok(());
            }
            let said = ours
                .get(name)
                .with_context(|| format!("{place} is missing"))?;
            check(said, value, &place)
        }),
        Value::Array(items) => {
            let ours = ours
                .as_array()
                .with_context(|| format!("{place} is no list"))?;
            ensure!(
                ours.len() == items.len(),
                "{place}: {} instead of {}",
                ours.len(),
                items.len()
            );
            let mut pairs = ours.iter().zip(items).enumerate();
            pairs
                .try_for_each(|(at, (ours, theirs))| check(ours, theirs, &format!("{place}[{at}]")))
        }
        _ => {
            ensure!(ours == theirs, "{place}: {ours} instead of {theirs}");
            Ok(())
        }
    }
}

#[test]
fn files_with_random_schemas() -> Result<()> {
    let folder = tempfile::tempdir()?;
    peer::python("random_files.py", &[folder.path()])?;
    let theirs = peer::python("metadata.py", &[folder.path()])?;
    let ours = inspected(folder.path(), &[])?;
    check(&ours["files"], &theirs, "files")
}

#[test]
fn what_a_query_would_read_is_what_it_reads() -> Result<()> {
    let folder = peer::samples()?;
    let file = folder.path().join("events.parquet");
    let query = ["--group-by", "event_type", "--where", "level > 3"];
    let said = &inspected(&file, &query)?["files"][0]["query"];
    let mut words = vec!["analyze".as_ref(), file.as_os_str()];
    words.extend(query.iter().map(AsRef::<std::ffi::OsStr>::as_ref));
    let scanned = &questlog(&words)?.json()?["scanned"];
    assert_eq!(said["bytes_read"], scanned["bytes_read"]);
    assert_eq!(said["columns"], serde_json::json!(["event_type", "level"]));
    Ok(())
}

#[test]
fn the_table_shows_columns_chunks_and_where_they_are() -> Result<()> {
    let folder = peer::samples()?;
    let file = folder.path().join("events.parquet");
    let words = [
        "inspect".as_ref(),
        file.as_os_str(),
        "--format".as_ref(),
        "table".as_ref(),
    ];
    let table = questlog(&words)?.succeeded()?;
    for word in [
        "600",
        "parquet-cpp-arrow",
        "event_type",
        "timestamp(us, UTC)",
        "INT64",
        "SNAPPY",
        "dictionary",
    ] {
        ensure!(table.contains(word), "no {word} in\n{table}");
    }
    Ok(())
}
