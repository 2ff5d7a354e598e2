//! The work of a scan once the footer is there: row groups, and the columns of the open one side by side.

use std::ops::Range;

use super::column::Column;
use super::condition::{Condition, TRUE};
use super::prune::Known;
use super::{CountBytes, Progress};
use crate::aggregate::{Cell, Keys, Measured, Rows, View};
use crate::parquet::Store;
use crate::plan::{Plan, Source};
use crate::{Error, ErrorKind, FileInfo, Footer, Limits, Query};

/// Rows that go through all steps together: few enough that what is made of them stays in the processor's first cache.
const BATCH_ROWS: usize = 4096;

/// What a scan has once the footer is there.
pub(super) struct Work {
    pub(super) plan: Plan,
    condition: Option<Condition>,
    pub(super) keys: Keys,
    pub(super) measured: Vec<Measured>,
    pub(super) open: Option<OpenGroup>,
    pub(super) next_row_group: usize,
    limits: Limits,
    chunks_opened: u64,
    groups: Vec<u32>,
    chosen: Vec<u32>,
}

/// The row group that is being read.
pub(super) struct OpenGroup {
    index: usize,
    pub(super) columns: Vec<Column>,
    rows_left: u64,
}

impl Work {
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
            limits: limits.clone(),
            chunks_opened: 0,
            groups: Vec::new(),
            chosen: Vec::new(),
        })
    }

    /// Opens the next row group, or skips it when the filter can't take anything from it.
    pub(super) fn open_row_group(
        &mut self,
        query: &Query,
        file: &FileInfo,
        footer: &Footer,
        tail: &Store,
        progress: &mut Progress,
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
            let leaves = self
                .plan
                .leaves
                .iter()
                .filter_map(|leaf| footer.schema().leaves.get(*leaf));
            let known = Known {
                sources: &self.plan.columns,
                leaves: leaves.zip(&chunks).collect(),
                providers: query.matcher(),
            };
            if self
                .condition
                .as_ref()
                .is_some_and(|condition| !known.may_meet(condition))
            {
                progress.rows_done += rows_left;
                progress.row_groups_done += 1;
                return Ok(());
            }
            let bytes: u64 = chunks
                .iter()
                .map(|chunk| chunk.byte_range.count_bytes())
                .sum();
            for (leaf, chunk) in known.leaves {
                self.chunks_opened += 1;
                let column = Column::new(
                    leaf,
                    chunk,
                    self.chunks_opened,
                    file.size_bytes,
                    &self.limits,
                );
                let mut column = column.map_err(|error| within_row_group(error, index))?;
                if bytes <= self.limits.fetch_bytes_max {
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
        let groups_len = self.keys.count();
        for measured in &mut self.measured {
            measured.update_same(&cells, (group, groups_len), rows, providers)?;
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

/// The cell of a column that is the same in every row.
pub(super) fn same_cell(source: &Source) -> Cell<'_> {
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
