//! `questlog land`.

use std::process::ExitCode;

/// Options of `questlog land`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  questlog land")]
pub(crate) struct Args {}

pub(crate) fn run(_args: Args) -> anyhow::Result<ExitCode> {
    anyhow::bail!("`land` is not there yet")
}
