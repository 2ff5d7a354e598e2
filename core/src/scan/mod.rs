//! The one loop: which bytes are needed next, and what became of those that came.

mod column;
mod condition;
mod literal;

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;

use crate::aggregate::{Cell, Content, Keys, Measured, Rows, View, add_group};
use crate::answer::Scanned;
use crate::parquet::{FooterStep, Store};
use crate::plan::{Plan, Source, file_columns};
use crate::{Error, ErrorKind, FileInfo, Footer, Limits, Partial, Query};
use column::Column;
use condition::{Condition, TRUE};

/// Rows that go through all steps together: few enough that what is made of them stays in the processor's first cache.
const BATCH_ROWS: usize = 4096;

/// Row groups whose needed bytes are no more than this are asked for in one go.
const WHOLE_GROUP_BYTES_MAX: u64 = 4 << 20;

/// What opening a row group counts for in [`Scan::advance`], in rows.
const OPENING_ROWS: usize = 1000;

/// A query over one file, or over some of its row groups. It reads nothing itself.
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
    row_groups: Option<Range<usize>>,
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

/// How far a scan is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Rows counted or skipped.
    pub rows_done: u64,
    /// Rows of the row groups to scan; 0 before the footer is there.
    pub rows_total: u64,
    /// Bytes of the file that were asked for.
    pub bytes_read: u64,
    /// The file's size.
    pub bytes_total: u64,
    /// Row groups counted or skipped.
    pub row_groups_done: u64,
    /// Row groups to scan; 0 before the footer is there.
    pub row_groups_total: u64,
}

/// What a scan has once the footer is there.
struct Work {
    plan: Plan,
    condition: Option<Condition>,
    keys: Keys,
    measured: Vec<Measured>,
    open: Option<OpenGroup>,
    next_row_group: usize,
    chunks_opened: u64,
    groups: Vec<u32>,
    chosen: Vec<u32>,
}

