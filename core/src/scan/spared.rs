//! What queries over larger files ask for, and what they don't.

use std::ops::Range;

use bytes::Bytes;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{WriterProperties, WriterPropertiesBuilder};

use super::Spared;
use crate::parquet::PagePlace;
use crate::parquet::tests::footer;
use crate::testing::{Column, info, ints, query, rows};
use crate::{Answer, Footer, Limits, Partial, Scan, Step};

/// What a query answers, the ranges it asks for after the footer, and what it was spared.
fn ask(filter: &str, bytes: &Bytes) -> (Answer, Vec<Range<u64>>, Spared) {
    ask_for("count,sum(n),max(s)", filter, bytes)
}

fn ask_for(measure: &str, filter: &str, bytes: &Bytes) -> (Answer, Vec<Range<u64>>, Spared) {
    let query = query("", measure, filter);
    let mut scan = Scan::new(&query, info("f", bytes), &Limits::default());
    let mut asked = Vec::new();
    loop {
        match scan.advance(1000).unwrap() {
            Step::Need(ranges) => {
                for range in ranges {
                    if scan.footer().is_some() {
                        asked.push(range.clone());
                    }
                    let piece = bytes.slice(range.start as usize..range.end as usize);
                    scan.feed(range.start, piece).unwrap();
                }
            }
            Step::More => {}
            Step::Done => break,
        }
    }
    let progress = scan.progress();
    assert_eq!(progress.rows_done, progress.rows_total);
    assert_eq!(progress.row_groups_done, progress.row_groups_total);
    let spared = scan.spared();
    let mut partial = Partial::empty(&query);
    partial.merge(scan.finish().unwrap()).unwrap();
    (partial.answer(&query).unwrap(), asked, spared)
}

fn bytes_of(ranges: &[Range<u64>]) -> u64 {
    ranges.iter().map(|range| range.end - range.start).sum()
}

const GROUPS: i64 = 4;
const GROUP_ROWS: i64 = 20_000;

/// Row groups with a number that grows and a text of changing length, so that their pages end at different rows. What
/// there is of each number, [`spread`] says.
fn file(properties: WriterPropertiesBuilder, spread: impl Fn(i64) -> i64) -> Bytes {
    let group = |group: i64| {
        let numbers = || (group * GROUP_ROWS..(group + 1) * GROUP_ROWS).map(&spread);
        let text = |n: i64| Some(format!("{n:06}{}", "x".repeat(n as usize % 40)));
        vec![ints(numbers()), Column::Text(numbers().map(text).collect())]
    };
    let groups: Vec<_> = (0..GROUPS).map(group).collect();
    // The footer is so long that neither pages nor indexes come with it.
    let note = KeyValue::new("note".to_owned(), "x".repeat(70_000));
    let properties = properties
        .set_data_page_size_limit(8_000)
        .set_write_batch_size(100)
        .set_key_value_metadata(Some(vec![note]));
    let schema = "optional int64 n; optional binary s (UTF8);";
    crate::testing::file(schema, properties.build(), &groups)
}

fn plain() -> WriterPropertiesBuilder {
    WriterProperties::builder().set_dictionary_enabled(false)
}

/// The places of the pages of a column in a row group.
fn places(footer: &Footer, group: usize, leaf: usize, bytes: &Bytes) -> Vec<PagePlace> {
    let chunk = &footer.chunks(group, &[leaf]).unwrap()[0];
    let index = chunk.offset_index.clone().unwrap();
    PagePlace::read(chunk, &bytes[index.start as usize..index.end as usize]).unwrap()
}

