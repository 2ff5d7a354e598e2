//! Damaged files: whatever the damage, reading ends with values or with a sentence, soon and without a panic.

use std::time::{Duration, Instant};

use bytes::Bytes;
use parquet::basic::{Compression, Encoding};
use parquet::file::properties::{WriterProperties, WriterPropertiesBuilder, WriterVersion};
use parquet::schema::types::ColumnPath;

use super::tests::{CODECS, read_file, sample};
use crate::Limits;

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
            let damaged = damage(&file, &mut random);
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

pub(super) fn samples() -> Vec<Bytes> {
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
fn encoded(properties: WriterPropertiesBuilder, encoding: Encoding) -> WriterPropertiesBuilder {
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

/// One to four changes of eight sorts.
pub(super) fn damage(file: &Bytes, random: &mut Random) -> Bytes {
    let mut bytes = file.to_vec();
    for _ in 0..=random.below(4) {
        if bytes.len() < 16 {
            break;
        }
        let footer_len = u32::from_le_bytes([0, 1, 2, 3].map(|at| bytes[bytes.len() - 8 + at]));
        let footer = bytes
            .len()
            .saturating_sub(8 + footer_len as usize)
            .min(bytes.len() - 8);
        let at = random.below(bytes.len());
        match random.below(8) {
            0 => bytes[at] ^= 1 << random.below(8),
            1 => bytes[at] = random.below(256) as u8,
            // In the footer, and in the first pages.
            2 => {
                let at = footer + random.below(bytes.len() - footer);
                bytes[at] = random.below(256) as u8;
            }
            3 => {
                let at = 4 + at % (bytes.len() - 4).min(60);
                bytes[at] = random.below(256) as u8;
            }
            4 => bytes.truncate(at),
            5 => {
                bytes.insert(at, random.below(256) as u8);
            }
            6 => {
                let len = random.below(8) + 1;
                for byte in bytes.iter_mut().skip(at).take(len) {
                    // Long varints and huge lengths.
                    *byte = 0xff;
                }
            }
            _ => {
                let end = (at + random.below(20)).min(bytes.len());
                bytes.drain(at..end);
            }
        }
    }
    // Most cuts would be found at the very end already; a good trailer lets them in.
    if random.below(2) == 0 && bytes.len() > 12 {
        let end = bytes.len();
        bytes[..4].copy_from_slice(b"PAR1");
        bytes[end - 4..].copy_from_slice(b"PAR1");
        if random.below(2) == 0 {
            bytes[end - 8..end - 4].copy_from_slice(&file[file.len() - 8..file.len() - 4]);
        }
    }
    bytes.into()
}

/// A small generator of numbers that look random (SplitMix64), the same on each run.
pub(super) struct Random(pub(super) u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ mixed >> 31) % end as u64) as usize
    }
}
