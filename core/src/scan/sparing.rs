//! What is not read makes no difference: queries over files with all that may spare reading, and over files without.

use bytes::Bytes;
use parquet::basic::Compression;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use proptest::prelude::*;

use crate::testing::{Column, Reading, carry, info, query, rows, run};
use crate::{Answer, Error, Limits, Part, Partial, Query, Scan, Spared};

const SCHEMA: &str = "optional int64 n; optional double x; optional binary s (UTF8);
    optional int32 d (DATE); optional int64 t (TIMESTAMP(MICROS,true)); optional boolean b;
    optional int32 u (INTEGER(8,false)); optional fixed_len_byte_array(3) m (DECIMAL(6,1));
    optional binary pad;";

#[derive(Clone, Debug)]
struct Row {
    n: Option<i64>,
    x: Option<f64>,
    s: Option<u8>,
    d: Option<i32>,
    b: Option<bool>,
    u: Option<i32>,
}

fn any_row() -> impl Strategy<Value = Row> {
    let sparse = |percent: f64| prop::option::weighted(percent, -3i64..3);
    (
        sparse(0.9),
        prop::option::weighted(
            0.8,
            prop_oneof![6 => (-2i8..3).prop_map(f64::from), 1 => Just(f64::NAN), 1 => Just(-0.0)],
        ),
        prop::option::weighted(0.8, 0u8..4),
        prop::option::weighted(0.7, 0i32..40),
        prop::option::weighted(0.5, any::<bool>()),
        prop::option::weighted(0.9, prop_oneof![9 => 0i32..4, 1 => 250i32..520]),
    )
        .prop_map(|(n, x, s, d, b, u)| Row { n, x, s, d, b, u })
}

/// Row groups of which some columns grow along the rows and one is null for a while.
fn any_groups() -> impl Strategy<Value = Vec<Vec<Row>>> {
    let group = (
        prop::collection::vec(any_row(), 1..40),
        any::<bool>(),
        any::<bool>(),
    );
    let group = group.prop_map(|(mut rows, grows, pauses)| {
        let len = rows.len();
        for (place, row) in rows.iter_mut().enumerate() {
            let step = if grows { place as i64 / 3 } else { 0 };
            row.n = row.n.map(|n| n + step * 2);
            row.x = row.x.map(|x| x + step as f64);
            row.s = row.s.map(|s| s + step as u8);
            row.d = row.d.map(|d| d + step as i32 * 9);
            row.u = row.u.map(|u| u + step as i32);
            if pauses && place > len / 3 {
                (row.x, row.s, row.d) = (None, None, None);
            }
        }
        rows
    });
    prop::collection::vec(group, 1..4)
}

/// How a file is written.
#[derive(Clone, Debug)]
struct Writing {
    page_rows: usize,
    dictionary: bool,
    dictionary_bytes: usize,
    statistics: bool,
    truncated: Option<usize>,
    second_version: bool,
    snappy: bool,
}

