//! The laws of counting: whatever a query asks, it does not show how the rows lay in files, row groups and pages, how the
//! bytes came, or who counted which part.

use std::sync::Arc;

use bytes::Bytes;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::testing::{Column, Reading, file, info, query, run};
use crate::{Cutting, Error, Footer, Limits, Part, Partial, Query, Scan};

const SCHEMA: &str = "optional binary word (UTF8); optional binary host (UTF8); optional int64 n; optional int32 i (INTEGER(32,false));
    optional double x; optional float f; optional int64 t (TIMESTAMP(MICROS,true)); optional int32 d (DATE);
    optional fixed_len_byte_array(20) m (DECIMAL(40,2)); optional boolean b;";

/// A row of [`SCHEMA`].
#[derive(Clone, Debug)]
struct Row {
    word: Option<String>,
    host: Option<String>,
    n: Option<i64>,
    i: Option<i32>,
    x: Option<f64>,
    f: Option<f32>,
    t: Option<i64>,
    d: Option<i32>,
    m: Option<i128>,
    b: Option<bool>,
}

const KEYS: [&str; 14] = [
    "word",
    "host",
    "n",
    "i",
    "x",
    "f",
    "t",
    "d",
    "m",
    "b",
    "provider(host)",
    "hour(t)",
    "week(t)",
    "month(d)",
];

const MEASURES: &str = "count,count(word),min(word),max(word),distinct(word),min(host),distinct(provider(host)),\
    sum(n),mean(n),min(n),max(n),distinct(n),sum(i),mean(i),max(i),sum(x),mean(x),min(x),max(x),distinct(x),\
    sum(f),mean(f),min(f),max(f),min(t),max(t),distinct(day(t)),min(d),max(d),sum(m),mean(m),min(m),max(m),distinct(m),\
    min(b),max(b),distinct(b),count(provider(host)),min(hour(t))";

const FILTERS: [&str; 14] = [
    "",
    "",
    "",
    "n > 0",
    "word in ('a', 'c', '') or host is null",
    "not (x <= 0.5)",
    "x = 'NaN' or f < 0",
    "host like '%cox%' and b",
    "provider(host) = 'cox'",
    "t >= '1970-01-01T00:00:00.5Z'",
    "week(d) = '1969-12-29' or m > 170141183460469231731687303715884105727",
    "m <= -0.01 or i > 4000000000",
    "b is not null and not (n != 1)",
    "day(t) < '1970-01-02' and word >= 'b'",
];

fn any_row() -> impl Strategy<Value = Row> {
    let few = prop::sample::select(vec![
        "",
        "a",
        "b",
        "ba",
        "c",
        "Ä",
        "a long word of more bytes than a bound keeps",
    ]);
    let hosts = prop::sample::select(vec![
        "u1.cox.net",
        "u2.cox.net",
        "u.att.com",
        "nowhere",
        "COX.NET",
        "attcox",
    ]);
    let whole = prop_oneof![-2_i64..3, any::<i64>(), Just(i64::MAX), Just(i64::MIN)];
    let float = prop_oneof![
        Just(0.1),
        Just(-0.0),
        Just(0.0),
        Just(f64::NAN),
        Just(f64::INFINITY),
        Just(1e300),
        Just(-1e300),
        any::<f64>()
    ];
    let narrow = prop_oneof![Just(0.1_f32), Just(-0.0), Just(f32::NAN), any::<f32>()];
    let micros = prop_oneof![
        -2_i64..3,
        -90_000_000_000_i64..90_000_000_000,
        Just(i64::MAX),
        Just(i64::MIN)
    ];
    let decimal = prop_oneof![-2_i128..3, any::<i128>(), Just(i128::MAX), Just(i128::MIN)];
    let null = |chance| prop::bool::weighted(chance);
    (
        (few, hosts, whole, any::<i32>(), float),
        (narrow, micros, -8_i32..40, decimal, any::<bool>()),
        prop::collection::vec(null(0.2), 10),
    )
        .prop_map(|((word, host, n, i, x), (f, t, d, m, b), nulls)| {
            let there = |place: usize| !nulls[place];
            Row {
                word: there(0).then(|| word.to_owned()),
                host: there(1).then(|| host.to_owned()),
                n: there(2).then_some(n),
                i: there(3).then_some(i),
                x: there(4).then_some(x),
                f: there(5).then_some(f),
                t: there(6).then_some(t),
                d: there(7).then_some(d),
                m: there(8).then_some(m),
                b: there(9).then_some(b),
            }
        })
}

