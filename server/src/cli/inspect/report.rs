//! What is told of a file, as plain data.

use std::ops::Range;

use questlog_core::{ChunkDescription, ColumnDescription, Error, Footer, Spared};
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
    pub(super) columns: Vec<ColumnDescription>,
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

/// A row group.
#[derive(Serialize)]
pub(super) struct RowGroup {
    pub(super) rows: u64,
    pub(super) chunks: Vec<Chunk>,
}

/// A column in a row group.
#[derive(Serialize)]
pub(super) struct Chunk {
    #[serde(flatten)]
    pub(super) told: ChunkDescription,
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
    pub(super) spared: Spared,
}

impl Report {
    /// Of the row groups only the first `row_groups_max`.
    pub(super) fn new(
        source: &Source,
        footer: &Footer,
        reads: Option<Reads>,
        row_groups_max: usize,
    ) -> Result<Self, Error> {
        let columns = footer.describe_columns();
        let merged = reads.as_ref().map(|reads| merged(&reads.ranges));
        let mut row_groups = Vec::new();
        for (index, group) in footer.row_groups().iter().enumerate().take(row_groups_max) {
            let chunks = footer.describe_chunks(index, 0..columns.len())?;
            let chunks = chunks.into_iter().map(|told| Chunk {
                bytes_read: merged
                    .as_deref()
                    .map(|reads| overlap(reads, &(told.start..told.end))),
                told,
            });
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
            columns,
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
                spared: reads.spared,
            }),
        })
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
