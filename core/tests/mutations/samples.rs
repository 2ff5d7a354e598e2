//! Small valid files of a writer that is not ours: every codec and encoding, both page versions, page indexes.

use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::{Compression, Encoding};
use parquet::file::properties::{WriterProperties, WriterPropertiesBuilder, WriterVersion};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::ColumnPath;

use super::physical::{COLUMNS, Rows};

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
    let schema = parse_message_type(&format!("message m {{ {COLUMNS} }}")).expect("a schema");
    let properties = Arc::new(properties.build());
    let mut writer =
        SerializedFileWriter::new(Vec::new(), Arc::new(schema), properties).expect("a writer");
    for group in 0..2 {
        let mut out = writer.next_row_group().expect("a row group");
        Rows::new(60, 12, group).write(&mut out);
        out.close().expect("a closed row group");
    }
    writer.into_inner().expect("a file").into()
}
