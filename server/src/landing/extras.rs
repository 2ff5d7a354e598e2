//! The columns of a lake file that come from plugins.

use ::parquet::column::reader::ColumnReader;
use ::parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use ::parquet::errors::ParquetError;
use ::parquet::file::metadata::{KeyValue, ParquetMetaData};
use ::parquet::file::reader::RowGroupReader;
use ::parquet::file::writer::SerializedColumnWriter;

use super::LandingError;
use super::layout::Layout;
use super::parquet::{Columns, Optional};
use super::reading::{self, read};
use crate::plugins::{Field, Input, Output, PROVIDER, PluginRecord, PluginSet};

/// The key of a file's metadata under which the plugins' records stand, as JSON.
const METADATA_KEY: &str = "questlog.plugins";

impl Columns {
    /// Has the plugins fill their columns: `provider`, and those beyond the lake's own. Says what came of each.
    pub(super) fn enrich(&mut self, layout: &Layout, plugins: &PluginSet) -> Vec<PluginRecord> {
        let rows = self.rows();
        let mut records = Vec::new();
        for plugin in &plugins.plugins {
            let description = &plugin.description;
            let fields = description.reads.iter();
            let inputs: Vec<Input<'_>> = fields
                .map(|field| self.input(&field.name, layout))
                .collect();
            let enriched = plugin.enrich(&inputs, rows);
            records.push(PluginRecord {
                name: plugin.name.clone(),
                sha256: plugin.sha256().to_owned(),
                config_sha256: plugin.config_sha256().to_owned(),
                generation: plugins.generation,
                writes: description.writes.clone(),
                batches: vec![enriched.batch],
            });
            for (field, column) in description.writes.iter().zip(enriched.columns) {
                match column {
                    Output::Text(texts) if field.name == PROVIDER => {
                        self.providers = Optional::default();
                        for text in texts {
                            self.providers.push(text.map(ByteArray::from));
                        }
                    }
                    column => self.extras.push(column),
                }
            }
        }
        records
    }

    /// Adds those of the columns `extras` that no plugin has filled, with nulls.
    pub(super) fn add_blank(&mut self, extras: &[Field]) {
        for field in extras.iter().skip(self.extras.len()) {
            let mut column = Output::new(field.kind);
            column.push_nulls(self.rows());
            self.extras.push(column);
        }
    }

    /// A column as plugins read it.
    fn input(&self, name: &str, layout: &Layout) -> Input<'_> {
        fn texts(column: &Optional<ByteArray>) -> Input<'_> {
            Input::Text(
                column
                    .iter()
                    .map(|text| text.map(ByteArray::data))
                    .collect(),
            )
        }
        match name {
            "timestamp" => Input::Integer(self.timestamps.iter().copied().map(Some).collect()),
            "received_at" => Input::Integer(
                self.received_at
                    .iter()
                    .map(Option::<&i64>::copied)
                    .collect(),
            ),
            "event_type" => {
                let values = self.event_types.iter();
                Input::Text(values.map(|text| Some(text.data())).collect())
            }
            "item" => texts(&self.items),
            "id" => texts(&self.ids),
            PROVIDER => texts(&self.providers),
            "properties" => texts(&self.properties),
            header => match layout.headers().iter().position(|name| name == header) {
                Some(at) => texts(&self.headers[at]),
                None => Input::Text(vec![None; self.rows()]),
            },
        }
    }
}

impl Columns {
    /// A row group's rows, with the columns `extras` after the layout's own.
    pub(super) fn read(
        group: &dyn RowGroupReader,
        layout: &Layout,
        extras: &[Field],
    ) -> Result<Self, LandingError> {
        let mut columns = Self::new(layout);
        let timestamps = reading::instants(group, "timestamp")?;
        columns.timestamps = timestamps.into_iter().flatten().collect();
        let event_types = reading::texts(group, "event_type")?;
        columns.event_types = event_types.into_iter().flatten().collect();
        for instant in reading::instants(group, "received_at")? {
            columns.received_at.push(instant);
        }
        let names = layout.columns();
        let texts = names.filter(|name| !["timestamp", "event_type", "received_at"].contains(name));
        for (column, name) in columns.optional_texts().zip(texts) {
            for text in reading::texts(group, name)? {
                column.push(text);
            }
        }
        for field in extras {
            let mut column = Output::new(field.kind);
            add_rows(&mut column, group, &field.name)?;
            columns.extras.push(column);
        }
        Ok(columns)
    }
}

