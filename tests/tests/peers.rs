//! Promise: files that pandas, pyarrow, DuckDB, Polars and Spark write are answered as an engine that is not ours answers them.
//!
//! Each peer's script in `tests/peers/` writes its files and prints the questions with their right answers.

use anyhow::{Result, ensure};
use questlog_tests::cases::{cases, check_all};

fn check(script: &str, cases_min: usize) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let cases = cases(script, folder.path())?;
    ensure!(
        cases.len() >= cases_min,
        "only {} questions came from {script}",
        cases.len()
    );
    check_all(&cases, |case| case.asked()?.expect(&case.truth))
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
