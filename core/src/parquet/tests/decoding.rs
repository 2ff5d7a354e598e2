//! Every type, codec and encoding, and pages of every length.

use parquet::basic::{Compression, Encoding};
use parquet::file::properties::{WriterPropertiesBuilder, WriterVersion};

use super::{CODECS, properties, read_file, sample};
use crate::Limits;

fn check(rows: usize, distinct: usize, properties: WriterPropertiesBuilder) {
    let (file, expected) = sample(rows, distinct, properties);
    for piece in [usize::MAX, 1000] {
        let piece = piece.min(file.len());
        let read = read_file(&file, piece, &Limits::default()).unwrap();
        for (column, (read, expected)) in read.iter().zip(&expected).enumerate() {
            assert!(
                read == expected,
                "column {column} in pieces of {piece} bytes"
            );
        }
    }
}

#[test]
fn every_type_in_a_dictionary_and_plain() {
    for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
        let properties = || properties().set_writer_version(version);
        check(3_000, 40, properties());
        check(
            3_000,
            3_000,
            properties()
                .set_dictionary_enabled(false)
                .set_encoding(Encoding::PLAIN),
        );
        check(0, 1, properties());
        check(1, 1, properties());
    }
}

#[test]
fn every_codec_in_both_page_versions() {
    for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
        for codec in CODECS {
            check(
                2_000,
                500,
                properties()
                    .set_writer_version(version)
                    .set_compression(codec()),
            );
        }
    }
}

#[test]
fn every_encoding_in_both_page_versions() {
    let columns = ["b", "i", "l", "t", "f", "d", "s", "x", "g.inner", "g.must"];
    let encodings = [
        (Encoding::RLE, &["b"][..]),
        (Encoding::DELTA_BINARY_PACKED, &["i", "l", "g.inner"]),
        (Encoding::DELTA_LENGTH_BYTE_ARRAY, &["s", "g.must"]),
        (Encoding::DELTA_BYTE_ARRAY, &["s", "x", "g.must"]),
        (
            Encoding::BYTE_STREAM_SPLIT,
            &["i", "l", "f", "d", "x", "g.inner"],
        ),
    ];
    for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
        for (encoding, in_columns) in encodings {
            let mut properties = properties().set_writer_version(version);
            for column in columns {
                let path = parquet::schema::types::ColumnPath::from(
                    column.split('.').map(str::to_owned).collect::<Vec<_>>(),
                );
                properties = properties.set_column_dictionary_enabled(path.clone(), false);
                if in_columns.contains(&column) {
                    properties = properties.set_column_encoding(path, encoding);
                }
            }
            check(3_000, 700, properties.set_compression(Compression::SNAPPY));
        }
    }
}

#[test]
fn a_dictionary_that_is_given_up_inside_the_chunk() {
    let small = properties()
        .set_dictionary_page_size_limit(500)
        .set_data_page_row_count_limit(300);
    check(5_000, 5_000, small.set_write_batch_size(100));
}

#[test]
fn pages_longer_than_a_slice() {
    check(
        36_000,
        20_000,
        properties().set_data_page_size_limit(8 << 20),
    );
}
