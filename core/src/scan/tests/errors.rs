//! Questions that do not fit a file, and files that are damaged.

use bytes::Bytes;
use parquet::file::properties::WriterProperties;

use super::{EVENTS, events};
use crate::testing::{Column, Reading, ask, file, info, query, run, texts};
use crate::{Limits, Scan};

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