/// The row group that is being read.
struct OpenGroup {
    index: usize,
    columns: Vec<Column>,
    rows_left: u64,
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
            row_groups: None,
            work: None,
            progress: Progress {
                bytes_total: file.size_bytes,
                ..Progress::default()
            },
            file,
            done: false,
        }
    }

    /// A scan of some row groups of a file whose footer is known, so that threads and workers can share a file.
    ///
    /// The scan that begins with row group 0 counts the file; the others only their row groups.
    pub fn with_footer(
        query: &Query,
        file: FileInfo,
        footer: Arc<Footer>,
        row_groups: Range<usize>,
        limits: &Limits,
    ) -> Self {
        let mut scan = Self::new(query, file, limits);
        if row_groups.start == 0 {
            scan.progress.bytes_read =
                (footer.bytes_len() + 8).max(Footer::tail_need(scan.file.size_bytes).count_bytes());
        }
        scan.footer = Some(footer);
        scan.row_groups = Some(row_groups);
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
        let work = match &mut self.work {
            Some(work) => work,
            None => self
                .work
                .insert(Work::new(&self.query, &self.file, &footer, &self.limits)?),
        };
        let count = footer.row_groups().len();
        let range = self.row_groups.get_or_insert(0..count).clone();
        if self.progress.row_groups_total == 0 && !range.is_empty() {
            if range.end > count {
                return Err(Error::new(
                    ErrorKind::Misuse,
                    format!(
                        "row groups to {} were asked for, but there are {count}",
                        range.end
                    ),
                ));
            }
            work.next_row_group = range.start;
            self.progress.row_groups_total = range.len() as u64;
            self.progress.rows_total = footer
                .row_groups()
                .iter()
                .skip(range.start)
                .take(range.len())
                .map(|group| group.rows)
                .sum();
        }
        let mut rows_budget = rows_max.max(1);
        while rows_budget > 0 {
            if work.open.is_none() {
                if work.next_row_group >= range.end {
                    self.done = true;
                    return Ok(Step::Done);
                }
                work.open_row_group(&self.file, &footer, &self.limits, &self.tail)?;
                rows_budget = rows_budget.saturating_sub(OPENING_ROWS);
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
        let end = start.checked_add(bytes.len() as u64);
        if bytes.is_empty() || end.is_none_or(|end| end > self.file.size_bytes) {
            let problem = format!(
                "{}: got {} bytes at {start} of a file of {} bytes; it may have changed while it was read",
                self.file.name,
                bytes.len(),
                self.file.size_bytes
            );
            return Err(Error::new(ErrorKind::Corrupt, problem));
        }
        if self.footer.is_none() {
            let before = self.tail.bytes_held();
            let wanted = self.tail_wanted.clone();
            let from = start.clamp(wanted.start, wanted.end.max(wanted.start)) - start;
            if from < bytes.len() as u64 {
                self.tail
                    .insert(start + from, &bytes.slice(from as usize..));
            }
            self.progress.bytes_read += self.tail.bytes_held() - before;
        } else if let Some(open) = self.work.as_mut().and_then(|work| work.open.as_mut()) {
            self.progress.bytes_read += open
                .columns
                .iter_mut()
                .map(|column| column.feed(start, &bytes))
                .sum::<u64>();
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

    /// What was counted. An error before [`Step::Done`].
    pub fn finish(self) -> Result<Partial, Error> {
        let (Some(work), Some(footer), true) = (self.work, self.footer, self.done) else {
            return Err(Error::new(
                ErrorKind::Misuse,
                format!("{}: the scan was not carried to its end", self.file.name),
            ));
        };
        let counts_file = self.row_groups.is_none_or(|range| range.start == 0);
        let mut partial = Partial::empty(&self.query);
        partial.content = Content {
            scanned: Scanned {
                files: u64::from(counts_file),
                row_groups: self.progress.row_groups_total,
                rows: self.progress.rows_total,
                bytes_read: self.progress.bytes_read,
                bytes_total: if counts_file { self.file.size_bytes } else { 0 },
            },
            first_file: Some(file_columns(&self.file, &footer)),
            columns: work.plan.seen(&self.file),
            ..Content::default()
        };
        let count = work.keys.count();
        let mut measures: Vec<_> = work
            .measured
            .into_iter()
            .map(|measured| measured.finish(count).into_iter())
            .collect();
        for group in 0..count {
            let states = measures.iter_mut().filter_map(Iterator::next).collect();
            add_group(
                &self.query,
                &mut partial.content.groups,
                work.keys.values(group),
                states,
            );
        }
        Ok(partial)
    }
}

impl Work {
    fn new(
        query: &Query,
        file: &FileInfo,
        footer: &Footer,
        limits: &Limits,
    ) -> Result<Self, Error> {
        let plan = Plan::new(query, file, footer)?;
        for key in query.keys() {
            if let Some(class) = plan.classes.get(key.lens.column).copied().flatten() {
                key.lens.of.class(
                    class,
                    query
                        .columns()
                        .get(key.lens.column)
                        .map_or("", String::as_str),
                )?;
            }
        }
        let measured = query
            .measures()
            .iter()
            .map(|measure| Measured::new(measure, &plan.classes, query.columns(), limits));
        Ok(Self {
            condition: query
                .filter()
                .map(|filter| Condition::new(filter, query, &plan.classes))
                .transpose()?,
            keys: Keys::new(query, &plan.classes, limits),
            measured: measured.collect::<Result<_, _>>()?,
            plan,
            open: None,
            next_row_group: 0,
            chunks_opened: 0,
            groups: Vec::new(),
            chosen: Vec::new(),
        })
    }

    fn open_row_group(
        &mut self,
        file: &FileInfo,
        footer: &Footer,
        limits: &Limits,
        tail: &Store,
    ) -> Result<(), Error> {
        let index = self.next_row_group;
        self.next_row_group += 1;
        let rows_left = footer.row_groups().get(index).map_or(0, |group| group.rows);
        let mut open = OpenGroup {
            index,
            columns: Vec::new(),
            rows_left,
        };
        if rows_left > 0 && !self.plan.leaves.is_empty() {
            let chunks = footer.chunks(index, &self.plan.leaves)?;
            let bytes: u64 = chunks
                .iter()
                .map(|chunk| chunk.byte_range.count_bytes())
                .sum();
            for (leaf, chunk) in self.plan.leaves.iter().zip(&chunks) {
                let Some(leaf) = footer.schema().leaves.get(*leaf) else {
                    continue;
                };
                self.chunks_opened += 1;
                let column = Column::new(leaf, chunk, self.chunks_opened, file.size_bytes, limits);
                let mut column = column.map_err(|error| within_row_group(error, index))?;
                if bytes <= WHOLE_GROUP_BYTES_MAX {
                    column.want(chunk.byte_range.clone());
                    // Of a small file the pages came with the footer.
                    if let Some(bytes) = tail.get(chunk.byte_range.clone()) {
                        column.feed(chunk.byte_range.start, &bytes);
                    }
                }
                open.columns.push(column);
            }
        }
        self.open = Some(open);
        Ok(())
    }

    /// Reads rows of the open row group until it ends, the budget is used up, or bytes are missing: those are returned.
    fn read(
        &mut self,
        query: &Query,
        rows_budget: &mut usize,
        progress: &mut Progress,
    ) -> Result<Vec<Range<u64>>, Error> {
        let Some(mut open) = self.open.take() else {
            return Ok(Vec::new());
        };
        if open.columns.is_empty() {
            self.count_same(query, open.rows_left)?;
            progress.rows_done += open.rows_left;
            progress.row_groups_done += 1;
            return Ok(Vec::new());
        }
        while open.rows_left > 0 && *rows_budget > 0 {
            let missing = open.fill()?;
            if !missing.is_empty() {
                self.open = Some(open);
                return Ok(missing);
            }
            let there = open
                .columns
                .iter()
                .map(Column::rows_left)
                .min()
                .unwrap_or(0);
            let rows = there
                .min(BATCH_ROWS)
                .min(*rows_budget)
                .min(usize::try_from(open.rows_left).unwrap_or(usize::MAX));
            if rows == 0 {
                let problem = format!(
                    "row group {}: a column ends {} rows before its row group",
                    open.index, open.rows_left
                );
                return Err(Error::new(ErrorKind::Corrupt, problem));
            }
            open.columns
                .iter_mut()
                .for_each(|column| column.prepare(rows));
            self.count(query, &open.columns, rows)
                .map_err(|error| within_row_group(error, open.index))?;
            open.columns.iter_mut().for_each(|column| column.skip(rows));
            open.rows_left -= rows as u64;
            progress.rows_done += rows as u64;
            *rows_budget -= rows;
        }
        if open.rows_left == 0 {
            progress.row_groups_done += 1;
        } else {
            self.open = Some(open);
        }
        Ok(Vec::new())
    }

    /// Counts some rows of all columns.
    fn count(&mut self, query: &Query, columns: &[Column], rows: usize) -> Result<(), Error> {
        let providers = query.matcher();
        let leaves: Vec<View<'_>> = columns.iter().map(|column| column.view(rows)).collect();
        let views: Vec<View<'_>> = self
            .plan
            .columns
            .iter()
            .map(|source| match source {
                Source::Leaf(place) => leaves
                    .get(*place)
                    .copied()
                    .unwrap_or(View::Same(Cell::Null)),
                same => View::Same(same_cell(same)),
            })
            .collect();
        let mut looked_at = Rows::All(rows);
        if let Some(condition) = &mut self.condition {
            let truths = condition.ask(&views, rows, providers)?;
            // Each row is written down, and kept by moving on: there is no branch to guess wrong.
            self.chosen.resize(rows, 0);
            let mut kept = 0;
            for (truth, row) in truths.iter().zip(0..) {
                if let Some(place) = self.chosen.get_mut(kept) {
                    *place = row;
                }
                kept += usize::from(*truth == TRUE);
            }
            self.chosen.truncate(kept);
            if self.chosen.is_empty() {
                return Ok(());
            }
            if self.chosen.len() < rows {
                looked_at = Rows::Chosen(&self.chosen);
            }
        }
        self.keys
            .number(&views, looked_at, providers, &mut self.groups)?;
        let groups_len = self.keys.count();
        for measured in &mut self.measured {
            measured.update(&views, looked_at, &self.groups, groups_len, providers)?;
        }
        Ok(())
    }

    /// Counts rows of which nothing needs to be read.
    fn count_same(&mut self, query: &Query, rows: u64) -> Result<(), Error> {
        if rows == 0 {
            return Ok(());
        }
        let providers = query.matcher();
        let cells: Vec<Cell<'_>> = self.plan.columns.iter().map(same_cell).collect();
        let views: Vec<View<'_>> = cells.iter().map(|cell| View::Same(*cell)).collect();
        if let Some(condition) = &mut self.condition
            && condition.ask(&views, 1, providers)? != [TRUE]
        {
            return Ok(());
        }
        self.keys
            .number(&views, Rows::All(1), providers, &mut self.groups)?;
        let group = self.groups.first().map_or(0, |group| *group as usize);
        for measured in &mut self.measured {
            measured.update_same(&cells, group, rows, providers)?;
        }
        Ok(())
    }
}

impl OpenGroup {
    /// Makes sure that every column has rows; returns the bytes that are missing for that, joined where they touch.
    fn fill(&mut self) -> Result<Vec<Range<u64>>, Error> {
        let mut missing = Vec::new();
        for column in &mut self.columns {
            if column
                .fill()
                .map_err(|error| within_row_group(error, self.index))?
            {
                missing.extend(column.missing());
            }
        }
        missing.sort_unstable_by_key(|range| range.start);
        let mut joined: Vec<Range<u64>> = Vec::with_capacity(missing.len());
        for range in missing {
            match joined.last_mut() {
                Some(last) if last.end >= range.start => last.end = last.end.max(range.end),
                _ => joined.push(range),
            }
        }
        Ok(joined)
    }
}

fn same_cell(source: &Source) -> Cell<'_> {
    match source {
        Source::Folder(Some(text)) => Cell::Bytes(text.as_bytes()),
        _ => Cell::Null,
    }
}

fn within_row_group(error: Error, index: usize) -> Error {
    match error.kind() {
        ErrorKind::Limit | ErrorKind::Misuse => error,
        _ => error.within(format_args!("row group {index}")),
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
mod tests;
