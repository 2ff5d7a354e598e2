//! Promise: a scan's memory is its groups and a fixed budget, whatever the file.
//!
//! The files here are made by hand, and the large one is never whole anywhere: its bytes are made when they are asked for.
//! An allocation beyond the cap ends the process, so that a test that passes has kept to it.

#![expect(clippy::unwrap_used, reason = "a test's helpers fail by panicking")]

#[path = "../src/testing/thrift.rs"]
mod thrift;

use std::alloc::System;
use std::cell::Cell;
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use cap::Cap;
use questlog_core::{
    Error, ErrorKind, FileInfo, Limits, Part, Partial, Query, QueryOptions, Scan, Step, Value,
};
use thrift::fields;

#[global_allocator]
static MEMORY: Cap<System> = Cap::new(System, usize::MAX);

/// What a scan may hold beyond the file that the test made: its budget of 64 MiB.
const BUDGET_BYTES: usize = 64 << 20;

/// The cap is one for the whole process, so one test at a time has its turn.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A data page of plain texts; `claim` is what its header says of its size.
fn page(rows: i64, claim: i64, body: &[u8]) -> Vec<u8> {
    let data = fields().int(1, rows).int(2, 0).int(3, 3).int(4, 3);
    let head = fields()
        .int(1, 0)
        .int(2, claim)
        .int(3, body.len() as i64)
        .nested(5, &data);
    [head.end(), body.to_vec()].concat()
}

/// A file's end with one required text column `a` and one row group: `rows` rows in `chunk_bytes` bytes from byte 4 on.
fn tail(rows: i64, chunk_bytes: u64, codec: i64) -> Vec<u8> {
    let root = fields().text(4, "m").int(5, 1).end();
    let leaf = fields().int(1, 6).int(3, 0).text(4, "a").int(6, 0).end();
    let meta = fields()
        .int(1, 6)
        .elements(2, 5, 1, &[0])
        .elements(3, 8, 1, b"\x01a")
        .int(4, codec)
        .long(5, rows)
        .long(6, chunk_bytes as i64)
        .long(7, chunk_bytes as i64)
        .long(9, 4);
    let chunk = fields().long(2, 4).nested(3, &meta);
    let group = fields()
        .list(1, &[chunk])
        .long(2, chunk_bytes as i64)
        .long(3, rows);
    footer(&[root, leaf], 1, &group.end(), rows)
}

/// The footer, its length and the magic; all row groups are alike.
fn footer(schema: &[Vec<u8>], groups: u64, group: &[u8], rows: i64) -> Vec<u8> {
    let metadata = fields()
        .int(1, 2)
        .elements(2, 12, schema.len() as u64, &schema.concat())
        .long(3, rows)
        .elements(4, 12, groups, &group.repeat(groups as usize))
        .end();
    let length = (metadata.len() as u32).to_le_bytes();
    [&metadata[..], &length, b"PAR1"].concat()
}

/// The answer's only row, scanned within the budget; `read` makes the bytes of a range.
fn only_row(
    measure: &str,
    size_bytes: u64,
    read: impl Fn(Range<u64>) -> Bytes,
) -> Result<Vec<Value>, Error> {
    only_row_of(None, measure, size_bytes, read)
}

/// The same of a part of the file.
fn only_row_of(
    part: Option<Part>,
    measure: &str,
    size_bytes: u64,
    read: impl Fn(Range<u64>) -> Bytes,
) -> Result<Vec<Value>, Error> {
    MEMORY.set_limit(MEMORY.allocated() + BUDGET_BYTES).unwrap();
    let result = scanned(part, measure, size_bytes, read);
    MEMORY.set_limit(usize::MAX).unwrap();
    result
}

fn scanned(
    part: Option<Part>,
    measure: &str,
    size_bytes: u64,
    read: impl Fn(Range<u64>) -> Bytes,
) -> Result<Vec<Value>, Error> {
    let limits = Limits::default();
    let options = QueryOptions {
        measure: Some(measure.into()),
        ..QueryOptions::default()
    };
    let query = Query::new(&options, &limits)?;
    let partial = partial_of(part, &options, &limits, size_bytes, read)?;
    let mut whole = Partial::empty(&query);
    whole.merge(partial)?;
    Ok(whole.answer(&query)?.rows.remove(0))
}

fn partial_of(
    mut part: Option<Part>,
    options: &QueryOptions,
    limits: &Limits,
    size_bytes: u64,
    read: impl Fn(Range<u64>) -> Bytes,
) -> Result<Partial, Error> {
    let query = Query::new(options, limits)?;
    let file = FileInfo {
        name: "f.parquet".into(),
        size_bytes,
        partition: Vec::new(),
    };
    let mut scan = Scan::new(&query, file.clone(), limits);
    loop {
        match scan.advance(10_000)? {
            Step::Need(ranges) => {
                let asked: u64 = ranges.iter().map(|range| range.end - range.start).sum();
                assert!(asked <= 64 << 20, "{asked} bytes at once");
                for range in ranges {
                    scan.feed(range.start, read(range))?;
                }
            }
            Step::More => {}
            Step::Done => return scan.finish(),
        }
        if let Some(footer) = scan.footer().cloned()
            && let Some(part) = part.take()
        {
            scan = Scan::with_footer(&query, file.clone(), footer, part, limits);
        }
    }
}

fn in_memory(file: &Bytes) -> impl Fn(Range<u64>) -> Bytes {
    |range| file.slice(range.start as usize..range.end as usize)
}

