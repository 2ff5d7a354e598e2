//! A whole file through a scan, in two ways that must agree.

use std::sync::LazyLock;

use bytes::Bytes;

use super::check;
use crate::parquet::fuzzing::limits;
use crate::{Error, FileInfo, Partial, Query, QueryOptions, Scan, Step};

/// Rows a step and bytes a piece: at once, and in crumbs.
const READINGS: [(usize, usize); 2] = [(usize::MAX, usize::MAX), (7, 100)];

/// Grouping, measures and filter, over the columns that the files of the corpus have.
const QUESTIONS: [[&str; 3]; 5] = [
    ["", "count", ""],
    ["s", "count,sum(l),min(d),max(x),distinct(i)", ""],
    [
        "provider(s),day(t)",
        "mean(f),min(b),count(g.inner)",
        "i > 3 or s like '%1%'",
    ],
    [
        "i,g.must",
        "sum(d),max(t),distinct(s)",
        "l >= 10 and not (b = true or x is null)",
    ],
    [
        "",
        "min(b),max(i),min(l),max(f),min(s)",
        "d < 7.5 and s in ('text 1', 'text 2')",
    ],
];

/// The queries that files and partials are for; made once, because that takes longer than to answer them.
pub(super) static QUERIES: LazyLock<Vec<Query>> = LazyLock::new(|| {
    let word = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    QUESTIONS
        .iter()
        .filter_map(|[group_by, measure, filter]| {
            let options = QueryOptions {
                group_by: word(group_by),
                measure: word(measure),
                filter: word(filter),
                ..QueryOptions::default()
            };
            Query::new(&options, &limits()).ok()
        })
        .collect()
});

pub(super) fn run(data: &[u8]) {
    assert_eq!(QUERIES.len(), QUESTIONS.len(), "every question is one");
    let file = Bytes::copy_from_slice(data);
    for query in QUERIES.iter() {
        match READINGS.map(|(rows, piece)| scan(&file, query, rows, piece)) {
            [Ok(at_once), Ok(in_crumbs)] => {
                assert_eq!(
                    at_once.answer(query).map(|answer| answer.rows),
                    in_crumbs.answer(query).map(|answer| answer.rows),
                );
                super::answer(&at_once, query);
            }
            [Err(one), Err(other)] => [one, other].iter().for_each(check),
            [Ok(_), Err(error)] | [Err(error), Ok(_)] => super::disagreement(&error),
        }
    }
}

fn scan(file: &Bytes, query: &Query, rows_max: usize, piece: usize) -> Result<Partial, Error> {
    let info = FileInfo {
        name: "file".to_owned(),
        size_bytes: file.len() as u64,
        partition: Vec::new(),
    };
    let mut scan = Scan::new(query, info, &limits());
    loop {
        match scan.advance(rows_max)? {
            Step::Done => return scan.finish(),
            Step::More => {}
            Step::Need(ranges) => {
                assert!(!ranges.is_empty(), "a scan that needs nothing");
                for range in ranges {
                    let (mut start, end) = (range.start as usize, range.end as usize);
                    assert!(start < end && end <= file.len(), "an impossible need");
                    while start < end {
                        let stop = start.saturating_add(piece).min(end);
                        scan.feed(start as u64, file.slice(start..stop))?;
                        start = stop;
                    }
                }
            }
        }
    }
}
