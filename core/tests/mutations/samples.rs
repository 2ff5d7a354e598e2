//! Small valid files of a writer that is not ours: every codec and encoding, both page versions, page indexes.

use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::{Compression, Encoding};
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, DoubleType, FixedLenByteArrayType, FloatType,
    Int32Type, Int64Type, Int96, Int96Type,
};
use parquet::file::properties::{WriterProperties, WriterPropertiesBuilder, WriterVersion};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::ColumnPath;

const SCHEMA: &str = "message m {
    optional boolean b;
    optional int32 i;
    optional int64 l;
    optional int96 t;
    optional float f;
    optional double d;
    optional binary s (STRING);
    optional fixed_len_byte_array(5) x;
}";
const ROWS: u64 = 60;

/// The files.
pub(crate) fn files() -> Vec<Bytes> {
    let mut files = Vec::new();
    for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
        let properties = || WriterProperties::builder().set_writer_version(version);
        for codec in [
            Compression::UNCOMPRESSED,
            Compression::SNAPPY,
            Compression::GZIP(Default::default()),
            Compression::ZSTD(Default::default()),
            Compression::BROTLI(Default::default()),
            Compression::LZ4,
            Compression::LZ4_RAW,
        ] {
            files.push(file(properties().set_compression(codec)));
        }
        let paged = properties()
            .set_data_page_row_count_limit(20)
            .set_write_batch_size(10)
            .set_bloom_filter_enabled(true)
            .set_bloom_filter_max_ndv(20);
        files.push(file(paged));
        files.push(file(properties().set_dictionary_enabled(false)));
        for (encoding, columns) in [
            (Encoding::DELTA_BINARY_PACKED, &["i", "l"][..]),
            (Encoding::DELTA_LENGTH_BYTE_ARRAY, &["s"]),
            (Encoding::DELTA_BYTE_ARRAY, &["s", "x"]),
            (Encoding::BYTE_STREAM_SPLIT, &["i", "l", "f", "d", "x"]),
        ] {
            let plain = properties().set_dictionary_enabled(false);
            files.push(file(columns.iter().fold(plain, |properties, column| {
                properties.set_column_encoding(ColumnPath::from(*column), encoding)
            })));
        }
    }
    files
}

fn file(properties: WriterPropertiesBuilder) -> Bytes {
    let schema = Arc::new(parse_message_type(SCHEMA).expect("a schema"));
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties.build()))
        .expect("a writer");
    for group in 0..2 {
        let text = |n: u64| format!("user{n}.{}", ["cox.net", "comcast.net", ""][n as usize % 3]);
        let int96 = |n: u64| {
            let mut value = Int96::new();
            value.set_data(n as u32, 0, 2_460_000);
            value
        };
        let mut out = writer.next_row_group().expect("a row group");
        column::<BoolType>(&mut out, group, |n| n % 5 < 2);
        column::<Int32Type>(&mut out, group, |n| n as i32);
        column::<Int64Type>(&mut out, group, |n| n as i64);
        column::<Int96Type>(&mut out, group, int96);
        column::<FloatType>(&mut out, group, |n| n as f32);
        column::<DoubleType>(&mut out, group, |n| n as f64);
        column::<ByteArrayType>(&mut out, group, |n| text(n).as_str().into());
        column::<FixedLenByteArrayType>(&mut out, group, |n| {
            ByteArray::from(n.to_le_bytes()[..5].to_vec()).into()
        });
        out.close().expect("a closed row group");
    }
    writer.into_inner().expect("a file").into()
}

/// A column of a third nulls, in uneven stretches, and of a dozen values, some large.
fn column<T: DataType>(
    out: &mut SerializedRowGroupWriter<'_, Vec<u8>>,
    group: u64,
    value: impl Fn(u64) -> T::T,
) {
    let there = |row: &u64| !(row / 7 + row / 50 + group).is_multiple_of(3);
    let values: Vec<T::T> = (0..ROWS)
        .filter(there)
        .map(|row| value((row % 12).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (row % 3 * 20)))
        .collect();
    let levels: Vec<i16> = (0..ROWS).map(|row| there(&row).into()).collect();
    let mut column = out.next_column().expect("no fault").expect("a column");
    column
        .typed::<T>()
        .write_batch(&values, Some(&levels), None)
        .expect("values");
    column.close().expect("a closed column");
}
