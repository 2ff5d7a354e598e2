//! Bytes of the file that are asked for, and those of them that are there.

use std::ops::Range;

use bytes::Bytes;

use super::CountBytes;
use crate::parquet::Store;

/// Byte ranges that are wanted, and what came of them.
#[derive(Debug)]
pub(super) struct Fetch {
    store: Store,
    /// In order, not overlapping.
    wanted: Vec<Range<u64>>,
    /// Bytes from here on are not counted as read: they came with the footer, or belong to somebody else.
    counted_to: u64,
    /// Bytes that were counted as read and then forgotten, to come again.
    again_bytes: u64,
}

impl Fetch {
    pub(super) fn new(counted_to: u64) -> Self {
        Self {
            store: Store::default(),
            wanted: Vec::new(),
            counted_to,
            again_bytes: 0,
        }
    }

    /// Wants these bytes and no others any more, and takes those of them that `tail` has, the file's end.
    pub(super) fn want(&mut self, ranges: Vec<Range<u64>>, tail: &Store) {
        self.wanted = joined(ranges, 0);
        for range in self.wanted.clone() {
            // Of a small file everything came with the footer.
            if let Some(bytes) = tail.get(range.clone()) {
                self.feed(range.start, &bytes);
            }
        }
    }

    /// Wants some more bytes, and none before `position`, which are forgotten.
    pub(super) fn want_also(&mut self, range: Range<u64>, position: u64) {
        let all_came = self.missing().is_empty();
        self.store.release(0..position);
        let mut wanted = if all_came {
            self.forget(range.clone());
            Vec::new()
        } else {
            // What was asked for before and is still to come is not forgotten for less.
            std::mem::take(&mut self.wanted)
        };
        wanted.push(range);
        let ahead = |range: Range<u64>| range.start.max(position)..range.end;
        self.wanted = joined(wanted.into_iter().map(ahead).collect(), 0);
    }

    /// Forgets what is there of `range`, so that all of it comes again in one piece.
    fn forget(&mut self, range: Range<u64>) {
        let counted = range.start..range.end.min(self.counted_to).max(range.start);
        let gaps = self.store.missing(counted.clone());
        let gap_bytes: u64 = gaps.iter().map(CountBytes::count_bytes).sum();
        self.again_bytes += counted.count_bytes() - gap_bytes;
        self.store.release(range);
    }

    /// The bytes that are wanted and not there.
    pub(super) fn missing(&self) -> Vec<Range<u64>> {
        let missing = |range: &Range<u64>| self.store.missing(range.clone());
        self.wanted.iter().flat_map(missing).collect()
    }

    /// Takes what is wanted of some bytes; returns how many are to be counted as read.
    pub(super) fn feed(&mut self, start: u64, bytes: &Bytes) -> u64 {
        let end = start.saturating_add(bytes.len() as u64);
        let first = self.wanted.partition_point(|range| range.end <= start);
        let mut new = 0;
        for range in self.wanted.iter().skip(first) {
            let (from, to) = (start.max(range.start), end.min(range.end));
            if from >= to {
                break;
            }
            // Whoever has the footer has read the file's end, whether it is at hand here or not: so the bytes read do
            // not depend on who did.
            let counted = from..to.min(self.counted_to).max(from);
            let gaps = self.store.missing(counted);
            let gap_bytes: u64 = gaps.iter().map(CountBytes::count_bytes).sum();
            let again_bytes = gap_bytes.min(self.again_bytes);
            self.again_bytes -= again_bytes;
            new += gap_bytes - again_bytes;
            let piece = bytes.slice((from - start) as usize..(to - start) as usize);
            self.store.insert(from, &piece);
        }
        new
    }

    /// What is there.
    pub(super) fn store(&self) -> &Store {
        &self.store
    }
}

/// Ranges in order, those that are less than `gap_bytes` apart, or touch, made one.
pub(crate) fn joined(mut ranges: Vec<Range<u64>>, gap_bytes: u64) -> Vec<Range<u64>> {
    ranges.retain(|range| !range.is_empty());
    ranges.sort_unstable_by_key(|range| range.start);
    let mut joined: Vec<Range<u64>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match joined.last_mut() {
            Some(last) if last.end.saturating_add(gap_bytes) >= range.start => {
                last.end = last.end.max(range.end);
            }
            _ => joined.push(range),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_wanted_is_kept_and_counted_once() {
        let file = Bytes::from(vec![7; 100]);
        let mut fetch = Fetch::new(80);
        fetch.want(vec![70..90, 10..20, 20..30], &Store::default());
        assert_eq!(fetch.missing(), [10..30, 70..90]);
        assert_eq!(fetch.feed(15, &file.slice(15..75)), 20);
        assert_eq!(fetch.missing(), [10..15, 75..90]);
        assert_eq!(fetch.feed(0, &file), 5 + 5);
        assert_eq!(fetch.feed(0, &file), 0);
        assert_eq!(fetch.store().bytes_held(), 40);
        assert!(fetch.missing().is_empty());
        fetch.want_also(30..40, 25);
        assert_eq!(fetch.missing(), vec![30..40]);
        fetch.want_also(60..65, 28);
        assert_eq!(fetch.missing(), [30..40, 60..65]);
    }

    #[test]
    fn what_is_asked_for_again_comes_in_one_piece_and_is_counted_once() {
        let file = Bytes::from(vec![7; 100]);
        let mut fetch = Fetch::new(80);
        fetch.want(vec![10..20, 20..30], &Store::default());
        // What is still to come is not forgotten.
        assert_eq!(fetch.feed(10, &file.slice(10..20)), 10);
        fetch.want_also(15..40, 15);
        assert_eq!(fetch.missing(), vec![20..40]);
        assert_eq!(fetch.feed(20, &file.slice(20..40)), 20);
        fetch.want_also(35..60, 35);
        assert_eq!(fetch.missing(), vec![35..60]);
        assert_eq!(fetch.feed(35, &file.slice(35..60)), 20);
    }

    #[test]
    fn what_came_with_the_footer_is_not_asked_for() {
        let mut tail = Store::default();
        tail.insert(50, &Bytes::from(vec![7; 50]));
        let mut fetch = Fetch::new(50);
        fetch.want(vec![40..45, 60..70], &tail);
        assert_eq!(fetch.missing(), vec![40..45]);
    }

    #[test]
    fn ranges_are_joined_over_small_gaps() {
        let ranges = vec![30..40, 0..10, 5..5, 12..20, 8..11];
        assert_eq!(joined(ranges.clone(), 0), [0..11, 12..20, 30..40]);
        assert_eq!(joined(ranges, 1), [0..20, 30..40]);
    }
}
