//! `questlog generate`.

use std::process::ExitCode;

/// Options of `questlog generate`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  questlog generate")]
pub(crate) struct Args {}

pub(crate) fn run(_args: Args) -> anyhow::Result<ExitCode> {
    anyhow::bail!("`generate` is not there yet")
}
