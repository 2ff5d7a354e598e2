//! `questlog inspect`.

use std::process::ExitCode;

/// Options of `questlog inspect`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  questlog inspect")]
pub(crate) struct Args {}

pub(crate) fn run(_args: Args) -> anyhow::Result<ExitCode> {
    anyhow::bail!("`inspect` is not there yet")
}
