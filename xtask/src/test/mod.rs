//! Every test there is, part by part: what CI runs, and what a developer runs before and after a change.

mod interface;
mod parts;
mod plugin_project;
mod tidy;

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::place::Place;
use crate::setup::{self, Had};
use parts::PARTS;

/// One part of the run.
struct Part {
    /// Its name on the command line.
    name: &'static str,
    /// What it shows.
    about: &'static str,
    /// The parts of the set-up without which it can't run.
    needs: &'static [&'static str],
    work: fn(&Place) -> Result<()>,
}

/// How a part ended.
struct Outcome {
    part: &'static Part,
    elapsed: Duration,
    problem: Option<String>,
}

/// Runs the named parts, or all of them, and answers whether all passed.
///
/// A part that fails doesn't keep the next ones from running.
pub(crate) fn run(place: &Place, names: &[&str]) -> Result<bool> {
    for name in names {
        if !PARTS.iter().any(|part| part.name == *name) {
            bail!(
                "`{name}` is no part of the tests; the parts are:\n{}",
                listing()
            );
        }
    }
    let wanted: Vec<&'static Part> = PARTS
        .iter()
        .filter(|part| names.is_empty() || names.contains(&part.name))
        .collect();
    let start = Instant::now();
    let needs: Vec<&str> = wanted.iter().flat_map(|part| part.needs).copied().collect();
    let had = setup::bring(place, &needs);
    let set_up = start.elapsed();

    let outcomes: Vec<Outcome> = wanted
        .into_iter()
        .map(|part| run_part(place, part, &had))
        .collect();
    report(&outcomes, set_up, start.elapsed());
    let failed = outcomes
        .iter()
        .filter(|outcome| outcome.problem.is_some())
        .count();
    if failed > 0 {
        println!("One part alone: `cargo xtask test PART`.");
    }
    println!("{} passed, {failed} failed", outcomes.len() - failed);
    Ok(failed == 0)
}

fn run_part(place: &Place, part: &'static Part, had: &Had) -> Outcome {
    println!("\n── {}: {}", part.name, part.about);
    let start = Instant::now();
    let lacking: Vec<String> = part
        .needs
        .iter()
        .filter_map(|need| match had.get(need) {
            Some(Err(problem)) => Some(format!("it needs {need}: {problem:#}")),
            _ => None,
        })
        .collect();
    let problem = if lacking.is_empty() {
        (part.work)(place).err().map(|error| format!("{error:#}"))
    } else {
        Some(lacking.join("; "))
    };
    if let Some(problem) = &problem {
        println!("── {} failed: {problem}", part.name);
    }
    Outcome {
        part,
        elapsed: start.elapsed(),
        problem,
    }
}

fn report(outcomes: &[Outcome], set_up: Duration, whole: Duration) {
    println!("\n  {:<16} {:>8}", "part", "seconds");
    println!("  {:<16} {:>8.1}", "(set-up)", set_up.as_secs_f64());
    for outcome in outcomes {
        let end = if outcome.problem.is_some() {
            "FAILED"
        } else {
            "ok"
        };
        println!(
            "  {:<16} {:>8.1}  {end}",
            outcome.part.name,
            outcome.elapsed.as_secs_f64()
        );
    }
    println!("  {:<16} {:>8.1}\n", "(all)", whole.as_secs_f64());
    for outcome in outcomes {
        if let Some(problem) = &outcome.problem {
            println!("{}: {problem}\n", outcome.part.name);
        }
    }
}

/// The parts, a line each.
fn listing() -> String {
    PARTS
        .iter()
        .map(|part| format!("  {:<16} {}", part.name, part.about))
        .collect::<Vec<_>>()
        .join("\n")
}
