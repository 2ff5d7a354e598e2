//! `questlog plugin run`: runs an analysis plugin over files.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::{self, ExitCode};
use std::sync::Arc;
use std::time::Duration;

use anyhow::anyhow;
use questlog_core::printable;

use crate::cli::analyze;
use crate::cli::query::{self, OutputFormat, QueryArgs};
use crate::plugins::{AnalysisHost, Error, PluginLimits, RunOptions, Stop};
use crate::units;

/// Options of `questlog plugin run`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The plugin: a WebAssembly component
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Parquet files, folders or globs
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    query: QueryArgs,
    /// How the answer is printed [default: table on a terminal, json otherwise]
    #[arg(long, value_name = "FORMAT", value_enum)]
    format: Option<OutputFormat>,
    /// Leave out files that can't be read, and say which, instead of failing
    #[arg(long)]
    skip_bad: bool,
    /// Threads, each with an instance of its own [default: as many as the machine runs at once]
    #[arg(long, value_name = "N", value_parser = query::threads, allow_negative_numbers = true)]
    threads: Option<NonZeroUsize>,
    /// How long the plugin may work on a query [default: no end, but at most 10 s on each step]
    #[arg(long, value_name = "TIME", value_parser = units::parse_duration)]
    deadline: Option<Duration>,
    /// Memory that the plugin may have
    #[arg(long, value_name = "SIZE", default_value = "1GiB", value_parser = units::parse_bytes)]
    memory_max: usize,
}

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let queries = args.query.queries()?;
    let deadline_ms = args
        .deadline
        .map(|time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX));
    let limits = PluginLimits {
        run_deadline_ms: deadline_ms,
        memory_bytes_max: args.memory_max,
        ..PluginLimits::default()
    };
    let host = AnalysisHost::open_with(&args.file, limits, &or_end())?;
    let sources = query::discover(&args.paths, args.skip_bad)?;
    let format = OutputFormat::or_default(args.format);
    let mut options = RunOptions {
        skip_bad: args.skip_bad,
        ..RunOptions::default()
    };
    if let Some(threads) = args.threads {
        options.threads = threads.get();
    }
    let mut texts = Vec::new();
    for query in queries {
        let answer = host
            .run(query.options(), &sources, &options)
            .and_then(|counted| {
                let text = host.render(query.options(), &counted, format.core())?;
                Ok((text, counted.run))
            });
        match answer {
            Ok((text, run)) => {
                if texts.is_empty() {
                    query::tell_skipped(&run, format);
                }
                texts.push(text);
            }
            Err(Error::Analysis(error)) if !args.query.is_query() => {
                return Err(analyze::explain_missing(error, &sources).into());
            }
            Err(Error::Analysis(error)) => return Err(query::usage_or_failure(error)),
            Err(error) => return Err(told(error)),
        }
    }
    query::print(&query::titled(&texts, format))?;
    Ok(ExitCode::SUCCESS)
}

/// This program has nothing else to do: it ends with a plugin that works too long.
pub(super) fn or_end() -> Stop {
    Stop::Process(Arc::new(|sentence| {
        eprintln!("questlog: {}", printable(sentence));
        process::exit(1);
    }))
}

/// The error, with the option that allows more.
fn told(error: Error) -> anyhow::Error {
    match error {
        Error::Memory(message) => anyhow!("{message}; --memory-max allows it more"),
        Error::Deadline(message) => anyhow!("{message}; --deadline allows it more"),
        error => error.into(),
    }
}
