//! The laws of partials.

use bytes::Bytes;
use parquet::file::properties::WriterProperties;
use proptest::prelude::*;

use crate::testing::{Column, Reading, ask, file, info, ints, query, rows, run, texts};
use crate::{Limits, Partial, Query, Scan};

const SCHEMA: &str =
    "optional binary word (UTF8); optional int64 n; optional double x; optional boolean b;";

/// Rows of [`SCHEMA`].
type Rows = Vec<(Option<u8>, Option<i64>, Option<f64>, Option<bool>)>;

fn columns(rows: &Rows) -> Vec<Column> {
    vec![
        Column::Text(
            rows.iter()
                .map(|row| row.0.map(|word| format!("w{word}.cox.net")))
                .collect(),
        ),
        Column::I64(rows.iter().map(|row| row.1).collect()),
        Column::F64(rows.iter().map(|row| row.2).collect()),
        Column::Bool(rows.iter().map(|row| row.3).collect()),
    ]
}

fn scan(query: &Query, name: &str, bytes: &Bytes) -> Partial {
    run(
        Scan::new(query, info(name, bytes), &Limits::default()),
        bytes,
        Reading::default(),
    )
    .unwrap()
}

fn partial(query: &Query, name: &str, rows: &Rows) -> Partial {
    scan(
        query,
        name,
        &file(
            SCHEMA,
            WriterProperties::builder().build(),
            &[columns(rows)],
        ),
    )
}

fn merged(parts: &[&Partial]) -> Partial {
    let mut whole = parts[0].clone();
    parts[1..]
        .iter()
        .for_each(|part| whole.merge((*part).clone()).unwrap());
    whole
}

fn any_rows() -> impl Strategy<Value = Rows> {
    let row = (
        prop::option::of(0u8..4),
        prop::option::of(prop_oneof![any::<i64>(), -3i64..3]),
        prop::option::of(prop_oneof![
            any::<f64>(),
            Just(0.1),
            Just(-0.0),
            Just(f64::NAN)
        ]),
        prop::option::of(any::<bool>()),
    );
    prop::collection::vec(row, 0..12)
}

fn any_query() -> impl Strategy<Value = Query> {
    let group_by = prop::sample::select(vec!["", "word", "word,b", "n", "x", "provider(word),n"]);
    let filter = prop::sample::select(vec![
        "",
        "n > 0",
        "not (x <= 0.1)",
        "b or word like 'w1%'",
        "word is null",
    ]);
    let measure = "count,count(n),sum(n),mean(n),sum(x),mean(x),min(x),max(x),min(word),max(n),distinct(x),distinct(word),min(b)";
    (group_by, filter).prop_map(move |(group_by, filter)| query(group_by, measure, filter))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn merging_has_an_identity_commutes_and_associates(query in any_query(), a in any_rows(), b in any_rows(), c in any_rows()) {
        let [a, b, c] = [("a", a), ("b", b), ("c", c)].map(|(name, rows)| partial(&query, name, &rows));
        let nothing = Partial::empty(&query);
        prop_assert_eq!(merged(&[&a, &nothing]).to_bytes(), a.to_bytes());
        prop_assert_eq!(merged(&[&nothing, &a]).to_bytes(), a.to_bytes());
        prop_assert_eq!(merged(&[&a, &b]).to_bytes(), merged(&[&b, &a]).to_bytes());
        let left = merged(&[&merged(&[&a, &b]), &c]);
        let right = merged(&[&a, &merged(&[&b, &c])]);
        prop_assert_eq!(left.to_bytes(), right.to_bytes());
    }

    #[test]
    fn bytes_come_back_as_they_were(query in any_query(), rows in any_rows()) {
        let partial = partial(&query, "a", &rows);
        let bytes = partial.to_bytes();
        let back = Partial::from_bytes(&bytes, &query).unwrap();
        prop_assert_eq!(back.to_bytes(), bytes);
        prop_assert_eq!(back.answer(&query).unwrap(), partial.answer(&query).unwrap());
    }

    #[test]
    fn row_groups_split_as_they_like_make_the_same_groups(query in any_query(), groups in prop::collection::vec(any_rows(), 1..4)) {
        let split: Vec<_> = groups.iter().map(columns).collect();
        let one = groups.concat();
        let properties = || WriterProperties::builder().build();
        let many = scan(&query, "a", &file(SCHEMA, properties(), &split));
        let whole = scan(&query, "a", &file(SCHEMA, properties(), &[columns(&one)]));
        prop_assert_eq!(many.answer(&query).unwrap().rows, whole.answer(&query).unwrap().rows);
    }

    #[test]
    fn hostile_bytes_are_refused(query in any_query(), rows in any_rows(), changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4), noise in prop::collection::vec(any::<u8>(), 0..200)) {
        let good = partial(&query, "a", &rows).to_bytes();
        let mut bytes = good.clone();
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        prop_assert!(bytes == good || Partial::from_bytes(&bytes, &query).is_err());
        prop_assert!(Partial::from_bytes(&good[..good.len() - 1], &query).is_err());
        prop_assert!(Partial::from_bytes(&noise, &query).is_err());
    }
}

fn one_column(kind: &str, column: Column) -> Bytes {
    file(
        &format!("optional {kind} v; optional int64 n;"),
        WriterProperties::builder().build(),
        &[vec![column, ints([1, 2])]],
    )
}

