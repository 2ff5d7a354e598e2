//! Files of a writer that is not ours, read back whole.

use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::{Compression, Encoding};
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, DoubleType, FixedLenByteArrayType, FloatType,
    Int32Type, Int64Type, Int96Type,
};
use parquet::file::properties::{WriterProperties, WriterPropertiesBuilder, WriterVersion};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use super::page::Page;
use super::*;
use crate::{Error, ErrorKind, Limits, TimeUnit, Type};

/// A column's values in PLAIN form, without lengths; `None` is null.
pub(super) type Cells = Vec<Option<Vec<u8>>>;

/// The footer of a whole file.
pub(crate) fn footer(file: &Bytes, limits: &Limits) -> Result<Footer, Error> {
    let size = file.len() as u64;
    let mut need = Footer::tail_need(size);
    loop {
        let tail = file.slice(need.start as usize..need.end as usize);
        match Footer::parse(size, need.start, &tail, limits)? {
            FooterStep::Need(more) => need = more,
            FooterStep::Done(footer) => return Ok(*footer),
        }
    }
}

/// Reads one column of one row group, feeding what is asked for in pieces of `piece` bytes.
pub(super) fn read_chunk(
    file: &Bytes,
    footer: &Footer,
    (row_group, leaf): (usize, usize),
    piece: usize,
    limits: &Limits,
) -> Result<Cells, Error> {
    let chunk = &footer.chunks(row_group, &[leaf])?[0];
    let leaf = &footer.schema().leaves[leaf];
    let mut reader = ChunkReader::new(leaf, chunk, file.len() as u64, limits)?;
    let mut store = Store::default();
    let mut cells = Vec::new();
    loop {
        match reader.next_page(&store)? {
            PageStep::Need(need) => {
                assert!(need.start < need.end, "an empty need");
                assert!(need.end <= file.len() as u64);
                store.release(0..reader.position());
                for start in need.clone().step_by(piece) {
                    let end = (start + piece as u64).min(need.end);
                    store.insert(start, &file.slice(start as usize..end as usize));
                }
            }
            PageStep::Page => page_cells(reader.page(), reader.dictionary(), &mut cells),
            PageStep::End => return Ok(cells),
        }
    }
}

/// Reads all columns that are not repeated.
pub(super) fn read_file(file: &Bytes, piece: usize, limits: &Limits) -> Result<Vec<Cells>, Error> {
    let footer = footer(file, limits)?;
    let mut columns = Vec::new();
    for (index, leaf) in footer.schema().leaves.iter().enumerate() {
        if leaf.max_rep > 0 {
            continue;
        }
        let mut cells = Vec::new();
        for row_group in 0..footer.row_groups().len() {
            cells.extend(read_chunk(
                file,
                &footer,
                (row_group, index),
                piece,
                limits,
            )?);
        }
        columns.push(cells);
    }
    Ok(columns)
}

fn page_cells(page: &Page, dictionary: Option<&Values>, cells: &mut Cells) {
    let mut values: Box<dyn Iterator<Item = Vec<u8>>> = match &page.values {
        PageValues::Codes(codes) => {
            let dictionary = value_cells(dictionary.expect("codes have a dictionary"));
            Box::new(
                codes
                    .clone()
                    .into_iter()
                    .map(move |code| dictionary[code as usize].clone()),
            )
        }
        PageValues::Values(values) => Box::new(value_cells(values).into_iter()),
    };
    assert_eq!(
        page.valid.len(),
        if page.nulls == 0 { 0 } else { page.rows }
    );
    for row in 0..page.rows {
        let valid = page.nulls == 0 || page.valid[row] == 1;
        cells.push(valid.then(|| values.next().expect("a value for each valid row")));
    }
    assert_eq!(values.next(), None, "more values than valid rows");
}

fn value_cells(values: &Values) -> Vec<Vec<u8>> {
    match values {
        Values::Bool(values) => values.iter().map(|&value| vec![value.into()]).collect(),
        Values::I32(values) => values
            .iter()
            .map(|value| value.to_le_bytes().into())
            .collect(),
        Values::I64(values) => values
            .iter()
            .map(|value| value.to_le_bytes().into())
            .collect(),
        Values::I96(values) => values.iter().map(|&value| value.into()).collect(),
        Values::F32(values) => values
            .iter()
            .map(|value| value.to_le_bytes().into())
            .collect(),
        Values::F64(values) => values
            .iter()
            .map(|value| value.to_le_bytes().into())
            .collect(),
        Values::Bytes { data, spans } => spans.iter().map(|span| span.of(data).into()).collect(),
        Values::Fixed { width, data } => data.chunks(*width).map(Into::into).collect(),
    }
}

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

