//! Promise: `questlog verify` counts from the files alone, and notices when something is missing, changed or there twice.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use questlog_tests::{Output, Server, questlog};
use serde_json::json;

const EVENTS: usize = 30;

fn verify(data: &Path) -> Result<Output> {
    questlog(&["verify".as_ref(), "--data".as_ref(), data.as_os_str()])
}

/// A data folder with everything landed; gives its one lake file.
fn landed(data: &Path) -> Result<PathBuf> {
    let server = Server::start_with(data, "127.0.0.1:0", &["--land-every", "1h"])?;
    let event = json!({"event_type": "knife purchased", "timestamp": "2026-11-23T10:00:00Z"});
    let lines = vec![event.to_string(); EVENTS].join("\n");
    server
        .post("/v1/events", "application/x-ndjson", lines)?
        .expect(200)?;
    ensure!(server.stop()?.success(), "the server did not stop well");
    questlog(&["land".as_ref(), "--data".as_ref(), data.as_os_str()])?.succeeded()?;
    let day = data.join("lake/purchases/date=2026-11-23");
    let mut files = fs::read_dir(&day)?;
    Ok(files.next().context("nothing landed")??.path())
}

fn check(damage: impl Fn(&Path) -> Result<()>) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let file = landed(&data)?;
    let counted: serde_json::Value = serde_json::from_str(&verify(&data)?.succeeded()?)?;
    assert_eq!(counted["in_lake"], EVENTS, "{counted}");
    assert_eq!(counted["balance"], true, "{counted}");

    damage(&file)?;
    let output = verify(&data)?;
    ensure!(output.code == Some(1), "verify noticed nothing: {output:?}");
    ensure!(
        !output.stderr.is_empty(),
        "verify does not say why: {output:?}"
    );
    let counted: serde_json::Value = serde_json::from_str(&output.stdout)?;
    assert_eq!(counted["balance"], false, "{counted}");
    Ok(())
}

#[test]
fn a_lake_file_that_is_gone() -> Result<()> {
    check(|file| Ok(fs::remove_file(file)?))
}

#[test]
fn a_lake_file_that_was_changed() -> Result<()> {
    check(|file| {
        let mut bytes = fs::read(file)?;
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        Ok(fs::write(file, bytes)?)
    })
}

#[test]
fn a_lake_file_that_is_there_twice() -> Result<()> {
    check(|file| {
        fs::copy(file, file.with_file_name("copy.parquet"))?;
        Ok(())
    })
}
