//! `questlog analyze`.

use std::process::ExitCode;

/// Options of `questlog analyze`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  questlog analyze")]
pub(crate) struct Args {}

pub(crate) fn run(_args: Args) -> anyhow::Result<ExitCode> {
    anyhow::bail!("`analyze` is not there yet")
}
