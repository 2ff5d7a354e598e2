//! A file with columns of every physical type, and the values that it was written from.

use std::sync::Arc;

use bytes::Bytes;
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::file::properties::WriterPropertiesBuilder;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use super::Cells;
use crate::testing::physical::{COLUMNS, Rows, text, write_column};

/// A file with a column of each physical type and a struct, `rows` rows in each of two row groups, and what must be read
/// from it.
pub(crate) fn sample(
    rows: usize,
    distinct: usize,
    properties: WriterPropertiesBuilder,
) -> (Bytes, Vec<Cells>) {
    let group = "optional group g { optional int64 inner; required binary must (STRING); }";
    let schema = parse_message_type(&format!("message m {{ {COLUMNS} {group} }}")).unwrap();
    let properties = Arc::new(properties.build());
    let mut writer = SerializedFileWriter::new(Vec::new(), Arc::new(schema), properties).unwrap();
    let mut expected = vec![Vec::new(); 10];
    for group in 0..2 {
        let rows = Rows::new(rows, distinct, group);
        for (column, expected) in expected.iter_mut().enumerate() {
            let mut numbers = rows.numbers.iter();
            let cell = |level: &i16| (*level == 1).then(|| plain(column, *numbers.next().unwrap()));
            expected.extend(rows.levels.iter().map(cell));
        }
        let mut out = writer.next_row_group().unwrap();
        rows.write(&mut out);
        // Inside the group: a missing group is level 0, a missing member level 1.
        let inner: Vec<i16> = rows
            .levels
            .iter()
            .enumerate()
            .map(|(row, &level)| if level == 1 { 2 } else { (row % 2) as i16 })
            .collect();
        let numbers: Vec<i64> = rows.numbers.iter().map(|n| *n as i64).collect();
        write_column::<Int64Type>(&mut out, &numbers, &inner);
        let texts = rows.numbers.iter().map(|n| text(*n).as_str().into());
        let texts: Vec<ByteArray> = texts.collect();
        write_column::<ByteArrayType>(&mut out, &texts, &rows.levels);
        out.close().unwrap();
    }
    (writer.into_inner().unwrap().into(), expected)
}

/// The bytes of a column's value, as PLAIN has them.
fn plain(column: usize, n: u64) -> Vec<u8> {
    match column {
        0 => vec![(n % 5 < 2).into()],
        1 => (n as i32).to_le_bytes().into(),
        3 => [n as u32, (n >> 20) as u32, 7]
            .map(u32::to_le_bytes)
            .concat(),
        4 => (n as f32).to_le_bytes().into(),
        5 => (n as f64).to_le_bytes().into(),
        7 => n.to_le_bytes()[..5].into(),
        2 | 8 => n.to_le_bytes().into(),
        _ => text(n).into_bytes(),
    }
}
