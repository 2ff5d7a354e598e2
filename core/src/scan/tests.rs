//! Whole queries over whole files.

mod decimals;

use bytes::Bytes;
use parquet::file::properties::WriterProperties;

use crate::testing::{Column, Reading, ask, file, info, ints, query, rows, run, texts};
use crate::{Limits, Scan};

const EVENTS: &str =
    "optional binary event_type (UTF8); optional binary Host (UTF8); optional int64 n;";

fn events() -> Bytes {
    let first = vec![
        texts(&[
            "knife purchased",
            "join_guild",
            "knife purchased",
            "null",
            "knife purchased",
        ]),
        texts(&[
            "a.cox.net",
            "b.comcast.com",
            "seattle.example.org",
            "c.cox.net",
            "null",
        ]),
        ints([1, 2, 3, 4, 5]),
    ];
    let second = vec![
        texts(&["join_guild", "join_guild"]),
        texts(&["d.cox.net", "e.example.org"]),
        ints([6, 7]),
    ];
    file(
        EVENTS,
        WriterProperties::builder().build(),
        &[first, second],
    )
}

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
fn the_answer_does_not_depend_on_how_bytes_come_and_work_is_split() {
    let rows = 20_000;
    let text =
        |row: usize| (!row.is_multiple_of(7)).then(|| format!("user{}.cox.net", row * 7919 % 9000));
    let group = |from: usize| {
        vec![
            texts(
                &(from..from + rows)
                    .map(|row| ["a", "b", "null"][row % 3])
                    .collect::<Vec<_>>(),
            ),
            Column::Text((from..from + rows).map(text).collect()),
            Column::I64(
                (from..from + rows)
                    .map(|row| (!row.is_multiple_of(5)).then_some(row as i64))
                    .collect(),
            ),
        ]
    };
    // Small pages and dictionaries, so that pages of the columns end at different rows and dictionaries overflow.
    let properties = WriterProperties::builder()
        .set_data_page_row_count_limit(777)
        .set_data_page_size_limit(3000)
        .set_write_batch_size(100)
        .set_dictionary_page_size_limit(20_000)
        .build();
    let bytes = file(
        EVENTS,
        properties,
        &[group(0), group(rows), group(2 * rows)],
    );
    let query = query(
        "event_type,Host",
        "count,count(n),sum(n),min(n),distinct(n),mean(n)",
        "n > 10 or n is null",
    );
    let limits = Limits::default();
    let whole = run(
        Scan::new(&query, info("f", &bytes), &limits),
        &bytes,
        Reading::default(),
    )
    .unwrap();
    for reading in [
        Reading {
            piece_bytes: 1000,
            ..Reading::default()
        },
        Reading {
            rows_max: 100,
            ..Reading::default()
        },
        Reading {
            margin_bytes: 5000,
            piece_bytes: 50_000,
            ..Reading::default()
        },
    ] {
        let other = run(
            Scan::new(&query, info("f", &bytes), &limits),
            &bytes,
            reading,
        )
        .unwrap();
        assert_eq!(
            whole.answer(&query).unwrap().rows,
            other.answer(&query).unwrap().rows,
            "{reading:?}"
        );
    }
    let footer = {
        let mut scan = Scan::new(&query, info("f", &bytes), &limits);
        while scan.footer().is_none() {
            if let crate::Step::Need(ranges) = scan.advance(1).unwrap() {
                ranges.iter().for_each(|range| {
                    let piece = bytes.slice(range.start as usize..range.end as usize);
                    scan.feed(range.start, piece).unwrap();
                });
            }
        }
        scan.footer().unwrap().clone()
    };
    let part = |range| {
        run(
            Scan::with_footer(&query, info("f", &bytes), footer.clone(), range, &limits),
            &bytes,
            Reading::default(),
        )
        .unwrap()
    };
    let mut parts = part(2..3);
    parts.merge(part(0..1)).unwrap();
    parts.merge(part(1..2)).unwrap();
    let answers = [whole.answer(&query).unwrap(), parts.answer(&query).unwrap()];
    assert_eq!(answers[0].rows, answers[1].rows);
    assert_eq!(answers[0].scanned.rows, 3 * rows as u64);
    assert_eq!(answers[0].scanned, answers[1].scanned);
}

