//! What is asked for of a file, and how much of it.

use parquet::file::properties::WriterProperties;

use crate::testing::{ask, file, info, ints, query};
use crate::{Limits, Scan};

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
