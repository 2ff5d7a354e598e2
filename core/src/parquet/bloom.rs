//! Split block bloom filters ("Bloom filter"): a value that is not in one is not in the chunk.

use std::ops::Range;

use bytes::Bytes;

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

/// A bloom filter of one chunk.
#[derive(Clone, Debug)]
pub struct BloomFilter {
    blocks: Bytes,
}

impl BloomFilter {
    /// The bytes to read first for a chunk's filter: all of it if its length is known, else its header.
    pub fn need(chunk: &ColumnChunk) -> Option<Range<u64>> {
        let (start, len) = chunk.bloom_filter?;
        Some(start..start.checked_add(len.unwrap_or(HEADER_BYTES_MAX))?)
    }

    /// Bytes of the filter that begins at the start of `bytes`, header included; `None` for a sort that is not known.
    pub fn len(bytes: &[u8]) -> Option<u64> {
        let (header, blocks) = header(bytes)?;
        Some((header + blocks) as u64)
    }

    /// The filter at the start of `bytes`; `None` if it is not whole or of a sort that is not known.
    pub fn read(bytes: &Bytes) -> Option<Self> {
        let (header, blocks) = header(bytes)?;
        let end = header.checked_add(blocks)?;
        (end <= bytes.len()).then(|| Self {
            blocks: bytes.slice(header..end),
        })
    }

    /// Whether the chunk may hold a value, given in PLAIN form without a length. A `false` is certain.
    pub fn may_hold(&self, value: &[u8]) -> bool {
        let hash = xxhash64(value);
        let blocks = (self.blocks.len() / BLOCK_BYTES) as u64;
        let block = (((hash >> 32) * blocks) >> 32) as usize * BLOCK_BYTES;
        let Some(block) = self.blocks.get(block..block + BLOCK_BYTES) else {
            return true;
        };
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

    #[test]
    fn an_empty_filter_holds_nothing_and_a_full_one_anything() {
        let header = [
            0x15, 0x40, 0x1c, 0x1c, 0, 0, 0x1c, 0x1c, 0, 0, 0x1c, 0x1c, 0, 0, 0,
        ];
        let filter = |byte: u8| {
            let bytes = Bytes::from([&header[..], &[byte; 32]].concat());
            assert_eq!(BloomFilter::len(&bytes), Some(bytes.len() as u64));
            assert!(BloomFilter::read(&bytes.slice(..bytes.len() - 1)).is_none());
            BloomFilter::read(&bytes).unwrap()
        };
        assert!(!filter(0).may_hold(b"cox.net"));
        assert!(filter(0xff).may_hold(b"cox.net"));
    }

    #[test]
    fn other_sorts_of_filters_are_none() {
        let odd_len = [
            0x15, 0x42, 0x1c, 0x1c, 0, 0, 0x1c, 0x1c, 0, 0, 0x1c, 0x1c, 0, 0, 0,
        ];
        let other_hash = [
            0x15, 0x40, 0x1c, 0x1c, 0, 0, 0x1c, 0x2c, 0, 0, 0x1c, 0x1c, 0, 0, 0,
        ];
        assert_eq!(BloomFilter::len(&odd_len), None);
        assert_eq!(BloomFilter::len(&other_hash), None);
        assert_eq!(BloomFilter::len(&[]), None);
    }
}
