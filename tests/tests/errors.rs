//! Promise: whatever is wrong, a person reads one sentence that names it, and a program gets the right exit code or status.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use questlog_tests::{Server, peer, questlog, questlog::sentence, server};
use serde_json::{Value, json};

const FAILED: i32 = 1;
const WRONG_USAGE: i32 = 2;

/// Runs `questlog analyze FILE ARGS…`, which has to fail with a sentence that names the file and each of `mentions`.
fn analyze_fails(file: &Path, args: &[&str], mentions: &[&str]) -> Result<()> {
    let mut words: Vec<&OsStr> = vec!["analyze".as_ref(), file.as_ref()];
    words.extend(args.iter().map(OsStr::new));
    let name = file
        .file_name()
        .and_then(OsStr::to_str)
        .context("no name")?;
    let mut named = vec![name];
    named.extend(mentions);
    questlog(&words)?
        .failed(FAILED, &named)
        .with_context(|| format!("{} {args:?}", file.display()))
}

#[test]
fn a_file_that_is_not_there() -> Result<()> {
    let folder = tempfile::tempdir()?;
    analyze_fails(&folder.path().join("gone.parquet"), &[], &[])
}

#[test]
fn a_file_that_is_not_parquet() -> Result<()> {
    let folder = tempfile::tempdir()?;
    for (name, bytes) in [
        ("empty.parquet", &b""[..]),
        ("short.parquet", b"PAR1"),
        (
            "text.csv",
            b"event_type,Host\nknife purchased,user1.cox.com\n",
        ),
        ("zeros.parquet", &[0; 5000]),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, bytes)?;
        analyze_fails(&path, &["--group-by", "event_type"], &[])?;
    }
    Ok(())
}

#[test]
fn a_truncated_file_wherever_it_ends() -> Result<()> {
    let folder = peer::samples()?;
    let whole = fs::read(folder.path().join("events.parquet"))?;
    let path = folder.path().join("cut.parquet");
    for length in [
        whole.len() - 1,
        whole.len() - 8,
        whole.len() - 300,
        whole.len() / 2,
        100,
        12,
        5,
    ] {
        fs::write(&path, &whole[..length])?;
        analyze_fails(&path, &["--group-by", "event_type"], &[])?;
    }
    // A hole in the middle: the footer is whole, what it points to is not.
    let mut holed = whole[..200].to_vec();
    holed.extend(&whole[whole.len() - 6000..]);
    fs::write(&path, &holed)?;
    analyze_fails(&path, &["--group-by", "event_type"], &[])
}

#[test]
fn an_encrypted_file() -> Result<()> {
    let folder = peer::samples()?;
    let file = folder.path().join("encrypted.parquet");
    analyze_fails(&file, &["--group-by", "event_type"], &["encrypted"])?;
    // Only one column is encrypted here: it can't be read, the others can.
    let file = folder.path().join("encrypted-columns.parquet");
    analyze_fails(&file, &["--group-by", "Host"], &["Host", "encrypted"])
}

#[test]
fn a_column_that_is_not_there() -> Result<()> {
    let folder = peer::samples()?;
    let events = folder.path().join("events.parquet");
    for (asked, meant) in [
        ("host", "Host"),
        ("event_typ", "event_type"),
        ("provider(host)", "Host"),
    ] {
        let words = [
            "analyze".as_ref(),
            events.as_os_str(),
            "--group-by".as_ref(),
            asked.as_ref(),
        ];
        let output = questlog(&words)?;
        ensure!(
            matches!(output.code, Some(FAILED | WRONG_USAGE)),
            "{asked}: {output:?}"
        );
        sentence(&output.stderr, &[meant])?;
    }
    Ok(())
}

#[test]
fn a_file_without_the_questions_columns_gets_a_query_to_try() -> Result<()> {
    let folder = peer::samples()?;
    analyze_fails(
        &folder.path().join("hostless.parquet"),
        &[],
        &["Host", "level", "--group-by"],
    )
}

#[test]
fn a_repeated_column() -> Result<()> {
    let folder = peer::samples()?;
    let lists = folder.path().join("lists.parquet");
    analyze_fails(&lists, &["--group-by", "items"], &["items"])?;
    // It does not disturb the others.
    let words = [
        "analyze".as_ref(),
        lists.as_os_str(),
        "--group-by".as_ref(),
        "event_type".as_ref(),
    ];
    let table = questlog(&words)?.table()?;
    assert_eq!(table.rows, [[json!("join_guild"), json!(3)]]);
    Ok(())
}

#[test]
fn two_files_that_disagree_about_a_column() -> Result<()> {
    let folder = peer::samples()?;
    let words = [
        "analyze",
        "events.parquet",
        "other-level.parquet",
        "--group-by",
        "level",
    ];
    let words = words.map(|word| match word.ends_with(".parquet") {
        true => folder.path().join(word).into_os_string(),
        false => word.into(),
    });
    questlog(&words)?.failed(FAILED, &["level", "events.parquet", "other-level.parquet"])
}

