//! `questlog plugin compile`: what the program starts itself as to compile plugins, see `plugins::Compiler`.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::cli::query;
use crate::plugins;

/// Options of `questlog plugin compile`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The folder of compiled code
    folder: PathBuf,
    /// Seconds of the processor's time that it may take
    seconds_max: u64,
    /// Memory that it may take, in bytes
    memory_bytes_max: u64,
}

pub(super) fn compile(args: &Args) -> anyhow::Result<ExitCode> {
    match plugins::compile_within(&args.folder, args.seconds_max, args.memory_bytes_max) {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(reason) => {
            query::print(&format!("{reason}\n"))?;
            Ok(ExitCode::FAILURE)
        }
    }
}
