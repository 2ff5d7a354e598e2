//! Promise: everything has a limit, and at the limit the error says which.
//!
//! Each test goes to the limit, where all is well, and one step beyond, where a sentence names what was too much.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test's helpers fail by panicking"
)]

mod support;

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use questlog_core::event::{BatchKind, Event, split_batch};
use questlog_core::{ErrorKind, Footer, Limits, Query, QueryOptions, Step, Value};
use support::{Column, answer, file, query, scan};

/// The smallest value of a limit with which `works` still does.
fn least(mut works: impl FnMut(usize) -> bool) -> usize {
    let (mut fails, mut enough) = (0, 1 << 24);
    while enough - fails > 1 {
        let middle = usize::midpoint(fails, enough);
        if works(middle) {
            enough = middle;
        } else {
            fails = middle;
        }
    }
    enough
}

/// Asserts that with `at`, and with one more, all is well, and that one less is an error of a limit whose sentence has all
/// of `words`.
#[track_caller]
fn check<T>(
    at: usize,
    words: &[&str],
    mut run: impl FnMut(usize) -> Result<T, questlog_core::Error>,
) {
    for enough in [at, at + 1] {
        if let Err(error) = run(enough) {
            panic!("{at} with a limit of {enough}: {error}");
        }
    }
    let Err(error) = run(at - 1) else {
        panic!("{} should be over the limit", at - 1);
    };
    assert_eq!(error.kind(), ErrorKind::Limit, "{error}");
    for word in words {
        assert!(error.message().contains(word), "no {word:?} in: {error}");
    }
}

fn words(count: usize, bytes: usize) -> Vec<String> {
    (0..count)
        .map(|number| format!("{number:0bytes$}"))
        .collect()
}

#[test]
fn limits_are_by_default_what_is_promised() {
    let limits = Limits::default();
    let (kib, mib) = (1_u64 << 10, 1_u64 << 20);
    assert_eq!(limits.event_bytes_max as u64, 256 * kib);
    assert_eq!(
        (limits.event_depth_max, limits.event_fields_max),
        (64, 1_000)
    );
    assert_eq!(limits.footer_bytes_max, 64 * mib);
    assert_eq!(
        (limits.columns_max, limits.row_groups_max),
        (100_000, 1_000_000)
    );
    assert_eq!(limits.page_bytes_max, 256 * mib);
    assert_eq!(limits.value_bytes_max as u64, 16 * mib);
    assert_eq!(limits.groups_max, 1_000_000);
}

#[test]
fn footer_bytes() {
    let file = file(&[vec![Column::Ints(vec![1, 2, 3])]]);
    let length_at = file.len() - 8;
    let footer_bytes = u32::from_le_bytes(file[length_at..length_at + 4].try_into().unwrap());
    check(
        footer_bytes as usize,
        &["f.parquet", "footer"],
        |footer_bytes_max| {
            let limits = Limits {
                footer_bytes_max: footer_bytes_max as u64,
                ..Limits::default()
            };
            answer(&query("", "count", ""), &file, &limits)
        },
    );
}

#[test]
fn columns() {
    let file = file(&[(0..5).map(|n| Column::Ints(vec![n])).collect()]);
    check(5, &["f.parquet", "columns", "4"], |columns_max| {
        let limits = Limits {
            columns_max,
            ..Limits::default()
        };
        answer(&query("", "count", ""), &file, &limits)
    });
}

#[test]
fn row_groups() {
    let groups: Vec<Vec<Column>> = (0..7).map(|n| vec![Column::Ints(vec![n])]).collect();
    let file = file(&groups);
    check(7, &["f.parquet", "row groups", "6"], |row_groups_max| {
        let limits = Limits {
            row_groups_max,
            ..Limits::default()
        };
        answer(&query("", "count", ""), &file, &limits)
    });
}

#[test]
fn page_bytes() {
    let file = file(&[vec![Column::Texts(words(1_000, 20))]]);
    let count = query("a", "count", "");
    let with = |page_bytes_max: usize| Limits {
        page_bytes_max: page_bytes_max as u64,
        ..Limits::default()
    };
    let at = least(|bytes| answer(&count, &file, &with(bytes)).is_ok());
    // What the dictionary has in the file, in memory, and in tables of its codes.
    assert_eq!(at, 1_000 * (20 + 4 + 8 + 8));
    check(at, &["f.parquet", "column a", "page"], |bytes| {
        answer(&count, &file, &with(bytes))
    });
}

/// What a query asks for at a time, once the footer is there.
fn asked(options: &QueryOptions, file: &Bytes, limits: &Limits) -> Vec<Vec<Range<u64>>> {
    let query = Query::new(options, limits).unwrap();
    let mut scan = scan(&query, file, limits);
    let mut asked = Vec::new();
    loop {
        match scan.advance(100_000).unwrap() {
            Step::Need(ranges) => {
                for range in &ranges {
                    let piece = file.slice(range.start as usize..range.end as usize);
                    scan.feed(range.start, piece).unwrap();
                }
                if scan.footer().is_some() {
                    asked.push(ranges);
                }
            }
            Step::More => {}
            Step::Done => return asked,
        }
    }
}

