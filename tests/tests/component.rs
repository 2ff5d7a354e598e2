//! Promise: the analysis component under `questlog plugin run` gives the native answer, byte for byte, within a deadline and a memory limit.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use questlog_tests::{peer, place, questlog, questlog::sentence};
use serde_json::value::RawValue;

/// The text of a part of the answer exactly as it was printed.
fn part(stdout: &str, name: &str) -> Result<String> {
    let mut parts: HashMap<String, Box<RawValue>> = serde_json::from_str(stdout)?;
    let part = parts.remove(name);
    let part = part.with_context(|| format!("no {name} in {stdout}"))?;
    Ok(part.get().to_owned())
}

fn words(command: &[&str], paths: &[&Path], args: &[&str]) -> Result<Vec<OsString>> {
    let mut words: Vec<OsString> = command.iter().map(OsString::from).collect();
    if command[0] == "plugin" {
        words.push(place::component()?.into());
    }
    words.extend(paths.iter().map(|path| path.as_os_str().to_owned()));
    words.extend(args.iter().map(OsString::from));
    Ok(words)
}

fn check(paths: &[&Path], args: &[&str]) -> Result<()> {
    let mut args = args.to_vec();
    args.extend(["--format", "json"]);
    let native = questlog(&words(&["analyze"], paths, &args)?)?.succeeded()?;
    let inside = questlog(&words(&["plugin", "run"], paths, &args)?)?.succeeded()?;
    assert_eq!(
        part(&inside, "rows")?,
        part(&native, "rows")?,
        "{paths:?} {args:?}"
    );
    Ok(())
}

#[test]
fn the_same_rows_as_native() -> Result<()> {
    let folder = peer::samples()?;
    let events = folder.path().join("events.parquet");
    let awkward = folder.path().join("awkward.parquet");
    for column in ["Host", "price", "at"] {
        check(&[&events], &["--group-by", column])?;
    }
    for rule in ["contains", "domain"] {
        check(
            &[&events],
            &["--group-by", "provider(Host),event_type", "--match", rule],
        )?;
    }
    check(&[&awkward], &["--group-by", "event_type"])?;
    check(
        &[&events, &awkward],
        &["--group-by", "provider(Host)", "--providers", "cox,att"],
    )
}

#[test]
fn three_million_rows_however_they_are_shared_out() -> Result<()> {
    let flights = place::flights()?;
    let query = ["--group-by", "origin", "--format", "json", "--threads"];
    let native = questlog(&words(
        &["analyze"],
        &[&flights],
        &[&query[..], &["1"]].concat(),
    )?)?;
    let native = native.succeeded()?;
    for threads in ["1", "4"] {
        let args = [&query[..], &[threads]].concat();
        let inside = questlog(&words(&["plugin", "run"], &[&flights], &args)?)?.succeeded()?;
        for name in ["rows", "scanned"] {
            assert_eq!(
                part(&inside, name)?,
                part(&native, name)?,
                "{threads} threads"
            );
        }
    }
    Ok(())
}

#[test]
fn a_check_says_that_it_imports_nothing() -> Result<()> {
    let said = questlog(&words(&["plugin", "check"], &[], &[])?)?.succeeded()?;
    ensure!(said.to_lowercase().contains("import"), "{said}");
    Ok(())
}

#[test]
fn a_deadline_and_a_memory_limit_end_it() -> Result<()> {
    let flights = place::flights()?;
    for (limit, value, named) in [
        ("--deadline", "1ms", "longer than 1 ms"),
        ("--memory-max", "1MiB", "memory"),
    ] {
        let args = ["--group-by", "origin", limit, value];
        let output = questlog(&words(&["plugin", "run"], &[&flights], &args)?)?;
        output
            .failed(1, &[named])
            .with_context(|| format!("{limit} {value}"))?;
    }
    Ok(())
}

#[test]
fn errors_are_those_of_the_core() -> Result<()> {
    let folder = peer::samples()?;
    let events = folder.path().join("events.parquet");
    let output = questlog(&words(
        &["plugin", "run"],
        &[&events],
        &["--group-by", "host"],
    )?)?;
    ensure!(matches!(output.code, Some(1 | 2)), "{output:?}");
    sentence(&output.stderr, &["Host"])?;
    // Not a plugin at all.
    let args = [
        "plugin".as_ref(),
        "run".as_ref(),
        events.as_os_str(),
        events.as_os_str(),
    ];
    questlog(&args)?.failed(1, &["events.parquet"])
}
