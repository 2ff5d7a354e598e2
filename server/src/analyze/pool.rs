//! Deals files and their parts out to threads and merges what they count.
//!
//! What is counted does not depend on who counted it: partials merge in any order to the same answer, and of several
//! errors the one of the first file, in the order given, is told.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use questlog_core::{FileInfo, Footer, Part, Partial, Scan, Skipped, Step};

use super::columns::Columns;
use super::outcome::Outcome;
use super::queue::{Queue, Task};
use super::split::{self, Gathered};
use super::{Analysis, Error, Progress, Reader, file_info, step};

/// How often progress is told.
const PROGRESS_EVERY: Duration = Duration::from_millis(100);

/// Threads that a run uses at most, whatever was asked for.
const THREADS_MAX: usize = 1_024;

/// Counts all sources; also gives the files that were left out.
pub(crate) fn count(analysis: &Analysis) -> Result<(Partial, Vec<Skipped>), Error> {
    let pool = Pool::new(analysis);
    let threads = match analysis.sources.as_slice() {
        // Starting a thread would take longer than counting it.
        [source] if split::is_small(source.size_hint()) => 1,
        _ => analysis.threads.clamp(1, THREADS_MAX),
    };
    match &analysis.on_progress {
        None => std::thread::scope(|scope| {
            for _ in 1..threads {
                scope.spawn(|| pool.work());
            }
            pool.work();
        }),
        Some(on_progress) => std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| pool.work());
            }
            let bytes_total = analysis.sources.iter().map(super::Source::size_hint).sum();
            while !pool.queue.wait_done(PROGRESS_EVERY) {
                on_progress(&pool.progress(bytes_total));
            }
        }),
    }
    pool.into_outcome()
}

/// An open file, its footer, and what its parts have brought so far.
struct SplitFile {
    index: usize,
    reader: Reader,
    info: FileInfo,
    footer: Arc<Footer>,
    gathered: Gathered<Partial, Error>,
}

/// A part of an open file.
struct Share {
    file: Arc<SplitFile>,
    /// Its place among the file's parts.
    place: usize,
    part: Part,
}

struct Pool<'a> {
    analysis: &'a Analysis,
    queue: Queue<Share>,
    outcome: Outcome<Partial, Error>,
    columns: Columns,
    files_done: AtomicU64,
    rows_done: AtomicU64,
    bytes_done: AtomicU64,
}

impl<'a> Pool<'a> {
    fn new(analysis: &'a Analysis) -> Self {
        Self {
            analysis,
            queue: Queue::new(analysis.sources.len()),
            outcome: Outcome::new(),
            columns: Columns::default(),
            files_done: AtomicU64::new(0),
            rows_done: AtomicU64::new(0),
            bytes_done: AtomicU64::new(0),
        }
    }

    /// What each thread does: take tasks until there are none, then hand over what it counted.
    fn work(&self) {
        let mut counted = Partial::empty(&self.analysis.query);
        while let Some(taken) = self.queue.take() {
            let finished = match &taken.task {
                Task::File(index) => self
                    .file(*index)
                    .transpose()
                    .map(|outcome| (*index, outcome)),
                Task::Part(share) => self.part(share).map(|outcome| (share.file.index, outcome)),
            };
            let Some((index, outcome)) = finished else {
                continue;
            };
            self.files_done.fetch_add(1, Ordering::Relaxed);
            match outcome {
                Ok(partial) => {
                    if let Err(error) = counted.merge(partial) {
                        self.fail(index, error.into());
                    }
                }
                Err(error) if self.analysis.skip_bad && error.is_of_one_file() => {
                    let file = self.analysis.sources[index].name();
                    self.outcome.skip(index, file, error.to_string());
                }
                Err(error) => self.fail(index, error),
            }
        }
        self.outcome.counted([counted]);
    }

