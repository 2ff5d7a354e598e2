//! The work of a scan once the footer is there: row groups, and the columns of the open one side by side.
//!
//! Its steps stay functions of their own, though each has one caller: browsers optimise whole functions while they run, and
//! what is done once for a row group would make them wait for the code that goes through its rows.

use std::ops::Range;

use bytes::Bytes;

use super::column::{Column, Filled};
use super::counting::Counting;
use super::fetch::joined;
use super::opening::{Around, Opened, Opening, Reason};
use super::{Progress, Spared};
use crate::Part;
use crate::aggregate::{Cell, Joint, View};
use crate::parquet::{Scratch, Store, Writer};
use crate::plan::{Plan, Source};
use crate::{Error, ErrorKind, FileInfo, Footer, Limits, Query};

/// Rows that go through all steps together: few enough that what is made of them stays in the processor's first cache.
const BATCH_ROWS: usize = 4096;

/// What a scan has once the footer is there.
pub(super) struct Work {
    pub(super) plan: Plan,
    pub(super) counting: Counting,
    /// Where rows of few codes are counted, if no measure has to see each of them.
    joint: Option<Joint>,
    writer: Writer,
    /// The row group whose rows are not chosen yet, or the one that is being read.
    opening: Option<Opening>,
    open: Option<OpenGroup>,
    /// The buffers of the row group that was read last.
    scratch: Vec<Scratch>,
    pub(super) next_row_group: usize,
    pub(super) spared: Spared,
    /// Bytes that were read of row groups that are done, as far as they are this scan's to count.
    pub(super) bytes_counted: u64,
    limits: Limits,
    chunks_opened: u64,
}

/// The row group that is being read.
struct OpenGroup {
    index: usize,
    columns: Vec<Column>,
    /// The rows that come next, and those after them.
    rows: Range<u64>,
    more: std::vec::IntoIter<Range<u64>>,
}

impl Work {
    #[inline(never)]
    pub(super) fn new(
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
        let counting = Counting::new(query, &plan, limits)?;
        Ok(Self {
            joint: counting.counts_alike().then(Joint::default),
            counting,
            plan,
            writer: Writer::of(footer.created_by()),
            opening: None,
            open: None,
            scratch: Vec::new(),
            next_row_group: 0,
            spared: Spared::default(),
            bytes_counted: 0,
            limits: limits.clone(),
            chunks_opened: 0,
        })
    }

    /// Whether a row group is being looked at or read.
    pub(super) fn is_open(&self) -> bool {
        self.opening.is_some() || self.open.is_some()
    }

    /// Takes bytes that were asked for; returns how many are to be counted as read.
    pub(super) fn feed(&mut self, start: u64, bytes: &Bytes) -> u64 {
        let columns = self.open.iter_mut().flat_map(|open| &mut open.columns);
        let read: u64 = columns.map(|column| column.feed(start, bytes)).sum();
        let opening = self.opening.as_mut();
        read + opening.map_or(0, |opening| opening.feed(start, bytes))
    }

    /// Begins with the next row group of a part.
    #[inline(never)]
    pub(super) fn open_row_group(
        &mut self,
        part: &Part,
        file: &FileInfo,
        footer: &Footer,
    ) -> Result<(), Error> {
        let index = self.next_row_group;
        self.next_row_group += 1;
        let rows = footer.row_groups().get(index).map_or(0, |group| group.rows);
        let own = part.rows().unwrap_or(0..rows);
        if own.is_empty() || self.plan.leaves.is_empty() {
            self.open = Some(OpenGroup {
                index,
                columns: Vec::new(),
                rows: own,
                more: Vec::new().into_iter(),
            });
        } else {
            let chunks = footer.chunks(index, &self.plan.leaves)?;
            let scratch = std::mem::take(&mut self.scratch);
            let opening = Opening::new(index, (rows, own), chunks, file.size_bytes, scratch);
            self.opening = Some(opening);
        }
        Ok(())
    }

