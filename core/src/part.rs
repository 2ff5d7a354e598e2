//! A file in parts that are counted by themselves, and how to cut one so that several workers have enough to do.

use std::ops::Range;

use crate::{ColumnChunk, Error, ErrorKind, Footer, Query};

/// Pages of a column that a part of a row group has at least: one page at each cut is read by both neighbours.
const PAGES_MIN: u64 = 2;
/// Bytes of an offset index for each page, about.
const PLACE_BYTES: u64 = 16;

/// A part of a file: some of its row groups, or some rows of one of them.
///
/// The parts that a file is cut into bring together, in any order, what the whole file brings, to the byte. What
/// belongs to no row is counted by one of them: a file by the part that has its row group 0, a row group by the part
/// that has its row 0, and bytes that several parts need by the first of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    row_groups: Range<usize>,
    rows: Option<Range<u64>>,
}

impl From<Range<usize>> for Part {
    /// Whole row groups.
    fn from(row_groups: Range<usize>) -> Self {
        Self {
            row_groups,
            rows: None,
        }
    }
}

impl Part {
    /// Some rows of a row group, numbered from its first, which is 0.
    pub fn of_rows(row_group: usize, rows: Range<u64>) -> Self {
        Self {
            row_groups: row_group..row_group.saturating_add(1),
            rows: Some(rows),
        }
    }

    /// The row groups that it is of.
    pub fn row_groups(&self) -> Range<usize> {
        self.row_groups.clone()
    }

    /// The rows that it is, numbered from its row group's first, if it is not of whole row groups.
    pub fn rows(&self) -> Option<Range<u64>> {
        self.rows.clone()
    }

    /// How many rows it has.
    pub fn rows_len(&self, footer: &Footer) -> u64 {
        let groups = footer
            .row_groups()
            .get(self.row_groups())
            .unwrap_or_default();
        let rows = groups.iter().map(|group| group.rows).sum();
        match &self.rows {
            Some(own) => own.end.min(rows).saturating_sub(own.start),
            None => rows,
        }
    }

    /// Whether it is the part that counts the file.
    pub(crate) fn counts_file(&self, footer: &Footer) -> bool {
        let starts = self.row_groups.start == 0;
        starts && (self.rows.is_none() || self.row_groups_counted(footer) > 0)
    }

    /// The row groups that it counts.
    pub(crate) fn row_groups_counted(&self, footer: &Footer) -> u64 {
        match &self.rows {
            None => self.row_groups.len() as u64,
            Some(rows) => u64::from(counts_row_group(rows, self.rows_of_group(footer))),
        }
    }

    /// An error if the file has no such part.
    pub(crate) fn check(&self, footer: &Footer) -> Result<(), Error> {
        let misuse = |problem| Err(Error::new(ErrorKind::Misuse, problem));
        let (end, groups) = (self.row_groups.end, footer.row_groups().len());
        if end > groups && !self.row_groups.is_empty() {
            return misuse(format!(
                "row groups to {end} were asked for, but there are {groups}"
            ));
        }
        match &self.rows {
            Some(rows) if rows.start > rows.end || rows.end > self.rows_of_group(footer) => {
                misuse(format!(
                    "rows {} to {} were asked for, but row group {} has {}",
                    rows.start,
                    rows.end,
                    self.row_groups.start,
                    self.rows_of_group(footer)
                ))
            }
            _ => Ok(()),
        }
    }

    fn rows_of_group(&self, footer: &Footer) -> u64 {
        let group = footer.row_groups().get(self.row_groups.start);
        group.map_or(0, |group| group.rows)
    }
}

/// Whether these of a row group's rows are the part that counts the row group.
pub(crate) fn counts_row_group(own: &Range<u64>, rows: u64) -> bool {
    own.start == 0 && (own.end > 0 || rows == 0)
}

/// How finely a file is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cutting {
    /// Bytes to read that a part is worth, so that giving it to a worker of its own pays.
    pub part_bytes: u64,
    /// So many parts give every worker enough to do: no row group is cut for more.
    pub parts_enough: u64,
}

