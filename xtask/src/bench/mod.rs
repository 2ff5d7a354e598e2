//! Benchmarks state a question and answer it with a ratio; they run by hand, not in CI.

mod analyze;
mod data;
mod ingest;
mod options;
mod page;
mod plugin;

use anyhow::{Result, bail};

use crate::place::Place;

/// Runs one benchmark.
pub(crate) fn run(place: &Place, name: &str, options: &[&str]) -> Result<()> {
    match (name, options) {
        ("analyze", options) => analyze::run(place, options),
        ("page", options) => page::run_all(place, options),
        ("plugin", options) => plugin::run(place, options),
        ("ingest", options) => ingest::run(place, options),
        _ => bail!("`{name}` is no benchmark; there are: analyze, ingest, page, plugin"),
    }
}
