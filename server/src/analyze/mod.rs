//! The native skin over the core: finds files, reads the ranges that scans ask for, deals the work out to threads.

mod buffers;
mod columns;
mod discover;
mod error;
mod glob;
mod outcome;
mod pool;
mod queue;
mod source;
mod split;
#[cfg(test)]
mod tests;

use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use questlog_core::{
    Answer, FileInfo, Footer, Limits, Query, QueryOptions, Run, Scan, Spared, Step,
};

pub use columns::check_columns;
pub use discover::{FILES_MAX, FOLDER_DEPTH_MAX, discover, discover_with_bad};
pub use error::Error;
pub use source::Source;

pub(crate) use outcome::Outcome;
pub(crate) use queue::{Queue, Task};
pub(crate) use source::Reader;
pub(crate) use split::{Gathered, cut};

/// Rows that are worked on between two looks at whether to go on.
const STEP_ROWS: usize = 1 << 16;

/// Bytes of a column chunk that are read at once, unless a page is longer: a file of this machine is quickly asked, and
/// what was read should still be in the processor's cache when it is decompressed.
const WINDOW_BYTES: u64 = 128 << 10;

/// Takes news of how far an analysis is.
pub type OnProgress = Box<dyn Fn(&Progress) + Send + Sync>;

/// A query over files, and how to go about it.
pub struct Analysis {
    /// The question.
    pub query: Query,
    /// The files, in the order that errors and skipped files are told in.
    pub sources: Vec<Source>,
    /// What a scan may cost.
    pub limits: Limits,
    /// Threads that work on it. Default: as many as the machine runs at once.
    pub threads: usize,
    /// Leave files out that can't be read, and say so, instead of failing. Default no.
    pub skip_bad: bool,
    /// Called about ten times a second, on the thread that called [`run`]. Default none.
    pub on_progress: Option<OnProgress>,
    /// Set it to true to make [`run`] give up soon.
    pub cancel: Arc<AtomicBool>,
}

impl Analysis {
    /// `query` over `sources`, everything else as by default.
    pub fn new(query: Query, sources: Vec<Source>) -> Self {
        Self {
            query,
            sources,
            limits: Limits {
                window_bytes: WINDOW_BYTES,
                ..Limits::default()
            },
            threads: std::thread::available_parallelism().map_or(1, NonZeroUsize::get),
            skip_bad: false,
            on_progress: None,
            cancel: Arc::default(),
        }
    }
}

/// How far an analysis is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Files that are through.
    pub files_done: u64,
    /// Files in all.
    pub files_total: u64,
    /// Rows that were counted or skipped.
    pub rows_done: u64,
    /// Bytes of the files that need no more work, whether they had to be read or not.
    pub bytes_done: u64,
    /// The files' sizes together.
    pub bytes_total: u64,
}

/// Answers the query. Blocks; the answer does not depend on the number of threads.
///
/// # Errors
/// The first file, in the order given, that can't be read (unless [`Analysis::skip_bad`]); a query that does not fit
/// the files; [`Error::Cancelled`].
pub fn run(analysis: &Analysis) -> Result<(Answer, Run), Error> {
    let started = Instant::now();
    let (partial, skipped) = pool::count(analysis)?;
    let answer = partial.into_answer(&analysis.query)?;
    let elapsed_ms = started.elapsed().as_secs_f64() * 1e3;
    Ok((
        answer,
        Run {
            elapsed_ms,
            skipped,
        },
    ))
}

/// Answers the query as [`run`] does, and before it a coarser one that its groups make up; the files are read once.
///
/// # Errors
/// As for [`run`]; a query that is not a coarser one.
pub fn run_with_coarser(analysis: &Analysis, coarser: &Query) -> Result<([Answer; 2], Run), Error> {
    let started = Instant::now();
    let (partial, skipped) = pool::count(analysis)?;
    let answers = [
        partial.regrouped(coarser)?.answer(coarser)?,
        partial.into_answer(&analysis.query)?,
    ];
    let elapsed_ms = started.elapsed().as_secs_f64() * 1e3;
    Ok((
        answers,
        Run {
            elapsed_ms,
            skipped,
        },
    ))
}

/// What a file says of itself.
///
/// # Errors
/// A file that can't be opened, or is not Parquet.
pub fn footer(source: &Source, limits: &Limits) -> Result<Arc<Footer>, Error> {
    let reader = source.open()?;
    // Counting all rows needs the footer and nothing else.
    let query = Query::new(&QueryOptions::default(), limits)?;
    let mut scan = Scan::new(&query, file_info(source, &reader), limits);
    loop {
        let step = step(&mut scan, &reader)?;
        if let Some(footer) = scan.footer() {
            return Ok(Arc::clone(footer));
        }
        if step == Step::Done {
            return Err(Error::unusable(
                source.name(),
                "was read to its end, but no footer was found",
            ));
        }
    }
}

/// What a query reads of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reads {
    /// The columns it needs.
    pub columns: Vec<String>,
    /// The byte ranges it asks for, in that order.
    pub ranges: Vec<Range<u64>>,
    /// What its `where` spares.
    pub spared: Spared,
}

/// Answers the query on one file for the sake of what it asks for: the only way to know what pruning spares.
///
/// # Errors
/// As for [`run`].
pub fn reads(source: &Source, query: &Query, limits: &Limits) -> Result<Reads, Error> {
    let reader = source.open()?;
    let mut scan = Scan::new(query, file_info(source, &reader), limits);
    let mut reads = Reads {
        columns: query.columns_needed(),
        ranges: Vec::new(),
        spared: Spared::default(),
    };
    loop {
        match step(&mut scan, &reader)? {
            Step::Need(ranges) => reads.ranges.extend(ranges),
            Step::More => {}
            Step::Done => break,
        }
    }
    reads.spared = scan.spared();
    Ok(reads)
}

/// What the core has to know of a file.
fn file_info(source: &Source, reader: &Reader) -> FileInfo {
    FileInfo {
        name: source.name().to_owned(),
        size_bytes: reader.size_bytes(),
        partition: source.partition().to_vec(),
    }
}

/// One turn of the loop that every skin has: advance, and fetch what is asked for.
fn step(scan: &mut Scan, reader: &Reader) -> Result<Step, Error> {
    let step = scan.advance(STEP_ROWS)?;
    if let Step::Need(ranges) = &step {
        for range in ranges {
            scan.feed(range.start, reader.read(range.clone())?)?;
        }
    }
    Ok(step)
}
