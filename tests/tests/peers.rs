//! Promise: files that pandas, pyarrow, DuckDB, Polars and Spark write are answered as an engine that is not ours answers them.
//!
//! Each peer's script in `tests/peers/` writes its files and prints the questions with their right answers.

use anyhow::{Context, Result, ensure};
use questlog_tests::{Table, peer};
use serde_json::Value;

/// Runs a peer's script, asks `questlog analyze` every question of it, and reports all that differ, not just the first.
fn check(script: &str, cases_min: usize) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let told = peer::python(script, &[folder.path()])?;
    let cases = told["cases"].as_array().context("no cases")?;
    ensure!(
        cases.len() >= cases_min,
        "only {} questions came from {script}",
        cases.len()
    );
    let failures: Vec<String> = cases
        .iter()
        .filter_map(|case| {
            let error = ask(case).err()?;
            Some(format!("{}: {error:#}", case["name"]))
        })
        .collect();
    ensure!(
        failures.is_empty(),
        "{} of {} answers are wrong:\n{}",
        failures.len(),
        cases.len(),
        failures.join("\n")
    );
    Ok(())
}

fn ask(case: &Value) -> Result<()> {
    let words = |name: &str| -> Vec<&str> {
        let words = case[name].as_array().into_iter().flatten();
        words.filter_map(Value::as_str).collect()
    };
    Table::analyze(&words("paths"), &words("args"))?.expect(&Table::read(case)?)
}

#[test]
fn pandas_and_pyarrow() -> Result<()> {
    check("write_pyarrow.py", 170)
}

#[test]
fn duckdb() -> Result<()> {
    check("write_duckdb.py", 100)
}

#[test]
fn polars() -> Result<()> {
    check("write_polars.py", 120)
}

#[test]
fn spark() -> Result<()> {
    check("write_spark.py", 100)
}
