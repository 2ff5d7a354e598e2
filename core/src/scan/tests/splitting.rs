//! Bytes in pieces and work in parts: the answer is the same.

use parquet::file::properties::WriterProperties;

use super::EVENTS;
use crate::testing::{Column, Reading, file, info, query, run, texts};
use crate::{Limits, Scan};

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