    /// Chooses the rows to read of the row group that was begun with; returns the bytes that are missing for that.
    #[inline(never)]
    pub(super) fn choose_rows(
        &mut self,
        query: &Query,
        file: &FileInfo,
        footer: &Footer,
        tail: &Store,
        progress: &mut Progress,
    ) -> Result<Vec<Range<u64>>, Error> {
        let Some(mut opening) = self.opening.take() else {
            return Ok(Vec::new());
        };
        let leaves = &footer.schema().leaves;
        let around = Around {
            plan: &self.plan,
            leaves: self
                .plan
                .leaves
                .iter()
                .filter_map(|leaf| leaves.get(*leaf))
                .collect(),
            providers: query.matcher(),
            writer: self.writer,
            limits: &self.limits,
            file_bytes: file.size_bytes,
            tail,
        };
        let index = opening.index;
        let condition = self.counting.condition.as_mut();
        let opened = opening
            .advance(condition, &around, &mut self.chunks_opened)
            .map_err(|error| within_row_group(error, index))?;
        match opened {
            Opened::Need(missing) => {
                self.opening = Some(opening);
                return Ok(missing);
            }
            Opened::Skip(reason) => {
                let spared = match reason {
                    Reason::Statistics => &mut self.spared.row_groups_by_statistics,
                    Reason::PageIndex => &mut self.spared.row_groups_by_page_index,
                    Reason::Bloom => &mut self.spared.row_groups_by_bloom_filter,
                    Reason::Dictionary => &mut self.spared.row_groups_by_dictionary,
                };
                *spared += u64::from(opening.counts());
                progress.rows_done += opening.rows_own();
                progress.row_groups_done += 1;
            }
            Opened::Read(columns, rows) => {
                let read: u64 = rows.iter().map(|range| range.end - range.start).sum();
                progress.rows_done += opening.rows_own() - read;
                self.spared.rows_by_page_index += opening.rows_own() - read;
                let mut more = rows.into_iter();
                self.open = more.next().map(|rows| OpenGroup {
                    index,
                    columns,
                    rows,
                    more,
                });
                progress.row_groups_done += u64::from(self.open.is_none());
            }
        }
        self.bytes_counted += opening.bytes_counted();
        if self.open.is_none() {
            self.scratch = opening.into_scratch();
        }
        Ok(Vec::new())
    }

    /// Reads rows of the open row group until it ends, the budget is used up, or bytes are missing: those are returned.
    #[inline(never)]
    pub(super) fn read(
        &mut self,
        query: &Query,
        rows_budget: &mut usize,
        progress: &mut Progress,
    ) -> Result<Vec<Range<u64>>, Error> {
        let Some(mut open) = self.open.take() else {
            return Ok(Vec::new());
        };
        if open.columns.is_empty() {
            let rows = open.rows_left();
            self.count_same(query, rows)?;
            progress.rows_done += rows;
            progress.row_groups_done += 1;
            return Ok(Vec::new());
        }
        while open.go_on() && *rows_budget > 0 {
            match open.fill(rows_budget)? {
                Filled::Ready => {}
                Filled::Busy => break,
                Filled::Missing => {
                    let missing = open.missing();
                    self.open = Some(open);
                    return Ok(missing);
                }
            }
            let there = open
                .columns
                .iter()
                .map(Column::rows_left)
                .min()
                .unwrap_or(0);
            let rows = there
                .min(BATCH_ROWS)
                .min((*rows_budget).max(1))
                .min(usize::try_from(open.rows_left()).unwrap_or(usize::MAX));
            if rows == 0 {
                let problem = format!(
                    "row group {}: a column ends {} rows before its row group",
                    open.index,
                    open.rows_left()
                );
                return Err(Error::new(ErrorKind::Corrupt, problem));
            }
            open.columns
                .iter_mut()
                .for_each(|column| column.prepare(rows));
            self.count(query, &open, rows)
                .map_err(|error| within_row_group(error, open.index))?;
            open.columns.iter_mut().for_each(|column| column.skip(rows));
            open.rows.start += rows as u64;
            progress.rows_done += rows as u64;
            *rows_budget = rows_budget.saturating_sub(rows);
        }
        if open.go_on() {
            self.open = Some(open);
        } else {
            self.count_joint(query, &open.columns)
                .map_err(|error| within_row_group(error, open.index))?;
            self.bytes_counted += open.columns.iter().map(Column::bytes_counted).sum::<u64>();
            progress.row_groups_done += 1;
            self.scratch = open.columns.into_iter().map(Column::into_scratch).collect();
        }
        Ok(Vec::new())
    }

