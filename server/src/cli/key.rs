//! `questlog key`: makes keys for the clients of a server.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::keys::{self, Entry, Scope};

/// Options of `questlog key`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  questlog key new --name game --scopes write --keys keys.toml")]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Makes a key, prints it once, and adds its digest to the file of keys
    #[command(after_help = "Examples:
  questlog key new --name game --scopes write --keys keys.toml
  questlog key new --name grafana --scopes read --keys keys.toml
  questlog key new --name browser --scopes write --events-per-second 100 --bytes-per-second 100000 --keys keys.toml

The key itself is nowhere but in this command's output. A running server notices the change of the file by itself.")]
    New(New),
}

/// Options of `questlog key new`.
#[derive(Debug, clap::Args)]
struct New {
    /// What people call it; it stands in the server's log, the key never does
    #[arg(long)]
    name: String,
    /// What it opens: write (sending events), read (queries, lake, tail, page, metrics), admin (all, and the quarantine)
    #[arg(long, value_enum, value_delimiter = ',', required = true)]
    scopes: Vec<Scope>,
    /// Events it may send in a second, over a while [default: no limit]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    events_per_second: Option<u64>,
    /// Bytes of bodies it may send in a second, over a while [default: no limit]
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u64).range(1..))]
    bytes_per_second: Option<u64>,
    /// File that the entry is added to; without it the entry is printed too
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
}

pub(crate) fn run(args: Args) -> anyhow::Result<ExitCode> {
    let Command::New(new) = args.command;
    let (key, sha256) = keys::make_key()?;
    let entry = Entry {
        name: new.name,
        sha256,
        scopes: new.scopes,
        events_per_second: new.events_per_second,
        bytes_per_second: new.bytes_per_second,
    };
    match new.keys {
        Some(path) => {
            keys::add_key(&path, &entry)?;
            eprintln!(
                "questlog: {} has its digest; the key is shown only now:",
                path.display()
            );
        }
        None => eprintln!(
            "questlog: the key is shown only now; for the file of keys:\n\n{}",
            entry.to_toml()
        ),
    }
    println!("{key}");
    Ok(ExitCode::SUCCESS)
}
