//! The bytes of a file that are there, in pieces, by their place.

use std::collections::BTreeMap;
use std::ops::Range;

use bytes::{Bytes, BytesMut};

/// Pieces of a file, fed in any order and size; pieces never overlap.
#[derive(Debug, Default)]
pub(crate) struct Store {
    pieces: BTreeMap<u64, Bytes>,
    bytes_held: u64,
}

impl Store {
    /// Takes the bytes of the file from `start` on. What is there already stays as it is.
    pub(crate) fn insert(&mut self, start: u64, bytes: &Bytes) {
        let end = start.saturating_add(bytes.len() as u64);
        for gap in self.missing(start..end) {
            let piece = bytes.slice((gap.start - start) as usize..(gap.end - start) as usize);
            self.bytes_held += piece.len() as u64;
            self.pieces.insert(gap.start, piece);
        }
    }

    /// The parts of `range` that are not there, in order.
    pub(crate) fn missing(&self, range: Range<u64>) -> Vec<Range<u64>> {
        let mut gaps = Vec::new();
        let mut at = range.start;
        let before = self.pieces.range(..=range.start).next_back();
        let inside = self
            .pieces
            .range(range.start.saturating_add(1)..range.end.max(range.start.saturating_add(1)));
        for (&start, piece) in before.into_iter().chain(inside) {
            if start > at {
                gaps.push(at..start);
            }
            at = at.max(start + piece.len() as u64);
        }
        if at < range.end {
            gaps.push(at..range.end);
        }
        gaps
    }

    /// The bytes of `range` if all of them are there; without a copy when they lie in one piece.
    pub(crate) fn get(&self, range: Range<u64>) -> Option<Bytes> {
        let len = usize::try_from(range.end.checked_sub(range.start)?).ok()?;
        if len == 0 {
            return Some(Bytes::new());
        }
        let (&start, first) = self.pieces.range(..=range.start).next_back()?;
        let skip = usize::try_from(range.start - start).ok()?;
        if first.len() >= skip.checked_add(len)? {
            return Some(first.slice(skip..skip + len));
        }
        if !self.missing(range.clone()).is_empty() {
            return None;
        }
        let mut joined = BytesMut::with_capacity(len);
        for (&start, piece) in self.pieces.range(start..range.end) {
            let from = range.start.saturating_sub(start).min(piece.len() as u64) as usize;
            let to = (range.end - start).min(piece.len() as u64) as usize;
            joined.extend_from_slice(&piece[from..to]);
        }
        Some(joined.freeze())
    }

    /// Forgets the bytes of `range`.
    pub(crate) fn release(&mut self, range: Range<u64>) {
        if range.is_empty() {
            return;
        }
        let first = self
            .pieces
            .range(..=range.start)
            .next_back()
            .map_or(range.start, |(&start, _)| start);
        let starts: Vec<u64> = self
            .pieces
            .range(first..range.end)
            .map(|(&start, _)| start)
            .collect();
        for start in starts {
            let Some(piece) = self.pieces.remove(&start) else {
                continue;
            };
            let end = start + piece.len() as u64;
            self.bytes_held -= piece.len() as u64;
            for kept in [
                start..range.start.clamp(start, end),
                range.end.clamp(start, end)..end,
            ] {
                if !kept.is_empty() {
                    let part =
                        piece.slice((kept.start - start) as usize..(kept.end - start) as usize);
                    self.bytes_held += part.len() as u64;
                    self.pieces.insert(kept.start, part);
                }
            }
        }
    }

    /// Bytes that are there.
    pub(crate) fn bytes_held(&self) -> u64 {
        self.bytes_held
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_in_any_order_make_a_whole() {
        let file = Bytes::from((0..100).collect::<Vec<u8>>());
        let mut store = Store::default();
        store.insert(50, &file.slice(50..80));
        store.insert(10, &file.slice(10..30));
        assert_eq!(store.get(10..60), None);
        assert_eq!(store.missing(0..100), [0..10, 30..50, 80..100]);
        store.insert(0, &file);
        assert_eq!(store.get(0..100), Some(file.clone()));
        assert_eq!(store.get(15..79), Some(file.slice(15..79)));
        assert_eq!(store.bytes_held(), 100);
    }

    #[test]
    fn released_bytes_are_missing_again() {
        let file = Bytes::from((0..100).collect::<Vec<u8>>());
        let mut store = Store::default();
        store.insert(0, &file.slice(0..40));
        store.insert(40, &file.slice(40..100));
        store.release(20..50);
        assert_eq!(store.missing(0..100), vec![20..50]);
        assert_eq!(store.bytes_held(), 70);
        assert_eq!(store.get(50..100), Some(file.slice(50..100)));
        store.release(0..100);
        assert_eq!(store.bytes_held(), 0);
        assert_eq!(store.get(5..5), Some(Bytes::new()));
    }
}