#[test]
fn pages_without_a_match_are_neither_fetched_nor_looked_into() {
    let bytes = file(plain(), |n| n);
    let filter = "n >= 25000 and n < 25100";
    let (answer, asked, spared) = ask(filter, &bytes);
    let sum: i64 = (25_000..25_100).sum();
    assert_eq!(
        rows(&answer),
        [format!("100|{sum}|025099{}", "x".repeat(25_099 % 40))]
    );
    assert_eq!(spared.row_groups_by_statistics, 3);
    let footer = footer(&bytes, &Limits::default()).unwrap();
    // The rows of the numbers' pages that may have a match.
    let may_match = |page: &PagePlace| {
        let first = GROUP_ROWS as u64 + page.rows.start;
        first < 25_100 && first + page.rows.end - page.rows.start > 25_000
    };
    let numbers = places(&footer, 1, 0, &bytes);
    let rows: Vec<_> = numbers
        .iter()
        .filter(|page| may_match(page))
        .map(|page| page.rows.clone())
        .collect();
    assert!((1..3).contains(&rows.len()), "{rows:?}");
    let rows = rows[0].start..rows[rows.len() - 1].end;
    // Everything else is damaged: the answer stays the same.
    let mut damaged = bytes.to_vec();
    for (group, leaf) in (0..GROUPS as usize).flat_map(|group| [(group, 0), (group, 1)]) {
        let all = places(&footer, group, leaf, &bytes);
        for page in all {
            let has_match = group == 1 && page.rows.start < rows.end && rows.start < page.rows.end;
            let overlaps =
                |range: &&Range<u64>| range.start < page.bytes.end && page.bytes.start < range.end;
            assert_eq!(
                asked.iter().any(|range| overlaps(&range)),
                has_match,
                "{page:?}"
            );
            if !has_match {
                damaged[page.bytes.start as usize..page.bytes.end as usize].fill(0xff);
            }
        }
    }
    let (same, _, _) = ask(filter, &damaged.into());
    assert_eq!(same, answer);
    assert!(answer.scanned.bytes_read < answer.scanned.bytes_total / 10);
}

#[test]
fn what_can_not_be_spared_costs_no_look_at_an_index() {
    let bytes = file(plain().set_bloom_filter_enabled(true), |n| n);
    let footer = footer(&bytes, &Limits::default()).unwrap();
    let chunks = (0..GROUPS as usize).flat_map(|group| footer.chunks(group, &[0, 1]).unwrap());
    let pages = chunks.map(|chunk| chunk.byte_range.end).max().unwrap();
    for filter in [
        "",
        "n >= 0",
        "s like '%9x%' or n = 5",
        "not (n < 0 or n > 1000000)",
        "s is not null",
    ] {
        let (_, asked, spared) = ask(filter, &bytes);
        let beyond: Vec<_> = asked.iter().filter(|range| range.end > pages).collect();
        assert!(beyond.is_empty(), "{filter}: {beyond:?} beyond {pages}");
        assert_eq!(spared, Spared::default(), "{filter}");
    }
}

#[test]
fn a_bloom_filter_without_the_value_spares_all_pages() {
    // Every row group has numbers from the whole range, each an even one.
    let spread = |n| n * 7919 % 80_000 * 2;
    let bytes = file(plain().set_bloom_filter_enabled(true), spread);
    let reads = |filter: &str| {
        let (answer, asked, spared) = ask(filter, &bytes);
        (
            rows(&answer).remove(0),
            bytes_of(&asked),
            spared.row_groups_by_bloom_filter,
        )
    };
    let (row, bytes_read, spared) = reads("n = 4001");
    assert_eq!((row.as_str(), spared), ("0|null|null", 4));
    assert!(bytes_read < 40_000, "{bytes_read}");
    let (row, _, spared) = reads("n in (4000, 4001)");
    assert_eq!((&row[..7], spared), ("1|4000|", 3));
    let (_, _, spared) = reads("s = '080001' and n > 5");
    assert_eq!(spared, 4);
    // What is not asked for by its value can't be found that way.
    let (row, _, spared) = reads("not (n = 4001)");
    assert_eq!((&row[..6], spared), ("80000|", 0));
}

#[test]
fn a_dictionary_that_has_all_values_but_not_this_one_is_all_that_is_read() {
    let bytes = file(WriterProperties::builder(), |n| n % 100 * 2);
    let footer = footer(&bytes, &Limits::default()).unwrap();
    for (filter, leaf) in [
        ("n = 51", 0),
        ("s like '%7x%'", 1),
        ("provider(s) = 'cox'", 1),
        ("n in (1, 3)", 0),
    ] {
        let (answer, asked, spared) = ask(filter, &bytes);
        assert_eq!(rows(&answer), ["0|null|null"]);
        assert_eq!(spared.row_groups_by_dictionary, 4, "{filter}");
        let place = |group: usize| {
            let chunk = &footer.chunks(group, &[leaf]).unwrap()[0];
            chunk.dictionary_page_offset.unwrap()..chunk.data_page_offset
        };
        let dictionaries: Vec<_> = (0..4).map(place).collect();
        let pages = asked
            .into_iter()
            .filter(|range| dictionaries.contains(range));
        assert_eq!(pages.collect::<Vec<_>>(), dictionaries);
    }
    let (answer, _, spared) = ask("n = 50", &bytes);
    assert_eq!(&rows(&answer)[0][..11], "800|40000|0");
    assert_eq!(spared.row_groups_by_dictionary, 0);
}