fn any_query() -> impl Strategy<Value = Query> {
    let keys = prop::sample::subsequence(KEYS.to_vec(), 0..3);
    let filter = prop::sample::select(FILTERS.to_vec());
    (keys, filter).prop_map(|(keys, filter)| query(&keys.join(","), MEASURES, filter))
}

/// How rows are laid down in a file.
#[derive(Clone, Copy, Debug)]
struct Layout {
    group_rows: usize,
    page_rows: usize,
    dictionary: bool,
    second_version: bool,
    statistics: EnabledStatistics,
}

fn any_layout() -> impl Strategy<Value = Layout> {
    let statistics = prop::sample::select(vec![
        EnabledStatistics::None,
        EnabledStatistics::Chunk,
        EnabledStatistics::Page,
    ]);
    (
        1..20_usize,
        1..9_usize,
        any::<bool>(),
        any::<bool>(),
        statistics,
    )
        .prop_map(
            |(group_rows, page_rows, dictionary, second_version, statistics)| Layout {
                group_rows,
                page_rows,
                dictionary,
                second_version,
                statistics,
            },
        )
}

fn written(rows: &[Row], layout: Layout) -> Bytes {
    let version = if layout.second_version {
        WriterVersion::PARQUET_2_0
    } else {
        WriterVersion::PARQUET_1_0
    };
    let properties = WriterProperties::builder()
        .set_writer_version(version)
        .set_dictionary_enabled(layout.dictionary)
        .set_statistics_enabled(layout.statistics)
        .set_data_page_row_count_limit(layout.page_rows)
        .set_write_batch_size(layout.page_rows)
        .build();
    let groups: Vec<_> = rows.chunks(layout.group_rows).map(columns).collect();
    file(SCHEMA, properties, &groups)
}

fn columns(rows: &[Row]) -> Vec<Column> {
    // Twenty bytes, the highest first; above the sixteen of the number its sign.
    let decimal = |number: i128| {
        let fill = if number < 0 { [0xff; 4] } else { [0; 4] };
        [&fill[..], &number.to_be_bytes()].concat()
    };
    vec![
        Column::Text(rows.iter().map(|row| row.word.clone()).collect()),
        Column::Text(rows.iter().map(|row| row.host.clone()).collect()),
        Column::I64(rows.iter().map(|row| row.n).collect()),
        Column::I32(rows.iter().map(|row| row.i).collect()),
        Column::F64(rows.iter().map(|row| row.x).collect()),
        Column::F32(rows.iter().map(|row| row.f).collect()),
        Column::I64(rows.iter().map(|row| row.t).collect()),
        Column::I32(rows.iter().map(|row| row.d).collect()),
        Column::Fixed(rows.iter().map(|row| row.m.map(decimal)).collect()),
        Column::Bool(rows.iter().map(|row| row.b).collect()),
    ]
}

fn scanned(query: &Query, name: &str, bytes: &Bytes, reading: Reading) -> Partial {
    let scan = Scan::new(query, info(name, bytes), &Limits::default());
    run(scan, bytes, reading).unwrap()
}

fn footer(bytes: &Bytes) -> Arc<Footer> {
    Arc::new(crate::parquet::tests::footer(bytes, &Limits::default()).unwrap())
}

/// What a part of a file brings.
fn part(query: &Query, bytes: &Bytes, part: Part, reading: Reading) -> Result<Partial, Error> {
    let limits = Limits {
        // Some readings get a row group in one go, others page by page.
        fetch_bytes_max: if reading.rows_max.is_multiple_of(2) {
            4 << 20
        } else {
            0
        },
        ..Limits::default()
    };
    let scan = Scan::with_footer(query, info("f", bytes), footer(bytes), part, &limits);
    run(scan, bytes, reading)
}

/// Places in order, among them 0 and `end`; now and then the same one twice.
fn edges(places: &[Index], end: usize) -> Vec<u64> {
    let places = places.iter().map(|place| place.index(end + 1) as u64);
    let mut edges: Vec<u64> = places.chain([0, end as u64]).collect();
    edges.sort_unstable();
    edges
}

