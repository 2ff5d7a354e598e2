//! `questlog analyze`: both questions, or any query, over Parquet files.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use questlog_core::{Answer, ErrorKind, Limits, Query, Run, Type};

use super::query::{self, OutputFormat, QueryArgs};
use super::{INTERRUPTED, progress};
use crate::analyze::{self, Analysis, Error, Source};

/// Columns that a sentence lists at most.
const COLUMNS_TOLD_MAX: usize = 20;

/// Options of `questlog analyze`.
#[derive(Debug, clap::Args)]
#[command(
    about = "Answers both questions, or any query, over Parquet files, folders and globs",
    long_about = "Answers both questions, or any query, over Parquet files, folders and globs.\n\n\
        Without a query it tells which events happen most, and which providers users come from.\n\
        Several files are one table; `key=value` folders become columns.",
    after_help = "Examples:\n  \
        questlog analyze questlog-data/lake/purchases\n  \
        questlog analyze 'exports/*.parquet' --match domain\n  \
        questlog analyze flights.parquet --group-by origin --limit 10\n  \
        questlog analyze lake --group-by 'day(timestamp)' --measure 'count,distinct(id)' --order-by day\n  \
        questlog analyze lake --group-by item --where \"event_type = 'knife purchased' and Host like '%cox%'\""
)]
pub(crate) struct Args {
    /// Parquet files, folders or globs
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    query: QueryArgs,
    /// How the answer is printed [default: table on a terminal, json otherwise]
    #[arg(long, value_name = "FORMAT", value_enum)]
    format: Option<OutputFormat>,
    /// Threads to work with [default: as many as the machine runs at once]
    #[arg(long, value_name = "N", value_parser = query::threads, allow_negative_numbers = true)]
    threads: Option<NonZeroUsize>,
    /// Leave out files that can't be read, and say which, instead of failing
    #[arg(long)]
    skip_bad: bool,
    /// No progress line, also on a terminal
    #[arg(long)]
    no_progress: bool,
    /// Print the query as SQL for DuckDB instead of answering it, to check the answer there
    #[arg(long, conflicts_with_all = ["format", "threads", "skip_bad"])]
    sql: bool,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    // The words are checked before any file is looked for.
    let queries = args.query.queries()?;
    let sources = query::discover(&args.paths, args.skip_bad)?;
    if args.sql {
        query::print(&sql(&queries, &sources)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let format = OutputFormat::or_default(args.format);
    let cancel = Arc::new(AtomicBool::new(false));
    // Also where nobody sees progress: an answer that is being written is never cut in half.
    progress::cancel_on_interrupt(Arc::clone(&cancel));
    let (answers, run) = match answer(args, queries, &sources, &cancel) {
        Ok(answered) => answered,
        Err(Error::Cancelled) => return Ok(ExitCode::from(INTERRUPTED)),
        Err(error) if !args.query.is_query() => {
            return Err(explain_missing(error, &sources).into());
        }
        Err(error) => return Err(query::usage_or_failure(error)),
    };
    query::tell_skipped(&run, format);
    let rendered = answers
        .iter()
        .map(|answer| answer.render(format.core(), &run));
    let texts: Vec<String> = rendered.collect();
    query::print(&query::titled(&texts, format))?;
    Ok(ExitCode::SUCCESS)
}

/// The queries for DuckDB; the first file says which names are paths into a struct.
fn sql(queries: &[Query], sources: &[Source]) -> anyhow::Result<String> {
    let paths: Vec<&str> = sources.iter().map(Source::name).collect();
    let footer = match sources.first() {
        Some(source) => Some(analyze::footer(source, &Limits::default())?),
        None => None,
    };
    let leaves = footer.iter().flat_map(|footer| &footer.schema().leaves);
    let members: Vec<&str> = leaves
        .filter(|leaf| !leaf.top_level)
        .map(|leaf| leaf.name.as_str())
        .collect();
    let statements = queries
        .iter()
        .map(|query| query.to_duckdb(&paths, &members) + "\n");
    Ok(statements.collect::<Vec<_>>().join("\n"))
}

/// Answers one query, or the two questions: the first of them is made of the second one's groups.
fn answer(
    args: &Args,
    mut queries: Vec<Query>,
    sources: &[Source],
    cancel: &Arc<AtomicBool>,
) -> Result<(Vec<Answer>, Run), Error> {
    let Some(finest) = queries.pop() else {
        return Ok((Vec::new(), Run::default()));
    };
    let mut analysis = Analysis::new(finest, sources.to_vec());
    analysis.skip_bad = args.skip_bad;
    analysis.cancel = Arc::clone(cancel);
    if let Some(threads) = args.threads {
        analysis.threads = threads.get();
    }
    let line = progress::Line::new(!args.no_progress);
    if let Some(line) = &line {
        analysis.on_progress = Some(line.teller());
    }
    match queries.first() {
        Some(coarser) => analyze::run_with_coarser(&analysis, coarser)
            .map(|(answers, run)| (answers.into(), run)),
        None => analyze::run(&analysis).map(|(answer, run)| (vec![answer], run)),
    }
}

/// If the first file lacks what the two questions ask for: what it has instead, and a query to try.
pub(super) fn explain_missing(error: Error, sources: &[Source]) -> Error {
    let is_column = matches!(&error, Error::Core(error) if error.kind() == ErrorKind::Column);
    let (true, Some(source)) = (is_column, sources.first()) else {
        return error;
    };
    let Ok(footer) = analyze::footer(source, &Limits::default()) else {
        return error;
    };
    let from_folders = source.partition().iter().map(|(name, _)| name.as_str());
    let leaves: Vec<_> = footer
        .schema()
        .leaves
        .iter()
        .filter(|leaf| leaf.max_rep == 0)
        .collect();
    let text = leaves
        .iter()
        .find(|leaf| leaf.ty == Type::Text)
        .map(|leaf| leaf.name.as_str());
    let columns: Vec<&str> = leaves
        .iter()
        .map(|leaf| leaf.name.as_str())
        .chain(from_folders)
        .collect();
    let missing: Vec<&str> = ["event_type", "Host"]
        .into_iter()
        .filter(|name| !columns.contains(name))
        .collect();
    if missing.is_empty() {
        return error;
    }
    Error::Core(questlog_core::Error::new(
        ErrorKind::Column,
        missing_sentence(source.name(), &missing, &columns, text),
    ))
}

/// `text` is a column of text, which makes the better groups.
fn missing_sentence(file: &str, missing: &[&str], columns: &[&str], text: Option<&str>) -> String {
    let missing = missing.join(" and no ");
    let event_type = columns.iter().copied().find(|name| *name == "event_type");
    let Some(try_column) = event_type.or(text).or(columns.first().copied()) else {
        return format!(
            "{file} has no {missing}, which the two questions ask for; it has no column that can be grouped"
        );
    };
    let told = columns
        .iter()
        .take(COLUMNS_TOLD_MAX)
        .copied()
        .collect::<Vec<_>>()
        .join(", ");
    let more = match columns.len().saturating_sub(COLUMNS_TOLD_MAX) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!(
        "{file} has no {missing}, which the two questions ask for; it has {told}{more}; try: questlog analyze {} --group-by {}",
        shell_word(file),
        shell_word(&column_word(try_column))
    )
}

/// A column's name as a query takes it.
fn column_word(name: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-');
    if !name.is_empty() && name.chars().all(plain) {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('"', "\"\""))
    }
}

/// A word as a shell takes it.
fn shell_word(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_.-/=,:+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_something_else_gets_a_query_to_try() {
        assert_eq!(
            missing_sentence(
                "my flights.parquet",
                &["event_type", "Host"],
                &["date", "origin"],
                Some("origin")
            ),
            "my flights.parquet has no event_type and no Host, which the two questions ask for; it has date, origin; \
             try: questlog analyze 'my flights.parquet' --group-by origin"
        );
        let sentence = missing_sentence("x", &["Host"], &["a b", "event_type"], Some("a b"));
        assert!(
            sentence.ends_with("try: questlog analyze x --group-by event_type"),
            "{sentence}"
        );
        let many = vec!["say \"hi\""; 25];
        let sentence = missing_sentence("x", &["Host"], &many, None);
        assert!(
            sentence.contains(" and 5 more; ") && sentence.ends_with(r#"'"say ""hi"""'"#),
            "{sentence}"
        );
    }
}