#[test]
fn whole_numbers_widen_and_become_doubles_beside_floats() {
    let narrow = one_column("int32", Column::I32(vec![Some(1), Some(2)]));
    let wide = one_column("int64", ints([2, 1 << 40]));
    let floats = one_column("double", Column::F64(vec![Some(0.5), Some(2.0)]));
    let query = query("v", "count,sum(v),min(v),distinct(v)", "");
    let answer = ask(&query, &[("narrow", &narrow), ("wide", &wide)]).unwrap();
    assert_eq!(
        rows(&answer),
        [
            "2|2|4|2|1",
            "1|1|1|1|1",
            "1099511627776|1|1099511627776|1099511627776|1"
        ]
    );
    for files in [
        [("narrow", &narrow), ("floats", &floats)],
        [("floats", &floats), ("narrow", &narrow)],
    ] {
        let answer = ask(&query, &files).unwrap();
        assert_eq!(
            rows(&answer),
            ["2.0|2|4.0|2.0|1", "0.5|1|0.5|0.5|1", "1.0|1|1.0|1.0|1"]
        );
    }
}

#[test]
fn types_that_do_not_go_together_name_the_column_and_both_files() {
    let numbers = one_column("int64", ints([1, 2]));
    let words = one_column("binary", texts(&["a", "b"]));
    let error = ask(
        &query("v", "count", ""),
        &[("a.parquet", &numbers), ("b.parquet", &words)],
    )
    .unwrap_err();
    assert_eq!(
        error.message(),
        "column `v` is a whole number in a.parquet but text in b.parquet; query these files one by one, or write them with one type"
    );
}

#[test]
fn a_column_that_one_file_lacks_is_null_there_and_one_that_all_lack_an_error() {
    let with = one_column("int64", ints([1, 2]));
    let without = file(
        "optional int64 n;",
        WriterProperties::builder().build(),
        &[vec![ints([3])]],
    );
    let answer = ask(
        &query("v", "count", "n > 0"),
        &[("with", &with), ("without", &without)],
    )
    .unwrap();
    assert_eq!(rows(&answer), ["1|1", "2|1", "null|1"]);
    let error = ask(&query("N", "count", ""), &[("without", &without)]).unwrap_err();
    assert_eq!(error.message(), "there is no column `N`: did you mean `n`?");
    let error = ask(
        &query("price", "count", ""),
        &[("with", &with), ("without", &without)],
    )
    .unwrap_err();
    assert_eq!(error.message(), "there is no column `price`: with has v, n");
    assert_eq!(
        rows(&ask(&query("price", "count", ""), &[]).unwrap()),
        Vec::<String>::new()
    );
}

#[test]
fn folders_are_columns_and_win_over_the_files_own() {
    let bytes = one_column("int64", ints([1, 2]));
    let query = query("v,date", "count,min(date)", "date >= '2026-01-02'");
    let files = [
        ("v=x/date=2026-01-02/f", &bytes),
        ("v=x/date=2026-01-01/f", &bytes),
        ("v=__HIVE_DEFAULT_PARTITION__/date=2026-01-03/f", &bytes),
    ];
    let answer = ask(&query, &files).unwrap();
    assert_eq!(
        rows(&answer),
        ["x|2026-01-02|2|2026-01-02", "null|2026-01-03|2|2026-01-03"]
    );
    // Nothing but footers was read for that.
    assert_eq!(answer.scanned.rows, 6);
    assert!(answer.scanned.bytes_read <= answer.scanned.bytes_total);
}

#[test]
fn groups_and_distinct_values_are_limited() {
    let bytes = one_column("int64", ints([1, 2]));
    let limited = |group_by: &str, measure: &str, groups_max: usize, distinct_values_max: usize| {
        let limits = Limits {
            groups_max,
            distinct_values_max,
            ..Limits::default()
        };
        let scan = Scan::new(&query(group_by, measure, ""), info("f", &bytes), &limits);
        run(scan, &bytes, Reading::default())
            .map(|_| ())
            .map_err(|error| error.message().to_owned())
    };
    assert_eq!(limited("v", "count", 2, 2), Ok(()));
    assert!(
        limited("v", "count", 1, 2)
            .unwrap_err()
            .contains("more than 1 groups")
    );
    assert!(
        limited("v,n", "count", 1, 2)
            .unwrap_err()
            .contains("more than 1 groups")
    );
    assert_eq!(limited("", "distinct(v)", 1, 2), Ok(()));
    assert!(
        limited("", "distinct(v)", 1, 1)
            .unwrap_err()
            .contains("more than 1 different values")
    );
}

#[test]
fn partials_of_earlier_versions_stay_readable() {
    let query = query(
        "word",
        "count,sum(n),mean(x),max(word),distinct(b)",
        "n > 0",
    );
    let rows: Rows = vec![
        (Some(1), Some(7), Some(0.1), Some(true)),
        (Some(1), Some(1 << 40), None, None),
        (None, Some(1), Some(f64::INFINITY), Some(false)),
    ];
    let hex = concat!(
        "514c500186fc2c243f3cf65e2c966bbc054ead0b010103d606d6060101610404776f7264016e01780162010161050001",
        "016102000101610340010161010002050a77312e636f782e6e6574020201000100878080808020010200000000020f80",
        "8080808080808068e6cc99b3e6cc19050a77312e636f782e6e6574010101000101010001000101020001000000000101",
        "0009eb757eff9d68b2",
    );
    let bytes: Vec<u8> = hex
        .as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect();
    let old = Partial::from_bytes(&bytes, &query).unwrap();
    let mut new = partial(&query, "a", &rows);
    // How long a file is depends on its writer.
    new.content.scanned = old.content.scanned;
    assert_eq!(old.answer(&query).unwrap(), new.answer(&query).unwrap());
    let why = "the bytes changed: give them a new version, and keep reading the old one";
    assert_eq!(new.to_bytes(), bytes, "{why}");
}
