//! Runs the binary as a user does.

use std::ffi::OsStr;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::{Table, place};

/// What a run of `questlog` left behind.
#[derive(Debug)]
pub struct Output {
    /// The exit code; none when a signal ended the process.
    pub code: Option<i32>,
    /// What it printed as its result.
    pub stdout: String,
    /// What it said beside that.
    pub stderr: String,
}

/// Runs `questlog` with these arguments, to its end.
pub fn questlog<S: AsRef<OsStr>>(args: &[S]) -> Result<Output> {
    let output = command()?
        .args(args)
        .output()
        .context("running the binary")?;
    Ok(Output {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).context("its stdout is not UTF-8")?,
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

/// The binary, ready to be given arguments.
///
/// The time zone is not UTC on purpose, for answers must not depend on it, and no setting of the developer's reaches it.
pub fn command() -> Result<Command> {
    let mut command = Command::new(place::binary()?);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("QUESTLOG_") {
            command.env_remove(name);
        }
    }
    command
        .env("TZ", "America/New_York")
        .env("NO_COLOR", "1")
        .env_remove("RUST_BACKTRACE")
        .stdin(Stdio::null());
    Ok(command)
}

impl Output {
    /// The result of a run that has to succeed.
    pub fn succeeded(self) -> Result<String> {
        ensure!(
            self.code == Some(0),
            "exit code {:?}: {}",
            self.code,
            self.stderr
        );
        Ok(self.stdout)
    }

    /// The one JSON value that a successful run prints.
    pub fn json(self) -> Result<Value> {
        let stdout = self.succeeded()?;
        serde_json::from_str(&stdout).with_context(|| format!("not JSON: {stdout}"))
    }

    /// The table in the JSON that a successful run prints.
    pub fn table(self) -> Result<Table> {
        Table::read(&self.json()?)
    }

    /// Checks that the run ended with `code` and one sentence on stderr that names each of `mentions`, and nothing on stdout.
    pub fn failed(&self, code: i32, mentions: &[&str]) -> Result<()> {
        ensure!(
            self.code == Some(code),
            "exit code {:?} instead of {code}: {}",
            self.code,
            self.stderr
        );
        ensure!(
            self.stdout.is_empty(),
            "an error belongs to stderr: {}",
            self.stdout
        );
        sentence(&self.stderr, mentions)
    }
}

/// Checks that `text` is one readable sentence that names each of `mentions`, not a dump of the program's insides.
pub fn sentence(text: &str, mentions: &[&str]) -> Result<()> {
    const BYTES_MAX: usize = 600;
    let text = text.trim();
    ensure!(!text.is_empty(), "nothing was said");
    ensure!(text.len() <= BYTES_MAX, "too long for a sentence: {text}");
    ensure!(text.lines().count() == 1, "more than one line: {text}");
    for dump in [
        "Err(",
        "Some(",
        "None)",
        "Ok(",
        " { ",
        "panicked",
        "backtrace",
        "Caused by",
    ] {
        ensure!(!text.contains(dump), "shows the insides ({dump}): {text}");
    }
    for word in mentions {
        ensure!(
            text.to_lowercase().contains(&word.to_lowercase()),
            "does not mention {word}: {text}"
        );
    }
    Ok(())
}