fn properties() -> WriterPropertiesBuilder {
    WriterProperties::builder()
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

pub(crate) const CODECS: [fn() -> Compression; 7] = [
    || Compression::UNCOMPRESSED,
    || Compression::SNAPPY,
    || Compression::GZIP(Default::default()),
    || Compression::ZSTD(Default::default()),
    || Compression::BROTLI(Default::default()),
    || Compression::LZ4,
    || Compression::LZ4_RAW,
];

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

#[test]
fn limits_hold_at_under_and_over() {
    let (file, _) = sample(10, 10, properties());
    let footer_bytes = footer(&file, &Limits::default()).unwrap().bytes_len();
    let fits = |limits: Limits| match footer(&file, &limits) {
        Ok(_) => true,
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Limit, "{error}");
            false
        }
    };
    for (over, expected) in [(0, true), (1, true), (-1, false)] {
        let of = |real: i64| real + over;
        let default = Limits::default;
        let columns = Limits {
            columns_max: of(10) as usize,
            ..default()
        };
        let row_groups = Limits {
            row_groups_max: of(2) as usize,
            ..default()
        };
        let footer = Limits {
            footer_bytes_max: of(footer_bytes as i64) as u64,
            ..default()
        };
        for limits in [columns, row_groups, footer] {
            assert_eq!(fits(limits.clone()), expected, "{limits:?}");
        }
    }
}

#[test]
fn every_annotation_has_its_meaning() {
    use TimeUnit::{Micro, Milli, Nano};
    let int = |bits, signed| Type::Int { bits, signed };
    let decimal = Type::Decimal {
        precision: 9,
        scale: 2,
    };
    let timestamp = |unit, utc| Type::Timestamp { unit, utc };
    let meanings = [
        ("boolean c", Type::Bool),
        ("int32 c", int(32, true)),
        ("int64 c", int(64, true)),
        ("int96 c", timestamp(Nano, true)),
        ("float c", Type::Float { bits: 32 }),
        ("double c", Type::Float { bits: 64 }),
        ("binary c", Type::Bytes),
        ("fixed_len_byte_array(5) c", Type::Bytes),
        ("binary c (UTF8)", Type::Text),
        ("binary c (STRING)", Type::Text),
        ("binary c (ENUM)", Type::Text),
        ("binary c (JSON)", Type::Text),
        ("binary c (BSON)", Type::Bytes),
        ("int32 c (INT_8)", int(8, true)),
        ("int32 c (INTEGER(16,true))", int(16, true)),
        ("int32 c (UINT_8)", int(8, false)),
        ("int32 c (INTEGER(16,false))", int(16, false)),
        ("int32 c (UINT_32)", int(32, false)),
        ("int64 c (INTEGER(64,false))", int(64, false)),
        ("int64 c (UINT_64)", int(64, false)),
        ("int32 c (DECIMAL(9,2))", decimal),
        ("int64 c (DECIMAL(9,2))", decimal),
        ("binary c (DECIMAL(9,2))", decimal),
        ("fixed_len_byte_array(4) c (DECIMAL(9,2))", decimal),
        ("int32 c (DATE)", Type::Date),
        ("int32 c (TIME_MILLIS)", Type::Time { unit: Milli }),
        ("int32 c (TIME(MILLIS,false))", Type::Time { unit: Milli }),
        ("int64 c (TIME_MICROS)", Type::Time { unit: Micro }),
        ("int64 c (TIME(NANOS,true))", Type::Time { unit: Nano }),
        ("int64 c (TIMESTAMP_MILLIS)", timestamp(Milli, true)),
        ("int64 c (TIMESTAMP_MICROS)", timestamp(Micro, true)),
        ("int64 c (TIMESTAMP(MILLIS,false))", timestamp(Milli, false)),
        ("int64 c (TIMESTAMP(MICROS,true))", timestamp(Micro, true)),
        ("int64 c (TIMESTAMP(NANOS,false))", timestamp(Nano, false)),
        (
            "fixed_len_byte_array(2) c (FLOAT16)",
            Type::Float { bits: 16 },
        ),
        ("fixed_len_byte_array(16) c (UUID)", Type::Uuid),
        ("fixed_len_byte_array(12) c (INTERVAL)", Type::Interval),
        ("int32 c (UNKNOWN)", Type::Null),
    ];
    for (column, meaning) in meanings {
        let schema = parse_message_type(&format!("message m {{ optional {column}; }}")).unwrap();
        let file = SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::default()).unwrap();
        let file = file.into_inner().unwrap().into();
        let leaves = footer(&file, &Limits::default())
            .unwrap()
            .schema()
            .leaves
            .clone();
        assert_eq!(leaves[0].ty, meaning, "{column}");
        assert_eq!((leaves[0].max_def, leaves[0].max_rep), (1, 0));
    }
}

