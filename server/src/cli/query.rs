//! The words of a query on the command line, and how answers are printed.

use std::io::{self, IsTerminal, Write};
use std::num::NonZeroUsize;
use std::path::PathBuf;

use anyhow::Context;
use questlog_core::{Format, Limits, Query, QueryOptions, Run, printable};

use super::Usage;
use crate::analyze::{self, Source};

/// The options that make a query; the same words as in HTTP and in the page.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Query")]
pub(crate) struct QueryArgs {
    /// What makes a group, comma separated: a column, provider(COL), or minute|hour|day|week|month(COL)
    #[arg(long, value_name = "KEYS")]
    group_by: Vec<String>,
    /// What is measured, comma separated: count, or count|sum|min|max|mean|distinct(COL) [default: count]
    #[arg(long, value_name = "MEASURES")]
    measure: Vec<String>,
    /// Which rows count: = != < <= > >= like … escape, in, is null, and, or, not, ( )
    #[arg(long = "where", value_name = "CONDITION", allow_hyphen_values = true)]
    filter: Option<String>,
    /// The order of the rows, as in count:desc [default: the first measure, descending]
    #[arg(long, value_name = "ORDER")]
    order_by: Vec<String>,
    /// How many rows the answer has at most
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    limit: Option<u64>,
    /// The providers to look for, in this order, comma separated
    #[arg(long, value_name = "NAMES")]
    providers: Vec<String>,
    /// How a provider is looked for: contains (anywhere in the text) or domain (whole labels) [default: contains]
    #[arg(long = "match", value_name = "RULE")]
    match_rule: Option<String>,
}

impl QueryArgs {
    /// The words, not looked at yet. An option that was given twice means both.
    pub(crate) fn options(&self) -> QueryOptions {
        let joined = |words: &[String]| (!words.is_empty()).then(|| words.join(","));
        QueryOptions {
            group_by: joined(&self.group_by),
            measure: joined(&self.measure),
            filter: self.filter.clone(),
            order_by: joined(&self.order_by),
            limit: self.limit,
            providers: joined(&self.providers),
            match_rule: self.match_rule.clone(),
        }
    }

    /// The queries to answer: the one that was put, or the two questions.
    pub(crate) fn queries(&self) -> anyhow::Result<Vec<Query>> {
        let (options, limits) = (self.options(), Limits::default());
        let queries = if self.is_query() {
            vec![Query::new(&options, &limits)]
        } else {
            vec![
                Query::popular_events(&options, &limits),
                Query::providers(&options, &limits),
            ]
        };
        let checked = queries.into_iter().collect::<Result<Vec<_>, _>>();
        checked.map_err(|error| usage_or_failure(error.into()))
    }

    /// Whether a query was put. How providers are found and how many rows are wanted also fits the two questions.
    pub(crate) fn is_query(&self) -> bool {
        let options = self.options();
        options.group_by.is_some()
            || options.measure.is_some()
            || options.filter.is_some()
            || options.order_by.is_some()
    }
}

/// How the answer is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum OutputFormat {
    /// Aligned columns
    Table,
    /// One JSON object
    Json,
    /// Comma separated values
    Csv,
    /// A Markdown table
    Markdown,
}

impl OutputFormat {
    /// What was asked for, or a table on a terminal and JSON otherwise.
    pub(crate) fn or_default(given: Option<Self>) -> Self {
        given.unwrap_or_else(|| {
            if io::stdout().is_terminal() {
                Self::Table
            } else {
                Self::Json
            }
        })
    }

    pub(crate) fn core(self) -> Format {
        match self {
            Self::Table => Format::Table,
            Self::Json => Format::Json,
            Self::Csv => Format::Csv,
            Self::Markdown => Format::Markdown,
        }
    }
}

/// One answer as it is, or the two questions' with their names.
pub(crate) fn titled(answers: &[String], format: OutputFormat) -> String {
    let [popular, providers] = answers else {
        return answers.concat();
    };
    match format {
        OutputFormat::Json => format!(
            "{{\"popular_events\":{},\"providers\":{}}}\n",
            popular.trim_end(),
            providers.trim_end()
        ),
        OutputFormat::Csv => format!("{popular}\n{providers}"),
        OutputFormat::Table => format!("Popular events\n\n{popular}\nProviders\n\n{providers}"),
        OutputFormat::Markdown => {
            format!("## Popular events\n\n{popular}\n## Providers\n\n{providers}")
        }
    }
}

/// Tells of files that were left out, where the answer itself has no place for that.
pub(crate) fn tell_skipped(run: &Run, format: OutputFormat) {
    if format != OutputFormat::Json {
        for skipped in &run.skipped {
            let said = format!("left out {}: {}", skipped.file, skipped.reason);
            eprintln!("questlog: {}", printable(&said));
        }
    }
}

/// Writes a whole answer at once, so that nobody ever sees half of one.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .context("the answer can't be written")
}

/// How many threads shall work.
pub(crate) fn threads(text: &str) -> Result<NonZeroUsize, String> {
    text.parse()
        .map_err(|_| "it must be a whole number, at least 1".to_owned())
}

/// The files that `paths` mean; with `skip_bad` also those that can't be read, to be told of as left out.
pub(crate) fn discover(paths: &[PathBuf], skip_bad: bool) -> anyhow::Result<Vec<Source>> {
    let found = if skip_bad {
        analyze::discover_with_bad(paths)
    } else {
        analyze::discover(paths)
    };
    Ok(found?)
}

/// An error in the query's words is wrong usage; anything else went wrong while answering.
pub(crate) fn usage_or_failure(error: analyze::Error) -> anyhow::Error {
    if error.is_query() {
        Usage::new(error.to_string()).into()
    } else {
        error.into()
    }
}
