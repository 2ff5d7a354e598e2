//! Columns to Parquet bytes, by the page-level writer of the `parquet` crate.

use std::io::Write;
use std::sync::Arc;

use bytes::Bytes;
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};

use super::LandingError;
use super::extras;
use super::layout::{LEADING, Layout, TRAILING};
use crate::plugins::{Output, PluginRecord};

/// The rows of one file, column by column.
#[derive(Debug)]
pub(super) struct Columns {
    pub(super) timestamps: Vec<i64>,
    pub(super) received_at: Optional<i64>,
    pub(super) event_types: Vec<ByteArray>,
    pub(super) items: Optional<ByteArray>,
    pub(super) ids: Optional<ByteArray>,
    pub(super) headers: Vec<Optional<ByteArray>>,
    pub(super) providers: Optional<ByteArray>,
    pub(super) properties: Optional<ByteArray>,
    /// What plugins wrote, in the order of the layout's extras.
    pub(super) extras: Vec<Output>,
}

/// A column that may be null: a level for every row (1 where there is a value), and the values there are.
#[derive(Clone, Debug)]
pub(super) struct Optional<T> {
    levels: Vec<i16>,
    values: Vec<T>,
}

impl<T> Default for Optional<T> {
    fn default() -> Self {
        Self {
            levels: vec![],
            values: vec![],
        }
    }
}

impl<T> Optional<T> {
    /// A level for every row, and the values there are.
    pub(super) fn parts(&self) -> (&[i16], &[T]) {
        (&self.levels, &self.values)
    }

    /// The value or null of each row.
    pub(super) fn iter(&self) -> impl Iterator<Item = Option<&T>> {
        let mut values = self.values.iter();
        let levels = self.levels.iter();
        levels.map(move |&level| if level == 1 { values.next() } else { None })
    }

    pub(super) fn push(&mut self, value: Option<T>) {
        self.levels.push(i16::from(value.is_some()));
        self.values.extend(value);
    }
}

impl Columns {
    pub(super) fn new(layout: &Layout) -> Self {
        Self {
            timestamps: vec![],
            received_at: Optional::default(),
            event_types: vec![],
            items: Optional::default(),
            ids: Optional::default(),
            headers: vec![Optional::default(); layout.headers().len()],
            providers: Optional::default(),
            properties: Optional::default(),
            extras: vec![],
        }
    }

    pub(super) fn rows(&self) -> usize {
        self.timestamps.len()
    }

    /// The text columns that may be null, in their order.
    pub(super) fn optional_texts(&mut self) -> impl Iterator<Item = &mut Optional<ByteArray>> {
        let leading = [&mut self.items, &mut self.ids];
        let trailing = [&mut self.providers, &mut self.properties];
        leading.into_iter().chain(&mut self.headers).chain(trailing)
    }

    /// The rows as a Parquet file: same rows and layout, same bytes.
    pub(super) fn write(
        &self,
        layout: &Layout,
        properties: &Arc<WriterProperties>,
        plugins: &[PluginRecord],
    ) -> Result<Bytes, LandingError> {
        let mut file = FileWriter::new(layout, properties, vec![])?;
        file.add(self)?;
        Ok(Bytes::from(file.finish(plugins)?))
    }
}

/// A Parquet file that is being made.
pub(super) struct FileWriter<'a, W: Write + Send> {
    layout: &'a Layout,
    file: SerializedFileWriter<W>,
}

impl<'a, W: Write + Send> FileWriter<'a, W> {
    pub(super) fn new(
        layout: &'a Layout,
        properties: &Arc<WriterProperties>,
        out: W,
    ) -> Result<Self, LandingError> {
        let file = SerializedFileWriter::new(out, layout.schema(), Arc::clone(properties))?;
        Ok(Self { layout, file })
    }

    /// Adds rows, as row groups of their own.
    pub(super) fn add(&mut self, columns: &Columns) -> Result<(), LandingError> {
        let own_count = LEADING.len() + self.layout.headers().len() + TRAILING.len();
        let mut cursors = Cursors {
            columns,
            values_written: vec![0; own_count],
        };
        for start in (0..columns.rows()).step_by(self.layout.row_group_rows_max) {
            let end = columns.rows().min(start + self.layout.row_group_rows_max);
            let mut group = self.file.next_row_group()?;
            let mut at = 0_usize;
            while let Some(mut column) = group.next_column()? {
                match at.checked_sub(own_count) {
                    None => cursors.write_column(at, start, end, &mut column)?,
                    Some(extra) => extras::write(&columns.extras[extra], start, end, &mut column)?,
                }
                column.close()?;
                at += 1;
            }
            group.close()?;
        }
        Ok(())
    }

    /// The file, which says what came of the plugins.
    pub(super) fn finish(mut self, plugins: &[PluginRecord]) -> Result<W, LandingError> {
        if let Some(record) = extras::metadata(plugins) {
            self.file.append_key_value_metadata(record);
        }
        Ok(self.file.into_inner()?)
    }
}

/// How far each column's values (fewer than its rows, where it has nulls) have been written.
struct Cursors<'a> {
    columns: &'a Columns,
    values_written: Vec<usize>,
}

impl Cursors<'_> {
    /// Writes the rows `start..end` of the column that stands at `at` in the file.
    fn write_column(
        &mut self,
        at: usize,
        start: usize,
        end: usize,
        writer: &mut SerializedColumnWriter<'_>,
    ) -> Result<(), LandingError> {
        let columns = self.columns;
        let text = match at {
            0 => {
                writer.typed::<Int64Type>().write_batch(
                    &columns.timestamps[start..end],
                    None,
                    None,
                )?;
                return Ok(());
            }
            1 => {
                writer.typed::<ByteArrayType>().write_batch(
                    &columns.event_types[start..end],
                    None,
                    None,
                )?;
                return Ok(());
            }
            4 => {
                let (levels, values) = self.next(at, &columns.received_at, start, end);
                writer
                    .typed::<Int64Type>()
                    .write_batch(values, Some(levels), None)?;
                return Ok(());
            }
            2 => &columns.items,
            3 => &columns.ids,
            _ => match columns.headers.get(at - LEADING.len()) {
                Some(header) => header,
                None if at == LEADING.len() + columns.headers.len() => &columns.providers,
                None => &columns.properties,
            },
        };
        let (levels, values) = self.next(at, text, start, end);
        writer
            .typed::<ByteArrayType>()
            .write_batch(values, Some(levels), None)?;
        Ok(())
    }

    fn next<'c, T>(
        &mut self,
        at: usize,
        column: &'c Optional<T>,
        start: usize,
        end: usize,
    ) -> (&'c [i16], &'c [T]) {
        let levels = &column.levels[start..end];
        let first = self.values_written[at];
        let last = first + levels.iter().filter(|&&level| level == 1).count();
        self.values_written[at] = last;
        (levels, &column.values[first..last])
    }
}
