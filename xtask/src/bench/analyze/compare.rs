//! One work, with one thread and with two: everybody in turn, answers compared before times.

use anyhow::{Context, Result};

use super::answer::Rows;
use super::intro::Starts;
use super::measure::middle;
use super::table::Row;
use super::{Bench, who::Who, work::Work};

const THREADS: [usize; 2] = [1, 2];
/// Who needs more than this is no contender: its middle is of `SLOW_ROUNDS` rounds.
pub(super) const SLOW_CPU_S: f64 = 2.5;
pub(super) const SLOW_ROUNDS: usize = 1;
/// Differences below this say nothing.
const NOISE_CPU_S: f64 = 0.002;

/// What came of one work.
pub(super) struct Compared<'a> {
    /// One for each number of threads, from one thread on.
    pub(super) rows: Vec<Row<'a>>,
    /// What all agree on.
    pub(super) answer: Rows,
}

/// Measures a work and prints its rows.
pub(super) fn compare<'a>(bench: &Bench, work: &'a Work, starts: &Starts) -> Result<Compared<'a>> {
    let mut rows = Vec::new();
    let mut answer = None;
    for threads in THREADS {
        let mut runs = [const { Vec::new() }; Who::ALL.len()];
        let mut rounds = [bench.rounds; Who::ALL.len()];
        for round in 0..=bench.rounds {
            for (index, who) in Who::ALL.into_iter().enumerate() {
                if round > rounds[index] {
                    continue;
                }
                let (used, printed) = bench.meter.run(&who.words(bench, work, threads))?;
                if round > 0 {
                    runs[index].push(used);
                    continue;
                }
                check(&mut answer, who, &printed, work)?;
                if used.cpu_s > SLOW_CPU_S {
                    rounds[index] = SLOW_ROUNDS;
                }
            }
        }
        let [ours, duckdb, polars, floor] = runs.map(|runs| middle(&runs));
        let row = Row {
            work,
            threads,
            ours,
            duckdb,
            polars,
            floor,
            duckdb_less_starts: less_starts(ours.cpu_s, duckdb.cpu_s, starts),
        };
        println!("{row}");
        rows.push(row);
    }
    let answer = answer.context("nothing was measured")?;
    Ok(Compared { rows, answer })
}

/// How many times our CPU seconds DuckDB needs past its start; `None` where ours is hardly more than a start.
fn less_starts(ours_cpu_s: f64, duckdb_cpu_s: f64, starts: &Starts) -> Option<f64> {
    let ours_cpu_s = ours_cpu_s - starts.ours_cpu_s;
    (ours_cpu_s > NOISE_CPU_S).then(|| (duckdb_cpu_s - starts.duckdb_cpu_s) / ours_cpu_s)
}

/// Compares an answer with the first one, which is ours.
fn check(answer: &mut Option<Rows>, who: Who, printed: &str, work: &Work) -> Result<()> {
    let head_lines = match who {
        Who::Questlog => 1,
        Who::DuckDb | Who::Polars => 0,
        Who::Floor => return Ok(()),
    };
    let rows = Rows::of(printed.lines().skip(head_lines));
    match answer {
        Some(ours) => ours.check_same(&rows, who.name(), work.name),
        None => {
            *answer = Some(rows);
            Ok(())
        }
    }
}