#[test]
fn rows_counted_by_their_codes_and_rows_looked_at_one_by_one_give_the_same() {
    let names = ["a.cox.net", "b.cox.net", "c.att.com", "null"];
    let words = ["knife purchased", "null", "join_guild"];
    let columns = |rows: usize| {
        // The second half of the rows is all alike, as in sorted data.
        let at = |row: usize, len: usize| {
            if row < rows / 2 {
                row * 7919 % 1009 % len
            } else {
                0
            }
        };
        vec![
            texts(&(0..rows).map(|row| words[at(row, 3)]).collect::<Vec<_>>()),
            texts(&(0..rows).map(|row| names[at(row, 4)]).collect::<Vec<_>>()),
            Column::I64(
                (0..rows)
                    .map(|row| (row % 5 > 0).then_some((row % 5) as i64))
                    .collect(),
            ),
        ]
    };
    let groups = [columns(10_000), columns(30), columns(9_000)];
    let bytes = |dictionary: bool| {
        let properties = WriterProperties::builder()
            .set_data_page_row_count_limit(1_777)
            .set_write_batch_size(100)
            .set_dictionary_enabled(dictionary);
        file(EVENTS, properties.build(), &groups)
    };
    let (coded, plain) = (bytes(true), bytes(false));
    for (keys, measures, filter) in [
        ("provider(Host),event_type", "count", ""),
        (
            "event_type",
            "count,count(n),distinct(Host),min(n),max(event_type)",
            "",
        ),
        (
            "n,Host",
            "count,count(provider(Host))",
            "n > 1 or n is null",
        ),
        (
            "",
            "count,distinct(n)",
            "provider(Host) = 'cox' and event_type like '%knife%'",
        ),
        ("event_type", "sum(n),count,mean(n)", "n != 2"),
        ("event_type,missing", "count(missing),count", ""),
    ] {
        let query = query(keys, measures, filter);
        // A column that one of the files lacks is null there.
        let with_missing = file(
            "optional int64 missing;",
            Default::default(),
            &[vec![ints([])]],
        );
        let answer = |bytes| rows(&ask(&query, &[("f", bytes), ("g", &with_missing)]).unwrap());
        assert_eq!(answer(&coded), answer(&plain), "{keys} {measures} {filter}");
    }
}

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

#[test]
fn buckets_of_instants_and_dates() {
    let hour = 3_600_000_000;
    let day = 24 * hour;
    let monday = 1_763_942_400_000_000; // 2025-11-24
    let instants: Vec<i64> = vec![
        monday - 1,
        monday,
        monday + hour / 2,
        monday + hour,
        monday + 7 * day,
        -1,
    ];
    let bytes = file(
        "optional int64 t (TIMESTAMP(MICROS,true));",
        WriterProperties::builder()
            .set_dictionary_enabled(false)
            .build(),
        &[vec![ints(instants)]],
    );
    let answer = |bucket: &str| {
        rows(
            &ask(
                &query(&format!("{bucket}(t)"), "count", ""),
                &[("f", &bytes)],
            )
            .unwrap(),
        )
    };
    assert_eq!(
        answer("month"),
        ["2025-11-01|4", "1969-12-01|1", "2025-12-01|1"]
    );
    assert_eq!(
        answer("week"),
        [
            "2025-11-24|3",
            "1969-12-29|1",
            "2025-11-17|1",
            "2025-12-01|1"
        ]
    );
    assert_eq!(
        answer("day"),
        [
            "2025-11-24|3",
            "1969-12-31|1",
            "2025-11-23|1",
            "2025-12-01|1"
        ]
    );
    assert_eq!(
        answer("hour"),
        [
            "2025-11-24T00:00:00Z|2",
            "1969-12-31T23:00:00Z|1",
            "2025-11-23T23:00:00Z|1",
            "2025-11-24T01:00:00Z|1",
            "2025-12-01T00:00:00Z|1"
        ]
    );
    let error = ask(&query("day(n)", "count", ""), &[("f", &events())]);
    assert!(
        error
            .unwrap_err()
            .message()
            .ends_with("day(n) wants a timestamp or a date, but column `n` is a whole number")
    );
}

#[test]
fn what_does_not_fit_a_column_is_said_with_the_files_name() {
    let bytes = events();
    let error = |group_by: &str, measure: &str, filter: &str| {
        ask(&query(group_by, measure, filter), &[("e.parquet", &bytes)])
            .unwrap_err()
            .message()
            .to_owned()
    };
    assert_eq!(
        error("", "sum(Host)", ""),
        "e.parquet: sum(Host) wants numbers, but column `Host` is text"
    );
    assert_eq!(
        error("", "", "n like 'a'"),
        "e.parquet: `where`, column 1: `like` wants text, but column `n` is a whole number"
    );
    assert_eq!(
        error("", "", "n = 1 and Host = 5"),
        "e.parquet: `where`, column 11: column `Host` is text; compare it with a text in single quotes, as in '5', not with 5"
    );
    assert_eq!(
        error("", "", "Host"),
        "e.parquet: `where`, column 1: column `Host` is text, which is no condition by itself; compare it with something"
    );
    assert!(error("provider(n)", "", "").contains("provider(n) wants text"));
}

