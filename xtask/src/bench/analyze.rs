//! How long does `questlog analyze` take to count three million flights, and how long DuckDB with as many threads?
//!
//! Ours is the whole process from its start to its end; DuckDB's is the query alone, on an open connection.
//! The file is in the page cache for both. The answers are compared before the times are.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};

use super::median;
use crate::place::Place;
use crate::shell::{command, output_of};
use crate::{server, setup};

const PEER: &str = include_str!("peer.py");
const GROUPINGS: [&str; 2] = ["origin", "origin,destination"];
const THREADS: [usize; 2] = [1, 2];
const RUNS: usize = 7;

/// Prints a line for each grouping and number of threads.
pub(super) fn run(place: &Place) -> Result<()> {
    setup::need(place, &["data", "python"])?;
    server::build(place)?;
    println!(
        "{:<20} {:>7} {:>12} {:>10} {:>7}",
        "group by", "threads", "questlog ms", "DuckDB ms", "ratio"
    );
    for columns in GROUPINGS {
        for threads in THREADS {
            let file = setup::flights_path(place);
            let (ours_ms, our_answer) = ours(&place.binary(), &file, columns, threads)?;
            let (peer_ms, peer_answer) = peer(&setup::python(place)?, &file, columns, threads)?;
            ensure!(
                our_answer == peer_answer,
                "the answers by {columns} differ, so the times mean nothing"
            );
            println!(
                "{columns:<20} {threads:>7} {ours_ms:>12.1} {peer_ms:>10.1} {:>6.1}x",
                peer_ms / ours_ms
            );
        }
    }
    Ok(())
}

fn ours(binary: &Path, file: &Path, columns: &str, threads: usize) -> Result<(f64, Vec<String>)> {
    let mut milliseconds = Vec::new();
    let mut answer = String::new();
    for _ in 0..RUNS {
        let start = Instant::now();
        answer = output_of(command(binary).arg("analyze").arg(file).args([
            "--group-by",
            columns,
            "--threads",
            &threads.to_string(),
            "--format",
            "csv",
        ]))
        .with_context(|| format!("`questlog analyze --group-by {columns}` failed"))?;
        milliseconds.push(start.elapsed().as_secs_f64() * 1000.0);
    }
    let mut lines: Vec<String> = answer.lines().skip(1).map(str::to_owned).collect();
    lines.sort();
    Ok((median(milliseconds), lines))
}

fn peer(python: &Path, file: &Path, columns: &str, threads: usize) -> Result<(f64, Vec<String>)> {
    let printed = output_of(command(python).args(["-c", PEER]).arg(file).args([
        columns,
        &threads.to_string(),
        &RUNS.to_string(),
    ]))
    .context("DuckDB could not be run")?;
    let mut milliseconds = Vec::new();
    let mut lines = Vec::new();
    for line in printed.lines() {
        match line.strip_prefix("ms ") {
            Some(number) => milliseconds.push(
                number
                    .parse::<f64>()
                    .context("DuckDB's side printed no number")?,
            ),
            None => lines.push(line.to_owned()),
        }
    }
    if milliseconds.is_empty() {
        bail!("DuckDB's side measured nothing");
    }
    lines.sort();
    Ok((median(milliseconds), lines))
}
