//! The one loop: which bytes are needed next, and what became of those that came.

mod blooms;
mod column;
mod condition;
mod counting;
mod evidence;
mod fetch;
mod literal;
mod opening;
mod pages;
mod prune;
mod truths;
mod work;

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;

use crate::aggregate::{Content, add_group};
use crate::answer::Scanned;
use crate::parquet::{FooterStep, Store};
use crate::plan::file_columns;
use crate::{Error, ErrorKind, FileInfo, Footer, Limits, Part, Partial, Query};
pub(crate) use column::{Column, Filled};
pub(crate) use fetch::joined;
use work::Work;

/// What opening a row group counts for in [`Scan::advance`], in rows.
const OPENING_ROWS: usize = 1000;

/// A query over one file, or over a part of it. It reads nothing itself.
///
/// Call [`Scan::advance`] until it says [`Step::Done`], feeding the ranges it asks for; then [`Scan::finish`].
/// Its errors begin with the file's name.
pub struct Scan {
    query: Query,
    file: FileInfo,
    limits: Limits,
    footer: Option<Arc<Footer>>,
    /// The bytes at the file's end, and those of them that are needed.
    tail: Store,
    tail_wanted: Range<u64>,
    /// What is scanned of the file; before the footer is there none is all.
    part: Option<Part>,
    /// Bytes that were read for the footer.
    footer_bytes: u64,
    work: Option<Work>,
    progress: Progress,
    done: bool,
}

/// What a scan wants next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// These byte ranges of the file, through [`Scan::feed`]; in order, not overlapping.
    Need(Vec<Range<u64>>),
    /// Only to be called again: the work allowed for one call is done.
    More,
    /// Nothing: the answer is there.
    Done,
}

/// What a scan did not have to read for its `where`, and what said so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Spared {
    /// Row groups that their statistics rule out.
    pub row_groups_by_statistics: u64,
    /// Row groups of which the page index rules out every page.
    pub row_groups_by_page_index: u64,
    /// Row groups that a bloom filter rules out.
    pub row_groups_by_bloom_filter: u64,
    /// Row groups that a dictionary rules out.
    pub row_groups_by_dictionary: u64,
    /// Rows of the other row groups that the page index rules out. Pages of other columns may have had to be read for
    /// rows beside them.
    pub rows_by_page_index: u64,
}

/// How far a scan is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Rows counted or skipped.
    pub rows_done: u64,
    /// Rows to scan; 0 before the footer is there.
    pub rows_total: u64,
    /// Bytes of the file that were asked for, also those that another part of the file counts.
    pub bytes_read: u64,
    /// The file's size.
    pub bytes_total: u64,
    /// Row groups counted or skipped.
    pub row_groups_done: u64,
    /// Row groups to scan, whole or in part; 0 before the footer is there.
    pub row_groups_total: u64,
}

impl Scan {
    /// A scan of a whole file.
    pub fn new(query: &Query, file: FileInfo, limits: &Limits) -> Self {
        Self {
            query: query.clone(),
            limits: limits.clone(),
            footer: None,
            tail: Store::default(),
            tail_wanted: Footer::tail_need(file.size_bytes),
            part: None,
            footer_bytes: 0,
            work: None,
            progress: Progress {
                bytes_total: file.size_bytes,
                ..Progress::default()
            },
            file,
            done: false,
        }
    }

    /// A scan of a part of a file whose footer is known, so that threads and workers can share a file: some of its row
    /// groups, or some rows of one.
    pub fn with_footer(
        query: &Query,
        file: FileInfo,
        footer: Arc<Footer>,
        part: impl Into<Part>,
        limits: &Limits,
    ) -> Self {
        let mut scan = Self::new(query, file, limits);
        let part = part.into();
        if part.counts_file(&footer) {
            scan.progress.bytes_read =
                (footer.bytes_len() + 8).max(Footer::tail_need(scan.file.size_bytes).count_bytes());
        }
        scan.footer = Some(footer);
        scan.part = Some(part);
        scan
    }

    /// Works on at most about `rows_max` rows, or says what is missing.
    pub fn advance(&mut self, rows_max: usize) -> Result<Step, Error> {
        self.step(rows_max)
            .map_err(|error| error.within(&self.file.name))
    }

