//! Promise: a data folder that an older questlog left is read, goes on growing, and its books balance.
//!
//! `fixtures/data-0.1.0.txt` holds the files of such a folder as hexadecimal text: a log with segments of version 1, of whose six
//! records four have landed, a lake with a manifest of version 2, and a quarantine with a duplicate and a refused event. Its
//! server was killed. It must never be made anew: a change that can't read it needs a new version beside the old one.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use questlog_tests::{Server, Table, questlog};
use serde_json::Value;

/// Writes the files of the fixture into `data`.
fn unpack(data: &Path) -> Result<()> {
    for file in include_str!("../fixtures/data-0.1.0.txt")
        .split("== ")
        .skip(1)
    {
        let (name, hex) = file.split_once('\n').context("a file has no content")?;
        let digits: Vec<u32> = hex.chars().filter_map(|digit| digit.to_digit(16)).collect();
        let bytes = digits.chunks(2).map(|pair| (pair[0] << 4 | pair[1]) as u8);
        let path = data.join(name);
        fs::create_dir_all(path.parent().context("a file has no folder")?)?;
        fs::write(path, bytes.collect::<Vec<u8>>())?;
    }
    Ok(())
}

fn books(data: &Path) -> Result<Value> {
    questlog(&["verify".as_ref(), "--data".as_ref(), data.as_os_str()])?.json()
}

fn expect(books: &Value, sums: &[(&str, u64)]) -> Result<()> {
    for (name, sum) in sums {
        ensure!(books[name] == *sum, "{name} is not {sum}: {books}");
    }
    Ok(())
}

#[test]
fn a_data_folder_of_an_older_version_is_read_and_goes_on() -> Result<()> {
    // Before plugins wrote columns, the manifest's version was 1, and it said nothing else.
    for manifest_version in [1, 2] {
        let folder = tempfile::tempdir()?;
        let data = folder.path();
        unpack(data)?;
        let manifest = data.join("lake/_manifest/manifest.json");
        let version = format!("\"version\":{manifest_version}");
        let text = fs::read_to_string(&manifest)?;
        ensure!(text.contains("\"version\":2"), "{text}");
        fs::write(&manifest, text.replace("\"version\":2", &version))?;
        let sums = [
            ("received", 8),
            ("accepted", 6),
            ("duplicate", 1),
            ("rejected", 1),
        ];
        expect(&books(data)?, &sums)?;
        expect(&books(data)?, &[("in_lake", 4), ("in_log", 2)])?;

        let options = ["--dedup-time", "36500d", "--land-every", "1h"];
        let server = Server::start_with(data, "127.0.0.1:0", &options)?;
        let asked = server.get("/v1/query?group_by=event_type")?.expect(200)?;
        assert_eq!(Table::read(&asked.json()?)?.total(), 6);
        // One of these ids is in the lake and in the log, the other in the log alone.
        let again =
            "{\"event_type\":\"login\",\"id\":\"b-1\"}\n{\"event_type\":\"x\",\"id\":\"a-1\"}";
        let answer = server
            .post("/v1/events", "application/x-ndjson", again)?
            .expect(200)?
            .json()?;
        expect(&answer, &[("accepted", 0), ("duplicate", 2)])?;
        server.get("/purchase/shield")?.expect(200)?;
        let quarantine = server.get("/v1/quarantine")?.expect(200)?.json()?;
        let reason = quarantine["entries"][0]["reason"].as_str();
        assert_eq!(reason, Some("event_type is missing"));
        ensure!(server.stop()?.success(), "the server did not stop well");

        questlog(&["land".as_ref(), "--data".as_ref(), data.as_os_str()])?.succeeded()?;
        let sums = [
            ("received", 11),
            ("accepted", 7),
            ("duplicate", 3),
            ("rejected", 1),
        ];
        expect(&books(data)?, &sums)?;
        expect(&books(data)?, &[("in_lake", 7), ("in_log", 0)])?;
    }
    Ok(())
}
