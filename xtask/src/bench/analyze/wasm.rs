//! The browser module in one thread of Node against the native program with one thread.

use anyhow::{Context, Result, ensure};

use super::Bench;
use super::answer::Rows;
use super::compare::Compared;
use super::intro::Starts;
use super::measure::median;
use super::table::seconds;
use super::work::Work;
use crate::shell::{command, output_of};

/// The part of native speed that is to be reached.
const PART_MIN: f64 = 0.7;

/// The names of the columns.
const HEAD: &str = "\
| work | native CPU s, less its start | wasm CPU s | wasm's first run | wasm's part of native speed | to reach | met |
| --- | ---: | ---: | ---: | ---: | ---: | --- |";

/// Prints a row for each compared work that is measured in the module too.
pub(super) fn print(bench: &Bench, compared: &[Compared], starts: &Starts) -> Result<()> {
    let rows = compared.iter().filter_map(|compared| {
        let row = compared.rows.first().filter(|row| row.work.in_wasm)?;
        Some((row, &compared.answer))
    });
    let mut is_first = true;
    for (compared, answer) in rows {
        if std::mem::take(&mut is_first) {
            println!(
                "\n**In the browser module**, one thread of Node: CPU s of a scan in a process that has compiled the module already, reading included.\n\n{HEAD}"
            );
        }
        let native_cpu_s = compared.ours.cpu_s - starts.ours_cpu_s;
        println!("{}", row(bench, compared.work, native_cpu_s, answer)?);
    }
    Ok(())
}

/// Measures one work and says it as a row; `native_cpu_s` is what the native program took, less its start.
fn row(bench: &Bench, work: &Work, native_cpu_s: f64, expected: &Rows) -> Result<String> {
    let module = bench.place.browser_module_dir();
    ensure!(
        module.join("questlog.js").exists(),
        "the browser module isn't built; `cargo xtask wasm` does it"
    );
    let printed = output_of(
        command("node")
            .arg(bench.script("wasm.mjs"))
            .arg(module)
            .arg(bench.data_of(work))
            .args([
                work.question.group_by,
                work.question.measure,
                work.question.filter,
                &bench.rounds.to_string(),
            ]),
    )
    .with_context(|| format!("the browser module failed at \"{}\"", work.name))?;
    let mut runs: Vec<f64> = printed
        .lines()
        .filter_map(|line| line.strip_prefix("cpu_s ")?.parse().ok())
        .collect();
    ensure!(runs.len() > 1, "the browser module's script timed nothing");
    let answer = printed
        .lines()
        .filter(|line| !line.starts_with("cpu_s "))
        .skip(1);
    expected.check_same(&Rows::of(answer), "its browser module", work.name)?;
    let first = runs.remove(0);
    let wasm_cpu_s = median(runs);
    let part = native_cpu_s / wasm_cpu_s;
    Ok(format!(
        "| {} | {} | {} | {} | {:.0} % | {:.0} % | {} |",
        work.name,
        seconds(native_cpu_s),
        seconds(wasm_cpu_s),
        seconds(first),
        part * 100.0,
        PART_MIN * 100.0,
        if part >= PART_MIN { "yes" } else { "**no**" }
    ))
}