fn any_writing() -> impl Strategy<Value = Writing> {
    (
        prop::sample::select(vec![1, 2, 5, 9, 1000]),
        any::<bool>(),
        prop::sample::select(vec![20, 1 << 20]),
        prop::bool::weighted(0.8),
        prop::option::of(1usize..5),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(
            |(
                page_rows,
                dictionary,
                dictionary_bytes,
                statistics,
                truncated,
                second_version,
                snappy,
            )| Writing {
                page_rows,
                dictionary,
                dictionary_bytes,
                statistics,
                truncated,
                second_version,
                snappy,
            },
        )
}

fn text(number: u8) -> String {
    let word = ["cox", "comcast", "é", "zz", "\u{10ffff}", "", "att"][usize::from(number) % 7];
    format!("{word}{}", number / 2)
}

fn written(groups: &[Vec<Row>], properties: WriterProperties) -> Bytes {
    let columns = |rows: &Vec<Row>| {
        let decimal = |n: i64| (n * 5).to_be_bytes()[5..].to_vec();
        vec![
            Column::I64(rows.iter().map(|row| row.n).collect()),
            Column::F64(rows.iter().map(|row| row.x).collect()),
            Column::Text(rows.iter().map(|row| row.s.map(text)).collect()),
            Column::I32(rows.iter().map(|row| row.d).collect()),
            Column::I64(
                rows.iter()
                    .map(|row| row.n.map(|n| n * 7_200_000_000))
                    .collect(),
            ),
            Column::Bool(rows.iter().map(|row| row.b).collect()),
            Column::I32(rows.iter().map(|row| row.u).collect()),
            Column::Fixed(rows.iter().map(|row| row.n.map(decimal)).collect()),
            // So much that page indexes are small beside it.
            Column::Text(
                (0..rows.len())
                    .map(|row| Some(format!("{row:0900}")))
                    .collect(),
            ),
        ]
    };
    crate::testing::file(
        SCHEMA,
        properties,
        &groups.iter().map(columns).collect::<Vec<_>>(),
    )
}

fn with_everything(groups: &[Vec<Row>], how: &Writing) -> Bytes {
    let properties = WriterProperties::builder()
        .set_data_page_row_count_limit(how.page_rows)
        .set_write_batch_size(1)
        .set_dictionary_enabled(how.dictionary)
        .set_dictionary_page_size_limit(how.dictionary_bytes)
        .set_statistics_enabled(if how.statistics {
            EnabledStatistics::Page
        } else {
            EnabledStatistics::None
        })
        .set_statistics_truncate_length(how.truncated)
        .set_column_index_truncate_length(how.truncated)
        .set_bloom_filter_enabled(true)
        .set_writer_version(if how.second_version {
            WriterVersion::PARQUET_2_0
        } else {
            WriterVersion::PARQUET_1_0
        })
        .set_compression(if how.snappy {
            Compression::SNAPPY
        } else {
            Compression::UNCOMPRESSED
        });
    written(groups, properties.build())
}

fn with_nothing(groups: &[Vec<Row>]) -> Bytes {
    let properties = WriterProperties::builder()
        .set_statistics_enabled(EnabledStatistics::None)
        .set_dictionary_enabled(false)
        .set_offset_index_disabled(true);
    written(groups, properties.build())
}

fn any_condition() -> impl Strategy<Value = String> {
    let sign = prop::sample::select(vec!["=", "!=", "<", "<=", ">", ">="]);
    let leaf = (0u8..16, sign, -4i64..30).prop_map(|(kind, sign, number)| match kind {
        0 => format!("n {sign} {number}.{}", number.rem_euclid(2) * 5),
        1 => format!("x {sign} {number}"),
        2 => format!("s {sign} '{}'", text(number as u8 % 20)),
        3 => format!("day(d) {sign} '1970-0{}-11'", number.rem_euclid(9) + 1),
        4 => format!("n in ({number}, {}, 2.5)", number + 5),
        5 => format!(
            "s in ('{}', 'cox1', null)",
            text(number.rem_euclid(20) as u8)
        ),
        6 => format!(
            "{} is null",
            ["x", "s", "n", "provider(s)", "day(d)"][number.rem_euclid(5) as usize]
        ),
        7 => format!(
            "hour(t) {sign} '1970-01-01T{:02}:00:00Z'",
            number.rem_euclid(24)
        ),
        8 => format!(
            "s like '{}'",
            ["cox%", "c_mcast%", "%1", "zz_", "é%", "comcast2", "%"][number.rem_euclid(7) as usize]
        ),
        9 => "b".to_owned(),
        10 => format!("u {sign} {}", number * 9),
        11 => format!("m {sign} {number}.5"),
        12 => format!("provider(s) {sign} 'cox'"),
        13 => format!("t = '1970-01-0{}T02:00:00Z'", number.rem_euclid(4) + 1),
        14 => format!("m in ({number}, 0.5, 99999999)"),
        _ => format!("x in ({number}, 0, 'NaN')"),
    });
    leaf.prop_recursive(3, 8, 2, |inner| {
        prop_oneof![
            3 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} and {b})")),
            2 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} or {b})")),
            2 => inner.prop_map(|a| format!("not {a}")),
        ]
    })
}

fn any_reading() -> impl Strategy<Value = (Reading, u64)> {
    let reading = (
        prop::sample::select(vec![u64::MAX, 7, 1000]),
        prop::sample::select(vec![1, 50, 100_000]),
        prop::sample::select(vec![0, 3, 5000]),
    );
    let reading = reading.prop_map(|(piece_bytes, rows_max, margin_bytes)| Reading {
        piece_bytes,
        rows_max,
        margin_bytes,
    });
    (reading, prop::sample::select(vec![0, 3000, u64::MAX]))
}

