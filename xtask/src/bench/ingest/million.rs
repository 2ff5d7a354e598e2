//! A million events: taken in large batches, asked for before they have landed, landed, recounted; and a start after a kill.

use std::fs::{self, File};
use std::io::{BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Instant;

use anyhow::{Context, Result, ensure};

use super::load::send_batches;
use super::program::Program;
use super::row::Row;
use super::{Bench, Used, median};

const EVENTS: usize = 1_000_000;
/// Bytes of log that a killed server finds again.
const LOG_BYTES: u64 = 1 << 30;
const QUESTION: &str = "/v1/query?group_by=event_type";

/// The rows of a million events.
pub(super) fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let (mut rates, mut p99s, mut full_mb, mut first_s, mut all_s) =
        (vec![], vec![], vec![], vec![], vec![]);
    let (mut verify, mut land, mut copy): (Vec<Used>, Vec<Used>, Vec<Used>) =
        (vec![], vec![], vec![]);
    for _ in 0..bench.rounds {
        let server = bench.fresh_server()?;
        let loaded = send_batches(server.address, EVENTS)?;
        rates.push(loaded.per_s);
        p99s.push(loaded.p99_ms);
        // The lander is at work meanwhile: some of the events have landed, most have not.
        first_s.push(ask(&server)?);
        full_mb.push(server.memory_mb("VmHWM")?);
        server.kill()?;
        verify.push(bench.verify()?);

        // Everything behind the log can be made again from it.
        fs::remove_dir_all(bench.data().join("lake")).context("the lake can't be removed")?;
        let server = bench.server()?;
        all_s.push(ask(&server)?);
        server.kill()?;
        fs::remove_dir_all(bench.data().join("lake"))?;
        copy.push(duckdb_copy(bench)?);
        let words = ["land".into(), "--data".into(), bench.data().into()];
        land.push(bench.questlog(words)?.0);
    }
    let middle = |runs: &[Used], of: fn(&Used) -> f64| median(runs.iter().map(of).collect());
    let duckdb_s = middle(&copy, |used| used.cpu_s);
    Ok(vec![
        Row::new(
            "1 M events, 1,000 a request, durable",
            median(rates),
            "per s",
        )
        .at_least(300_000.0, ""),
        Row::new("… p99 of a request", median(p99s), "ms"),
        Row::new(
            "memory, 1 M events with landing and query",
            median(full_mb),
            "MB",
        )
        .at_most(256.0, ""),
        Row::new(
            "query right behind them, partly landed",
            median(first_s),
            "s",
        )
        .at_most(1.0, ""),
        Row::new("query over 1 M unlanded events", median(all_s), "s").at_most(1.0, ""),
        Row::new("landing 1 M, CPU", middle(&land, |used| used.cpu_s), "s")
            .against("DuckDB's COPY (read_json) TO parquet", duckdb_s)
            .at_most(duckdb_s.min(5.0), "(5 s, and DuckDB)"),
        Row::new("landing 1 M, wall", middle(&land, |used| used.wall_s), "s")
            .against("DuckDB", middle(&copy, |used| used.wall_s)),
        Row::new(
            "landing 1 M, memory",
            middle(&land, |used| used.peak_mb),
            "MB",
        )
        .against("DuckDB", middle(&copy, |used| used.peak_mb))
        .at_most(200.0, ""),
        Row::new("verify of 1 M", middle(&verify, |used| used.wall_s), "s").at_most(3.0, ""),
    ])
}

/// The row of a start over a log that a kill left.
pub(super) fn measure_restart(bench: &Bench) -> Result<Vec<Row>> {
    let server = bench.fresh_server()?;
    let mut log_bytes = 0;
    while log_bytes < LOG_BYTES {
        send_batches(server.address, EVENTS / 4)?;
        log_bytes = bytes_in(bench)?;
    }
    server.kill()?;
    let start_s = bench.middle(|| {
        let started = Instant::now();
        let server = bench.server()?;
        let seconds = started.elapsed().as_secs_f64();
        server.kill()?;
        Ok(seconds)
    })?;
    bench.verify()?;
    let work = format!("start after kill -9, {} MB of log", log_bytes / 1_000_000);
    Ok(vec![Row::new(work, start_s, "s").at_most(3.0, "")])
}

fn bytes_in(bench: &Bench) -> Result<u64> {
    let folder = bench.data().join("log");
    let sizes = fs::read_dir(&folder)?.map(|entry| Ok(entry?.metadata()?.len()));
    sizes.sum::<Result<u64>>()
}

/// How long the answer takes, in seconds; it must count every event.
fn ask(server: &Program) -> Result<f64> {
    let started = Instant::now();
    let mut stream = TcpStream::connect(server.address)?;
    let head = format!("GET {QUESTION} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes())?;
    let mut answer = String::new();
    BufReader::new(stream).read_to_string(&mut answer)?;
    let seconds = started.elapsed().as_secs_f64();
    ensure!(
        answer.contains(&format!("\"rows\":{EVENTS},")),
        "the query did not count {EVENTS} events: {answer}"
    );
    Ok(seconds)
}

/// What DuckDB takes to turn the same records into one Parquet file.
fn duckdb_copy(bench: &Bench) -> Result<Used> {
    let lines = bench.data().join("records.jsonl");
    let words = [
        "tail".into(),
        "--data".into(),
        bench.data().into(),
        "--from".into(),
        "0".into(),
        "--count".into(),
        EVENTS.to_string().into(),
    ];
    let (_, records) = bench.questlog(words)?;
    File::create(&lines)?.write_all(records.as_bytes())?;
    let script = bench.place.root.join("xtask/bench/duckdb_copy.py");
    let python = bench.meter.python.clone();
    let parquet = lines.with_extension("parquet");
    let words = [
        python.into_os_string(),
        "-I".into(),
        script.into(),
        lines.clone().into(),
        parquet.clone().into(),
    ];
    let (used, _) = bench.meter.run(&words)?;
    fs::remove_file(lines)?;
    fs::remove_file(parquet)?;
    Ok(used)
}