    /// Counts some rows of all columns.
    #[inline(never)]
    fn count(&mut self, query: &Query, open: &OpenGroup, rows: usize) -> Result<(), Error> {
        let leaves: Vec<View<'_>> = open
            .columns
            .iter()
            .map(|column| column.view(rows))
            .collect();
        let views = views(&self.plan.columns, &leaves);
        if let Some(joint) = &mut self.joint
            && joint.add(&views, rows, open.rows_left())
        {
            return Ok(());
        }
        self.counting.count(query, &views, rows, None)
    }

    /// Counts the combinations of codes that stand for many rows each, once there are no more rows of their chunks.
    #[inline(never)]
    fn count_joint(&mut self, query: &Query, columns: &[Column]) -> Result<(), Error> {
        let joint = self.joint.as_mut();
        let Some(met) = joint.and_then(|joint| joint.take(self.plan.columns.len())) else {
            return Ok(());
        };
        let places = self.plan.columns.iter().zip(&met.codes);
        let coded: Vec<View<'_>> = places
            .map(|(source, codes)| match source {
                Source::Leaf(place) => columns
                    .get(*place)
                    .map_or(View::Same(Cell::Null), |column| column.view_of(codes)),
                same => View::Same(same_cell(same)),
            })
            .collect();
        self.counting
            .count(query, &coded, met.times.len(), Some(&met.times))
    }

    /// Counts rows of which nothing needs to be read.
    #[inline(never)]
    fn count_same(&mut self, query: &Query, rows: u64) -> Result<(), Error> {
        let cells: Vec<Cell<'_>> = self.plan.columns.iter().map(same_cell).collect();
        self.counting.count_same(query, &cells, rows)
    }
}

impl OpenGroup {
    /// Rows of the range that comes next.
    fn rows_left(&self) -> u64 {
        self.rows.end - self.rows.start
    }

    /// Goes to the next range if one is done; returns whether there are rows left.
    fn go_on(&mut self) -> bool {
        while self.rows.is_empty() {
            match self.more.next() {
                Some(rows) => self.rows = rows,
                None => return false,
            }
        }
        true
    }

    /// Makes sure that every column has the next row.
    fn fill(&mut self, rows_budget: &mut usize) -> Result<Filled, Error> {
        let mut filled = Filled::Ready;
        for column in &mut self.columns {
            let this = column
                .fill(self.rows.start, rows_budget)
                .map_err(|error| within_row_group(error, self.index))?;
            filled = filled.max(this);
        }
        Ok(filled)
    }

    /// The bytes that columns wait for, joined where they touch.
    fn missing(&self) -> Vec<Range<u64>> {
        joined(self.columns.iter().flat_map(Column::missing).collect(), 0)
    }
}

/// What each of the query's columns shows of the rows that the file's columns show.
fn views<'a>(sources: &'a [Source], leaves: &[View<'a>]) -> Vec<View<'a>> {
    let view = |source: &'a Source| match source {
        Source::Leaf(place) => leaves
            .get(*place)
            .copied()
            .unwrap_or(View::Same(Cell::Null)),
        same => View::Same(same_cell(same)),
    };
    sources.iter().map(view).collect()
}

/// The cell of a column that is the same in every row.
pub(super) fn same_cell(source: &Source) -> Cell<'_> {
    match source {
        Source::Folder(Some(text)) => Cell::Bytes(text.as_bytes()),
        // Whatever it is, it is not null.
        Source::Present => Cell::Int(1),
        _ => Cell::Null,
    }
}

fn within_row_group(error: Error, index: usize) -> Error {
    match error.kind() {
        ErrorKind::Limit | ErrorKind::Misuse => error,
        _ => error.within(format_args!("row group {index}")),
    }
}
