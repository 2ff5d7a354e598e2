//! Damaged files: whatever the damage, reading ends with values or with a sentence, soon and without a panic.

use std::time::{Duration, Instant};

use bytes::Bytes;
use parquet::basic::{Compression, Encoding};
use parquet::file::properties::{WriterProperties, WriterPropertiesBuilder, WriterVersion};
use parquet::schema::types::ColumnPath;

use super::tests::{CODECS, read_file, sample};
use crate::Limits;
use crate::testing::damage::{Random, damage};

/// Damaged copies of each sample file.
const ROUNDS: u64 = 150;
/// Reading a damaged file of a few kB in a debug build takes no longer.
const SLOW: Duration = Duration::from_secs(5);

#[test]
fn damage_never_makes_it_panic_or_hang() {
    let limits = Limits {
        page_bytes_max: 1 << 20,
        ..Limits::default()
    };
    let mut random = Random(42);
    for (index, file) in samples().into_iter().enumerate() {
        assert!(
            read_file(&file, file.len(), &limits).is_ok(),
            "sample {index} is not valid"
        );
        for round in 0..ROUNDS {
            let damaged = Bytes::from(damage(&file, &mut random));
            let start = Instant::now();
            if let Err(error) = read_file(&damaged, damaged.len().max(1), &limits) {
                let sentence = error.message();
                assert!(
                    !sentence.is_empty() && !sentence.contains("Err("),
                    "{sentence}"
                );
            }
            assert!(
                start.elapsed() < SLOW,
                "sample {index}, round {round} took {:?}",
                start.elapsed()
            );
        }
    }
}

pub(crate) fn samples() -> Vec<Bytes> {
    let mut files = Vec::new();
    for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
        let properties = || WriterProperties::builder().set_writer_version(version);
        for codec in CODECS {
            files.push(sample(60, 20, properties().set_compression(codec())).0);
        }
        let small = properties()
            .set_data_page_row_count_limit(20)
            .set_write_batch_size(10);
        files.push(sample(100, 100, small.set_dictionary_page_size_limit(100)).0);
        files.push(sample(60, 60, properties().set_dictionary_enabled(false)).0);
        for encoding in [
            Encoding::DELTA_BINARY_PACKED,
            Encoding::DELTA_LENGTH_BYTE_ARRAY,
            Encoding::DELTA_BYTE_ARRAY,
            Encoding::BYTE_STREAM_SPLIT,
        ] {
            files.push(sample(150, 100, encoded(properties(), encoding)).0);
        }
    }
    files
}

/// The encoding for the columns that can have it, without a codec between it and the damage.
pub(crate) fn encoded(
    properties: WriterPropertiesBuilder,
    encoding: Encoding,
) -> WriterPropertiesBuilder {
    let columns: &[&[&str]] = match encoding {
        Encoding::DELTA_BINARY_PACKED => &[&["i"], &["l"], &["g", "inner"]],
        Encoding::DELTA_LENGTH_BYTE_ARRAY => &[&["s"], &["g", "must"]],
        Encoding::DELTA_BYTE_ARRAY => &[&["s"], &["x"], &["g", "must"]],
        _ => &[&["i"], &["l"], &["f"], &["d"], &["x"]],
    };
    let properties = properties
        .set_dictionary_enabled(false)
        .set_compression(Compression::UNCOMPRESSED);
    columns.iter().fold(properties, |properties, path| {
        let path: Vec<String> = path.iter().map(ToString::to_string).collect();
        properties.set_column_encoding(ColumnPath::from(path), encoding)
    })
}
