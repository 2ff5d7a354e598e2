//! Whole queries over whole files.

mod buckets;
mod codes;
mod decimals;
mod errors;
mod questions;
mod reading;
mod splitting;
mod types;

use bytes::Bytes;
use parquet::file::properties::WriterProperties;

use crate::testing::{file, ints, texts};

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
