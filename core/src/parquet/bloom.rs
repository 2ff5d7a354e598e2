//! Split block bloom filters ("Bloom filter"): a value that is not in one is not in the chunk.

use std::ops::Range;

use super::chunk::ColumnChunk;
use super::thrift::{Kind, Thrift};
use super::xxhash::xxhash64;

/// Bytes of a block: eight words of which a value sets one bit each.
const BLOCK_BYTES: usize = 32;
/// What the format chose to spread a hash over the words of a block.
const SALTS: [u32; 8] = [
    0x47b6_137b,
    0x4497_4d91,
    0x8824_ad5b,
    0xa2b7_289d,
    0x7054_95c7,
    0x2df1_424b,
    0x9efc_4947,
    0x5c6b_fb31,
];
/// Bytes that a filter's header has at most.
const HEADER_BYTES_MAX: u64 = 64;

/// A bloom filter of one chunk: where its blocks are. A value's block is all of it that has to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BloomFilter {
    blocks: Range<u64>,
}

impl BloomFilter {
    /// The bytes of a chunk's filter to read first.
    pub fn need(chunk: &ColumnChunk) -> Option<Range<u64>> {
        let Range { start, end } = chunk.bloom_filter.clone()?;
        (start < end).then_some(start..end.min(start.saturating_add(HEADER_BYTES_MAX)))
    }

    /// The filter whose first bytes, as [`BloomFilter::need`] wants them, are `bytes`; `None` if it does not fit into
    /// its place, or is of a sort that is not known.
    pub fn read(chunk: &ColumnChunk, bytes: &[u8]) -> Option<Self> {
        let place = chunk.bloom_filter.clone()?;
        let (header, blocks) = header(bytes)?;
        let start = place.start.checked_add(header as u64)?;
        let end = start.checked_add(blocks as u64)?;
        (end <= place.end).then_some(Self { blocks: start..end })
    }

    /// What a value is found by, given in PLAIN form without a length.
    pub fn hash(value: &[u8]) -> u64 {
        xxhash64(value)
    }

    /// The bytes of the block that tells of a value with this hash.
    pub fn block(&self, hash: u64) -> Range<u64> {
        let blocks = u128::from(self.blocks.end - self.blocks.start) / BLOCK_BYTES as u128;
        let block = ((u128::from(hash >> 32) * blocks) >> 32) as u64;
        let start = self.blocks.start + block * BLOCK_BYTES as u64;
        start..start + BLOCK_BYTES as u64
    }

    /// Whether the chunk may hold a value with this hash, by the bytes of its block. A `false` is certain.
    pub fn may_hold(block: &[u8], hash: u64) -> bool {
        let (words, _) = block.as_chunks::<4>();
        words.iter().zip(SALTS).all(|(word, salt)| {
            let bit = (hash as u32).wrapping_mul(salt) >> 27;
            u32::from_le_bytes(*word) >> bit & 1 == 1
        })
    }
}

/// Reads the struct `BloomFilterHeader`: its length and that of the blocks, if they are of the one sort there is.
fn header(bytes: &[u8]) -> Option<(usize, usize)> {
    const ONLY: i16 = 1;
    let mut thrift = Thrift::new(bytes, 0);
    let mut blocks = None;
    let mut known = 0;
    let mut last = 0;
    while let Some((id, kind)) = thrift.field(&mut last).ok()? {
        match (id, kind) {
            (1, Kind::I32) => blocks = usize::try_from(thrift.i32().ok()?).ok(),
            // Algorithm, hash and compression are unions of one member each.
            (2..=4, Kind::Struct) => {
                let mut last = 0;
                while let Some((id, kind)) = thrift.field(&mut last).ok()? {
                    thrift.skip(kind).ok()?;
                    known += usize::from(id == ONLY);
                }
            }
            _ => thrift.skip(kind).ok()?,
        }
    }
    let blocks = blocks.filter(|&len| len > 0 && len % BLOCK_BYTES == 0 && known == 3)?;
    Some((thrift.at(), blocks))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: [u8; 15] = [
        0x15, 0x40, 0x1c, 0x1c, 0, 0, 0x1c, 0x1c, 0, 0, 0x1c, 0x1c, 0, 0, 0,
    ];

    #[test]
    fn an_empty_block_holds_nothing_and_a_full_one_anything() {
        let hash = BloomFilter::hash(b"cox.net");
        assert!(!BloomFilter::may_hold(&[0; 32], hash));
        assert!(BloomFilter::may_hold(&[0xff; 32], hash));
    }

    #[test]
    fn other_sorts_of_filters_are_none() {
        let (mut odd_len, mut other_hash) = (HEADER, HEADER);
        odd_len[1] = 0x42;
        other_hash[7] = 0x2c;
        assert_eq!(header(&HEADER), Some((15, 32)));
        assert_eq!(header(&odd_len), None);
        assert_eq!(header(&other_hash), None);
        assert_eq!(header(&[]), None);
    }

    #[test]
    fn every_hash_has_a_block_of_the_filter() {
        let filter = BloomFilter { blocks: 115..211 };
        assert_eq!(filter.block(0), 115..147);
        assert_eq!(filter.block(u64::MAX), 179..211);
        let huge = BloomFilter {
            blocks: 0..u64::MAX,
        };
        assert!(huge.block(u64::MAX).end < u64::MAX);
    }
}
