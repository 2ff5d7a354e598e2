//! The command line: one file a subcommand.
//!
//! Results go to stdout, everything else to stderr. Exit codes: 0 done, 1 failed, 2 wrong usage.

mod analyze;
mod config;
mod generate;
mod inspect;
mod key;
mod land;
mod plugin;
mod progress;
mod query;
mod serve;
mod tail;
mod verify;

use std::fmt;
use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use questlog_core::printable;

/// The words a user can type.
#[derive(Debug, Parser)]
#[command(
    name = "questlog",
    version,
    about,
    propagate_version = true,
    arg_required_else_help = true,
    max_term_width = 110
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// The server: takes events, lands them, answers queries, serves the page
    Serve(serve::Args),
    /// Answers both questions, or any query, over Parquet files, folders and globs
    Analyze(analyze::Args),
    /// What a Parquet file holds, and what of it a query would read
    Inspect(inspect::Args),
    /// Plays players against a server and prints what was acknowledged, latency quantiles and events/s
    Generate(generate::Args),
    /// Lands everything in the log that is not in the lake yet (the daily job)
    Land(land::Args),
    /// Prints logged events as JSON lines
    Tail(tail::Args),
    /// Recounts from the files alone whether every event that was taken is still there, once
    Verify(verify::Args),
    /// Prints every option, its value and where that comes from
    Config(config::Args),
    /// Makes a key for clients of a server that is not open to all
    Key(key::Args),
    /// Makes, packs and looks over plugins, and runs those that analyse
    Plugin(plugin::Args),
}

/// The exit code of a program that Ctrl-C ended, as shells have it.
const INTERRUPTED: u8 = 130;

/// Parses the command line, runs the subcommand and turns what happened into an exit code.
pub fn main() -> ExitCode {
    let parsed = Cli::command()
        .try_get_matches()
        .and_then(|matches| Ok((Cli::from_arg_matches(&matches)?, matches)));
    let (cli, matches) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => error.exit(),
    };
    let result = match cli.command {
        Command::Serve(args) => serve::run(args),
        Command::Analyze(args) => analyze::run(&args),
        Command::Inspect(args) => inspect::run(&args),
        Command::Generate(args) => generate::run(&args),
        Command::Land(args) => land::run(args),
        Command::Tail(args) => tail::run(args),
        Command::Verify(args) => verify::run(args),
        Command::Config(args) => match matches.subcommand_matches("config") {
            Some(matches) => config::run(args, matches),
            None => Ok(ExitCode::FAILURE),
        },
        Command::Key(args) => key::run(args),
        Command::Plugin(args) => plugin::run(args),
    };
    match result {
        Ok(code) => code,
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            // The alternate form joins an error and its causes with `: `, so that a reader gets one sentence.
            eprintln!("questlog: {}", printable(&format!("{error:#}")));
            ExitCode::from(if error.is::<Usage>() { 2 } else { 1 })
        }
    }
}

/// The reader of our stdout has gone (`questlog tail | head`): nothing went wrong.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<std::io::Error>()
        .is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

/// An error in what the user asked for, as opposed to one met while doing it: exit code 2.
#[derive(Debug)]
pub struct Usage(String);

impl Usage {
    /// A usage error that says `message`, one sentence without a full stop.
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_subcommand_shows_examples() {
        for command in Cli::command().get_subcommands() {
            let help = command
                .get_after_help()
                .map(ToString::to_string)
                .unwrap_or_default();
            assert!(
                help.contains("Examples:") && help.contains("questlog "),
                "`{}` has no examples",
                command.get_name()
            );
        }
    }
}
