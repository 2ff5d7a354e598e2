//! The two questions, and each measure and filter once.

use parquet::file::properties::WriterProperties;

use super::events;
use crate::testing::{Column, ask, file, query, rows, texts};

#[test]
fn the_two_questions() {
    let bytes = events();
    let answer = ask(&query("event_type", "count", ""), &[("e.parquet", &bytes)]).unwrap();
    assert_eq!(answer.columns, ["event_type", "count"]);
    assert_eq!(
        rows(&answer),
        ["join_guild|3", "knife purchased|3", "null|1"]
    );
    let answer = ask(
        &query("provider(Host),event_type", "count", ""),
        &[("e.parquet", &bytes)],
    )
    .unwrap();
    assert_eq!(
        rows(&answer),
        [
            "att|knife purchased|1",
            "comcast|join_guild|1",
            "cox|join_guild|1",
            "cox|knife purchased|1",
            "cox|null|1",
            "null|join_guild|1",
            "null|knife purchased|1"
        ]
    );
    let scanned = answer.scanned;
    assert_eq!((scanned.files, scanned.row_groups, scanned.rows), (1, 2, 7));
    assert!(scanned.bytes_read > 0 && scanned.bytes_read <= scanned.bytes_total);
}

#[test]
fn measures_and_filters() {
    let bytes = events();
    let answer = |group_by: &str, measure: &str, filter: &str| {
        rows(&ask(&query(group_by, measure, filter), &[("e.parquet", &bytes)]).unwrap())
    };
    assert_eq!(answer("", "", ""), ["7"]);
    assert_eq!(
        answer(
            "",
            "count,count(Host),sum(n),min(n),max(n),mean(n),distinct(event_type)",
            ""
        ),
        ["7|6|28|1|7|4.0|2"]
    );
    assert_eq!(
        answer("", "min(event_type),max(Host)", ""),
        ["join_guild|seattle.example.org"]
    );
    assert_eq!(
        answer("event_type", "sum(n)", "provider(Host) = 'cox'"),
        ["join_guild|6", "null|4", "knife purchased|1"]
    );
    assert_eq!(answer("", "count", "provider(Host) is null"), ["2"]);
    assert_eq!(
        answer("", "count", "not (event_type = 'join_guild')"),
        ["3"]
    );
    assert_eq!(
        answer("", "count", "event_type != 'join_guild' or n >= 6.5"),
        ["4"]
    );
    assert_eq!(
        answer("", "count", "n in (1, 2, 2.5) and Host like '%com%'"),
        ["1"]
    );
    assert_eq!(answer("", "count", "n not in (1, null)"), ["0"]);
    assert_eq!(
        answer("", "count,sum(n),max(Host)", "n > 100"),
        ["0|null|null"]
    );
    assert_eq!(
        answer("event_type", "count", "n > 100"),
        Vec::<String>::new()
    );
    assert_eq!(answer("", "distinct(provider(Host))", ""), ["3"]);
}

#[test]
fn what_is_shown_as_bytes_is_found_by_that_whether_it_is_bytes_or_a_text() {
    let columns = vec![
        texts(&["\\xff", "\\xff", "a", "null"]),
        Column::Fixed(vec![
            Some(vec![0xff]),
            Some(vec![0xfe]),
            Some(vec![b'a']),
            None,
        ]),
    ];
    let schema = "optional binary s (UTF8); optional fixed_len_byte_array(1) x;";
    for dictionary in [true, false] {
        let properties = WriterProperties::builder().set_dictionary_enabled(dictionary);
        let bytes = file(schema, properties.build(), std::slice::from_ref(&columns));
        for (filter, count) in [
            (r"s = '\xff'", "2"),
            (r"s != '\xff'", "1"),
            (r"s in ('a', '\xff')", "3"),
            (r"x = '\xff'", "1"),
            (r"'\xFF' <> x", "2"),
            (r"x not in ('\xff', 'a')", "1"),
            (r"x = '\x61'", "0"),
            (r"x > '\xff'", "3"),
        ] {
            let answer = ask(&query("", "count", filter), &[("e.parquet", &bytes)]).unwrap();
            assert_eq!(rows(&answer), [count], "{filter}");
        }
    }
}