#[test]
fn fetch_bytes_and_window_bytes() {
    // More than what comes with the footer.
    let file = file(&[vec![
        Column::Ints((0..50_000).collect()),
        Column::Texts(words(50_000, 10)),
    ]]);
    let footer = asked_footer(&file);
    let chunks = footer.chunks(0, &[0, 1]).unwrap();
    let both = chunks[0].byte_range.start..chunks[1].byte_range.end;
    let both_bytes = (both.end - both.start) as usize;
    let times = |fetch_bytes_max: usize| {
        let limits = Limits {
            fetch_bytes_max: fetch_bytes_max as u64,
            window_bytes: 16 << 10,
            ..Limits::default()
        };
        asked(&query("a,b", "count", ""), &file, &limits).len()
    };
    for enough in [both_bytes, both_bytes + 1] {
        assert_eq!(times(enough), 1, "{enough}");
    }
    assert!(times(both_bytes - 1) > 1);

    let first = chunks[0].byte_range.clone();
    let first_bytes = first.end - first.start;
    let windows = |window_bytes: u64| {
        let limits = Limits {
            fetch_bytes_max: 0,
            window_bytes,
            ..Limits::default()
        };
        asked(&query("a", "count", ""), &file, &limits)
    };
    for enough in [first_bytes, first_bytes + 1] {
        assert_eq!(windows(enough), [std::slice::from_ref(&first)], "{enough}");
    }
    let cut = windows(first_bytes - 1);
    assert_eq!(cut[0].len(), 1);
    assert_eq!(cut[0][0], first.start..first.end - 1);
    assert!(cut.len() > 1);
}

fn asked_footer(file: &Bytes) -> Arc<Footer> {
    let limits = Limits::default();
    let count = Query::new(&query("", "count", ""), &limits).unwrap();
    let mut scan = scan(&count, file, &limits);
    loop {
        if let Some(footer) = scan.footer() {
            return footer.clone();
        }
        if let Step::Need(ranges) = scan.advance(1).unwrap() {
            for range in ranges {
                let piece = file.slice(range.start as usize..range.end as usize);
                scan.feed(range.start, piece).unwrap();
            }
        }
    }
}

#[test]
fn value_bytes() {
    let file = file(&[vec![Column::Texts(words(10, 300))]]);
    for (group_by, measure) in [("a", "count"), ("", "min(a)"), ("", "max(a)")] {
        check(300, &["f.parquet", "300", "299"], |value_bytes_max| {
            let limits = Limits {
                value_bytes_max,
                ..Limits::default()
            };
            answer(&query(group_by, measure, ""), &file, &limits)
        });
    }
    // A long value that only gets counted costs nothing and is no error.
    let limits = Limits {
        value_bytes_max: 1,
        ..Limits::default()
    };
    answer(&query("", "count(a)", ""), &file, &limits).unwrap();
}

#[test]
fn groups() {
    for column in [
        Column::Ints((0..500).collect()),
        Column::Texts(words(500, 8)),
    ] {
        let file = file(&[vec![column]]);
        check(500, &["groups", "499"], |groups_max| {
            let limits = Limits {
                groups_max,
                ..Limits::default()
            };
            answer(&query("a", "count", ""), &file, &limits)
        });
    }
}

#[test]
fn a_million_groups_are_an_answer_and_one_more_is_an_error() {
    let million = file(&[vec![Column::Ints((0..1_000_000).collect())]]);
    let more = file(&[vec![Column::Ints((0..1_000_001).collect())]]);
    let count = query("a", "count", "");
    let limits = Limits::default();
    assert_eq!(
        answer(&count, &million, &limits).unwrap().rows.len(),
        1_000_000
    );
    let error = answer(&count, &more, &limits).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit, "{error}");
}

#[test]
fn distinct_values() {
    let file = file(&[vec![Column::Ints((0..500).collect())]]);
    check(500, &["distinct", "499"], |distinct_values_max| {
        let limits = Limits {
            distinct_values_max,
            ..Limits::default()
        };
        answer(&query("", "distinct(a)", ""), &file, &limits)
    });
}

#[test]
fn filter_bytes() {
    let filter = format!("a = {}", "1".repeat(100));
    check(filter.len(), &["where", "104", "103"], |filter_bytes_max| {
        let limits = Limits {
            filter_bytes_max,
            ..Limits::default()
        };
        Query::new(&query("", "count", &filter), &limits)
    });
}

#[test]
fn event_bytes_depth_and_fields() {
    let event = br#"{"event_type":"x","a":{"b":[1,2]},"c":3}"#;
    check(event.len(), &["bytes"], |event_bytes_max| {
        Event::parse(
            event,
            &Limits {
                event_bytes_max,
                ..Limits::default()
            },
        )
        .map(|_| ())
    });
    check(3, &["deep", "2"], |event_depth_max| {
        Event::parse(
            event,
            &Limits {
                event_depth_max,
                ..Limits::default()
            },
        )
        .map(|_| ())
    });
    check(4, &["fields", "3"], |event_fields_max| {
        Event::parse(
            event,
            &Limits {
                event_fields_max,
                ..Limits::default()
            },
        )
        .map(|_| ())
    });
}

#[test]
fn batch_events() {
    for (body, kind) in [
        (&b"[{},{},{}]"[..], BatchKind::Json),
        (&b"{}\n{}\n{}\n"[..], BatchKind::Lines),
    ] {
        check(3, &["events", "2"], |batch_events_max| {
            split_batch(
                body,
                kind,
                &Limits {
                    batch_events_max,
                    ..Limits::default()
                },
            )
        });
    }
}

#[test]
fn limits_that_are_not_reached_change_nothing() {
    let file = file(&[vec![Column::Ints((0..100).collect())]]);
    let sum = answer(&query("", "sum(a)", ""), &file, &Limits::default()).unwrap();
    assert_eq!(sum.rows, [[Value::Int(4950)]]);
}
