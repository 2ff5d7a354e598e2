//! The first rows of a file, column by column: what a reader looks at before asking anything.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;

use crate::aggregate::{Class, shown};
use crate::scan::{Column, Filled, joined};
use crate::{Error, ErrorKind, FileInfo, Footer, Limits, Step, Value};

/// Rows of a preview at most.
const ROWS_MAX: usize = 10_000;
/// Columns of a preview at most.
const COLUMNS_MAX: usize = 200;
/// Bytes of text that all values of a preview have at most. 16 MiB.
const TEXT_BYTES_MAX: usize = 16 << 20;
/// Bytes of a column that are asked for first; a column that needs more is asked for four times as many each time.
const FETCH_BYTES_FIRST: u64 = 64 << 10;
/// Rows that are taken from a column between two looks at the limits.
const BATCH_ROWS: usize = 256;

/// Reads the first rows of some columns. It reads nothing itself: see [`crate::Scan`], whose [`Step`] it shares.
///
/// A column that can't be shown, a list or a damaged one, says why and leaves the others alone.
pub struct Preview {
    file: FileInfo,
    footer: Arc<Footer>,
    limits: Limits,
    rows_max: usize,
    columns: Vec<Reading>,
    text_bytes_max: usize,
    chunks_opened: u64,
}

/// What a preview found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Previewed {
    /// The columns, in the order in which they were asked for.
    pub columns: Vec<PreviewedColumn>,
    /// The rows that every column without a problem has.
    pub rows: usize,
    /// Whether values were so long that there are fewer rows than were asked for.
    pub cut: bool,
}

/// A column of a preview.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreviewedColumn {
    /// Its name.
    pub name: String,
    /// Its first values.
    pub values: Vec<Value>,
    /// Why there are no values, or no more of them.
    pub problem: Option<Error>,
}

/// A column in one row group: its bytes, the row that is next, and all its rows.
struct OpenChunk {
    column: Column,
    row: u64,
    rows: u64,
}

/// A column that is being read.
struct Reading {
    name: String,
    source: Source,
    values: Vec<Value>,
    text_bytes: usize,
    problem: Option<Error>,
    /// Bytes that it may ask for at once.
    fetch_bytes: u64,
}

/// Where its values come from.
enum Source {
    /// The name of a folder.
    Same(Value),
    Leaf {
        leaf: usize,
        class: Option<Class>,
        /// The row group after the open one, and what is left of that.
        next_row_group: usize,
        open: Option<Box<OpenChunk>>,
    },
    /// There is nothing to read.
    Nothing,
}

impl Preview {
    /// A preview of the columns of these names; at most 200 columns and 10,000 rows.
    pub fn new(
        file: FileInfo,
        footer: Arc<Footer>,
        columns: &[String],
        rows_max: usize,
        limits: &Limits,
    ) -> Self {
        let taken = columns.len().min(COLUMNS_MAX);
        let rows = usize::try_from(footer.rows()).unwrap_or(usize::MAX);
        Self {
            columns: columns
                .iter()
                .take(taken)
                .map(|name| Reading::new(name, &file, &footer))
                .collect(),
            text_bytes_max: TEXT_BYTES_MAX / taken.max(1),
            rows_max: rows_max.min(ROWS_MAX).min(rows),
            limits: limits.clone(),
            chunks_opened: 0,
            file,
            footer,
        }
    }

    /// Reads on, or says what is missing. Never [`Step::More`].
    pub fn advance(&mut self) -> Step {
        let mut missing: Vec<Range<u64>> = Vec::new();
        for index in 0..self.columns.len() {
            match self.read(index) {
                Ok(ranges) => missing.extend(ranges),
                Err(error) => {
                    if let Some(reading) = self.columns.get_mut(index) {
                        reading.source = Source::Nothing;
                        reading.problem = Some(error);
                    }
                }
            }
        }
        if missing.is_empty() {
            return Step::Done;
        }
        Step::Need(joined(missing, 0))
    }

    /// Takes bytes of the file, from `start` on; also more than was asked for.
    pub fn feed(&mut self, start: u64, bytes: &Bytes) -> Result<(), Error> {
        self.file.check_fed(start, bytes)?;
        for reading in &mut self.columns {
            if let Source::Leaf {
                open: Some(open), ..
            } = &mut reading.source
            {
                open.column.feed(start, bytes);
            }
        }
        Ok(())
    }

    /// The rows, after [`Step::Done`].
    pub fn finish(self) -> Previewed {
        let whole = self
            .columns
            .iter()
            .filter(|column| column.problem.is_none());
        let rows = whole
            .map(|column| column.rows(self.rows_max))
            .min()
            .unwrap_or(0);
        let columns = self.columns.into_iter().map(|mut column| {
            if let Source::Same(value) = &column.source {
                column.values = vec![value.clone(); rows];
            }
            column.values.truncate(rows);
            PreviewedColumn {
                name: column.name,
                values: column.values,
                problem: column.problem,
            }
        });
        Previewed {
            columns: columns.collect(),
            rows,
            cut: rows < self.rows_max,
        }
    }

