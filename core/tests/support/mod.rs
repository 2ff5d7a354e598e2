//! Files of a writer that is not ours, and a skin that reads them from memory.

use std::sync::Arc;

use bytes::Bytes;
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use questlog_core::{Answer, Error, FileInfo, Limits, Partial, Query, QueryOptions, Scan, Step};

/// A column of one row group; all required.
pub(crate) enum Column {
    Ints(Vec<i64>),
    Texts(Vec<String>),
}

/// A file of these row groups, uncompressed; columns are named a, b, c …
pub(crate) fn file(row_groups: &[Vec<Column>]) -> Bytes {
    let names = 'a'..='z';
    let columns = row_groups.first().map_or(&[][..], |columns| columns);
    let fields = columns
        .iter()
        .zip(names)
        .map(|(column, name)| match column {
            Column::Ints(_) => format!("required int64 {name};"),
            Column::Texts(_) => format!("required binary {name} (utf8);"),
        });
    let schema = format!("message m {{ {} }}", fields.collect::<String>());
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(
        &mut bytes,
        Arc::new(parse_message_type(&schema).unwrap()),
        Arc::new(WriterProperties::new()),
    )
    .unwrap();
    for columns in row_groups {
        let mut group = writer.next_row_group().unwrap();
        for column in columns {
            let mut out = group.next_column().unwrap().unwrap();
            match column {
                Column::Ints(values) => out.typed::<Int64Type>().write_batch(values, None, None),
                Column::Texts(values) => {
                    let values: Vec<ByteArray> =
                        values.iter().map(|text| text.as_str().into()).collect();
                    out.typed::<ByteArrayType>()
                        .write_batch(&values, None, None)
                }
            }
            .unwrap();
            out.close().unwrap();
        }
        group.close().unwrap();
    }
    writer.close().unwrap();
    bytes.into()
}

/// A query of these words; empty ones are left out.
pub(crate) fn query(group_by: &str, measure: &str, filter: &str) -> QueryOptions {
    let word = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    QueryOptions {
        group_by: word(group_by),
        measure: word(measure),
        filter: word(filter),
        ..QueryOptions::default()
    }
}

/// A scan of a file in memory.
pub(crate) fn scan(query: &Query, file: &Bytes, limits: &Limits) -> Scan {
    let info = FileInfo {
        name: "f.parquet".into(),
        size_bytes: file.len() as u64,
        partition: Vec::new(),
    };
    Scan::new(query, info, limits)
}

/// The query's answer over one file in memory.
pub(crate) fn answer(
    options: &QueryOptions,
    file: &Bytes,
    limits: &Limits,
) -> Result<Answer, Error> {
    let query = Query::new(options, limits)?;
    let mut scan = scan(&query, file, limits);
    loop {
        match scan.advance(100_000)? {
            Step::Need(ranges) => {
                for range in ranges {
                    let piece = file.slice(range.start as usize..range.end as usize);
                    scan.feed(range.start, piece)?;
                }
            }
            Step::More => {}
            Step::Done => break,
        }
    }
    let mut whole = Partial::empty(&query);
    whole.merge(scan.finish()?)?;
    whole.answer(&query)
}
