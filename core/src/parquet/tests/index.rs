//! Page indexes, bloom filters and statistics: what a file says of its values.

use bytes::Bytes;

use super::{Cells, footer, properties, sample};
use crate::Limits;
use crate::parquet::{BloomFilter, Bounds, PagePlace, PageStatistics};

/// A sample with small pages, a page index and bloom filters.
fn indexed_sample() -> (Bytes, Vec<Cells>) {
    let small = properties()
        .set_data_page_row_count_limit(100)
        .set_write_batch_size(50);
    sample(1_000, 300, small.set_bloom_filter_enabled(true))
}

#[test]
fn the_page_index_says_where_pages_are_and_what_is_in_them() {
    let (file, expected) = indexed_sample();
    let footer = footer(&file, &Limits::default()).unwrap();
    for (index, leaf) in footer.schema().leaves.iter().enumerate() {
        let expected = &expected[index];
        let chunk = &footer.chunks(1, &[index]).unwrap()[0];
        let bytes = |range: &std::ops::Range<u64>| &file[range.start as usize..range.end as usize];
        let offsets = bytes(chunk.offset_index.as_ref().unwrap());
        let column_index = chunk.column_index.as_ref().map(bytes);
        let pages = PagePlace::read(chunk, offsets).unwrap();
        assert!(pages.len() >= 10);
        let Some(column_index) = column_index.map(Bytes::copy_from_slice) else {
            continue;
        };
        let described = PageStatistics::read(&pages, &column_index).unwrap();
        for (place, page) in pages.iter().zip(&described) {
            let rows = 1_000 + place.rows.start as usize..1_000 + place.rows.end as usize;
            let there: Vec<&Vec<u8>> = expected[rows.clone()].iter().flatten().collect();
            let nulls = (rows.len() - there.len()) as u64;
            assert_eq!(page.all_null, there.is_empty());
            assert_eq!(page.statistics.null_count, Some(nulls));
            if leaf.name == "s" {
                let bounds = Bounds::of(leaf, &page.statistics);
                let (min, max) = (bounds.min.unwrap(), bounds.max.unwrap());
                let inside = |value: &&Vec<u8>| {
                    min <= &value[..] && (max >= &value[..] || value.starts_with(max))
                };
                assert!(there.iter().all(inside));
            }
        }
        // An index that is cut off, or of another chunk, is none.
        assert_eq!(PagePlace::read(chunk, &offsets[..offsets.len() / 2]), None);
        let other = &footer.chunks(0, &[index]).unwrap()[0];
        assert_eq!(PagePlace::read(other, offsets), None);
        let half = column_index.slice(..column_index.len() / 2);
        assert_eq!(PageStatistics::read(&pages, &half), None);
        assert_eq!(PageStatistics::read(&pages[1..], &column_index), None);
    }
}

#[test]
fn bloom_filters_know_every_value_and_few_others() {
    let (file, expected) = indexed_sample();
    let footer = footer(&file, &Limits::default()).unwrap();
    for leaf in ["l", "s", "x"].map(|name| footer.schema().find(name).unwrap()) {
        let chunk = &footer.chunks(0, &[leaf]).unwrap()[0];
        let need = BloomFilter::need(chunk).unwrap();
        let bytes = |range: std::ops::Range<u64>| &file[range.start as usize..range.end as usize];
        let filter = BloomFilter::read(chunk, bytes(need)).unwrap();
        let may_hold = |value: &[u8]| {
            let hash = BloomFilter::hash(value);
            BloomFilter::may_hold(bytes(filter.block(hash)), hash)
        };
        let mut there = expected[leaf][..1_000].iter().flatten();
        assert!(there.all(|value| may_hold(value)));
        let absent = (0..1_000_u64).map(|n| [&n.to_le_bytes()[..], b"not in it"].concat());
        let found = absent.filter(|value| may_hold(value)).count();
        assert!(found < 150, "{found} of 1000 values that are not there");
    }
}

#[test]
fn statistics_bound_the_values_of_their_chunk() {
    let (file, expected) = sample(500, 300, properties());
    let footer = footer(&file, &Limits::default()).unwrap();
    let leaf = footer.schema().find("l").unwrap();
    let chunk = &footer.chunks(0, &[leaf]).unwrap()[0];
    let statistics = chunk.statistics.as_ref().unwrap();
    let bounds = Bounds::of(&footer.schema().leaves[leaf], statistics);
    let number = |bytes: &[u8]| i64::from_le_bytes(bytes.try_into().unwrap());
    let values = || {
        expected[leaf][..500]
            .iter()
            .flatten()
            .map(|bytes| number(bytes))
    };
    assert_eq!(bounds.min.map(number), values().min());
    assert_eq!(bounds.max.map(number), values().max());
    let nulls = expected[leaf][..500]
        .iter()
        .filter(|cell| cell.is_none())
        .count();
    assert_eq!(statistics.null_count, Some(nulls as u64));
}