    fn step(&mut self, rows_max: usize) -> Result<Step, Error> {
        if self.done {
            return Ok(Step::Done);
        }
        let Some(footer) = self.footer.clone() else {
            return self.read_footer();
        };
        let count = footer.row_groups().len();
        let part = self.part.get_or_insert_with(|| (0..count).into()).clone();
        let work = match &mut self.work {
            Some(work) => work,
            None => {
                let mut work = Work::new(&self.query, &self.file, &footer, &self.limits)?;
                part.check(&footer)?;
                work.next_row_group = part.row_groups().start;
                self.footer_bytes = self.progress.bytes_read;
                self.progress.row_groups_total = part.row_groups().len() as u64;
                self.progress.rows_total = part.rows_len(&footer);
                self.work.insert(work)
            }
        };
        let mut rows_budget = rows_max.max(1);
        while rows_budget > 0 {
            if !work.is_open() {
                if work.next_row_group >= part.row_groups().end {
                    self.done = true;
                    return Ok(Step::Done);
                }
                work.open_row_group(&part, &self.file, &footer)?;
                rows_budget = rows_budget.saturating_sub(OPENING_ROWS);
            }
            let missing = work.choose_rows(
                &self.query,
                &self.file,
                &footer,
                &self.tail,
                &mut self.progress,
            )?;
            if !missing.is_empty() {
                return Ok(Step::Need(missing));
            }
            let missing = work.read(&self.query, &mut rows_budget, &mut self.progress)?;
            if !missing.is_empty() {
                return Ok(Step::Need(missing));
            }
        }
        Ok(Step::More)
    }

    fn read_footer(&mut self) -> Result<Step, Error> {
        loop {
            let Some(bytes) = self.tail.get(self.tail_wanted.clone()) else {
                return Ok(Step::Need(self.tail.missing(self.tail_wanted.clone())));
            };
            match Footer::parse(
                self.file.size_bytes,
                self.tail_wanted.start,
                &bytes,
                &self.limits,
            )? {
                FooterStep::Need(range) => self.tail_wanted = range,
                FooterStep::Done(footer) => {
                    self.footer = Some(Arc::new(*footer));
                    // Only a short tail is kept: of a small file it holds the pages, too.
                    let kept = Footer::tail_need(self.file.size_bytes).start;
                    self.tail.release(0..kept);
                    return Ok(Step::More);
                }
            }
        }
    }

    /// Takes bytes of the file, from `start` on; any pieces in any order, also more than was asked for.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a reference count is given away; callers have no more use for it"
    )]
    pub fn feed(&mut self, start: u64, bytes: Bytes) -> Result<(), Error> {
        self.file.check_fed(start, &bytes)?;
        if self.footer.is_none() {
            let before = self.tail.bytes_held();
            let wanted = self.tail_wanted.clone();
            let from = start.clamp(wanted.start, wanted.end.max(wanted.start)) - start;
            if from < bytes.len() as u64 {
                self.tail
                    .insert(start + from, &bytes.slice(from as usize..));
            }
            self.progress.bytes_read += self.tail.bytes_held() - before;
        } else if let Some(work) = &mut self.work {
            self.progress.bytes_read += work.feed(start, &bytes);
        }
        Ok(())
    }

    /// The footer, once it was read.
    pub fn footer(&self) -> Option<&Arc<Footer>> {
        self.footer.as_ref()
    }

    /// How far it is.
    pub fn progress(&self) -> Progress {
        self.progress
    }

    /// What did not have to be read so far.
    pub fn spared(&self) -> Spared {
        self.work
            .as_ref()
            .map_or(Spared::default(), |work| work.spared)
    }

    /// What was counted. An error before [`Step::Done`].
    pub fn finish(self) -> Result<Partial, Error> {
        let (Some(work), Some(footer), Some(part), true) =
            (self.work, self.footer, self.part, self.done)
        else {
            return Err(Error::new(
                ErrorKind::Misuse,
                format!("{}: the scan was not carried to its end", self.file.name),
            ));
        };
        let counts_file = part.counts_file(&footer);
        let mut partial = Partial::empty(&self.query);
        partial.content = Content {
            scanned: Scanned {
                files: u64::from(counts_file),
                row_groups: part.row_groups_counted(&footer),
                rows: self.progress.rows_total,
                bytes_read: self.footer_bytes + work.bytes_counted,
                bytes_total: if counts_file { self.file.size_bytes } else { 0 },
            },
            first_file: Some(file_columns(&self.file, &footer)),
            columns: work.plan.seen(&self.file),
            ..Content::default()
        };
        let count = work.counting.keys.count();
        let mut measures: Vec<_> = work
            .counting
            .measured
            .into_iter()
            .map(|measured| measured.finish(count).into_iter())
            .collect();
        partial.content.groups.reserve(count);
        for group in 0..count {
            let states = measures.iter_mut().filter_map(Iterator::next).collect();
            add_group(
                &self.query,
                &mut partial.content.groups,
                work.counting.keys.values(group),
                states,
            );
        }
        Ok(partial)
    }
}

trait CountBytes {
    fn count_bytes(&self) -> u64;
}

impl CountBytes for Range<u64> {
    fn count_bytes(&self) -> u64 {
        self.end.saturating_sub(self.start)
    }
}

#[cfg(test)]
mod spared;
#[cfg(test)]
mod sparing;
#[cfg(test)]
mod tests;
