//! Damaged copies of valid files, read with a cap on memory: none makes it panic, none makes it allocate without need,
//! none takes long.
//!
//! `QUESTLOG_MUTATIONS=100000 cargo test --release -p questlog-core --test mutations -- --nocapture` tries more, and
//! prints what became of them. A cap that is reached ends the process; the file is then the last one that was written
//! to the folder that cargo keeps for tests.

#![expect(
    clippy::expect_used,
    reason = "a test stops at what it can't do without"
)]

#[path = "../src/testing/damage.rs"]
mod damage;
#[path = "../src/testing/physical.rs"]
mod physical;
#[path = "mutations/samples.rs"]
mod samples;

use std::alloc::System;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use bytes::Bytes;
use cap::Cap;
use questlog_core::{Error, FileInfo, Limits, Partial, Query, QueryOptions, Scan, Step};

use damage::{Random, damage};

#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

/// What reading one damaged file may allocate: the budget of a scan.
const CAP_BYTES: usize = 64 << 20;
/// Damaged files, unless the environment says otherwise.
const MUTATIONS: usize = 8_000;
/// No file of a few kB takes longer, even in a debug build on a busy machine.
const SLOW: Duration = Duration::from_secs(20);

const QUESTIONS: [[&str; 3]; 5] = [
    [
        "s",
        "count,sum(l),min(d),max(x),distinct(i),count(b),max(t),mean(f)",
        "",
    ],
    ["", "count", ""],
    [
        "provider(s),day(t)",
        "count(b),sum(f)",
        "i > 3 or s like '%1%'",
    ],
    [
        "i,x",
        "sum(d),distinct(s)",
        "l >= 10 and not (b = true or x is null)",
    ],
    ["", "min(b),max(i),min(l),max(f),min(s),max(d)", ""],
];

#[test]
fn damaged_files_are_read_or_refused_within_time_and_memory() {
    let mutations = match std::env::var("QUESTLOG_MUTATIONS") {
        Ok(number) => number.parse().expect("QUESTLOG_MUTATIONS is a number"),
        Err(_) => MUTATIONS,
    };
    let queries = QUESTIONS.map(query);
    let files = samples::files();
    for file in &files {
        for query in &queries {
            let read = scan(query, file).and_then(|partial| partial.answer(query));
            assert!(read.is_ok(), "a valid file is read");
        }
    }
    let note = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mutation");
    let (mut fine, mut refused, mut panics) = (0, 0, Vec::new());
    let mut slowest = (Duration::ZERO, 0);
    let mut random = Random(1);
    ALLOCATOR
        .set_limit(ALLOCATOR.allocated() + CAP_BYTES)
        .expect("a limit above what is allocated");
    for round in 0..mutations {
        let damaged = Bytes::from(damage(&files[round % files.len()], &mut random));
        fs::write(&note, &damaged).expect("the folder for tests can be written to");
        let query = &queries[random.below(queries.len())];
        let start = Instant::now();
        let read = catch_unwind(AssertUnwindSafe(|| {
            scan(query, &damaged).and_then(|partial| partial.answer(query))
        }));
        slowest = slowest.max((start.elapsed(), round));
        match read {
            Ok(Ok(_)) => fine += 1,
            Ok(Err(error)) => {
                refused += 1;
                assert!(!error.message().is_empty());
            }
            Err(_) => panics.push(round),
        }
    }
    println!(
        "{mutations} damaged files: {fine} read, {refused} refused, {} panics; {} MiB at most were allocated at once; the slowest, {}, took {:?}",
        panics.len(),
        ALLOCATOR.max_allocated() >> 20,
        slowest.1,
        slowest.0
    );
    assert!(panics.is_empty(), "panics in rounds {panics:?}");
    assert!(slowest.0 < SLOW, "round {} took {:?}", slowest.1, slowest.0);
}

fn query([group_by, measure, filter]: [&str; 3]) -> Query {
    let word = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let options = QueryOptions {
        group_by: word(group_by),
        measure: word(measure),
        filter: word(filter),
        ..QueryOptions::default()
    };
    Query::new(&options, &Limits::default()).expect("the questions are questions")
}

fn scan(query: &Query, file: &Bytes) -> Result<Partial, Error> {
    let info = FileInfo {
        name: "file".to_owned(),
        size_bytes: file.len() as u64,
        partition: Vec::new(),
    };
    let mut scan = Scan::new(query, info, &Limits::default());
    loop {
        match scan.advance(10_000)? {
            Step::Done => return scan.finish(),
            Step::More => {}
            Step::Need(ranges) => {
                for range in ranges {
                    let piece = file.slice(range.start as usize..range.end as usize);
                    scan.feed(range.start, piece)?;
                }
            }
        }
    }
}
