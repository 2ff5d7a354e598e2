//! Records to files: the pure function.

use super::*;

#[test]
fn the_same_records_make_the_same_files() {
    let records: Vec<_> = some_records(0..50)
        .into_iter()
        .map(Bytes::from)
        .enumerate()
        .map(|(at, r)| (at as u64, r))
        .collect();
    let (once, again) = (
        to_parquet(&records, &layout()).unwrap(),
        to_parquet(&records, &layout()).unwrap(),
    );
    assert_eq!(once.files, again.files);
    let names: Vec<&str> = once.files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(
        names,
        [
            "purchases/date=2026-11-22/000000000003-000000000047.parquet",
            "purchases/date=2026-11-23/000000000000-000000000048.parquet",
            "join_guild/date=2026-11-23/000000000001-000000000049.parquet",
            "other/date=2026-11-23/000000000002-000000000046.parquet",
        ]
    );
    assert_eq!(once.to, 50);
}

#[test]
fn a_file_has_the_columns_that_were_promised() {
    let record = record(
        7,
        r#"{"event_type":"join_guild","level":9007199254740993,"item":5}"#,
        "user2.cox.net",
    );
    let batch = to_parquet(&[(3, record.into())], &layout()).unwrap();
    let reader = SerializedFileReader::new(batch.files[0].bytes.clone()).unwrap();
    let metadata = reader.metadata().file_metadata();
    let columns: Vec<String> = metadata
        .schema_descr()
        .columns()
        .iter()
        .map(|column| column.path().string())
        .collect();
    assert_eq!(
        columns.join(" "),
        "timestamp event_type item id received_at Host User-Agent Accept provider properties"
    );
    assert_eq!(
        metadata.created_by(),
        Some(concat!("questlog version ", env!("CARGO_PKG_VERSION")))
    );
    let row = &rows(batch.files[0].bytes.clone())[0];
    assert_eq!(row["timestamp"], "2026-11-23 10:00:00.000000 +00:00");
    assert_eq!(
        (row["event_type"].as_str(), row["id"].as_str()),
        ("join_guild", "id-7")
    );
    assert_eq!(
        (
            row["Host"].as_str(),
            row["Accept"].as_str(),
            row["provider"].as_str()
        ),
        ("user2.cox.net", "*/*", "cox")
    );
    assert_eq!(row["properties"], r#"{"level":9007199254740993,"item":5}"#);
    assert!(!row.contains_key("item") && !row.contains_key("User-Agent"));
}

#[test]
fn a_file_of_many_rows_has_row_groups_and_keeps_the_order_of_nulls() {
    let mut layout = layout();
    layout.row_group_rows_max = 1_000;
    let count = 1_010;
    let records: Vec<_> = (0..count)
        .map(|id| {
            let item = if id % 3 == 0 { "" } else { r#","item":"i""# };
            let json = format!(r#"{{"event_type":"log_in"{item}}}"#);
            (id as u64, Bytes::from(record(id, &json, "h")))
        })
        .collect();
    let batch = to_parquet(&records, &layout).unwrap();
    let reader = SerializedFileReader::new(batch.files[0].bytes.clone()).unwrap();
    assert_eq!(reader.num_row_groups(), 2);
    for (id, row) in reader.get_row_iter(None).unwrap().enumerate() {
        let row = row.unwrap();
        assert_eq!(row.get_string(3).unwrap(), &format!("id-{id}"));
        assert_eq!(row.get_string(2).is_ok(), id % 3 != 0);
    }
}

#[test]
fn events_of_too_many_days_make_several_batches() {
    let record = |id: usize| {
        let year = id * 33;
        let json = format!(r#"{{"event_type":"a","timestamp":"{year:04}-01-01T00:00:00Z"}}"#);
        (id as u64, Bytes::from(record(id, &json, "h")))
    };
    let records: Vec<_> = (0..300).map(record).collect();
    let first = to_parquet(&records, &layout()).unwrap();
    assert_eq!((first.files.len(), first.to), (256, 256));
    let second = to_parquet(&records[256..], &layout()).unwrap();
    assert_eq!((second.files.len(), second.to), (44, 300));
    let last = second.files.last().unwrap();
    assert_eq!(
        last.path,
        "other/date=9867-01-01/000000000299-000000000299.parquet"
    );
}

#[test]
fn headers_called_like_columns_are_refused() {
    let providers = || Providers::new(None, MatchRule::Contains).unwrap();
    for headers in [["Host", "Date"], ["Id", "Host"], ["Host", "host"]] {
        assert!(Layout::new(&headers.map(str::to_owned), providers()).is_err());
    }
}
