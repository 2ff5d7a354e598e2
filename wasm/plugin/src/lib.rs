//! The core as a WebAssembly component that imports nothing: `wit/analysis.wit` is its interface.
//!
//! A thin skin: it converts, calls the core, and converts back. One instance works on one query.

mod bindings;
mod session;

use std::cell::RefCell;

use questlog_core::{Error, ErrorKind, Format, QueryOptions, Run, Skipped, Step};

use bindings::exports::questlog::analysis::task;
use session::Session;

thread_local! {
    static SESSION: RefCell<Option<Session>> = const { RefCell::new(None) };
}

/// What the component exports.
pub(crate) struct Component;

impl task::Guest for Component {
    fn version() -> String {
        env!("CARGO_PKG_VERSION").to_owned()
    }

    fn open(query: String) -> Result<(), task::Error> {
        SESSION.set(None);
        let options: QueryOptions = serde_json::from_str(&query).map_err(|error| {
            Error::new(
                ErrorKind::Query,
                format!("the query is no JSON object of query options: {error}"),
            )
        })?;
        SESSION.set(Some(Session::new(&options)?));
        Ok(())
    }

    fn columns() -> Result<Vec<String>, task::Error> {
        with_session(|session| Ok(session.columns()))
    }

    fn begin_file(file: task::File) -> Result<(), task::Error> {
        with_session(|session| {
            let window = file.row_groups.map(|window| window.first..window.end);
            session.begin_file(file.name, file.size_bytes, file.partition, window)
        })
    }

    fn feed(chunks: Vec<task::Chunk>) -> Result<(), task::Error> {
        with_session(|session| {
            chunks
                .into_iter()
                .try_for_each(|chunk| session.feed(chunk.start, chunk.data))
        })
    }

    fn advance(rows_max: u32) -> Result<task::Step, task::Error> {
        with_session(|session| session.advance(rows_max)).map(|step| match step {
            Step::Need(ranges) => task::Step::Need(
                ranges
                    .into_iter()
                    .map(|range| task::ByteRange {
                        start: range.start,
                        end: range.end,
                    })
                    .collect(),
            ),
            Step::More => task::Step::More,
            Step::Done => task::Step::Done,
        })
    }

    fn progress() -> task::FileProgress {
        let progress = SESSION
            .with_borrow(|session| session.as_ref().map(Session::progress))
            .unwrap_or_default();
        task::FileProgress {
            rows_done: progress.rows_done,
            rows_total: progress.rows_total,
            bytes_read: progress.bytes_read,
            row_groups_done: u32::try_from(progress.row_groups_done).unwrap_or(u32::MAX),
            row_groups_total: u32::try_from(progress.row_groups_total).unwrap_or(u32::MAX),
        }
    }

    fn partial() -> Result<Vec<u8>, task::Error> {
        with_session(|session| Ok(session.take_partial()))
    }

    fn merge(partials: Vec<Vec<u8>>) -> Result<Vec<u8>, task::Error> {
        with_session(|session| session.merge(&partials))
    }

    fn render(
        partial: Vec<u8>,
        format: task::Format,
        run: task::Run,
    ) -> Result<String, task::Error> {
        let format = match format {
            task::Format::Table => Format::Table,
            task::Format::Json => Format::Json,
            task::Format::Csv => Format::Csv,
            task::Format::Markdown => Format::Markdown,
        };
        let skipped = run.skipped.into_iter().map(|file| Skipped {
            file: file.file,
            reason: file.reason,
        });
        let run = Run {
            elapsed_ms: run.elapsed_ms,
            skipped: skipped.collect(),
        };
        with_session(|session| session.render(&partial, format, &run))
    }
}

fn with_session<T>(work: impl FnOnce(&mut Session) -> Result<T, Error>) -> Result<T, task::Error> {
    SESSION.with_borrow_mut(|session| match session {
        Some(session) => work(session).map_err(task::Error::from),
        None => Err(Error::new(ErrorKind::Misuse, "no query is open; call `open` first").into()),
    })
}

impl From<Error> for task::Error {
    fn from(error: Error) -> Self {
        let kind = match error.kind() {
            ErrorKind::Query => task::ErrorKind::Query,
            ErrorKind::Column => task::ErrorKind::Column,
            ErrorKind::NotParquet => task::ErrorKind::NotParquet,
            ErrorKind::Corrupt => task::ErrorKind::Corrupt,
            ErrorKind::Unsupported => task::ErrorKind::Unsupported,
            ErrorKind::Encrypted => task::ErrorKind::Encrypted,
            ErrorKind::Limit => task::ErrorKind::Limit,
            ErrorKind::Partial => task::ErrorKind::Partial,
            _ => task::ErrorKind::Misuse,
        };
        Self {
            kind,
            message: error.message().to_owned(),
        }
    }
}