    /// Reads a column on until it has its rows or bytes are missing: those are returned.
    fn read(&mut self, index: usize) -> Result<Vec<Range<u64>>, Error> {
        let Some(reading) = self.columns.get_mut(index) else {
            return Ok(Vec::new());
        };
        while reading.values.len() < self.rows_max && reading.text_bytes < self.text_bytes_max {
            let Source::Leaf {
                leaf,
                class,
                next_row_group,
                open,
            } = &mut reading.source
            else {
                break;
            };
            let Some(opened) = open else {
                let Some(group) = self.footer.row_groups().get(*next_row_group) else {
                    break;
                };
                let rows = group.rows;
                if rows > 0 {
                    let chunks = self.footer.chunks(*next_row_group, &[*leaf])?;
                    let (Some(chunk), Some(leaf)) =
                        (chunks.first(), self.footer.schema().leaves.get(*leaf))
                    else {
                        break;
                    };
                    self.chunks_opened += 1;
                    let column = Column::new(
                        leaf,
                        chunk,
                        self.chunks_opened,
                        self.file.size_bytes,
                        &self.limits,
                    )?;
                    *open = Some(Box::new(OpenChunk {
                        column,
                        row: 0,
                        rows,
                    }));
                }
                *next_row_group += 1;
                continue;
            };
            let OpenChunk { column, row, rows } = opened.as_mut();
            // Rows are never skipped, so there is no work to limit.
            let mut rows_budget = usize::MAX;
            if column.fill(*row, &mut rows_budget)? == Filled::Missing {
                let missing = column.missing();
                let wanted = clipped(missing, reading.fetch_bytes);
                reading.fetch_bytes = reading.fetch_bytes.saturating_mul(4);
                return Ok(wanted);
            }
            let taken = column
                .rows_left()
                .min(BATCH_ROWS)
                .min(self.rows_max - reading.values.len());
            if taken == 0 {
                return Err(Error::new(
                    ErrorKind::Corrupt,
                    format!("column {} ends before its row group", reading.name),
                ));
            }
            column.prepare(taken);
            let view = column.view(taken);
            for place in 0..taken {
                let value = class.map_or(Ok(Value::Null), |class| {
                    view.cell(place)
                        .map(|cell| shown(&class.value(cell), Some(class)))
                })?;
                if let Value::Text(bytes) = &value {
                    reading.text_bytes += bytes.len();
                }
                reading.values.push(value);
                // One batch of very long texts may be more than all that is allowed.
                if reading.text_bytes >= self.text_bytes_max {
                    break;
                }
            }
            column.skip(taken);
            *row += taken as u64;
            if *row >= *rows {
                *open = None;
            }
        }
        Ok(Vec::new())
    }
}

impl Reading {
    fn new(name: &str, file: &FileInfo, footer: &Footer) -> Self {
        let (source, problem) = match Self::source(name, file, footer) {
            Ok(source) => (source, None),
            Err(error) => (Source::Nothing, Some(error)),
        };
        Self {
            name: name.to_owned(),
            source,
            values: Vec::new(),
            text_bytes: 0,
            problem,
            fetch_bytes: FETCH_BYTES_FIRST,
        }
    }

    fn source(name: &str, file: &FileInfo, footer: &Footer) -> Result<Source, Error> {
        // A folder's value wins over the file's column, as in a query.
        let folder = file.partition.iter().rev().find(|(known, _)| known == name);
        if let Some((_, value)) = folder {
            let value = value.as_deref().map_or(Value::Null, Value::text);
            return Ok(Source::Same(value));
        }
        let schema = footer.schema();
        let Some(leaf) = schema.find(name) else {
            return Err(Error::new(
                ErrorKind::Column,
                format!("there is no column `{name}`"),
            ));
        };
        let ty = schema.leaves.get(leaf).map(|leaf| (leaf.ty, leaf.max_rep));
        if ty.is_some_and(|(_, max_rep)| max_rep > 0) {
            return Err(Error::new(
                ErrorKind::Column,
                format!("column `{name}` is repeated (a list or a map) and can't be shown yet"),
            ));
        }
        let class = ty.and_then(|(ty, _)| Class::of(ty));
        if class.is_some_and(|class| !class.is_readable()) {
            return Err(Error::new(
                ErrorKind::Unsupported,
                format!(
                    "column `{name}` is a decimal with more digits after the point than can be read"
                ),
            ));
        }
        Ok(Source::Leaf {
            leaf,
            class,
            next_row_group: 0,
            open: None,
        })
    }

    /// The rows it has of those that are asked for.
    fn rows(&self, rows_max: usize) -> usize {
        match self.source {
            Source::Same(_) => rows_max,
            _ => self.values.len(),
        }
    }
}

/// The first `bytes_max` bytes of ranges.
fn clipped(ranges: Vec<Range<u64>>, bytes_max: u64) -> Vec<Range<u64>> {
    let mut left = bytes_max;
    let mut clipped = Vec::new();
    for range in ranges {
        if left == 0 {
            break;
        }
        let end = range.end.min(range.start.saturating_add(left));
        left -= end - range.start;
        clipped.push(range.start..end);
    }
    clipped
}

#[cfg(test)]
mod tests;
