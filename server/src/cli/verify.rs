//! `questlog verify`.

use std::process::ExitCode;

/// Options of `questlog verify`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  questlog verify")]
pub(crate) struct Args {}

pub(crate) fn run(_args: Args) -> anyhow::Result<ExitCode> {
    anyhow::bail!("`verify` is not there yet")
}
