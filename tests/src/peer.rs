//! Runs the peers' scripts in `tests/peers/`.

use std::ffi::OsStr;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tempfile::TempDir;

use crate::place;

/// Runs a Python script of `tests/peers/` and gives the JSON that it prints last.
pub fn python<S: AsRef<OsStr>>(script: &str, args: &[S]) -> Result<Value> {
    run(Command::new(place::python()?), script, args)
}

/// Runs a script of `tests/peers/` in Node and gives the JSON that it prints last.
pub fn node<S: AsRef<OsStr>>(script: &str, args: &[S]) -> Result<Value> {
    let mut node = Command::new("node");
    // The browser tests' own helpers look for these.
    node.env("QUESTLOG_BIN", place::binary()?);
    run(node, script, args)
}

/// A new folder with the small files of `write_samples.py`.
pub fn samples() -> Result<TempDir> {
    let folder = tempfile::tempdir()?;
    python("write_samples.py", &[folder.path()])?;
    Ok(folder)
}

fn run<S: AsRef<OsStr>>(mut interpreter: Command, script: &str, args: &[S]) -> Result<Value> {
    let path = place::repository().join("tests/peers").join(script);
    let output = interpreter
        .arg(path)
        .args(args)
        // Spark would else look for a network's idea of this machine's name.
        .env("SPARK_LOCAL_IP", "127.0.0.1")
        .env("SPARK_LOCAL_HOSTNAME", "localhost")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("TZ", "UTC")
        .output()
        .with_context(|| format!("running {script}"))?;
    ensure!(
        output.status.success(),
        "{script} failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let stdout = String::from_utf8(output.stdout)?;
    let last = stdout.lines().last().unwrap_or_default();
    serde_json::from_str(last).with_context(|| format!("{script} did not end with JSON: {last}"))
}