#[test]
fn one_bad_file_among_good_ones() -> Result<()> {
    let folder = peer::samples()?;
    let lake = folder.path().join("some");
    fs::create_dir(&lake)?;
    fs::copy(
        folder.path().join("events.parquet"),
        lake.join("good.parquet"),
    )?;
    let bytes = fs::read(lake.join("good.parquet"))?;
    fs::write(lake.join("torn.parquet"), &bytes[..bytes.len() - 20])?;
    let mut words = vec![
        "analyze".as_ref(),
        lake.as_os_str(),
        "--group-by".as_ref(),
        "event_type".as_ref(),
    ];
    questlog(&words)?.failed(FAILED, &["torn.parquet"])?;

    words.push("--skip-bad".as_ref());
    let json = questlog(&words)?.json()?;
    let skipped = json["skipped"].as_array().context("nothing is skipped")?;
    assert_eq!(skipped.len(), 1);
    let text = |name: &str| skipped[0][name].as_str().unwrap_or_default();
    ensure!(text("file").ends_with("torn.parquet"), "{skipped:?}");
    sentence(text("reason"), &[])?;
    assert_eq!(json["scanned"]["rows"], json!(600));
    Ok(())
}

#[test]
fn wrong_words() -> Result<()> {
    let folder = peer::samples()?;
    let events = folder.path().join("events.parquet");
    for args in [
        &["--group-by", "provider(Host"][..],
        &["--group-by", "provider()"],
        &["--match", "fuzzy"],
        &["--format", "yaml"],
        &["--no-such-option"],
    ] {
        let mut words = vec!["analyze".as_ref(), events.as_os_str()];
        words.extend(args.iter().map(OsStr::new));
        let output = questlog(&words)?;
        ensure!(output.code == Some(WRONG_USAGE), "{args:?}: {output:?}");
        ensure!(output.stdout.is_empty(), "{args:?}: {output:?}");
    }
    let none: [&str; 1] = ["analyze"];
    assert_eq!(questlog(&none)?.code, Some(WRONG_USAGE));
    Ok(())
}

#[test]
fn a_port_in_use() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let first = Server::start(&folder.path().join("first"))?;
    let address = first.address().to_string();
    server::refused(&folder.path().join("second"), &address, &[])?.failed(FAILED, &[&address])
}

#[test]
fn a_data_folder_in_use() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let _first = Server::start(&data)?;
    let said = server::refused(&data, "127.0.0.1:0", &[])?;
    said.failed(FAILED, &[&data.to_string_lossy()])
}

#[test]
fn a_data_folder_that_can_not_be_written() -> Result<()> {
    let folder = tempfile::tempdir()?;
    // A file stands where the folder should be: root can't write there either.
    let file = folder.path().join("occupied");
    fs::write(&file, "a file")?;
    for data in [file.clone(), file.join("data")] {
        let said = server::refused(&data, "127.0.0.1:0", &[])?;
        said.failed(FAILED, &[&file.to_string_lossy()])?;
    }
    Ok(())
}

#[test]
fn an_address_that_is_none() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let said = server::refused(folder.path(), "somewhere", &[])?;
    ensure!(said.code == Some(WRONG_USAGE), "{said:?}");
    ensure!(said.stderr.contains("somewhere"), "{said:?}");
    Ok(())
}

#[test]
fn bad_bodies_are_problem_details() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let server = Server::start(&folder.path().join("data"))?;
    let json = "application/json";
    for (path, kind, body, status) in [
        ("/v1/events", json, "{\"event_type\":", 400),
        ("/v1/events", json, "not json at all", 400),
        ("/v1/events", json, "", 400),
        ("/purchase/knife", json, "{\"price\":", 400),
        ("/v1/events", json, "{\"item\":\"knife\"}", 422),
        ("/v1/events", json, "{\"event_type\":7}", 422),
        ("/v1/events", "text/html", "<p>", 415),
        (
            "/v1/query",
            json,
            "{\"group-by\":\"no_such_column_anywhere(\"}",
            400,
        ),
        ("/v1/query", json, "{\"grup-by\":\"event_type\"}", 400),
    ] {
        let response = server.post(path, kind, body)?.expect(status);
        let response = response.with_context(|| format!("{path} {body}"))?;
        // A refused batch is answered in the shape of an accepted one, which tells what was wrong with each event.
        if status != 422 {
            check_problem(&response.json()?, status)?;
            let kind = response.header("content-type").unwrap_or_default();
            ensure!(
                kind.starts_with("application/problem+json"),
                "{path}: {kind}"
            );
        }
    }
    server.get("/no/such/route")?.expect(404)?;
    server
        .get("/v1/query?group_by=event_type&wher=x")?
        .expect(400)?;
    Ok(())
}

fn check_problem(problem: &Value, status: u16) -> Result<()> {
    ensure!(problem["status"] == json!(status), "{problem}");
    ensure!(problem["title"].is_string(), "{problem}");
    sentence(problem["detail"].as_str().unwrap_or_default(), &[])
}