#[test]
fn bytes_that_the_file_does_not_have_are_refused() {
    let bytes = events();
    let query = query("event_type", "", "");
    let mut scan = Scan::new(&query, info("f", &bytes), &Limits::default());
    assert!(scan.feed(0, Bytes::new()).is_err());
    assert!(
        scan.feed(bytes.len() as u64 - 1, Bytes::from_static(b"ab"))
            .is_err()
    );
    assert!(scan.finish().is_err(), "not carried to its end");
}

#[test]
fn damaged_files_end_in_a_sentence() {
    let group = |from: usize| {
        let text = |row: usize| ["knife", "null", "join_guild"][(row * 7 + row / 3) % 3];
        let words: Vec<_> = (from..from + 300).map(text).collect();
        vec![
            texts(&words),
            Column::Text(
                (from..from + 300)
                    .map(|row| Some(format!("user{row}.cox.net")))
                    .collect(),
            ),
            Column::I64(
                (from..from + 300)
                    .map(|row| (!row.is_multiple_of(4)).then_some(row as i64))
                    .collect(),
            ),
        ]
    };
    let good = file(
        EVENTS,
        WriterProperties::builder().build(),
        &[group(0), group(300)],
    );
    let query = query(
        "provider(Host),event_type",
        "count,sum(n),min(Host),distinct(n)",
        "n > 20 or n is null",
    );
    let mut state = 1_u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    let (mut read, mut refused) = (0, 0);
    for _ in 0..3000 {
        let mut bytes = good.to_vec();
        for _ in 0..=random(3) {
            let place = random(bytes.len());
            match random(4) {
                0 => bytes[place] ^= 1 << random(8),
                1 => bytes[place] = random(256) as u8,
                2 => drop(bytes.drain(place..(place + random(9)).min(bytes.len()))),
                _ => bytes.insert(place, random(256) as u8),
            }
        }
        let bytes = Bytes::from(bytes);
        let scan = Scan::new(&query, info("damaged.parquet", &bytes), &Limits::default());
        match run(scan, &bytes, Reading::default()).and_then(|partial| partial.answer(&query)) {
            Ok(_) => read += 1,
            Err(error) => {
                refused += 1;
                let message = error.message();
                assert!(
                    !message.contains(['{', '\n']) && message.len() < 500,
                    "{message}"
                );
            }
        }
    }
    assert!(read > 0 && refused > 0, "{read} {refused}");
}

#[test]
fn a_small_row_group_comes_in_one_go_and_a_large_one_in_windows() {
    let numbers = |from: i64| ints((from..from + 300_000).map(|row| row * 7919));
    let bytes = file(
        "optional int64 a; optional int64 b;",
        WriterProperties::builder()
            .set_dictionary_enabled(false)
            .build(),
        &[vec![numbers(0), numbers(5)]],
    );
    let needs = |fetch_bytes_max: u64| {
        let limits = Limits {
            fetch_bytes_max,
            ..Limits::default()
        };
        let mut scan = Scan::new(&query("", "sum(a),sum(b)", ""), info("f", &bytes), &limits);
        let mut largest = Vec::new();
        loop {
            match scan.advance(100_000).unwrap() {
                crate::Step::Need(ranges) => {
                    largest.push(
                        ranges
                            .iter()
                            .map(|range| range.end - range.start)
                            .sum::<u64>(),
                    );
                    for range in ranges {
                        scan.feed(
                            range.start,
                            bytes.slice(range.start as usize..range.end as usize),
                        )
                        .unwrap();
                    }
                }
                crate::Step::More => {}
                crate::Step::Done => return largest,
            }
        }
    };
    let pages: u64 = needs(u64::MAX).into_iter().skip(1).sum();
    assert_eq!(needs(pages).len(), 2, "the footer, then everything");
    let windows = needs(pages - 1);
    assert!(windows.len() > 3);
    // A window of each column, or a page where that is longer.
    assert!(windows.iter().all(|bytes| *bytes <= 3 << 20), "{windows:?}");
}

#[test]
fn no_more_is_read_than_there_is() {
    for rows in [10, 5000, 200_000] {
        let numbers = |factor: i64| ints((0..rows).map(move |row| row * factor));
        let properties = WriterProperties::builder()
            .set_dictionary_enabled(false)
            .build();
        let groups = [
            vec![numbers(7919), numbers(104_729)],
            vec![numbers(3), numbers(5)],
        ];
        let bytes = file("optional int64 a; optional int64 b;", properties, &groups);
        let answer = ask(&query("", "sum(a),sum(b)", ""), &[("f", &bytes)]).unwrap();
        let scanned = answer.scanned;
        assert!(scanned.bytes_read <= scanned.bytes_total, "{scanned:?}");
        assert!(
            scanned.bytes_read > scanned.bytes_total * 9 / 10,
            "{scanned:?}"
        );
    }
}
