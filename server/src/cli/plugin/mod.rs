//! `questlog plugin`: makes, packs and looks over plugins, and runs those that analyse.

mod check;
mod compile;
mod list;
mod project;
mod reloads;
mod run;
mod time;

use std::process::ExitCode;

use clap::Subcommand;

/// Options of `questlog plugin`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  questlog plugin new my-matcher --kind matcher
  questlog plugin check questlog-data/plugins/my-matcher.wasm
  questlog plugin list
  questlog plugin run target/wasm/questlog_analysis.wasm questlog-data/lake/purchases")]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Makes a project of a matcher or an enricher, which the ordinary Rust toolchain builds
    #[command(after_help = "Examples:
  questlog plugin new my-matcher --kind matcher
  cd my-matcher && cargo build --release --target wasm32-unknown-unknown
  questlog plugin pack target/wasm32-unknown-unknown/release/my_matcher.wasm --to my-matcher.wasm")]
    New(project::NewArgs),
    /// Makes a component of the module that a compiler makes
    #[command(after_help = "Examples:
  questlog plugin pack target/wasm32-unknown-unknown/release/my_matcher.wasm --to questlog-data/plugins/my-matcher.wasm")]
    Pack(project::PackArgs),
    /// Says what a plugin is, or why it is none; tries it with the TOML file beside it, if there is one
    #[command(after_help = "Examples:
  questlog plugin check target/wasm/questlog_analysis.wasm
  questlog plugin check questlog-data/plugins/my-matcher.wasm")]
    Check(check::Args),
    /// Compiles a plugin for the process that has started this one
    #[command(hide = true)]
    Compile(compile::Args),
    /// Lists the matchers and enrichers of a data folder, as a server would load them
    #[command(after_help = "Examples:
  questlog plugin list
  questlog plugin list --data /var/lib/questlog --format json")]
    List(Box<list::Args>),
    /// Measures what a matcher or an enricher costs, beside what is built in
    #[command(after_help = "Examples:
  questlog plugin time questlog-data/plugins/my-matcher.wasm
  questlog plugin time my-matcher.wasm --rows 1000000 --distinct 1000000
  questlog plugin time my-matcher.wasm --reloads 10000")]
    Time(time::Args),
    /// Runs an analysis plugin over Parquet files, within a deadline and a memory limit
    #[command(after_help = "Examples:
  questlog plugin run target/wasm/questlog_analysis.wasm flights.parquet --group-by origin --format table
  questlog plugin run other.wasm lake --deadline 10s --memory-max 256MiB")]
    Run(Box<run::Args>),
}

pub(crate) fn run(args: Args) -> anyhow::Result<ExitCode> {
    match args.command {
        Command::New(args) => project::new(&args),
        Command::Pack(args) => project::pack(&args),
        Command::Check(args) => check::check(&args),
        Command::Compile(args) => compile::compile(&args),
        Command::List(args) => list::list(*args),
        Command::Time(args) => time::time(&args),
        Command::Run(args) => run::run(&args),
    }
}
