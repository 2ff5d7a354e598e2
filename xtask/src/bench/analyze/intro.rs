//! What is asked, what is measured and what is not: the first lines of the report.

use std::fs;

use anyhow::Result;

use super::Bench;
use super::compare::{SLOW_CPU_S, SLOW_ROUNDS};
use super::measure::{Used, middle};
use super::table::seconds;
use super::who::Who;

/// The CPU seconds that it takes to start and do nothing.
pub(super) struct Starts {
    pub(super) ours_cpu_s: f64,
    pub(super) duckdb_cpu_s: f64,
    polars_cpu_s: f64,
}

impl Starts {
    /// The middle of as many rounds as everything else has.
    pub(super) fn measure(bench: &Bench) -> Result<Starts> {
        let cpu_s = |who: Who| -> Result<f64> {
            bench.meter.run(&who.idle(bench))?;
            let runs: Result<Vec<Used>> = (0..bench.rounds)
                .map(|_| Ok(bench.meter.run(&who.idle(bench))?.0))
                .collect();
            Ok(middle(&runs?).cpu_s)
        };
        Ok(Starts {
            ours_cpu_s: cpu_s(Who::Questlog)?,
            duckdb_cpu_s: cpu_s(Who::DuckDb)?,
            polars_cpu_s: cpu_s(Who::Polars)?,
        })
    }
}

/// Prints it as Markdown.
pub(super) fn print(bench: &Bench, starts: &Starts) {
    let rounds = bench.rounds;
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or("unknown");
    let (ours, duckdb, polars) = (
        seconds(starts.ours_cpu_s),
        seconds(starts.duckdb_cpu_s),
        seconds(starts.polars_cpu_s),
    );
    println!(
        "\
**Question:** how much less CPU time does `questlog analyze` need than the best engines for the same answer, and how far is it from only decompressing?

**Measured:** whole processes from their start to their end, the peers' Python included. CPU is user and system time of all threads; MB is the peak of resident memory, of which the 8 to 9 MB of the program that measures are the least that can be told. Each number is the middle of {rounds} rounds after a warm-up ({SLOW_ROUNDS} where a program needs more than {SLOW_CPU_S} CPU s), everybody in turn. Answers are compared before times. 10 million rows counted by provider(Host), event_type unless said otherwise. The floor only reads and decompresses the needed column chunks, in one thread, with a reader that is not ours (parquet-rs).

Hosts of words are there to keep the plain ones honest: those differ in nothing but their digits, which ours makes use of. Nothing was promised for them.

¹ The peers are told to count hosts first and to look for providers in those; ours is asked the same as ever. What was promised is against peers that are asked the same; this is told beside it.

**Not measured:** a cold disk (the files are in the page cache), a peer that is running already: starting and doing nothing needs {ours} CPU s (questlog), {duckdb} (Python with DuckDB), {polars} (Python with Polars); the column \"less starts\" leaves that out on both sides. Others' work on the machine makes times longer and moves ratios less; load at the beginning: {load}."
    );
}
