//! `questlog tail`.

use std::process::ExitCode;

/// Options of `questlog tail`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  questlog tail")]
pub(crate) struct Args {}

pub(crate) fn run(_args: Args) -> anyhow::Result<ExitCode> {
    anyhow::bail!("`tail` is not there yet")
}
