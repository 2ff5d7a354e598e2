//! Another reader as the judge: where both say that a damaged file is fine, they have read the same.

use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;
use parquet::column::reader::ColumnReader;
use parquet::data_type::{ByteArray, FixedLenByteArray, Int96};
use parquet::file::reader::{FileReader, SerializedFileReader};

use super::mutations::samples;
use super::tests::{Cells, footer, read_chunk};
use crate::Limits;
use crate::testing::damage::{Random, damage};

/// Damaged copies of each sample file.
const ROUNDS: usize = 30;
/// Rows of a row group that are worth comparing; the samples have far fewer.
const ROWS_MAX: i64 = 10_000;

#[test]
fn two_readers_never_read_different_values() {
    let mut random = Random(7);
    let mut compared = 0;
    for (sample, file) in samples().into_iter().enumerate() {
        for round in 0..ROUNDS {
            let damaged = Bytes::from(damage(&file, &mut random));
            // The other reader may panic on such files; then there is nothing to compare.
            let theirs = catch_unwind(AssertUnwindSafe(|| read_theirs(&damaged)))
                .ok()
                .flatten();
            let (Some(theirs), Some(ours)) = (theirs, read_ours(&damaged)) else {
                continue;
            };
            for (column, (theirs, ours)) in theirs.into_iter().zip(ours).enumerate() {
                if let (Some(theirs), Some(ours)) = (theirs, ours) {
                    assert!(
                        theirs == ours,
                        "sample {sample}, round {round}, column {column}"
                    );
                    compared += 1;
                }
            }
        }
    }
    assert!(
        compared > 1_000,
        "only {compared} columns were read by both"
    );
}

/// Each column's values, or `None` if it can't be read.
type Columns = Vec<Option<Cells>>;

fn read_ours(file: &Bytes) -> Option<Columns> {
    let limits = Limits {
        page_bytes_max: 1 << 20,
        ..Limits::default()
    };
    let footer = footer(file, &limits).ok()?;
    let row_groups = 0..footer.row_groups().len();
    let column = |index: usize| {
        let chunks = row_groups
            .clone()
            .map(|group| read_chunk(file, &footer, (group, index), file.len(), &limits));
        let chunks: Result<Vec<Cells>, _> = chunks.collect();
        chunks.ok().map(|chunks| chunks.concat())
    };
    let leaves = footer.schema().leaves.iter().enumerate();
    Some(
        leaves
            .filter(|(_, leaf)| leaf.max_rep == 0)
            .map(|(index, _)| column(index))
            .collect(),
    )
}

fn read_theirs(file: &Bytes) -> Option<Columns> {
    let reader = SerializedFileReader::new(file.clone()).ok()?;
    let schema = reader.metadata().file_metadata().schema_descr_ptr();
    let flat = (0..schema.num_columns()).filter(|&index| schema.column(index).max_rep_level() == 0);
    Some(
        flat.map(|index| their_column(&reader, index, schema.column(index).max_def_level()))
            .collect(),
    )
}

fn their_column(reader: &SerializedFileReader<Bytes>, index: usize, max_def: i16) -> Option<Cells> {
    let mut cells = Vec::new();
    for group in 0..reader.num_row_groups() {
        let rows = reader.metadata().row_group(group).num_rows();
        let before = cells.len();
        if !(0..=ROWS_MAX).contains(&rows) {
            return None;
        }
        macro_rules! read {
            ($reader:expr, $plain:expr) => {{
                let mut reader = $reader;
                loop {
                    let (mut values, mut levels) = (Vec::new(), Vec::new());
                    let read = reader.read_records(1_000, Some(&mut levels), None, &mut values);
                    let (records, _, _) = read.ok()?;
                    if records == 0 {
                        break;
                    }
                    if max_def == 0 {
                        levels.resize(values.len(), 0);
                    }
                    let mut values = values.iter().map($plain);
                    for level in levels {
                        cells.push(if level == max_def {
                            Some(values.next()?)
                        } else {
                            None
                        });
                    }
                }
            }};
        }
        match reader
            .get_row_group(group)
            .ok()?
            .get_column_reader(index)
            .ok()?
        {
            ColumnReader::BoolColumnReader(reader) => read!(reader, |&v: &bool| vec![v.into()]),
            ColumnReader::Int32ColumnReader(reader) => {
                read!(reader, |v: &i32| v.to_le_bytes().to_vec());
            }
            ColumnReader::Int64ColumnReader(reader) => {
                read!(reader, |v: &i64| v.to_le_bytes().to_vec());
            }
            ColumnReader::FloatColumnReader(reader) => {
                read!(reader, |v: &f32| v.to_le_bytes().to_vec());
            }
            ColumnReader::DoubleColumnReader(reader) => {
                read!(reader, |v: &f64| v.to_le_bytes().to_vec());
            }
            ColumnReader::Int96ColumnReader(reader) => {
                read!(reader, |v: &Int96| v
                    .data()
                    .iter()
                    .flat_map(|word| word.to_le_bytes())
                    .collect());
            }
            ColumnReader::ByteArrayColumnReader(reader) => {
                read!(reader, |v: &ByteArray| v.data().to_vec());
            }
            ColumnReader::FixedLenByteArrayColumnReader(reader) => {
                read!(reader, |v: &FixedLenByteArray| v.data().to_vec());
            }
        }
        if (cells.len() - before) as i64 != rows {
            return None;
        }
    }
    Some(cells)
}
