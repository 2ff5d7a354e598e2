//! Rows of files in memory, to be sorted.

use std::cmp::Ordering;
use std::ops::Range;

use ::parquet::data_type::ByteArray;
use ::parquet::file::reader::RowGroupReader;

use super::layout::{LEADING, Layout, TRAILING};
use super::parquet::Columns;
use super::{LandingError, extras, reading};
use crate::plugins::Output;

/// Rows of several files, in memory.
pub(super) struct Rows {
    timestamps: Vec<Option<i64>>,
    event_types: Vec<Option<ByteArray>>,
    received_at: Vec<Option<i64>>,
    /// The other columns, in their order.
    texts: Vec<Vec<Option<ByteArray>>>,
    /// Those that plugins wrote.
    extras: Vec<Output>,
}

impl Rows {
    pub(super) fn new(layout: &Layout) -> Self {
        // Three of the leading columns are no text or not among `texts`.
        let texts = LEADING.len() - 3 + layout.headers().len() + TRAILING.len();
        let extras = layout.extras().iter();
        Self {
            timestamps: vec![],
            event_types: vec![],
            received_at: vec![],
            texts: vec![vec![]; texts],
            extras: extras.map(|extra| Output::new(extra.kind)).collect(),
        }
    }

    pub(super) fn count(&self) -> usize {
        self.timestamps.len()
    }

    /// Adds a row group's rows.
    pub(super) fn add(
        &mut self,
        group: &dyn RowGroupReader,
        layout: &Layout,
    ) -> Result<(), LandingError> {
        let mut texts = self.texts.iter_mut();
        for name in layout.columns() {
            match name {
                "timestamp" => self.timestamps.extend(reading::instants(group, name)?),
                "received_at" => self.received_at.extend(reading::instants(group, name)?),
                "event_type" => self.event_types.extend(reading::texts(group, name)?),
                _ => {
                    if let Some(column) = texts.next() {
                        column.extend(reading::texts(group, name)?);
                    }
                }
            }
        }
        for (column, extra) in self.extras.iter_mut().zip(layout.extras()) {
            extras::add_rows(column, group, &extra.name)?;
        }
        Ok(())
    }

    /// Adds rows of others of the same layout.
    pub(super) fn append(&mut self, other: &Self, rows: Range<usize>) {
        self.timestamps.extend(&other.timestamps[rows.clone()]);
        self.received_at.extend(&other.received_at[rows.clone()]);
        let event_types = &other.event_types[rows.clone()];
        self.event_types.extend(event_types.iter().cloned());
        for (mine, theirs) in self.texts.iter_mut().zip(&other.texts) {
            mine.extend(theirs[rows.clone()].iter().cloned());
        }
        let places: Vec<u32> = rows.map(number).collect();
        for (mine, theirs) in self.extras.iter_mut().zip(&other.extras) {
            mine.append(theirs.pick(&places));
        }
    }

    /// Which of two rows comes first: by event type, then time.
    pub(super) fn compare(&self, row: usize, other: &Self, other_row: usize) -> Ordering {
        self.key(row).cmp(&other.key(other_row))
    }

    fn key(&self, row: usize) -> (Option<&[u8]>, Option<i64>) {
        let event_type = self.event_types[row].as_ref();
        (event_type.map(ByteArray::data), self.timestamps[row])
    }

    /// The rows by event type, then time, then as they came.
    pub(super) fn sorted(self, layout: &Layout) -> Columns {
        let mut order: Vec<u32> = (0..self.count()).map(number).collect();
        order.sort_by(|&a, &b| self.compare(a as usize, &self, b as usize));
        let mut columns = Columns::new(layout);
        columns.extras = self.extras.iter().map(|extra| extra.pick(&order)).collect();
        for row in order.into_iter().map(|row| row as usize) {
            columns.timestamps.extend(self.timestamps[row]);
            columns.event_types.extend(self.event_types[row].clone());
            columns.received_at.push(self.received_at[row]);
            for (column, values) in columns.optional_texts().zip(&self.texts) {
                column.push(values[row].clone());
            }
        }
        columns
    }
}

/// A row's number; there are far fewer in memory than that holds.
fn number(row: usize) -> u32 {
    u32::try_from(row).unwrap_or(u32::MAX)
}
