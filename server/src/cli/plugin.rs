//! `questlog plugin`.

use std::process::ExitCode;

/// Options of `questlog plugin`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  questlog plugin")]
pub(crate) struct Args {}

pub(crate) fn run(_args: Args) -> anyhow::Result<ExitCode> {
    anyhow::bail!("`plugin` is not there yet")
}
