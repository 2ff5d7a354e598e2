//! Promise: arrow2 and parquet2 count what Questlog landed.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use questlog_interop_arrow2::{Counts, arrow, pages, rows};
use questlog_tests::{Server, Table, questlog};
use serde_json::json;

const EVENTS: usize = 2_000;

fn parquet_files(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            parquet_files(&path, found)?;
        } else if path
            .extension()
            .is_some_and(|extension| extension == "parquet")
        {
            found.push(path);
        }
    }
    Ok(())
}

/// Sums what `count` finds in each file.
fn sum(files: &[PathBuf], count: impl Fn(&Path) -> Result<Counts>) -> Result<Counts> {
    let mut total = Counts::new();
    for file in files {
        for (text, count) in count(file)? {
            *total.entry(text).or_default() += count;
        }
    }
    Ok(total)
}

#[test]
fn a_landed_lake() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    // Events with and without a Host of their own.
    let sent: Vec<_> = rows::rows(EVENTS)
        .into_iter()
        .map(|row| {
            (
                row.event_type.unwrap_or_else(|| "respawn".to_owned()),
                row.host,
            )
        })
        .collect();
    let lines: Vec<String> = sent
        .iter()
        .map(|(event_type, host)| match host {
            Some(host) => json!({"event_type": event_type, "Host": host}).to_string(),
            None => json!({"event_type": event_type, "Host": ""}).to_string(),
        })
        .collect();

    let server = Server::start(&data)?;
    server
        .post("/v1/events", "application/x-ndjson", lines.join("\n"))?
        .expect(200)?;
    ensure!(server.stop()?.success(), "the server did not stop well");
    let land = ["land".as_ref(), "--data".as_ref(), data.as_os_str()];
    questlog(&land)?.succeeded()?;

    let mut files = Vec::new();
    parquet_files(&data.join("lake"), &mut files)?;
    ensure!(!files.is_empty(), "nothing landed");
    let events = rows::counts(sent.iter().map(|(event_type, _)| Some(event_type.as_str())));
    assert_eq!(
        sum(&files, |file| arrow::count(file, "event_type"))?,
        events
    );
    assert_eq!(
        sum(&files, |file| pages::count(file, "event_type"))?,
        events
    );
    assert_eq!(
        sum(&files, |file| arrow::count(file, "Host"))?,
        sum(&files, |file| pages::count(file, "Host"))?
    );
    let ours = Table::analyze(&files, &["--group-by", "event_type"])?;
    let ours: Counts = ours
        .rows
        .iter()
        .filter_map(|row| Some((row[0].as_str().map(str::to_owned), row[1].as_u64()?)))
        .collect();
    assert_eq!(ours, events);
    Ok(())
}
