//! Where our time goes: the functions that a sampling profiler (`perf`) meets most.

use std::ffi::OsString;

use anyhow::{Context, Result};

use super::who::Who;
use super::{Bench, work::Work};
use crate::shell::{command, output_of, which};

/// Functions with less than this are left out.
const SHARE_MIN_PERCENT: f64 = 2.0;

/// Samples a second; more than a clock's ticks, so that 30 ms have a hundred.
const SAMPLES_PER_S: &str = "4999";

/// Prints the functions of each work that has a profile, or says that there is no profiler.
pub(super) fn print(bench: &Bench, works: &[&Work]) -> Result<()> {
    if which("perf").is_none() {
        println!(
            "\n**Where the time goes** was not looked at: there is no `perf` on this machine."
        );
        return Ok(());
    }
    println!(
        "\n**Where the time goes** with one thread, as `perf` samples it: functions from {SHARE_MIN_PERCENT} % on.\n\n| work | share, function |\n| --- | --- |"
    );
    for work in works.iter().filter(|work| work.in_wasm) {
        println!("| {} | {} |", work.name, shares(bench, work)?.join(", "));
    }
    Ok(())
}

/// "47 % decompress" and so on, the greatest first.
fn shares(bench: &Bench, work: &Work) -> Result<Vec<String>> {
    let samples = bench.meter.output.with_extension("perf");
    let mut record = command("perf");
    record.args([
        "record",
        "--quiet",
        "--event=cpu-clock",
        "-F",
        SAMPLES_PER_S,
        "-o",
    ]);
    record
        .arg(&samples)
        .arg("--")
        .args(Who::Questlog.words(bench, work, 1));
    output_of(&mut record).with_context(|| format!("perf could not look at \"{}\"", work.name))?;
    let words = ["report", "--stdio", "--no-children", "--sort=symbol", "-i"];
    let mut report = words.map(OsString::from).to_vec();
    report.push(samples.clone().into_os_string());
    let printed = output_of(command("perf").args(report)).context("perf could not report")?;
    std::fs::remove_file(&samples)?;
    Ok(printed.lines().filter_map(share).collect())
}

/// One line of the report, if its share is large enough.
fn share(line: &str) -> Option<String> {
    let (percent, symbol) = line.trim().split_once("%  ")?;
    let percent: f64 = percent
        .trim()
        .parse()
        .ok()
        .filter(|percent| *percent >= SHARE_MIN_PERCENT)?;
    // Columns of no interest follow.
    let symbol = symbol.split("   ").find(|part| !part.is_empty())?;
    let symbol = symbol.trim_start_matches("[.]").trim_start_matches("[k]");
    Some(format!("{percent:.0} % `{}`", symbol.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_report_is_a_share_or_nothing() {
        let shown = |line| share(line).unwrap_or_default();
        assert_eq!(
            shown("    47.07%  [.] snap::decompress::Decoder::decompress   -      -  "),
            "47 % `snap::decompress::Decoder::decompress`"
        );
        assert_eq!(shown("     1.99%  [k] clear_page_erms"), "");
        assert_eq!(shown("# Overhead  Symbol"), "");
        assert_eq!(shown(""), "");
    }
}
