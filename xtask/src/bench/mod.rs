//! Benchmarks state a question and answer it with a ratio; they run by hand, not in CI.

mod analyze;
mod ingest;

use anyhow::{Result, bail};

use crate::place::Place;

/// Runs one benchmark.
pub(crate) fn run(place: &Place, name: &str) -> Result<()> {
    match name {
        "analyze" => analyze::run(place),
        "ingest" => ingest::run(place),
        _ => bail!("`{name}` is no benchmark; there are: analyze, ingest"),
    }
}

/// The middle one, which a hiccup of the machine doesn't move.
fn median(mut milliseconds: Vec<f64>) -> f64 {
    milliseconds.sort_by(f64::total_cmp);
    milliseconds
        .get(milliseconds.len() / 2)
        .copied()
        .unwrap_or(f64::NAN)
}
