//! Promise: the log becomes plain Parquet, by day and kind of event, with the columns that were promised; the same log always becomes the same files.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use questlog_tests::{Server, http, peer, questlog};
use serde_json::{Value, json};

/// A data folder whose log holds events of each kind, of three days, some of them odd.
fn logged(data: &Path) -> Result<()> {
    let server = Server::start_with(data, "127.0.0.1:0", &["--land-every", "1h"])?;
    for (id, event_type, timestamp) in [
        ("a", "knife purchased", "2026-11-23T23:59:59.999999Z"),
        ("b", "knife purchased", "2026-11-24T00:00:00Z"),
        ("c", "repurchase offer", "2026-11-23T23:30:00-05:30"),
        ("d", "join_guild", "2026-11-24T10:00:00.5+02:00"),
        ("e", "join_guild now", "2026-11-25T12:00:00Z"),
        ("f", "respawn", "2026-11-25T12:00:00Z"),
    ] {
        let event = json!({"id": id, "event_type": event_type, "timestamp": timestamp, "price": 12.50, "bag": {"slots": [1, 2]}});
        server
            .post("/v1/events", "application/json", event.to_string())?
            .expect(200)?;
    }
    let headers = [
        ("Host", "user46.earthlink.com"),
        ("Accept", "*/*"),
        ("User-Agent", "ApacheBench/2.3"),
    ];
    let body = br#"{"id":"g"}"#;
    http::request(
        server.address(),
        "POST",
        "/purchase/sword%20%C3%BC",
        &headers,
        body,
    )?
    .expect(200)?;
    ensure!(server.stop()?.success(), "the server did not stop well");
    Ok(())
}

fn land(data: &Path) -> Result<()> {
    questlog(&["land".as_ref(), "--data".as_ref(), data.as_os_str()])?.succeeded()?;
    questlog(&["verify".as_ref(), "--data".as_ref(), data.as_os_str()])?.succeeded()?;
    Ok(())
}

/// Every Parquet file below a folder: its path in it, and its bytes.
fn files(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|extension| extension == "parquet")
            {
                let name = path.strip_prefix(folder)?.to_string_lossy().into_owned();
                found.insert(name, fs::read(&path)?);
            }
        }
    }
    Ok(found)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let copy = to.join(path.file_name().context("no name")?);
        if path.is_dir() {
            self::copy(&path, &copy)?;
        } else {
            fs::copy(&path, &copy)?;
        }
    }
    Ok(())
}

#[test]
fn other_readers_see_what_was_promised() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    logged(&data)?;
    land(&data)?;
    let sets = peer::python("lake.py", &[data.join("lake")])?;

    let ids = |set: &str| -> Vec<String> {
        let rows = sets[set]["rows"].as_array().into_iter().flatten();
        rows.filter_map(|row| Some(row["id"].as_str()?.to_owned()))
            .collect()
    };
    assert_eq!(ids("purchases"), ["a", "b", "c", "g"]);
    assert_eq!(ids("join_guild"), ["d"]);
    assert_eq!(ids("other"), ["e", "f"]);

    let columns = &sets["purchases"]["columns"];
    for name in ["timestamp", "received_at"] {
        assert_eq!(columns[name], "timestamp[us, tz=UTC]", "{name}");
    }
    for name in [
        "event_type",
        "item",
        "id",
        "Host",
        "User-Agent",
        "Accept",
        "provider",
        "properties",
    ] {
        let kind = columns[name]
            .as_str()
            .with_context(|| format!("no {name} in {columns}"))?;
        ensure!(
            kind.ends_with("string") || kind.ends_with("string_view"),
            "{name} is {kind}"
        );
    }

    let row = |set: &str, index: usize| sets[set]["rows"][index].clone();
    assert_eq!(
        row("purchases", 0)["timestamp"],
        "2026-11-23 23:59:59.999999+00:00"
    );
    assert_eq!(row("purchases", 0)["date"], "2026-11-23");
    assert_eq!(row("purchases", 1)["date"], "2026-11-24");
    // 23:30 in a zone five and a half hours behind is the next day in UTC.
    assert_eq!(
        row("purchases", 2)["timestamp"],
        "2026-11-24 05:00:00+00:00"
    );
    assert_eq!(row("purchases", 2)["date"], "2026-11-24");
    assert_eq!(
        row("join_guild", 0)["timestamp"],
        "2026-11-24 08:00:00.500000+00:00"
    );
    let bought = row("purchases", 3);
    assert_eq!(bought["event_type"], "sword ü purchased");
    assert_eq!(bought["item"], "sword ü");
    assert_eq!(bought["Host"], "user46.earthlink.com");
    assert_eq!(bought["provider"], "earthlink");
    let rest: Value =
        serde_json::from_str(row("other", 1)["properties"].as_str().unwrap_or_default())?;
    assert_eq!(rest, json!({"price": 12.50, "bag": {"slots": [1, 2]}}));
    Ok(())
}

#[test]
fn the_same_log_becomes_the_same_files() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (first, second) = (folder.path().join("first"), folder.path().join("second"));
    logged(&first)?;
    copy(&first, &second)?;
    land(&first)?;
    land(&second)?;
    let landed = files(&first.join("lake"))?;
    ensure!(
        landed.len() >= 4,
        "only {} files: {:?}",
        landed.len(),
        landed.keys()
    );
    ensure!(landed == files(&second.join("lake"))?, "the files differ");
    // Nothing is left to land, so nothing changes.
    land(&first)?;
    ensure!(
        landed == files(&first.join("lake"))?,
        "landing nothing changed something"
    );
    Ok(())
}

#[test]
fn a_landing_that_is_killed_is_finished_by_the_next() -> Result<()> {
    const EVENTS: usize = 20_000;
    let folder = tempfile::tempdir()?;
    let whole = folder.path().join("whole");
    let server = Server::start_with(&whole, "127.0.0.1:0", &["--land-every", "1h"])?;
    let lines: Vec<String> = (0..EVENTS)
        .map(|number| json!({"id": format!("e{number}"), "event_type": "knife purchased", "noise": number * 7919 % 1009}).to_string())
        .collect();
    server
        .post("/v1/events", "application/x-ndjson", lines.join("\n"))?
        .expect(200)?;
    server.kill()?;
    let killed = folder.path().join("killed");
    copy(&whole, &killed)?;
    land(&whole)?;

    // Struck ever later, until one is done before it can be struck.
    let mut struck = 0;
    for delay_ms in std::iter::successors(Some(0_u64), |delay_ms| Some(delay_ms * 5 / 4 + 2)) {
        let mut landing = questlog::command()?
            .args(["land", "--data"])
            .arg(&killed)
            .stdout(std::process::Stdio::null())
            .spawn()?;
        std::thread::sleep(std::time::Duration::from_millis(delay_ms));
        if landing.try_wait()?.is_some_and(|status| status.success()) {
            break;
        }
        landing.kill()?;
        landing.wait()?;
        struck += 1;
    }
    ensure!(struck > 0, "no landing was struck");
    land(&killed)?;
    ensure!(
        files(&killed.join("lake"))? == files(&whole.join("lake"))?,
        "after {struck} kills the files differ"
    );
    Ok(())
}