#[test]
fn members_have_paths_and_lists_are_flagged() {
    let schema = "message m {
        required int32 a.b;
        optional group a { required int32 b; optional group c { optional int32 d; } }
        repeated int32 many;
        optional group list (LIST) { repeated group list { optional binary element (UTF8); } }
    }";
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let file = SerializedFileWriter::new(Vec::new(), schema, Arc::default()).unwrap();
    let file = file.into_inner().unwrap().into();
    let footer = footer(&file, &Limits::default()).unwrap();
    let schema = footer.schema();
    let levels = |name: &str| {
        let leaf = &schema.leaves[schema.find(name).unwrap()];
        (leaf.top_level, leaf.max_def, leaf.max_rep)
    };
    // A whole column's name wins over a path.
    assert_eq!(levels("a.b"), (true, 0, 0));
    assert_eq!(levels("a.c.d"), (false, 3, 0));
    assert_eq!(levels("many"), (true, 1, 1));
    assert_eq!(levels("list.list.element"), (false, 3, 1));
    assert_eq!(schema.find("a.c"), None);
    assert!(schema.is_group("a.c") && schema.is_group("list"));
    assert!(!schema.is_group("many") && !schema.is_group("lis"));
}

#[test]
fn what_is_not_a_parquet_file_is_refused() {
    let limits = Limits::default();
    let kind = |file: &[u8]| {
        footer(&Bytes::copy_from_slice(file), &limits)
            .unwrap_err()
            .kind()
    };
    assert_eq!(kind(b""), ErrorKind::NotParquet);
    assert_eq!(
        kind(b"event_type,Host\nknife purchased,cox"),
        ErrorKind::NotParquet
    );
    assert_eq!(kind(b"PARE\0\0\0\0\0\0\0\0PARE"), ErrorKind::Encrypted);
    assert_eq!(kind(b"PAR1\xff\xff\xff\x03PAR1"), ErrorKind::Corrupt);
    assert_eq!(kind(b"PAR1\xff\xff\xff\xffPAR1"), ErrorKind::Limit);
}

#[test]
fn a_file_that_begins_as_parquet_and_has_no_end_was_cut_off() {
    let (small, _) = sample(10, 10, properties());
    // Longer than what is read of a file's end at first: its beginning is asked for.
    let large = [&small[..], &[7; 100_000]].concat().into();
    for file in [small, large] {
        for cut in [4, 8, 11, 12, 100, file.len() / 2, file.len() - 1] {
            let error = footer(&file.slice(..cut), &Limits::default()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Corrupt, "{cut}: {error}");
            let said = "has no footer at its end: it was cut off";
            assert!(error.message().contains(said), "{cut}: {error}");
        }
    }
    let other: Bytes = vec![7; 100_000].into();
    let error = footer(&other, &Limits::default()).unwrap_err();
    assert_eq!(
        error.message(),
        "this is not a Parquet file: it does not begin with PAR1"
    );
}

/// A sample with small pages, a page index and bloom filters.
fn indexed_sample() -> (Bytes, Vec<Cells>) {
    let small = properties()
        .set_data_page_row_count_limit(100)
        .set_write_batch_size(50);
    sample(1_000, 300, small.set_bloom_filter_enabled(true))
}

