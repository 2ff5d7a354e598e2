//! Promise: a public file of three million rows, taken as it is (written by Polars, zstd), is counted as DuckDB counts it.

use anyhow::{Result, ensure};
use questlog_tests::{Table, peer, place, questlog};

const ROWS: u64 = 3_000_000;

fn check(column: &str) -> Result<()> {
    let file = place::flights()?;
    let truth = peer::python("count_by.py", &[file.as_os_str(), column.as_ref()])?;
    let truth = Table::read(&truth)?;
    ensure!(
        truth.total() == ROWS,
        "the file is another one: {} rows",
        truth.total()
    );
    Table::analyze(&[&file], &["--group-by", column])?.expect(&truth)?;
    // However the work is dealt out, the answer is the same.
    Table::analyze(&[&file], &["--group-by", column, "--threads", "1"])?.expect(&truth)
}

#[test]
fn flights_by_origin() -> Result<()> {
    check("origin")
}

#[test]
fn flights_by_delay() -> Result<()> {
    check("delay")
}

#[test]
fn only_the_column_of_the_question_is_read() -> Result<()> {
    let file = place::flights()?;
    let words = [
        "analyze".as_ref(),
        file.as_os_str(),
        "--group-by".as_ref(),
        "origin".as_ref(),
    ];
    let scanned = &questlog(&words)?.json()?["scanned"];
    let bytes = |name: &str| scanned[name].as_u64().unwrap_or_default();
    assert_eq!(bytes("bytes_total"), file.metadata()?.len());
    // One column of five, and not the widest.
    ensure!(
        bytes("bytes_read") > 0 && bytes("bytes_read") < bytes("bytes_total") / 3,
        "{scanned}"
    );
    Ok(())
}
