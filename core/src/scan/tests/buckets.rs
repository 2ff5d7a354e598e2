//! Months, weeks, days and hours.

use parquet::file::properties::WriterProperties;

use super::events;
use crate::testing::{ask, file, ints, query, rows};

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