#[test]
fn the_page_index_says_where_pages_are_and_what_is_in_them() {
    let (file, expected) = indexed_sample();
    let footer = footer(&file, &Limits::default()).unwrap();
    for (index, leaf) in footer.schema().leaves.iter().enumerate() {
        let expected = &expected[index];
        let chunk = &footer.chunks(1, &[index]).unwrap()[0];
        let bytes = |range: &std::ops::Range<u64>| &file[range.start as usize..range.end as usize];
        let offsets = bytes(chunk.offset_index.as_ref().unwrap());
        let column_index = chunk.column_index.as_ref().map(bytes);
        let pages = PagePlace::read(chunk, offsets).unwrap();
        assert!(pages.len() >= 10);
        let Some(column_index) = column_index.map(Bytes::copy_from_slice) else {
            continue;
        };
        let described = PageStatistics::read(&pages, &column_index).unwrap();
        for (place, page) in pages.iter().zip(&described) {
            let rows = 1_000 + place.rows.start as usize..1_000 + place.rows.end as usize;
            let there: Vec<&Vec<u8>> = expected[rows.clone()].iter().flatten().collect();
            let nulls = (rows.len() - there.len()) as u64;
            assert_eq!(page.all_null, there.is_empty());
            assert_eq!(page.statistics.null_count, Some(nulls));
            if leaf.name == "s" {
                let bounds = Bounds::of(leaf, &page.statistics);
                let (min, max) = (bounds.min.unwrap(), bounds.max.unwrap());
                let inside = |value: &&Vec<u8>| {
                    min <= &value[..] && (max >= &value[..] || value.starts_with(max))
                };
                assert!(there.iter().all(inside));
            }
        }
        // An index that is cut off, or of another chunk, is none.
        assert_eq!(PagePlace::read(chunk, &offsets[..offsets.len() / 2]), None);
        let other = &footer.chunks(0, &[index]).unwrap()[0];
        assert_eq!(PagePlace::read(other, offsets), None);
        let half = column_index.slice(..column_index.len() / 2);
        assert_eq!(PageStatistics::read(&pages, &half), None);
        assert_eq!(PageStatistics::read(&pages[1..], &column_index), None);
    }
}

#[test]
fn bloom_filters_know_every_value_and_few_others() {
    let (file, expected) = indexed_sample();
    let footer = footer(&file, &Limits::default()).unwrap();
    for leaf in ["l", "s", "x"].map(|name| footer.schema().find(name).unwrap()) {
        let chunk = &footer.chunks(0, &[leaf]).unwrap()[0];
        let need = BloomFilter::need(chunk).unwrap();
        let bytes = |range: std::ops::Range<u64>| &file[range.start as usize..range.end as usize];
        let filter = BloomFilter::read(chunk, bytes(need)).unwrap();
        let may_hold = |value: &[u8]| {
            let hash = BloomFilter::hash(value);
            BloomFilter::may_hold(bytes(filter.block(hash)), hash)
        };
        let mut there = expected[leaf][..1_000].iter().flatten();
        assert!(there.all(|value| may_hold(value)));
        let absent = (0..1_000_u64).map(|n| [&n.to_le_bytes()[..], b"not in it"].concat());
        let found = absent.filter(|value| may_hold(value)).count();
        assert!(found < 150, "{found} of 1000 values that are not there");
    }
}

#[test]
fn statistics_bound_the_values_of_their_chunk() {
    let (file, expected) = sample(500, 300, properties());
    let footer = footer(&file, &Limits::default()).unwrap();
    let leaf = footer.schema().find("l").unwrap();
    let chunk = &footer.chunks(0, &[leaf]).unwrap()[0];
    let statistics = chunk.statistics.as_ref().unwrap();
    let bounds = Bounds::of(&footer.schema().leaves[leaf], statistics);
    let number = |bytes: &[u8]| i64::from_le_bytes(bytes.try_into().unwrap());
    let values = || {
        expected[leaf][..500]
            .iter()
            .flatten()
            .map(|bytes| number(bytes))
    };
    assert_eq!(bounds.min.map(number), values().min());
    assert_eq!(bounds.max.map(number), values().max());
    let nulls = expected[leaf][..500]
        .iter()
        .filter(|cell| cell.is_none())
        .count();
    assert_eq!(statistics.null_count, Some(nulls as u64));
}
