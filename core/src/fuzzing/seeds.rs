//! Makes the committed corpus: small, and with something of everything.

use std::fs;
use std::path::Path;

use bytes::Bytes;
use parquet::basic::Encoding;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};

use super::file::QUERIES;
use crate::parquet::mutations::encoded;
use crate::parquet::tests::{CODECS, footer, sample};
use crate::testing::{Reading, info, run};
use crate::{Codec, Limits, Physical, Scan};

/// Writes the seeds of a target; seeds that are there and have another name stay.
pub(super) fn write(target: &str, folder: &Path) {
    let seeds = match target {
        "footer" => files().into_iter().step_by(3).map(owned).collect(),
        "file" => files().into_iter().map(owned).collect(),
        "page" => pages(),
        "decoder" => decoders(),
        "partial" => partials(),
        "filter" => texts(&FILTERS),
        _ => texts(&EVENTS),
    };
    fs::create_dir_all(folder).unwrap();
    for (name, seed) in seeds {
        fs::write(folder.join(name), seed).unwrap();
    }
}

type Seed = (String, Vec<u8>);

fn owned((name, file): (String, Bytes)) -> Seed {
    (name, file.to_vec())
}

fn texts(texts: &[&str]) -> Vec<Seed> {
    let seed =
        |(number, text): (usize, &&str)| (format!("seed-{number:02}"), text.as_bytes().to_vec());
    texts.iter().enumerate().map(seed).collect()
}

/// Files of a dozen rows: each codec, each encoding, both page versions, many pages, a bloom filter.
fn files() -> Vec<(String, Bytes)> {
    let mut files = Vec::new();
    for (version, name) in [
        (WriterVersion::PARQUET_1_0, "v1"),
        (WriterVersion::PARQUET_2_0, "v2"),
    ] {
        let properties = || {
            WriterProperties::builder()
                .set_writer_version(version)
                .set_statistics_enabled(EnabledStatistics::Chunk)
                .set_offset_index_disabled(true)
                .set_created_by("seeds".to_owned())
        };
        for codec in CODECS {
            let codec = codec();
            let word = codec.to_string();
            let word = word.split('(').next().unwrap_or_default().to_lowercase();
            files.push((
                format!("{name}-{word}"),
                sample(12, 5, properties().set_compression(codec)).0,
            ));
        }
        for encoding in [
            Encoding::DELTA_BINARY_PACKED,
            Encoding::DELTA_LENGTH_BYTE_ARRAY,
            Encoding::DELTA_BYTE_ARRAY,
            Encoding::BYTE_STREAM_SPLIT,
        ] {
            files.push((
                format!("{name}-{}", encoding.to_string().to_lowercase()),
                sample(12, 12, encoded(properties(), encoding)).0,
            ));
        }
        let indexed = properties()
            .set_statistics_enabled(EnabledStatistics::Page)
            .set_offset_index_disabled(false)
            .set_bloom_filter_enabled(true)
            .set_bloom_filter_max_ndv(5)
            .set_data_page_row_count_limit(4)
            .set_write_batch_size(4);
        files.push((format!("{name}-indexed"), sample(12, 5, indexed).0));
    }
    files
}

/// The chunks of those files, with what the target needs to know of them in front.
fn pages() -> Vec<Seed> {
    let mut seeds = Vec::new();
    for (name, file) in files() {
        let footer = footer(&file, &Limits::default()).unwrap();
        let leaves = &footer.schema().leaves;
        // Of every file the texts, of the plain and the packed ones everything.
        let all = ["un", "sp", "bi", "ed"]
            .iter()
            .any(|part| name.contains(part));
        let wanted: Vec<usize> = (0..leaves.len())
            .filter(|&leaf| all || leaves[leaf].name == "s")
            .collect();
        for (chunk, leaf) in footer.chunks(0, &wanted).unwrap().iter().zip(wanted) {
            let leaf = &leaves[leaf];
            let physical = match leaf.physical {
                Physical::Bool => 0,
                Physical::I32 => 1,
                Physical::I64 => 2,
                Physical::I96 => 3,
                Physical::F32 => 4,
                Physical::F64 => 5,
                Physical::Bytes => 6,
                Physical::Fixed(_) => 7,
            };
            let codec = match chunk.codec {
                Codec::Snappy => 1,
                Codec::Gzip => 2,
                Codec::Brotli => 3,
                Codec::Lz4 => 4,
                Codec::Zstd => 5,
                Codec::Lz4Raw => 6,
                _ => 0,
            };
            let range = chunk.byte_range.start as usize..chunk.byte_range.end as usize;
            let head = [physical, codec, leaf.max_def as u8, chunk.rows as u8, 0];
            seeds.push((
                format!("{name}-{}", leaf.name),
                [&head[..], &file[range]].concat(),
            ));
        }
    }
    seeds
}

