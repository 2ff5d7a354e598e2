//! Promise: who waits in front of a terminal sees how far it is, and Ctrl-C ends it with nothing half printed.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use questlog_tests::{peer, place, questlog};
use serde_json::Value;

/// How often the large file is named, so that counting it goes on until it is stopped.
const TIMES: usize = 2_000;

/// More work than anyone waits for.
fn long() -> Result<Vec<OsString>> {
    let flights = place::flights()?.into_os_string();
    let mut words: Vec<OsString> = vec!["analyze".into()];
    words.extend(vec![flights; TIMES]);
    words.extend(["--group-by", "delay,distance"].map(OsString::from));
    Ok(words)
}

/// Runs the binary in a terminal, where Ctrl-C is pressed once `word` is shown.
fn in_terminal(word: &str, args: &[OsString]) -> Result<Value> {
    let mut words: Vec<OsString> = vec![word.into(), place::binary()?.into()];
    words.extend_from_slice(args);
    peer::python("terminal.py", &words)
}

#[test]
fn a_terminal_is_told_how_far_it_is_and_ctrl_c_leaves_nothing() -> Result<()> {
    let told = in_terminal(" left", &long()?)?;
    let shown = |name: &str| told[name].as_str().unwrap_or_default();
    for word in [" of ", "MiB", " rows", " of 2,000 files", " left"] {
        ensure!(shown("before").contains(word), "no {word:?} in {told}");
    }
    // What comes after is the echo of Ctrl-C, perhaps the line once more, and the line's end: no row of an answer.
    ensure!(told["code"] == 130, "{told}");
    ensure!(!shown("after").contains('─'), "{told}");
    ensure!(
        shown("after").ends_with("\r\u{1b}[K"),
        "the line was left there: {told}"
    );
    Ok(())
}

#[test]
fn no_progress_means_none() -> Result<()> {
    let flights = place::flights()?;
    let words = [
        OsStr::new("analyze"),
        flights.as_os_str(),
        flights.as_os_str(),
        OsStr::new("--no-progress"),
        OsStr::new("--group-by"),
        OsStr::new("origin"),
    ];
    let told = in_terminal("", &words.map(OsString::from))?;
    let shown = told["before"].as_str().unwrap_or_default();
    ensure!(told["code"] == 0 && shown.contains('─'), "{told}");
    ensure!(!shown.contains('\u{1b}'), "{told}");
    Ok(())
}

#[test]
fn a_signal_where_there_is_no_terminal_leaves_nothing_either() -> Result<()> {
    let child = questlog::command()?
        .args(long()?)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let pid = child.id().to_string();
    // Before the program listens the signal would end it in another way.
    while !catches_interrupt(&pid)? {
        std::thread::yield_now();
    }
    let sent = Command::new("kill").args(["-INT", &pid]).status()?;
    ensure!(sent.success(), "the signal could not be sent");
    let output = child.wait_with_output()?;
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    ensure!(
        output.stdout.is_empty() && output.stderr.is_empty(),
        "{output:?}"
    );
    Ok(())
}

/// Whether a process has a handler for SIGINT.
fn catches_interrupt(pid: &str) -> Result<bool> {
    const SIGINT_BIT: u64 = 1 << 1;
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let caught = status
        .lines()
        .find_map(|line| line.strip_prefix("SigCgt:"))
        .context("no SigCgt")?;
    Ok(u64::from_str_radix(caught.trim(), 16)? & SIGINT_BIT != 0)
}
