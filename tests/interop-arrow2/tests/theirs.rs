//! Promise: Questlog counts what arrow2 and parquet2 write.

use std::path::Path;

use anyhow::{Context, Result};
use arrow2::io::parquet::write::{CompressionOptions, Version};
use questlog_interop_arrow2::rows::{self, Row};
use questlog_interop_arrow2::{Counts, arrow, pages};
use questlog_tests::Table;
use serde_json::{Value, json};

const ROWS: usize = 3_000;
const VERSIONS: [Version; 2] = [Version::V1, Version::V2];
const CODECS: [CompressionOptions; 4] = [
    CompressionOptions::Uncompressed,
    CompressionOptions::Snappy,
    CompressionOptions::Gzip(None),
    CompressionOptions::Zstd(None),
];

/// The table of counts of one column whose values are already JSON.
fn truth(column: &str, values: impl Iterator<Item = Value>) -> Result<Table> {
    let mut counts = std::collections::BTreeMap::<String, (Value, u64)>::new();
    for value in values {
        counts.entry(value.to_string()).or_insert((value, 0)).1 += 1;
    }
    let rows: Vec<Value> = counts
        .into_values()
        .map(|(value, count)| json!([value, count]))
        .collect();
    Table::read(&json!({"columns": [column, "count"], "rows": rows}))
}

fn check(path: &Path, column: &str, values: impl Iterator<Item = Value>) -> Result<()> {
    Table::analyze(&[path], &["--group-by", column])?
        .expect_unordered(&truth(column, values)?)
        .with_context(|| format!("{column} of {}", path.display()))
}

#[test]
fn files_of_arrow2() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let all = rows::rows(ROWS);
    for version in VERSIONS {
        for codec in CODECS {
            for dictionary in [false, true] {
                let path = folder
                    .path()
                    .join(format!("{version:?}-{codec:?}-{dictionary}.parquet"));
                arrow::write(&path, &all, ROWS / 3 + 1, dictionary, version, codec)?;
                let each = |value: fn(&Row) -> Value| all.iter().map(value);
                check(&path, "event_type", each(|row| json!(row.event_type)))?;
                check(&path, "Host", each(|row| json!(row.host)))?;
                check(&path, "flag", each(|row| json!(row.flag)))?;
                check(&path, "level", each(|row| json!(row.level)))?;
                check(&path, "gold", each(|row| json!(row.gold)))?;
                check(&path, "price", each(|row| json!(row.price)))?;
                // The moments' own spelling is the peers' test; here it is enough that each is a group of its own.
                let moments = Table::analyze(&[&path], &["--group-by", "at"])?;
                let counts = truth("at", each(|row| json!(row.at_us)))?;
                let sorted = |table: &Table| {
                    let mut counts: Vec<_> = table.rows.iter().map(|row| row[1].as_u64()).collect();
                    counts.sort_unstable();
                    counts
                };
                assert_eq!(
                    sorted(&moments),
                    sorted(&counts),
                    "moments of {}",
                    path.display()
                );
            }
        }
    }
    Ok(())
}

#[test]
fn files_of_parquet2() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let all = rows::rows(ROWS);
    let events: Vec<_> = all.iter().map(|row| row.event_type.as_deref()).collect();
    let hosts: Vec<_> = all.iter().map(|row| row.host.as_deref()).collect();
    let columns = [("event_type", events.clone()), ("Host", hosts.clone())];
    for version in [parquet2::write::Version::V1, parquet2::write::Version::V2] {
        for codec in CODECS {
            for dictionary in [false, true] {
                let path = folder
                    .path()
                    .join(format!("{version:?}-{codec:?}-{dictionary}.parquet"));
                pages::write(&path, &columns, 700, dictionary, version, codec)?;
                check(&path, "event_type", events.iter().map(|text| json!(text)))?;
                check(&path, "Host", hosts.iter().map(|text| json!(text)))?;
                // Both crates understand the file as well, so it is a fair one.
                let truth: Counts = rows::counts(events.iter().copied());
                assert_eq!(pages::count(&path, "event_type")?, truth);
                assert_eq!(arrow::count(&path, "event_type")?, truth);
            }
        }
    }
    Ok(())
}