/// Which decoder, its physical type or codec, size of the dictionary or value, where to cut, count; and its input.
fn decoders() -> Vec<Seed> {
    let text = b"to be, or not to be, that is the question: to be";
    let delta = [0x80, 0x01, 0x04, 0x03, 0x02, 0x02, 0x02, 0, 0, 0, 0b10];
    let lengths = [0x80, 0x01, 0x04, 0x02, 0x02, 0x02, 0x00, 0, 0, 0];
    let gzip = {
        let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
        std::io::Write::write_all(&mut writer, text).unwrap();
        writer.finish().unwrap()
    };
    let whole = text.len() as u8;
    let list: [(&str, [u8; 6], Vec<u8>); 16] = [
        (
            "plain-i32",
            [0, 1, 0, 1, 2, 0],
            vec![1, 0, 0, 0, 2, 0, 0, 0],
        ),
        (
            "plain-bytes",
            [0, 6, 0, 1, 2, 0],
            b"\x01\0\0\0a\x01\0\0\0b".to_vec(),
        ),
        ("plain-bool", [0, 0, 0, 3, 9, 0], vec![0b1010_1010, 1]),
        (
            "codes",
            [1, 1, 4, 5, 12, 0],
            vec![2, 8, 3, 3, 0b1110_0100, 0b1110_0100],
        ),
        ("rle-bool", [2, 0, 0, 1, 4, 0], vec![2, 0, 0, 0, 8, 1]),
        ("delta", [3, 2, 0, 1, 3, 0], delta.to_vec()),
        (
            "delta-length",
            [4, 6, 0, 1, 2, 0],
            [&lengths[..], b"ab"].concat(),
        ),
        (
            "delta-bytes",
            [5, 6, 0, 1, 2, 0],
            [
                &[0x80, 0x01, 0x04, 0x02, 0x00, 0x02, 0, 0, 0, 0],
                &lengths[..],
                b"ab",
            ]
            .concat(),
        ),
        ("split", [6, 4, 0, 1, 2, 0], vec![0; 8]),
        (
            "snappy",
            [7, 0, 1, 0, whole, 0],
            snap::raw::Encoder::new().compress_vec(text).unwrap(),
        ),
        ("gzip", [7, 1, 1, 0, whole, 0], gzip),
        (
            "lz4",
            [7, 3, 1, 0, whole, 0],
            lz4_flex::block::compress(text),
        ),
        (
            "zstd",
            [7, 4, 1, 0, whole, 0],
            zstd::bulk::compress(text, 3).unwrap(),
        ),
        (
            "lz4-raw",
            [7, 5, 1, 0, whole, 0],
            lz4_flex::block::compress(text),
        ),
        ("levels", [8, 0, 1, 5, 12, 0], vec![8, 1, 3, 0b1010_1010]),
        (
            "levels-packed",
            [9, 0, 3, 5, 8, 0],
            vec![0b1110_0100, 0b0001_1011],
        ),
    ];
    list.into_iter()
        .map(|(name, head, input)| (name.to_owned(), [&head[..], &input].concat()))
        .collect()
}

/// What the queries make of a small file, without header and checksum.
fn partials() -> Vec<Seed> {
    let file = sample(12, 5, WriterProperties::builder()).0;
    let mut seeds = Vec::new();
    for (number, query) in QUERIES.iter().enumerate() {
        let scan = Scan::new(query, info("day=2026-11-23/f", &file), &Limits::default());
        let bytes = run(scan, &file, Reading::default()).unwrap().to_bytes();
        let content = &bytes[20..bytes.len() - 8];
        seeds.push((
            format!("query-{number}"),
            [&[number as u8], content].concat(),
        ));
    }
    seeds
}

const FILTERS: [&str; 15] = [
    "Host = 'a.cox.net'",
    "Host like '%cox%' and price >= 10",
    "a.b is not null or not (c <> -1.5e3)",
    "\"odd name\" in ('x', 'it''s', '\u{fc}') and t < '2026-11-23T10:00:00+02:00'",
    "x between 1 and 2",
    "n is null",
    "((((((a = true))))))",
    "a not in (1, 2, 3) and b not like 'a\\_b%'",
    "d >= '2026-11-23' and d < '2026-11-24'",
    "u = '01234567-89ab-cdef-0123-456789abcdef'",
    "day(t),provider(Host)",
    "count,sum(a),min(b),max(c),mean(d),distinct(\"e f\")",
    "count:desc,day:asc",
    "cox, comcast, frontier",
    "s like '50!%_' escape '!' and m > 1e40",
];

const EVENTS: [&str; 10] = [
    r#"{"event_type":"purchase_sword"}"#,
    r#"{"event_type":"join_guild","id":"1","timestamp":"2026-11-23T10:00:00.25+02:00","item":"guild"}"#,
    r#"{"id":12345678901234567890,"event_type":"a","timestamp":null,"n":1e400,"big":123456789012345678901234567890}"#,
    r#"{"event_type":"\ud83d\ude00\u0000","a":{"b":[1,2,{"c":null}]},"a":true}"#,
    r#"[{"event_type":"a"}, {"event_type":"b","Host":"x","properties":{"k":"v"}}]"#,
    "{\"event_type\":\"a\"}\r\n\r\n{\"event_type\":\"b\"}",
    "\u{feff}{\"event_type\":\"bom\"}",
    r#"{"id":"0","event_type":"a","timestamp":"2026-11-23T10:00:00Z","received_at":"2026-11-23T10:00:00Z","Host":"h"}"#,
    r#"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"#,
    r#"{"event_type":"half \ud83d","x":-0.0,"y":[],"z":{}}"#,
];
