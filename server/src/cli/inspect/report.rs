//! What is told of a file, as plain data.

use std::ops::Range;

use bytes::Bytes;
use questlog_core::{ColumnChunk, Error, Footer, Leaf, Physical, Statistics, TimeUnit, Type};
use serde::Serialize;

use crate::analyze::{Reads, Source};

/// A file.
#[derive(Serialize)]
pub(super) struct Report {
    pub(super) file: String,
    pub(super) size_bytes: u64,
    pub(super) rows: u64,
    pub(super) written_by: Option<String>,
    pub(super) key_values: Vec<KeyValue>,
    pub(super) columns: Vec<Column>,
    pub(super) row_groups_total: usize,
    pub(super) row_groups: Vec<RowGroup>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) query: Option<QueryReads>,
}

/// Something the writer noted.
#[derive(Serialize)]
pub(super) struct KeyValue {
    pub(super) key: String,
    pub(super) value_bytes: usize,
}

/// A column.
#[derive(Serialize)]
pub(super) struct Column {
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) ty: String,
    pub(super) stored: String,
    pub(super) nullable: bool,
    pub(super) repeated: bool,
}

/// A row group.
#[derive(Serialize)]
pub(super) struct RowGroup {
    pub(super) rows: u64,
    pub(super) chunks: Vec<Chunk>,
}

/// A column in a row group.
#[derive(Serialize)]
pub(super) struct Chunk {
    pub(super) column: String,
    pub(super) codec: String,
    pub(super) encodings: Vec<String>,
    pub(super) values: u64,
    pub(super) nulls: Option<u64>,
    pub(super) distinct: Option<u64>,
    pub(super) min: Option<String>,
    pub(super) max: Option<String>,
    pub(super) bytes_compressed: u64,
    pub(super) bytes_uncompressed: u64,
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) dictionary: bool,
    pub(super) column_index: bool,
    pub(super) offset_index: bool,
    pub(super) bloom_filter: bool,
    pub(super) encrypted: bool,
    /// What the query would read of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) bytes_read: Option<u64>,
}

/// What a query would read.
#[derive(Serialize)]
pub(super) struct QueryReads {
    pub(super) columns: Vec<String>,
    pub(super) bytes_read: u64,
    pub(super) requests: usize,
}

impl Report {
    /// Of the row groups only the first `row_groups_max`.
    pub(super) fn new(
        source: &Source,
        footer: &Footer,
        reads: Option<Reads>,
        row_groups_max: usize,
    ) -> Result<Self, Error> {
        let leaves = &footer.schema().leaves;
        let every: Vec<usize> = (0..leaves.len()).collect();
        let merged = reads.as_ref().map(|reads| merged(&reads.ranges));
        let mut row_groups = Vec::new();
        for (index, group) in footer.row_groups().iter().enumerate().take(row_groups_max) {
            let chunks = footer.chunks(index, &every)?;
            let chunks = leaves
                .iter()
                .zip(chunks)
                .map(|(leaf, chunk)| Chunk::new(leaf, &chunk, merged.as_deref()));
            row_groups.push(RowGroup {
                rows: group.rows,
                chunks: chunks.collect(),
            });
        }
        Ok(Self {
            file: source.name().to_owned(),
            size_bytes: source.size_hint(),
            rows: footer.rows(),
            written_by: footer.created_by().map(str::to_owned),
            key_values: footer
                .key_values()
                .iter()
                .map(|(key, value)| KeyValue {
                    key: key.clone(),
                    value_bytes: value.as_ref().map_or(0, String::len),
                })
                .collect(),
            columns: leaves.iter().map(Column::new).collect(),
            row_groups_total: footer.row_groups().len(),
            row_groups,
            query: reads.map(|reads| QueryReads {
                columns: reads.columns,
                bytes_read: merged
                    .iter()
                    .flatten()
                    .map(|range| range.end - range.start)
                    .sum(),
                requests: reads.ranges.len(),
            }),
        })
    }
}

impl Column {
    fn new(leaf: &Leaf) -> Self {
        Self {
            name: leaf.name.clone(),
            ty: type_name(leaf.ty),
            stored: physical_name(leaf.physical),
            nullable: leaf.max_def > 0,
            repeated: leaf.max_rep > 0,
        }
    }
}

