//! `questlog serve`.

use std::process::ExitCode;

/// Options of `questlog serve`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  questlog serve")]
pub(crate) struct Args {}

pub(crate) fn run(_args: Args) -> anyhow::Result<ExitCode> {
    anyhow::bail!("`serve` is not there yet")
}
