//! Which of the bytes that are read a reader counts: each byte of the file is counted by one reader only.

use std::ops::Range;

use super::chunk::ColumnChunk;
use super::footer::Footer;

/// Bytes of a column chunk that a reader has counted, and where those lie that it may count.
pub(super) struct CountedBytes {
    bytes: u64,
    /// Bytes before this place are counted already, those from the other place on are somebody else's.
    from: u64,
    to: u64,
    /// Whether the bytes before the first data page are done with.
    has_begun: bool,
}

impl CountedBytes {
    /// None yet of a chunk's; what the footer's first read brings along is counted there.
    pub(super) fn new(chunk: &ColumnChunk, file_bytes: u64) -> Self {
        let Range { start, end } = chunk.byte_range;
        Self {
            bytes: 0,
            from: start,
            to: end.min(Footer::tail_need(file_bytes).start),
            has_begun: false,
        }
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(super) fn add(&mut self, place: Range<u64>) {
        let (from, to) = (place.start.max(self.from), place.end.min(self.to));
        self.bytes += to.saturating_sub(from);
    }

    /// Is done with the bytes up to the end of `place`, which are this reader's to count or another one's.
    pub(super) fn ahead(&mut self, place: &Range<u64>, by_this: bool) {
        if by_this {
            self.add(place.clone());
        }
        self.from = self.from.max(place.end);
    }

    /// Whether what is before the first data page is still to be counted; asked once.
    pub(super) fn begins(&mut self) -> bool {
        !std::mem::replace(&mut self.has_begun, true)
    }
}