impl Cutting {
    /// Cuts row groups of these costs into neighbours that are worth about [`Cutting::part_bytes`] together.
    pub fn row_groups(&self, costs_bytes: &[u64]) -> Vec<Range<usize>> {
        let mut parts = Vec::new();
        let (mut start, mut cost_bytes) = (0, 0_u64);
        for (row_group, &cost) in costs_bytes.iter().enumerate() {
            let more_bytes = cost_bytes.saturating_add(cost);
            // A part ends where it is closest to its worth, or workers would have to wait for one with twice as much.
            let without = self.part_bytes.saturating_sub(cost_bytes);
            if cost_bytes >= without && more_bytes.saturating_sub(self.part_bytes) > without {
                parts.push(start..row_group);
                (start, cost_bytes) = (row_group, cost);
            } else {
                cost_bytes = more_bytes;
            }
            if cost_bytes >= self.part_bytes {
                parts.push(start..row_group + 1);
                (start, cost_bytes) = (row_group + 1, 0);
            }
        }
        if start < costs_bytes.len() || parts.is_empty() {
            parts.push(start..costs_bytes.len());
        }
        parts
    }
}

impl Query {
    /// Bytes of a row group that this query reads, before pruning: what dealing out work goes by.
    pub fn cost_bytes(&self, footer: &Footer, row_group: usize) -> u64 {
        let chunks = self.chunks(footer, row_group);
        chunks.iter().map(|chunk| chunk.bytes_compressed).sum()
    }

    /// Cuts some row groups of a file into parts: cheap neighbours stay together, and one that is worth several parts
    /// is cut by its rows. The parts follow each other; there is at least one, which may be empty.
    pub fn parts(&self, footer: &Footer, row_groups: Range<usize>, cutting: Cutting) -> Vec<Part> {
        let first = row_groups.start;
        let costs: Vec<u64> = row_groups
            .map(|row_group| self.cost_bytes(footer, row_group))
            .collect();
        let total = costs
            .iter()
            .fold(0_u64, |sum, &cost| sum.saturating_add(cost));
        let worth = (total / cutting.parts_enough.max(1))
            .max(cutting.part_bytes)
            .max(1);
        let mut parts = Vec::new();
        for range in cutting.row_groups(&costs) {
            // The one that made it worth a part is its last.
            let last = range.end.saturating_sub(1).max(range.start);
            let cost = costs.get(last).copied().unwrap_or(0);
            let cuts = if cost / worth > 1 {
                self.cuts_max(footer, first + last).min(cost / worth)
            } else {
                1
            };
            if cuts < 2 {
                parts.push(Part::from(first + range.start..first + range.end));
                continue;
            }
            if range.start < last {
                parts.push(Part::from(first + range.start..first + last));
            }
            parts.extend(by_rows(footer, first + last, cuts));
        }
        parts
    }

    /// Into how many parts a row group can be cut at most, by its pages: to know a column's row all of its page is read.
    fn cuts_max(&self, footer: &Footer, row_group: usize) -> u64 {
        let chunks = self.chunks(footer, row_group);
        let costliest = chunks.iter().max_by_key(|chunk| chunk.bytes_compressed);
        costliest.map_or(1, |chunk| pages(chunk) / PAGES_MIN)
    }

    fn chunks(&self, footer: &Footer, row_group: usize) -> Vec<ColumnChunk> {
        let find = |name: &String| footer.schema().find(name);
        let leaves: Vec<usize> = self.columns().iter().filter_map(find).collect();
        footer.chunks(row_group, &leaves).unwrap_or_default()
    }
}

/// About how many data pages a chunk has: by the writer's count, or by the length of its page index. Where neither is
/// there it may well be one page, as some writers make them, and all of them would have to read it.
fn pages(chunk: &ColumnChunk) -> u64 {
    let by_index = || {
        let index = chunk.offset_index.as_ref()?;
        Some((index.end - index.start) / PLACE_BYTES)
    };
    chunk.data_pages.or_else(by_index).unwrap_or(1)
}

/// A row group in parts of about as many rows each.
fn by_rows(footer: &Footer, row_group: usize, cuts: u64) -> Vec<Part> {
    let rows = footer
        .row_groups()
        .get(row_group)
        .map_or(0, |group| group.rows);
    let cuts = cuts.min(rows).max(1);
    let (share, more) = (rows / cuts, rows % cuts);
    // The first ones have one row more, until the rest is used up.
    let edge = |cut: u64| share * cut + cut.min(more);
    (0..cuts)
        .map(|cut| Part::of_rows(row_group, edge(cut)..edge(cut + 1)))
        .collect()
}