/// A file cut everywhere: between row groups at some places, and each row group at some rows.
fn cut_by_rows(bytes: &Bytes, row_cuts: &[Vec<Index>]) -> Vec<Part> {
    let footer = footer(bytes);
    let groups = footer.row_groups().iter().enumerate();
    let parts = groups
        .zip(row_cuts.iter().cycle())
        .flat_map(|((group, of), cuts)| {
            if cuts.is_empty() {
                return vec![Part::from(group..group + 1)];
            }
            let edges = edges(cuts, of.rows as usize);
            let pairs = edges.windows(2);
            pairs
                .map(|pair| Part::of_rows(group, pair[0]..pair[1]))
                .collect()
        });
    let mut parts: Vec<Part> = parts.collect();
    if parts.is_empty() {
        parts.push(Part::from(0..0));
    }
    parts
}

fn any_row_cuts() -> impl Strategy<Value = Vec<Vec<Index>>> {
    prop::collection::vec(prop::collection::vec(any::<Index>(), 0..4), 1..4)
}

fn any_reading() -> impl Strategy<Value = Reading> {
    (1..3_000_u64, 1..5_000_usize).prop_map(|(piece_bytes, rows_max)| Reading {
        piece_bytes,
        rows_max,
        margin_bytes: 0,
    })
}

