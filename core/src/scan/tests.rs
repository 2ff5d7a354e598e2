//! Whole queries over whole files.

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
    let text = |row: usize| (row % 7 > 0).then(|| format!("user{}.cox.net", row * 7919 % 9000));
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
                    .map(|row| (row % 5 > 0).then_some(row as i64))
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
                    scan.feed(
                        range.start,
                        bytes.slice(range.start as usize..range.end as usize),
                    )
                    .unwrap()
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
    assert_eq!(answers[0].scanned.files, answers[1].scanned.files);
    assert_eq!(answers[0].scanned.rows, 3 * rows as u64);
    assert_eq!(answers[0].scanned.rows, answers[1].scanned.rows);
}
