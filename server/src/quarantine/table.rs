//! The quarantine as a table, so that it can be asked like the lake: which reasons, from which hosts, since when.

use std::ops::ControlFlow;
use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;
use questlog_core::event::parse_instant;

use super::page::Listed;
use super::record::{Place, Raw};
use super::{Quarantine, QuarantineError};
use crate::landing::LandingError;

/// Entries that a query looks at, at most.
const ENTRIES_MAX: u64 = 1_000_000;
/// Rows of a row group.
const GROUP_ROWS: usize = 64 << 10;
/// Bytes of what was refused that are in the table: enough to tell what it was.
const RAW_BYTES_MAX: usize = 1 << 10;

/// Columns before the headers'.
const TIMES: [&str; 1] = ["received_at"];
const NUMBERS: [&str; 2] = ["index", "bytes"];
const TEXTS: [&str; 5] = ["position", "door", "reason", "replayed", "raw"];

/// The rows of a row group, column by column.
#[derive(Default)]
struct Rows {
    numbers: [Vec<i64>; TIMES.len() + NUMBERS.len()],
    texts: Vec<Vec<Option<ByteArray>>>,
}

impl Quarantine {
    /// All entries as a Parquet file in memory, with a column for each of `headers`.
    pub fn table(&self, headers: &[String]) -> Result<Bytes, QuarantineError> {
        let file = |error: ParquetError| QuarantineError::from(LandingError::from(error));
        let headers: Vec<&str> = headers
            .iter()
            .map(String::as_str)
            .filter(|header| !is_own(header))
            .collect();
        let schema = Arc::new(schema(&headers).map_err(file)?);
        let level = ZstdLevel::try_new(1).map_err(file)?;
        let properties = WriterProperties::builder().set_compression(Compression::ZSTD(level));
        let properties = Arc::new(properties.build());
        let mut writer = SerializedFileWriter::new(vec![], schema, properties).map_err(file)?;
        let mut rows = Rows::new(&headers);
        let mut entries = 0;
        self.each_entry(Place(0, 0), |_, entry| {
            entries += 1;
            if entries > ENTRIES_MAX {
                return Err(QuarantineError::TooMany(ENTRIES_MAX));
            }
            rows.push(&entry, &headers);
            if rows.len() == GROUP_ROWS {
                let full = std::mem::replace(&mut rows, Rows::new(&headers));
                full.write(&mut writer).map_err(file)?;
            }
            Ok(ControlFlow::Continue(()))
        })?;
        rows.write(&mut writer).map_err(file)?;
        Ok(writer.into_inner().map_err(file)?.into())
    }
}

impl Rows {
    fn new(headers: &[&str]) -> Self {
        Self {
            texts: vec![vec![]; TEXTS.len() + headers.len()],
            ..Self::default()
        }
    }

    fn len(&self) -> usize {
        self.numbers[0].len()
    }

    fn push(&mut self, entry: &Listed, headers: &[&str]) {
        let received_at_us = parse_instant(&entry.received_at).unwrap_or(0);
        let index = i64::try_from(entry.index).unwrap_or(i64::MAX);
        let bytes = i64::try_from(entry.bytes).unwrap_or(i64::MAX);
        for (column, value) in self.numbers.iter_mut().zip([received_at_us, index, bytes]) {
            column.push(value);
        }
        let raw = match &entry.raw {
            Raw::Text(text) => Some(&text[..text.floor_char_boundary(RAW_BYTES_MAX)]),
            // What is no text can't be shown as one; the page has it.
            Raw::Base64(_) => None,
        };
        let replayed = if entry.replayed { "yes" } else { "no" };
        let own = [
            Some(entry.position.as_str()),
            Some(&entry.door),
            Some(&entry.reason),
            Some(replayed),
            raw,
        ];
        let headers = headers
            .iter()
            .map(|header| entry.headers.get(*header)?.as_str());
        for (column, text) in self.texts.iter_mut().zip(own.into_iter().chain(headers)) {
            column.push(text.map(ByteArray::from));
        }
    }

    fn write(self, file: &mut SerializedFileWriter<Vec<u8>>) -> Result<(), ParquetError> {
        if self.len() == 0 {
            return Ok(());
        }
        let mut group = file.next_row_group()?;
        let (mut numbers, mut texts) = (self.numbers.iter(), self.texts.iter());
        while let Some(mut column) = group.next_column()? {
            if let Some(numbers) = numbers.next() {
                column
                    .typed::<Int64Type>()
                    .write_batch(numbers, None, None)?;
            } else if let Some(texts) = texts.next() {
                let levels: Vec<i16> = texts.iter().map(|text| i16::from(text.is_some())).collect();
                let values: Vec<ByteArray> = texts.iter().flatten().cloned().collect();
                column
                    .typed::<ByteArrayType>()
                    .write_batch(&values, Some(&levels), None)?;
            }
            column.close()?;
        }
        group.close()?;
        Ok(())
    }
}

/// Whether a header's name is that of a column of the table itself.
fn is_own(header: &str) -> bool {
    let mut own = TIMES.iter().chain(&NUMBERS).chain(&TEXTS);
    own.any(|column| column.eq_ignore_ascii_case(header))
}

fn schema(headers: &[&str]) -> Result<Type, ParquetError> {
    let column = |name: &str, physical, repetition, logical| {
        let column = Type::primitive_type_builder(name, physical).with_repetition(repetition);
        Ok::<_, ParquetError>(Arc::new(column.with_logical_type(logical).build()?))
    };
    let mut fields = vec![];
    for name in TIMES {
        let instant = Some(LogicalType::timestamp(true, TimeUnit::MICROS));
        fields.push(column(
            name,
            Physical::INT64,
            Repetition::REQUIRED,
            instant,
        )?);
    }
    for name in NUMBERS {
        fields.push(column(name, Physical::INT64, Repetition::REQUIRED, None)?);
    }
    for name in TEXTS.iter().chain(headers) {
        let text = Some(LogicalType::String);
        fields.push(column(
            name,
            Physical::BYTE_ARRAY,
            Repetition::OPTIONAL,
            text,
        )?);
    }
    Type::group_type_builder("quarantine")
        .with_fields(fields)
        .build()
}
