//! `questlog inspect`: what a Parquet file holds, and what of it a query would read.

mod report;
mod text;

use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::process::ExitCode;

use questlog_core::Limits;

use super::query::{self, QueryArgs};
use crate::analyze::{self, Error};
use report::Report;

/// Row groups whose column chunks a table shows; JSON has them all.
const TABLE_ROW_GROUPS_MAX: usize = 10;

/// Options of `questlog inspect`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
        questlog inspect flights.parquet\n  \
        questlog inspect flights.parquet --format json\n  \
        questlog inspect lake/purchases --where \"Host like '%cox%'\"    (what of it would be read)")]
pub(crate) struct Args {
    /// Parquet files, folders or globs
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    query: QueryArgs,
    /// How it is printed [default: table on a terminal, json otherwise]
    #[arg(long, value_name = "FORMAT", value_enum)]
    format: Option<InspectFormat>,
}

/// How a report is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum InspectFormat {
    /// For reading
    Table,
    /// One JSON object with everything
    Json,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let query = if args.query.is_query() {
        args.query.queries()?.pop()
    } else {
        None
    };
    let format = args.format.unwrap_or_else(|| {
        if io::stdout().is_terminal() {
            InspectFormat::Table
        } else {
            InspectFormat::Json
        }
    });
    let limits = Limits::default();
    let sources = query::discover(&args.files, false)?;
    if let Some(query) = &query {
        analyze::check_columns(query, &sources, &limits).map_err(query::usage_or_failure)?;
    }
    let mut reports = Vec::new();
    for source in sources {
        let footer = analyze::footer(&source, &limits)?;
        let reads = match &query {
            Some(query) => {
                Some(analyze::reads(&source, query, &limits).map_err(query::usage_or_failure)?)
            }
            None => None,
        };
        let row_groups_max = match format {
            InspectFormat::Table => TABLE_ROW_GROUPS_MAX,
            InspectFormat::Json => usize::MAX,
        };
        let report = Report::new(&source, &footer, reads, row_groups_max)
            .map_err(|error| Error::Core(error.within(source.name())))?;
        reports.push(report);
    }
    let printed = match format {
        InspectFormat::Table => reports
            .iter()
            .map(text::table)
            .collect::<Vec<_>>()
            .join("\n"),
        InspectFormat::Json => {
            serde_json::to_string(&serde_json::json!({ "files": reports }))? + "\n"
        }
    };
    query::print(&printed)?;
    Ok(ExitCode::SUCCESS)
}