    /// Counts a file, or opens it and leaves its parts to whoever comes next.
    fn file(&self, index: usize) -> Result<Option<Partial>, Error> {
        let Analysis {
            query,
            sources,
            limits,
            threads,
            ..
        } = self.analysis;
        let source = &sources[index];
        let reader = source.open()?;
        let info = file_info(source, &reader);
        let mut scan = Scan::new(query, info.clone(), limits);
        let mut done = false;
        while !done && scan.footer().is_none() {
            done = step(&mut scan, &reader)? == Step::Done;
        }
        if let Some(footer) = scan.footer() {
            self.columns.check(self.analysis, index, &info, footer)?;
        }
        if let Some(footer) = scan.footer().filter(|_| !done).cloned() {
            let parts = split::parts(query, &footer, *threads);
            if parts.len() > 1 {
                let gathered = Gathered::new(parts.len());
                let file = Arc::new(SplitFile {
                    index,
                    reader,
                    info,
                    footer,
                    gathered,
                });
                let shares = parts.into_iter().enumerate().map(|(place, part)| Share {
                    file: Arc::clone(&file),
                    place,
                    part,
                });
                self.queue.add(shares);
                return Ok(None);
            }
        }
        let size_bytes = info.size_bytes;
        self.drive(&mut scan, &reader, index, size_bytes)?;
        Ok(Some(scan.finish()?))
    }

    /// Counts a part of a file; the file's outcome if it was the last.
    fn part(&self, share: &Share) -> Option<Result<Partial, Error>> {
        let Analysis { query, limits, .. } = self.analysis;
        let Share { file, place, part } = share;
        let outcome = if file.gathered.has_failed_before(*place) {
            // Whatever this would have been, the file's error is that of the part before.
            Ok(Partial::empty(query))
        } else {
            let footer = Arc::clone(&file.footer);
            let rows = part.rows_len(&footer);
            let bytes = portion(file.info.size_bytes, rows, footer.rows());
            let mut scan =
                Scan::with_footer(query, file.info.clone(), footer, part.clone(), limits);
            self.drive(&mut scan, &file.reader, file.index, bytes)
                .and_then(|()| Ok(scan.finish()?))
        };
        file.gathered.finish(*place, outcome, |mut mine, other| {
            mine.merge(other)?;
            Ok(mine)
        })
    }

    /// Brings a scan to its end. `share_bytes` is what it stands for in the progress.
    fn drive(
        &self,
        scan: &mut Scan,
        reader: &Reader,
        index: usize,
        share_bytes: u64,
    ) -> Result<(), Error> {
        let (mut rows_told, mut bytes_told) = (0, 0);
        loop {
            if self.analysis.cancel.load(Ordering::Relaxed) {
                self.queue.drop_files();
                return Err(Error::Cancelled);
            }
            if self.outcome.has_failed_before(index) {
                return Err(Error::Cancelled);
            }
            let done = step(scan, reader)? == Step::Done;
            let progress = scan.progress();
            let bytes = if done {
                share_bytes
            } else {
                portion(share_bytes, progress.rows_done, progress.rows_total)
            };
            self.rows_done.fetch_add(
                progress.rows_done.saturating_sub(rows_told),
                Ordering::Relaxed,
            );
            self.bytes_done
                .fetch_add(bytes.saturating_sub(bytes_told), Ordering::Relaxed);
            (rows_told, bytes_told) = (progress.rows_done.max(rows_told), bytes.max(bytes_told));
            if done {
                return Ok(());
            }
        }
    }

    fn fail(&self, index: usize, error: Error) {
        self.outcome.fail(index, error);
        // Files are begun in order, so all that nobody has begun are behind this one.
        self.queue.drop_files();
    }

    fn progress(&self, bytes_total: u64) -> Progress {
        Progress {
            files_done: self.files_done.load(Ordering::Relaxed),
            files_total: self.analysis.sources.len() as u64,
            rows_done: self.rows_done.load(Ordering::Relaxed),
            bytes_done: self.bytes_done.load(Ordering::Relaxed).min(bytes_total),
            bytes_total,
        }
    }

    fn into_outcome(self) -> Result<(Partial, Vec<Skipped>), Error> {
        if self.analysis.cancel.load(Ordering::Relaxed) {
            return Err(Error::Cancelled);
        }
        let (partials, skipped) = self.outcome.into_result()?;
        let mut all = Partial::empty(&self.analysis.query);
        for partial in partials {
            all.merge(partial)?;
        }
        Ok((all, skipped))
    }
}

/// What some rows of all stand for of so many bytes.
fn portion(whole: u64, done: u64, total: u64) -> u64 {
    if total == 0 {
        return 0;
    }
    let portion = u128::from(whole) * u128::from(done.min(total)) / u128::from(total);
    u64::try_from(portion).unwrap_or(whole)
}
