//! What the fuzz targets in `fuzz/` call. Each takes any bytes at all, and must come back without a panic, soon, and in
//! little memory; and each asserts what holds for any input.
//!
//! The same functions run over the committed corpus, and mutations of it, as a unit test.

mod file;
#[cfg(test)]
mod replay;
#[cfg(test)]
mod seeds;

use crate::event::{BatchKind, Event, Record, split_batch};
use crate::parquet::fuzzing::limits;
use crate::{Error, Format, Partial, Query, QueryOptions, Run};

/// A target's name and what it does with an input.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: [Target; 7] = [
    ("footer", footer),
    ("page", page),
    ("decoder", decoder),
    ("filter", filter),
    ("partial", partial),
    ("file", file),
    ("event", event),
];

/// A file's footer, page indexes and bloom filters.
pub fn footer(data: &[u8]) {
    crate::parquet::fuzzing::footer(data);
}

/// A column chunk: physical type, codec, definition level and rows (16 bits) in five bytes, then its pages.
pub fn page(data: &[u8]) {
    crate::parquet::fuzzing::page(data);
}

/// A decoder: encoding, physical type, dictionary length, where to cut and count (16 bits) in six bytes, then its input.
pub fn decoder(data: &[u8]) {
    crate::parquet::fuzzing::decoder(data);
}

/// A whole file, with several queries.
pub fn file(data: &[u8]) {
    file::run(data);
}

/// The text of a `where`; also as every other word of a query.
pub fn filter(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let word = || Some(text.to_owned());
    let none = QueryOptions::default;
    for options in [
        QueryOptions {
            filter: word(),
            ..none()
        },
        QueryOptions {
            group_by: word(),
            ..none()
        },
        QueryOptions {
            measure: word(),
            ..none()
        },
        QueryOptions {
            order_by: word(),
            ..none()
        },
        QueryOptions {
            providers: word(),
            ..none()
        },
    ] {
        match Query::new(&options, &limits()) {
            Ok(query) => drop((query.fingerprint(), query.columns_needed())),
            Err(error) => check(&error),
        }
    }
}

/// A partial: which query it answers in one byte, then its content, around which header and checksum are put.
pub fn partial(data: &[u8]) {
    let Some((&which, content)) = data.split_first() else {
        return;
    };
    let Some(query) = file::QUERIES.get(usize::from(which) % file::QUERIES.len()) else {
        return;
    };
    // As it is, too: that is refused at the first check.
    drop(Partial::from_bytes(data, query));
    let partial = match Partial::from_bytes(&Partial::sealed(content, query), query) {
        Ok(partial) => partial,
        Err(error) => return check(&error),
    };
    let bytes = partial.to_bytes();
    let mut again = match Partial::from_bytes(&bytes, query) {
        Ok(again) => again,
        Err(error) => unreadable(&error),
    };
    assert!(again.to_bytes() == bytes, "a partial changes on its way");
    answer(&partial, query);
    match again.merge(partial) {
        Ok(()) => answer(&again, query),
        Err(error) => check(&error),
    }
}

/// An event, a batch of events, and a log record.
pub fn event(data: &[u8]) {
    let limits = limits();
    for kind in [BatchKind::Json, BatchKind::Lines] {
        if let Err(error) = split_batch(data, kind, &limits) {
            check(&error);
        }
    }
    let headers = ["Host".to_owned()];
    if let Err(error) = Record::read(data, &headers) {
        check(&error);
    }
    match Event::parse(data, &limits) {
        Ok(event) => {
            let values = [("Host".to_owned(), "a\"b".to_owned())];
            let record = event.record("id-1", 1, &values);
            match Record::read(&record, &headers) {
                Ok(read) => assert_eq!(read.event_type, event.event_type()),
                Err(error) => unreadable(&error),
            }
        }
        Err(error) => check(&error),
    }
}

fn answer(partial: &Partial, query: &Query) {
    match partial.answer(query) {
        Ok(answer) => {
            for format in [Format::Table, Format::Json, Format::Csv, Format::Markdown] {
                assert!(!answer.render(format, &Run::default()).is_empty());
            }
        }
        Err(error) => check(&error),
    }
}

/// An error is a sentence for people.
fn check(error: &Error) {
    let message = error.message();
    assert!(
        !message.is_empty() && !message.contains("Err("),
        "{message}"
    );
}

#[expect(clippy::panic, reason = "what a fuzz target is for")]
fn unreadable(error: &Error) -> ! {
    panic!("what we wrote can't be read: {}", error.message());
}

#[expect(clippy::panic, reason = "what a fuzz target is for")]
fn disagreement(error: &Error) -> ! {
    panic!(
        "read in one go, but not in crumbs, or the other way round: {}",
        error.message()
    );
}
