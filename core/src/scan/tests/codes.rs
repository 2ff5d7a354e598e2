//! Rows that are counted by their dictionary codes.

use parquet::file::properties::WriterProperties;

use super::EVENTS;
use crate::testing::{Column, ask, file, ints, query, rows, texts};

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