#[test]
fn a_row_group_of_more_than_four_gigabytes_passes_through_in_windows() {
    let _turn = turn();
    const PAGES: u64 = 4_100;
    let text = vec![b'x'; (1 << 20) - 4];
    let body = [&(text.len() as u32).to_le_bytes()[..], &text].concat();
    let page = page(1, body.len() as i64, &body);
    let page_bytes = page.len() as u64;
    let chunk_bytes = PAGES * page_bytes;
    assert!(chunk_bytes > 1 << 32);
    let tail = tail(PAGES as i64, chunk_bytes, 0);
    let tail_at = 4 + chunk_bytes;
    let read = |range: Range<u64>| {
        let mut bytes = Vec::with_capacity((range.end - range.start) as usize);
        let mut at = range.start;
        while at < range.end {
            let rest: &[u8] = if at < 4 {
                &b"PAR1"[at as usize..]
            } else if at < tail_at {
                &page[((at - 4) % page_bytes) as usize..]
            } else {
                &tail[(at - tail_at) as usize..]
            };
            let take = rest.len().min((range.end - at) as usize);
            bytes.extend_from_slice(&rest[..take]);
            at += take as u64;
        }
        bytes.into()
    };
    let size_bytes = tail_at + tail.len() as u64;
    let row = only_row("max(a),count", size_bytes, read).unwrap();
    assert_eq!(row[1], Value::Int(PAGES.into()));
    assert!(matches!(&row[0], Value::Text(max) if max.len() == text.len()));

    // Of a part's sake the pages before it are stepped over, not read.
    let asked = Cell::new(0);
    let counted = |range: Range<u64>| {
        asked.set(asked.get() + range.end - range.start);
        read(range)
    };
    let last = Part::of_rows(0, PAGES - 10..PAGES);
    let row = only_row_of(Some(last), "max(a),count", size_bytes, counted).unwrap();
    assert_eq!(row[1], Value::Int(10));
    assert!(asked.get() < chunk_bytes / 32, "{} bytes", asked.get());
}

#[test]
fn a_claim_of_two_gigabytes_in_three_kilobytes_costs_nothing() {
    let _turn = turn();
    for codec in [0, 1, 2, 4, 5, 6, 7] {
        let page = page(1, 0x7fff_ffff, &[7; 3_000]);
        let tail = tail(1, page.len() as u64, codec);
        let file = Bytes::from([&b"PAR1"[..], &page, &tail].concat());
        let error = only_row("max(a)", file.len() as u64, in_memory(&file)).unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::Limit | ErrorKind::Corrupt),
            "codec {codec}: {error}"
        );
        assert!(
            error.message().contains("column a"),
            "codec {codec}: {error}"
        );
    }
}

#[test]
fn a_dictionary_of_empty_texts_takes_what_is_allowed_for_a_page_and_no_more() {
    let _turn = turn();
    const VALUES: i64 = 1 << 20;
    let empty = vec![0; 4 * VALUES as usize];
    let of_values = fields().int(1, VALUES).int(2, 0);
    let head = fields()
        .int(1, 2)
        .int(2, empty.len() as i64)
        .int(3, empty.len() as i64);
    let dictionary = [head.nested(7, &of_values).end(), empty].concat();
    // Codes of 20 bits, all of them the last one.
    let codes = [20, 8 << 1, 0xff, 0xff, 0x0f];
    let of_codes = fields().int(1, 8).int(2, 8).int(3, 3).int(4, 3);
    let head = fields().int(1, 0).int(2, 5).int(3, 5).nested(5, &of_codes);
    let pages = [dictionary, head.end(), codes.to_vec()].concat();
    let tail = tail(8, pages.len() as u64, 0);
    let file = Bytes::from([&b"PAR1"[..], &pages, &tail].concat());

    // In the file, as values in memory, and in a table of codes.
    let room_bytes = (4 + 8 + 8) * VALUES as usize;
    let options = QueryOptions {
        group_by: Some("a".into()),
        ..QueryOptions::default()
    };
    for (page_bytes_max, fits) in [(room_bytes, true), (room_bytes - 1, false)] {
        let limits = Limits {
            page_bytes_max: page_bytes_max as u64,
            ..Limits::default()
        };
        let slack_bytes = 1 << 20;
        MEMORY
            .set_limit(MEMORY.allocated() + room_bytes + slack_bytes)
            .unwrap();
        let read = partial_of(None, &options, &limits, file.len() as u64, in_memory(&file));
        MEMORY.set_limit(usize::MAX).unwrap();
        match read {
            Ok(_) => assert!(fits),
            Err(error) => assert!(!fits && error.kind() == ErrorKind::Limit, "{error}"),
        }
    }
}

#[test]
fn a_million_row_groups_are_read_and_one_more_is_refused() {
    let _turn = turn();
    for (groups, fits) in [(1_000_000, true), (1_000_001, false)] {
        let schema = [fields().text(4, "m").int(5, 0).end()];
        let group = fields().elements(1, 12, 0, &[]).long(2, 0).long(3, 1).end();
        let tail = footer(&schema, groups, &group, groups as i64);
        let file = Bytes::from([&b"PAR1"[..], &tail].concat());
        match only_row("count", file.len() as u64, in_memory(&file)) {
            Ok(row) => assert!(fits && row == [Value::Int(groups.into())]),
            Err(error) => assert!(!fits && error.kind() == ErrorKind::Limit, "{error}"),
        }
    }
}