impl Chunk {
    fn new(leaf: &Leaf, chunk: &ColumnChunk, reads: Option<&[Range<u64>]>) -> Self {
        let none = Statistics::default();
        let statistics = chunk.statistics.as_ref().unwrap_or(&none);
        // As the writer says; whether it is to be believed is another matter.
        let bound = |plain: &Option<Bytes>| {
            plain
                .as_ref()
                .and_then(|plain| leaf.value(plain))
                .map(|value| value.to_string())
        };
        Self {
            column: leaf.name.clone(),
            codec: chunk.codec.to_string(),
            encodings: chunk.encodings.iter().map(ToString::to_string).collect(),
            values: chunk.values,
            nulls: statistics.null_count,
            distinct: statistics.distinct_count,
            min: bound(&statistics.min),
            max: bound(&statistics.max),
            bytes_compressed: chunk.bytes_compressed,
            bytes_uncompressed: chunk.bytes_uncompressed,
            start: chunk.byte_range.start,
            end: chunk.byte_range.end,
            dictionary: chunk.dictionary_page_offset.is_some(),
            column_index: chunk.column_index.is_some(),
            offset_index: chunk.offset_index.is_some(),
            bloom_filter: chunk.bloom_filter.is_some(),
            encrypted: chunk.encrypted,
            bytes_read: reads.map(|reads| overlap(reads, &chunk.byte_range)),
        }
    }
}

/// Ranges in order, those that touch made one.
fn merged(ranges: &[Range<u64>]) -> Vec<Range<u64>> {
    let mut sorted = ranges.to_vec();
    sorted.sort_by_key(|range| range.start);
    let mut merged: Vec<Range<u64>> = Vec::new();
    for range in sorted {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

/// Bytes of `range` that are in `merged`.
fn overlap(merged: &[Range<u64>], range: &Range<u64>) -> u64 {
    let first = merged.partition_point(|read| read.end <= range.start);
    merged[first..]
        .iter()
        .take_while(|read| read.start < range.end)
        .map(|read| {
            read.end
                .min(range.end)
                .saturating_sub(read.start.max(range.start))
        })
        .sum()
}

fn type_name(ty: Type) -> String {
    let unit_name = |unit| match unit {
        TimeUnit::Milli => "ms",
        TimeUnit::Micro => "us",
        TimeUnit::Nano => "ns",
    };
    match ty {
        Type::Bool => "boolean".into(),
        Type::Int { bits, signed: true } => format!("int{bits}"),
        Type::Int {
            bits,
            signed: false,
        } => format!("uint{bits}"),
        Type::Float { bits } => format!("float{bits}"),
        Type::Text => "text".into(),
        Type::Bytes => "bytes".into(),
        Type::Decimal { precision, scale } => format!("decimal({precision},{scale})"),
        Type::Date => "date".into(),
        Type::Time { unit } => format!("time({})", unit_name(unit)),
        Type::Timestamp { unit, utc: true } => format!("timestamp({}, UTC)", unit_name(unit)),
        Type::Timestamp { unit, utc: false } => format!("timestamp({}, local)", unit_name(unit)),
        Type::Uuid => "uuid".into(),
        Type::Interval => "interval".into(),
        Type::Null => "null".into(),
    }
}

fn physical_name(physical: Physical) -> String {
    match physical {
        Physical::Bool => "BOOLEAN".into(),
        Physical::I32 => "INT32".into(),
        Physical::I64 => "INT64".into(),
        Physical::I96 => "INT96".into(),
        Physical::F32 => "FLOAT".into(),
        Physical::F64 => "DOUBLE".into(),
        Physical::Bytes => "BYTE_ARRAY".into(),
        Physical::Fixed(width) => format!("FIXED_LEN_BYTE_ARRAY({width})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_are_counted_once_however_they_overlap() {
        let merged = merged(&[50..60, 0..10, 5..20, 20..25, 70..80]);
        assert_eq!(merged, [0..25, 50..60, 70..80]);
        for (range, bytes) in [
            (0..100, 45),
            (10..55, 20),
            (25..50, 0),
            (58..71, 3),
            (90..95, 0),
        ] {
            assert_eq!(overlap(&merged, &range), bytes, "{range:?}");
        }
    }
}
