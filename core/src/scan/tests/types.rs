//! Every type of column.

use parquet::file::properties::WriterProperties;

use crate::testing::{Column, ask, file, query, rows, texts};

#[test]
fn every_type_is_shown_compared_and_grouped_by_what_it_means() {
    let fixed = |bytes: &[u8]| Column::Fixed(vec![Some(bytes.to_vec()), None]);
    let two = |number: i64| Column::I64(vec![Some(number), None]);
    let two_small = |number: i32| Column::I32(vec![Some(number), None]);
    let micros = 1_700_000_000_123_456;
    let cases = [
        (
            "int32 v (DATE)",
            two_small(19_000),
            "2022-01-08",
            "'2022-01-08'",
        ),
        (
            "int64 v (TIMESTAMP(MICROS,true))",
            two(micros),
            "2023-11-14T22:13:20.123456Z",
            "'2023-11-14T23:13:20.123456+01:00'",
        ),
        (
            "int64 v (TIMESTAMP(MILLIS,false))",
            two(-1),
            "1969-12-31T23:59:59.999",
            "'1969-12-31 23:59:59.999'",
        ),
        (
            "int64 v (TIMESTAMP(NANOS,true))",
            two(i64::MAX),
            "2262-04-11T23:47:16.854775807Z",
            "'2262-04-11T23:47:16.854775807Z'",
        ),
        (
            "int32 v (TIME(MILLIS,true))",
            two_small(3_600_500),
            "01:00:00.500",
            "'01:00:00.5'",
        ),
        (
            "int32 v (DECIMAL(9,2))",
            two_small(-1250),
            "-12.50",
            "-12.5",
        ),
        ("int64 v (DECIMAL(18,4))", two(1), "0.0001", "1e-4"),
        (
            "fixed_len_byte_array(3) v (DECIMAL(6,1))",
            fixed(&[0xff, 0xff, 0xfe]),
            "-0.2",
            "-0.2",
        ),
        ("int32 v (INTEGER(8,false))", two_small(255), "255", "255"),
        (
            "int64 v (INTEGER(64,false))",
            two(-1),
            "18446744073709551615",
            "18446744073709551615",
        ),
        ("float v", Column::F32(vec![Some(0.1), None]), "0.1", "0.1"),
        (
            "double v",
            Column::F64(vec![Some(f64::NAN), None]),
            "NaN",
            "'NaN'",
        ),
        (
            "boolean v",
            Column::Bool(vec![Some(true), None]),
            "true",
            "true",
        ),
        (
            "fixed_len_byte_array(2) v (FLOAT16)",
            fixed(&[0x00, 0x3e]),
            "1.5",
            "1.5",
        ),
        (
            "fixed_len_byte_array(16) v (UUID)",
            fixed(&[0x11; 16]),
            "11111111-1111-1111-1111-111111111111",
            "'11111111111111111111111111111111'",
        ),
        (
            "fixed_len_byte_array(2) v",
            fixed(&[0xff, 0x00]),
            "\\xff00",
            "",
        ),
        ("binary v", texts(&["abc", "null"]), "abc", "'abc'"),
    ];
    for (schema, column, shown, literal) in cases {
        // Once as codes, once as values.
        for dictionary in [true, false] {
            let properties = WriterProperties::builder()
                .set_dictionary_enabled(dictionary)
                .build();
            let bytes = file(
                &format!("optional {schema};"),
                properties,
                &[vec![column.clone()]],
            );
            let answer = |group_by: &str, measure: &str, filter: &str| {
                rows(&ask(&query(group_by, measure, filter), &[("f", &bytes)]).unwrap())
            };
            assert_eq!(
                answer("v", "count", ""),
                [format!("{shown}|1"), "null|1".to_owned()],
                "{schema}"
            );
            assert_eq!(
                answer("", "min(v),max(v),distinct(v),count(v)", ""),
                [format!("{shown}|{shown}|1|1")],
                "{schema}"
            );
            if !literal.is_empty() {
                assert_eq!(
                    answer("", "count", &format!("v = {literal}")),
                    ["1"],
                    "{schema}"
                );
                assert_eq!(
                    answer(
                        "",
                        "count",
                        &format!("v != {literal} or not v >= {literal}")
                    ),
                    ["0"],
                    "{schema}"
                );
            }
        }
    }
}