fn read(query: &Query, bytes: &Bytes, reading: Reading, limits: &Limits) -> Result<Answer, Error> {
    let scan = Scan::new(query, info("f", bytes), limits);
    run(scan, bytes, reading)?.answer(query)
}

/// The answer of every row group in thirds, as if each had its own worker, and how many rows each kind of evidence
/// spared them.
fn read_in_parts(query: &Query, bytes: &Bytes, limits: &Limits) -> (Answer, [u64; 5]) {
    let footer = footer(query, bytes);
    let mut whole = Partial::empty(query);
    let mut spared = [0; 5];
    for (group, of) in footer.row_groups().iter().enumerate().rev() {
        for third in 0..3 {
            let rows = of.rows * third / 3..of.rows * (third + 1) / 3;
            let part = Part::of_rows(group, rows);
            let mut scan = Scan::with_footer(query, info("f", bytes), footer.clone(), part, limits);
            carry(&mut scan, bytes, Reading::default()).unwrap();
            add(&mut spared, scan.spared());
            whole.merge(scan.finish().unwrap()).unwrap();
        }
    }
    (whole.answer(query).unwrap(), spared)
}

fn add(sums: &mut [u64; 5], spared: Spared) {
    let counts = [
        spared.row_groups_by_statistics,
        spared.row_groups_by_page_index,
        spared.row_groups_by_bloom_filter,
        spared.row_groups_by_dictionary,
        spared.rows_by_page_index,
    ];
    for (sum, count) in sums.iter_mut().zip(counts) {
        *sum += count;
    }
}

fn footer(query: &Query, bytes: &Bytes) -> std::sync::Arc<crate::Footer> {
    let mut scan = Scan::new(query, info("f", bytes), &Limits::default());
    while scan.footer().is_none() {
        if let crate::Step::Need(ranges) = scan.advance(1).unwrap() {
            for range in ranges {
                let piece = bytes.slice(range.start as usize..range.end as usize);
                scan.feed(range.start, piece).unwrap();
            }
        }
    }
    scan.footer().unwrap().clone()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn what_is_spared_is_never_missed(
        groups in any_groups(),
        how in any_writing(),
        condition in any_condition(),
        (reading, fetch_bytes_max) in any_reading(),
    ) {
        let query = query("", "count,sum(n),min(s),count(d),max(pad)", &condition);
        let limits = Limits { fetch_bytes_max, ..Limits::default() };
        let bytes = with_everything(&groups, &how);
        let spared = read(&query, &bytes, reading, &limits).unwrap();
        let all = read(&query, &with_nothing(&groups), Reading::default(), &Limits::default()).unwrap();
        prop_assert_eq!(rows(&spared), rows(&all), "{}", condition);
        prop_assert_eq!(spared.scanned.rows, all.scanned.rows);
        let (parts, spared_parts) = read_in_parts(&query, &bytes, &limits);
        prop_assert_eq!(rows(&parts), rows(&all), "{}", condition);
        prop_assert_eq!(parts.scanned, spared.scanned);
        let mut scan = Scan::new(&query, info("f", &bytes), &limits);
        carry(&mut scan, &bytes, reading).unwrap();
        let mut spared_whole = [0; 5];
        add(&mut spared_whole, scan.spared());
        prop_assert_eq!(spared_parts, spared_whole, "{}", condition);
    }

    #[test]
    fn places_that_lie_are_an_error_or_not_believed(
        groups in any_groups(),
        how in any_writing(),
        condition in any_condition(),
        place in any::<prop::sample::Index>(),
        flipped in 1u8..=255,
    ) {
        let query = query("", "count,sum(n),min(s),count(d),max(pad)", &condition);
        let good = with_everything(&groups, &how);
        let limits = Limits::default();
        let all = read(&query, &good, Reading::default(), &limits).unwrap();
        let footer = footer(&query, &good);
        let every: Vec<usize> = (0..footer.schema().leaves.len()).collect();
        let chunks = (0..groups.len()).flat_map(|group| footer.chunks(group, &every).unwrap());
        let places: Vec<u64> = chunks.filter_map(|chunk| chunk.offset_index).flatten().collect();
        let mut bytes = good.to_vec();
        bytes[*place.get(&places) as usize] ^= flipped;
        if let Ok(answer) = read(&query, &bytes.into(), Reading::default(), &limits) {
            prop_assert_eq!(rows(&answer), rows(&all), "{}", condition);
        }
    }
}