/// The parts merged in the order that `order` shuffles them into, each after it went over the wire.
fn merged(query: &Query, mut parts: Vec<Partial>, order: &[Index]) -> Partial {
    let mut whole = Partial::empty(query);
    for place in order.iter().cycle() {
        if parts.is_empty() {
            break;
        }
        let part = parts.swap_remove(place.index(parts.len()));
        whole
            .merge(Partial::from_bytes(&part.to_bytes(), query).unwrap())
            .unwrap();
    }
    whole
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn one_file_gives_the_same_bytes_however_it_is_read_and_dealt_out(
        query in any_query(),
        rows in prop::collection::vec(any_row(), 0..60),
        layout in any_layout(),
        reading in any_reading(),
        cuts in prop::collection::vec(any::<Index>(), 0..5),
        order in prop::collection::vec(any::<Index>(), 1..6),
    ) {
        let bytes = written(&rows, layout);
        let whole = scanned(&query, "f", &bytes, Reading::default()).to_bytes();
        prop_assert_eq!(&scanned(&query, "f", &bytes, reading).to_bytes(), &whole);
        let groups = rows.len().div_ceil(layout.group_rows);
        let mut cuts = edges(&cuts, groups);
        cuts.dedup();
        let windows = cuts.windows(2).map(|pair| pair[0] as usize..pair[1] as usize);
        let mut windows: Vec<_> = windows.collect();
        if windows.is_empty() {
            windows.push(0..0);
        }
        let parts = windows.into_iter().map(|range| part(&query, &bytes, range.into(), reading).unwrap()).collect();
        prop_assert_eq!(&merged(&query, parts, &order).to_bytes(), &whole);
    }

    #[test]
    fn one_file_gives_the_same_bytes_however_the_rows_of_a_row_group_are_dealt_out(
        query in any_query(),
        rows in prop::collection::vec(any_row(), 0..60),
        layout in any_layout(),
        reading in any_reading(),
        row_cuts in any_row_cuts(),
        order in prop::collection::vec(any::<Index>(), 1..6),
    ) {
        let bytes = written(&rows, layout);
        let whole = scanned(&query, "f", &bytes, Reading::default()).to_bytes();
        let parts = cut_by_rows(&bytes, &row_cuts).into_iter();
        let parts = parts.map(|rows| part(&query, &bytes, rows, reading).unwrap()).collect();
        prop_assert_eq!(&merged(&query, parts, &order).to_bytes(), &whole);
    }

    #[test]
    fn of_a_damaged_file_the_first_part_that_fails_says_what_the_whole_says(
        query in any_query(),
        rows in prop::collection::vec(any_row(), 1..60),
        layout in any_layout(),
        row_cuts in any_row_cuts(),
        damage in prop::collection::vec((any::<Index>(), 1_u8..=255), 1..3),
    ) {
        let good = written(&rows, layout);
        let pages_end = good.len() - 8 - footer(&good).bytes_len() as usize;
        let mut bytes = good.to_vec();
        for (place, flipped) in damage {
            bytes[4 + place.index(pages_end - 4)] ^= flipped;
        }
        let bytes = Bytes::from(bytes);
        let whole = part(&query, &bytes, (0..footer(&bytes).row_groups().len()).into(), Reading::default());
        let mut parts = Ok(Partial::empty(&query));
        for rows in cut_by_rows(&bytes, &row_cuts) {
            parts = parts.and_then(|mut all: Partial| {
                all.merge(part(&query, &bytes, rows, Reading::default())?)?;
                Ok(all)
            });
        }
        let told = |outcome: Result<Partial, Error>| {
            outcome.map(|partial| partial.to_bytes()).map_err(|error| error.to_string())
        };
        prop_assert_eq!(told(parts), told(whole));
    }

    #[test]
    fn a_file_that_the_core_cuts_is_whole_again(
        query in any_query(),
        rows in prop::collection::vec(any_row(), 0..60),
        layout in any_layout(),
        part_bytes in 1_u64..3_000,
        parts_enough in 1_u64..40,
    ) {
        let bytes = written(&rows, layout);
        let footer = footer(&bytes);
        let groups = footer.row_groups().len();
        let parts = query.parts(&footer, 0..groups, Cutting { part_bytes, parts_enough });
        let mut next = (0, 0);
        for part in &parts {
            let from = (part.row_groups().start, part.rows().map_or(0, |rows| rows.start));
            prop_assert_eq!(from, next);
            next = match part.rows() {
                Some(rows) if rows.end < footer.row_groups()[from.0].rows => (from.0, rows.end),
                _ => (part.row_groups().end, 0),
            };
        }
        prop_assert_eq!(next, (groups, 0));
        prop_assert_eq!(parts.iter().map(|part| part.rows_len(&footer)).sum::<u64>(), footer.rows());
        let whole = scanned(&query, "f", &bytes, Reading::default()).to_bytes();
        let mut all = Partial::empty(&query);
        for rows in parts {
            all.merge(part(&query, &bytes, rows, Reading::default()).unwrap()).unwrap();
        }
        prop_assert_eq!(&all.to_bytes(), &whole);
    }

    #[test]
    fn rows_give_the_same_answer_in_whatever_files_they_lie(
        query in any_query(),
        rows in prop::collection::vec(any_row(), 0..60),
        layouts in prop::collection::vec(any_layout(), 2..5),
        order in prop::collection::vec(any::<Index>(), 1..6),
    ) {
        let whole = scanned(&query, "f", &written(&rows, layouts[0]), Reading::default());
        let parts = layouts.iter().enumerate().map(|(place, layout)| {
            let share: Vec<Row> = rows.iter().skip(place).step_by(layouts.len()).cloned().collect();
            scanned(&query, &format!("f{place}"), &written(&share, *layout), Reading::default())
        });
        let together = merged(&query, parts.collect(), &order);
        prop_assert_eq!(together.answer(&query).unwrap().rows, whole.answer(&query).unwrap().rows);
    }

    #[test]
    fn merging_has_an_identity_commutes_and_associates(
        query in any_query(),
        rows in prop::collection::vec(prop::collection::vec(any_row(), 0..20), 3),
        layout in any_layout(),
    ) {
        let parts: Vec<_> = rows.iter().zip(["a", "b", "c"]).map(|(rows, name)| scanned(&query, name, &written(rows, layout), Reading::default())).collect();
        let join = |a: &Partial, b: &Partial| {
            let mut joined = a.clone();
            joined.merge(b.clone()).unwrap();
            joined
        };
        let (a, b, c) = (&parts[0], &parts[1], &parts[2]);
        let nothing = Partial::empty(&query);
        prop_assert_eq!(join(a, &nothing).to_bytes(), a.to_bytes());
        prop_assert_eq!(join(&nothing, a).to_bytes(), a.to_bytes());
        prop_assert_eq!(join(a, b).to_bytes(), join(b, a).to_bytes());
        prop_assert_eq!(join(&join(a, b), c).to_bytes(), join(a, &join(b, c)).to_bytes());
    }
}
