//! A file with columns of every physical type, and the values that it was written from.

use std::sync::Arc;

use bytes::Bytes;
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, DoubleType, FixedLenByteArrayType, FloatType,
    Int32Type, Int64Type, Int96Type,
};
use parquet::file::properties::WriterPropertiesBuilder;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use super::Cells;

/// A column for the writer: its values and its definition levels, row group by row group the same.
fn write_column<T: DataType>(
    group: &mut parquet::file::writer::SerializedRowGroupWriter<'_, Vec<u8>>,
    values: &[T::T],
    levels: &[i16],
) {
    let mut column = group.next_column().unwrap().unwrap();
    column
        .typed::<T>()
        .write_batch(values, Some(levels), None)
        .unwrap();
    column.close().unwrap();
}

const SCHEMA: &str = "message m {
    optional boolean b;
    optional int32 i;
    optional int64 l;
    optional int96 t;
    optional float f;
    optional double d;
    optional binary s (STRING);
    optional fixed_len_byte_array(5) x;
    optional group g { optional int64 inner; required binary must (STRING); }
}";

/// A file with a column of each physical type, `rows` rows in each of two row groups, and what must be read from it.
pub(crate) fn sample(
    rows: usize,
    distinct: usize,
    properties: WriterPropertiesBuilder,
) -> (Bytes, Vec<Cells>) {
    let schema = Arc::new(parse_message_type(SCHEMA).unwrap());
    let properties = Arc::new(properties.build());
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, properties).unwrap();
    let mut expected = vec![Vec::new(); 10];
    for group in 0..2 {
        // A third of the rows has no value, in uneven stretches.
        let there = |row: usize| !(row / 7 + row / 50 + group).is_multiple_of(3);
        let levels: Vec<i16> = (0..rows).map(|row| there(row).into()).collect();
        let numbers: Vec<u64> = (0..rows)
            .filter(|&row| there(row))
            .map(|row| {
                let number = (row % distinct) as u64;
                number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (row % 3 * 20)
            })
            .collect();
        let mut plain = |column: usize, cell: &dyn Fn(u64) -> Vec<u8>| {
            let mut numbers = numbers.iter();
            expected[column]
                .extend((0..rows).map(|row| there(row).then(|| cell(*numbers.next().unwrap()))));
        };
        plain(0, &|n| vec![(n % 5 < 2).into()]);
        plain(1, &|n| (n as i32).to_le_bytes().into());
        plain(2, &|n| n.to_le_bytes().into());
        plain(3, &|n| {
            [n as u32, (n >> 20) as u32, 7]
                .map(u32::to_le_bytes)
                .concat()
        });
        plain(4, &|n| (n as f32).to_le_bytes().into());
        plain(5, &|n| (n as f64).to_le_bytes().into());
        plain(6, &|n| text(n).into_bytes());
        plain(7, &|n| n.to_le_bytes()[..5].into());
        plain(8, &|n| n.to_le_bytes().into());
        plain(9, &|n| text(n).into_bytes());
        let mut out = writer.next_row_group().unwrap();
        let map = |n: &u64| *n;
        write_column::<BoolType>(
            &mut out,
            &numbers.iter().map(|n| n % 5 < 2).collect::<Vec<_>>(),
            &levels,
        );
        write_column::<Int32Type>(
            &mut out,
            &numbers.iter().map(|n| *n as i32).collect::<Vec<_>>(),
            &levels,
        );
        write_column::<Int64Type>(
            &mut out,
            &numbers.iter().map(|n| *n as i64).collect::<Vec<_>>(),
            &levels,
        );
        let int96 = numbers.iter().map(|n| {
            let mut value = parquet::data_type::Int96::new();
            value.set_data(*n as u32, (n >> 20) as u32, 7);
            value
        });
        write_column::<Int96Type>(&mut out, &int96.collect::<Vec<_>>(), &levels);
        write_column::<FloatType>(
            &mut out,
            &numbers.iter().map(|n| *n as f32).collect::<Vec<_>>(),
            &levels,
        );
        write_column::<DoubleType>(
            &mut out,
            &numbers.iter().map(|n| *n as f64).collect::<Vec<_>>(),
            &levels,
        );
        let texts: Vec<ByteArray> = numbers
            .iter()
            .map(map)
            .map(|n| text(n).as_str().into())
            .collect();
        write_column::<ByteArrayType>(&mut out, &texts, &levels);
        let fixed = numbers
            .iter()
            .map(|n| ByteArray::from(n.to_le_bytes()[..5].to_vec()).into());
        write_column::<FixedLenByteArrayType>(&mut out, &fixed.collect::<Vec<_>>(), &levels);
        // Inside the group: a missing group is level 0, a missing member level 1.
        let inner: Vec<i16> = levels
            .iter()
            .enumerate()
            .map(|(row, &level)| if level == 1 { 2 } else { (row % 2) as i16 })
            .collect();
        write_column::<Int64Type>(
            &mut out,
            &numbers.iter().map(|n| *n as i64).collect::<Vec<_>>(),
            &inner,
        );
        write_column::<ByteArrayType>(&mut out, &texts, &levels);
        out.close().unwrap();
    }
    (writer.into_inner().unwrap().into(), expected)
}

fn text(number: u64) -> String {
    format!(
        "user{number}.{}",
        ["cox.net", "comcast.net", ""][(number % 3) as usize]
    )
}
