//! `questlog verify`: a recount from the files alone.

use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

use crate::config::{Config, Settings};
use crate::landing::Books;

/// Options of `questlog verify`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  questlog verify
  questlog verify --data /var/lib/questlog
  questlog verify --format json && echo 'every event is there, once'

It reads every log segment and every lake file, changes nothing, and may run beside a server.
Exit code 1 says that something is missing, doubled or damaged; each case is a line on stderr.")]
pub(crate) struct Args {
    /// How the sums are printed [default: table on a terminal, json otherwise]
    #[arg(long, value_enum)]
    format: Option<Format>,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Table,
    Json,
}

pub(crate) fn run(args: Args) -> anyhow::Result<ExitCode> {
    let config = Config::resolve(args.settings)?;
    if !config.log_dir.is_dir() {
        anyhow::bail!(
            "{}: there is no log; has a server run with this --data folder?",
            config.log_dir.display()
        );
    }
    let quarantine = config.data_dir.join("quarantine");
    let books = Books::count(
        &config.log_dir,
        &config.lake_dir,
        &quarantine,
        &config.headers,
    )?;
    let mut out = io::stdout().lock();
    match args.format {
        Some(Format::Table) => out.write_all(table(&books).as_bytes())?,
        None if out.is_terminal() => out.write_all(table(&books).as_bytes())?,
        _ => writeln!(out, "{}", json(&books))?,
    }
    for problem in &books.problems {
        eprintln!("questlog: {}", questlog_core::printable(problem));
    }
    Ok(if books.balance() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn json(books: &Books) -> serde_json::Value {
    let mut json = serde_json::to_value(books).unwrap_or_default();
    json["balance"] = books.balance().into();
    json
}

fn table(books: &Books) -> String {
    let sums = [
        ("received", books.received, "events that came in"),
        ("accepted", books.accepted, "records the log has had"),
        (
            "duplicate",
            books.duplicate,
            "events that had been taken before",
        ),
        (
            "rejected",
            books.rejected,
            "events that could not be taken; the quarantine has them",
        ),
        (
            "replayed",
            books.replayed,
            "of the rejected once, those that were taken later",
        ),
        ("in the lake", books.in_lake, "events in its files"),
        ("in the log", books.in_log, "records that have not landed"),
        (
            "in the quarantine",
            books.in_quarantine,
            "records that were no events",
        ),
        ("dropped", books.dropped, "events of days that are not kept"),
        ("files", books.files, "of the lake, each as it landed"),
        ("bytes", books.bytes, "of these files"),
        (
            "still in the log",
            books.still_in_log,
            "records that have landed",
        ),
    ];
    let mut out = String::new();
    for (name, count, what) in sums {
        out.push_str(&format!("{name:<18} {count:>16}   {what}\n"));
    }
    let compared = if books.doubles_searched {
        "each event is there once"
    } else {
        "counts only, too many events to compare"
    };
    out.push_str(&match books.problems.len() {
        0 => format!("The books balance: received = accepted + duplicate + rejected; accepted = in the lake + in the log + in the quarantine + dropped; {compared}.\n"),
        1 => "The books do not balance: 1 problem.\n".to_owned(),
        count => format!("The books do not balance: {count} problems.\n"),
    });
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sums_can_be_read_by_people_and_programs() {
        let books = Books {
            accepted: 5,
            in_lake: 4,
            in_log: 1,
            doubles_searched: true,
            ..Books::default()
        };
        assert!(
            table(&books)
                .contains("\naccepted                          5   records the log has had\n")
        );
        assert!(table(&books).ends_with("each event is there once.\n"));
        assert_eq!(
            (
                json(&books)["in_lake"].as_u64(),
                json(&books)["balance"].as_bool()
            ),
            (Some(4), Some(true))
        );
    }
}
