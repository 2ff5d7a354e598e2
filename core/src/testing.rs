//! Files of a writer that is not ours, and queries over them, for tests.

pub(crate) mod damage;
pub(crate) mod physical;
pub(crate) mod thrift;
mod values;

use std::sync::Arc;

use bytes::Bytes;
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, DoubleType, FixedLenByteArrayType, FloatType,
    Int32Type, Int64Type,
};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;

use crate::{Answer, Error, FileInfo, Limits, Partial, Query, QueryOptions, Scan, Step};
pub(crate) use values::any_value;

/// The values of one column in one row group; the column must be optional.
#[derive(Clone, Debug)]
pub(crate) enum Column {
    Bool(Vec<Option<bool>>),
    I32(Vec<Option<i32>>),
    I64(Vec<Option<i64>>),
    F32(Vec<Option<f32>>),
    F64(Vec<Option<f64>>),
    Text(Vec<Option<String>>),
    Fixed(Vec<Option<Vec<u8>>>),
}

/// Texts; the word "null" stands for null.
pub(crate) fn texts(words: &[&str]) -> Column {
    Column::Text(
        words
            .iter()
            .map(|word| (*word != "null").then(|| word.to_string()))
            .collect(),
    )
}

/// Whole numbers.
pub(crate) fn ints(numbers: impl IntoIterator<Item = i64>) -> Column {
    Column::I64(numbers.into_iter().map(Some).collect())
}

/// A file of these row groups.
pub(crate) fn file(
    schema: &str,
    properties: WriterProperties,
    row_groups: &[Vec<Column>],
) -> Bytes {
    let schema = Arc::new(parse_message_type(&format!("message m {{ {schema} }}")).unwrap());
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, schema, Arc::new(properties)).unwrap();
    for columns in row_groups {
        let mut group = writer.next_row_group().unwrap();
        for column in columns {
            match column {
                Column::Bool(values) => write::<BoolType>(&mut group, values.iter().copied()),
                Column::I32(values) => write::<Int32Type>(&mut group, values.iter().copied()),
                Column::I64(values) => write::<Int64Type>(&mut group, values.iter().copied()),
                Column::F32(values) => write::<FloatType>(&mut group, values.iter().copied()),
                Column::F64(values) => write::<DoubleType>(&mut group, values.iter().copied()),
                Column::Text(values) => {
                    write::<ByteArrayType>(
                        &mut group,
                        values
                            .iter()
                            .map(|text| text.as_deref().map(ByteArray::from)),
                    );
                }
                Column::Fixed(values) => {
                    let values = values
                        .iter()
                        .map(|bytes| bytes.clone().map(|bytes| ByteArray::from(bytes).into()));
                    write::<FixedLenByteArrayType>(&mut group, values);
                }
            }
        }
        group.close().unwrap();
    }
    writer.close().unwrap();
    bytes.into()
}

fn write<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, &mut Vec<u8>>,
    values: impl Iterator<Item = Option<T::T>>,
) {
    let values: Vec<Option<T::T>> = values.collect();
    let levels: Vec<i16> = values
        .iter()
        .map(|value| i16::from(value.is_some()))
        .collect();
    let there: Vec<T::T> = values.into_iter().flatten().collect();
    let mut column = group.next_column().unwrap().unwrap();
    column
        .typed::<T>()
        .write_batch(&there, Some(&levels), None)
        .unwrap();
    column.close().unwrap();
}

/// A query from `--group-by`, `--measure` and `--where`; empty words are left out.
pub(crate) fn query(group_by: &str, measure: &str, filter: &str) -> Query {
    let word = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let options = QueryOptions {
        group_by: word(group_by),
        measure: word(measure),
        filter: word(filter),
        ..Default::default()
    };
    Query::new(&options, &Limits::default()).unwrap()
}

/// How a test reads a file: in pieces of so many bytes, so many rows a step.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading {
    pub(crate) piece_bytes: u64,
    pub(crate) rows_max: usize,
    /// Bytes before and after each range that are brought along.
    pub(crate) margin_bytes: u64,
}

impl Default for Reading {
    fn default() -> Self {
        Self {
            piece_bytes: u64::MAX,
            rows_max: 100_000,
            margin_bytes: 0,
        }
    }
}

/// What a scan brings that is carried to its end.
pub(crate) fn run(mut scan: Scan, bytes: &Bytes, reading: Reading) -> Result<Partial, Error> {
    carry(&mut scan, bytes, reading)?;
    scan.finish()
}

/// Carries a scan to its end.
pub(crate) fn carry(scan: &mut Scan, bytes: &Bytes, reading: Reading) -> Result<(), Error> {
    loop {
        match scan.advance(reading.rows_max)? {
            Step::Done => return Ok(()),
            Step::More => {}
            Step::Need(ranges) => {
                assert!(!ranges.is_empty(), "a scan that needs nothing");
                for range in ranges {
                    assert!(range.start < range.end && range.end <= bytes.len() as u64);
                    let end = (range.end + reading.margin_bytes).min(bytes.len() as u64);
                    let mut start = range.start.saturating_sub(reading.margin_bytes);
                    while start < end {
                        let stop = start.saturating_add(reading.piece_bytes).min(end);
                        scan.feed(start, bytes.slice(start as usize..stop as usize))?;
                        start = stop;
                    }
                }
            }
        }
    }
}

/// A file of a name that says its folders.
pub(crate) fn info(name: &str, bytes: &Bytes) -> FileInfo {
    FileInfo {
        name: name.to_owned(),
        size_bytes: bytes.len() as u64,
        partition: crate::partition_columns(name),
    }
}

/// What several files answer together.
pub(crate) fn ask(query: &Query, files: &[(&str, &Bytes)]) -> Result<Answer, Error> {
    let mut partial = Partial::empty(query);
    for (name, bytes) in files {
        partial.merge(run(
            Scan::new(query, info(name, bytes), &Limits::default()),
            bytes,
            Reading::default(),
        )?)?;
    }
    partial.answer(query)
}

/// The rows of an answer, as text: cells between bars, null as `null`.
pub(crate) fn rows(answer: &Answer) -> Vec<String> {
    let cell = |value: &crate::Value| {
        if value.is_null() {
            "null".to_owned()
        } else {
            value.to_string()
        }
    };
    answer
        .rows
        .iter()
        .map(|row| row.iter().map(cell).collect::<Vec<_>>().join("|"))
        .collect()
}