/// What a file says of the plugins that wrote into it; nothing where there were none, so that such files stay as they are.
pub(super) fn metadata(records: &[PluginRecord]) -> Option<KeyValue> {
    if records.is_empty() {
        return None;
    }
    let json = serde_json::to_string(records).ok()?;
    Some(KeyValue::new(METADATA_KEY.to_owned(), json))
}

/// Writes some rows of a column.
pub(super) fn write(
    column: &Output,
    start: usize,
    end: usize,
    writer: &mut SerializedColumnWriter<'_>,
) -> Result<(), LandingError> {
    fn batch<D: DataType>(
        values: impl Iterator<Item = Option<D::T>>,
        writer: &mut SerializedColumnWriter<'_>,
    ) -> Result<(), LandingError> {
        let mut column = Optional::default();
        values.for_each(|value| column.push(value));
        let (levels, values) = column.parts();
        writer
            .typed::<D>()
            .write_batch(values, Some(levels), None)?;
        Ok(())
    }
    match column {
        Output::Text(values) => {
            let values = values[start..end].iter().cloned();
            batch::<ByteArrayType>(values.map(|text| text.map(ByteArray::from)), writer)
        }
        Output::Integer(values) => batch::<Int64Type>(values[start..end].iter().copied(), writer),
        Output::Float(values) => batch::<DoubleType>(values[start..end].iter().copied(), writer),
        Output::Flag(values) => batch::<BoolType>(values[start..end].iter().copied(), writer),
    }
}

/// The columns that the plugins of some files wrote; `None` if two of them are of one name and differ.
pub(super) fn of_records<'a>(
    records: impl Iterator<Item = &'a PluginRecord>,
) -> Option<Vec<Field>> {
    let mut fields: Vec<Field> = Vec::new();
    for field in records.flat_map(|record| &record.writes) {
        match fields.iter().find(|other| other.name == field.name) {
            _ if field.name == PROVIDER => {}
            None => fields.push(field.clone()),
            Some(other) if other.kind == field.kind => {}
            Some(_) => return None,
        }
    }
    Some(fields)
}

/// Whether a file has exactly the layout's own columns, and of `extras` some or all.
pub(super) fn are_columns_of(layout: &Layout, extras: &[Field], file: &ParquetMetaData) -> bool {
    let columns = file.file_metadata().schema_descr().columns().iter();
    let is_own = |name: &&str| !extras.iter().any(|extra| extra.name == *name);
    let own = columns.map(|column| column.name()).filter(is_own);
    own.eq(layout.columns())
}

/// Adds a row group's rows of a column; nulls where the file has no such column.
pub(super) fn add_rows(
    column: &mut Output,
    group: &dyn RowGroupReader,
    name: &str,
) -> Result<(), ParquetError> {
    let columns = group.metadata().columns().iter();
    let mut places = columns.enumerate();
    let place = places.find(|(_, column)| column.column_path().parts() == [name]);
    let Some((at, _)) = place else {
        let rows = usize::try_from(group.metadata().num_rows()).unwrap_or(0);
        column.push_nulls(rows);
        return Ok(());
    };
    match (column, group.get_column_reader(at)?) {
        (Output::Text(rows), ColumnReader::ByteArrayColumnReader(reader)) => {
            let texts = read(reader, true, group)?.into_iter();
            rows.extend(
                texts.map(|text| text.map(|text| bytes::Bytes::copy_from_slice(text.data()))),
            );
        }
        (Output::Integer(rows), ColumnReader::Int64ColumnReader(reader)) => {
            rows.extend(read(reader, true, group)?);
        }
        (Output::Float(rows), ColumnReader::DoubleColumnReader(reader)) => {
            rows.extend(read(reader, true, group)?);
        }
        (Output::Flag(rows), ColumnReader::BoolColumnReader(reader)) => {
            rows.extend(read(reader, true, group)?);
        }
        _ => {
            return Err(ParquetError::General(format!(
                "column {name} is not what its plugin said"
            )));
        }
    }
    Ok(())
}