#[test]
fn a_dictionary_that_was_given_up_does_not_speak_for_the_chunk() {
    let given_up = WriterProperties::builder().set_dictionary_page_size_limit(100);
    let bytes = file(given_up, |n| n * 7919 % 80_000 * 2);
    let (answer, _, spared) = ask("n = 4000", &bytes);
    assert_eq!(&rows(&answer)[0][..7], "1|4000|");
    assert_eq!(spared.row_groups_by_dictionary, 0);
    let (answer, _, _) = ask("n = 4001", &bytes);
    assert_eq!(rows(&answer), ["0|null|null"]);
}

#[test]
fn nulls_are_found_by_those_who_count_them() {
    let group = |nulls: Range<i64>| {
        let number = |n: i64| (!nulls.contains(&n)).then_some(n);
        vec![Column::I64((0..GROUP_ROWS).map(number).collect())]
    };
    let groups = [
        group(0..0),
        group(0..GROUP_ROWS),
        group(5_000..15_000),
        group(0..0),
    ];
    let bytes = |writer: &str| {
        let properties = plain()
            .set_data_page_row_count_limit(1_000)
            .set_write_batch_size(1_000)
            .set_created_by(writer.to_owned());
        crate::testing::file("optional int64 n;", properties.build(), &groups)
    };
    let reads = |filter: &str, writer: &str| {
        let (answer, _, spared) = ask_for("count,sum(n)", filter, &bytes(writer));
        assert_eq!(
            rows(&answer)[0].split_once('|').unwrap().0,
            if filter == "n is null" {
                "30000"
            } else {
                "50000"
            }
        );
        (spared.row_groups_by_statistics, spared.rows_by_page_index)
    };
    assert_eq!(reads("n is null", "questlog version 1"), (2, 10_000));
    assert_eq!(reads("n is not null", "questlog version 1"), (1, 10_000));
    // Whoever is known to forget nulls is not asked.
    let arrow2 = "Arrow2 - Native Rust implementation of Arrow";
    assert_eq!(reads("n is null", arrow2), (0, 0));
    assert_eq!(reads("n is not null", arrow2), (0, 0));
}

#[test]
fn texts_that_begin_otherwise_are_not_read() {
    let bytes = file(plain(), |n| n);
    let (answer, asked, spared) = ask("s like '0612%'", &bytes);
    assert!(rows(&answer)[0].starts_with("100|6124950|061299"));
    assert_eq!(spared.row_groups_by_statistics, 3);
    assert!(bytes_of(&asked) < answer.scanned.bytes_total / 10);
}

#[test]
fn rows_are_counted_by_the_footer_alone() {
    let bytes = file(plain(), |n| n);
    let (answer, asked, _) = ask_for("count", "", &bytes);
    assert_eq!(rows(&answer), ["80000"]);
    assert_eq!(asked, []);
    let (answer, asked, _) = ask_for("count", "n < -5 or s > 'x'", &bytes);
    assert_eq!(rows(&answer), ["0"]);
    assert_eq!(asked, []);
}

#[test]
fn values_that_can_not_be_null_are_counted_by_the_footer_alone() {
    let group = |from: i64| {
        vec![
            ints(from..from + 50_000),
            Column::Text(vec![Some("a".into()); 50_000]),
        ]
    };
    let schema = "required int64 n; required binary s (UTF8);";
    let bytes = crate::testing::file(schema, plain().build(), &[group(0), group(7)]);
    let (answer, asked, _) = ask_for("count(n),count(s),count", "", &bytes);
    assert_eq!(rows(&answer), ["100000|100000|100000"]);
    assert_eq!(asked, []);
    let (answer, asked, _) = ask_for("count(s)", "n >= 50000", &bytes);
    assert_eq!(rows(&answer), ["7"]);
    let footer = footer(&bytes, &Limits::default()).unwrap();
    let texts = &footer.chunks(1, &[1]).unwrap()[0].byte_range;
    let reads_texts = |range: &Range<u64>| range.start < texts.end && texts.start < range.end;
    assert!(!asked.is_empty() && !asked.iter().any(reads_texts));
    let (answer, asked, _) = ask_for("count(s),min(s)", "", &bytes);
    assert_eq!(rows(&answer), ["100000|a"]);
    assert!(!asked.is_empty());
}
