//! The bytes of a segment: a header, then frames. All numbers are little-endian.
//!
//! Segment header, 32 bytes: magic (8), version (4), checksum of the header (4), base offset (8), identity (8).
//! Frame, 20 bytes and the payload: length (4), checksum (4), offset (8), commit distance (4), payload.
//!
//! A frame's checksum is seeded with the identity of its segment, so a frame of another file never passes for one of this file.
//! The commit distance says how many bytes before this frame its commit (what one fsync covered) began:
//! recovery needs it to tell a write that power loss tore apart from damage done to synced data.

use crate::log::RECORD_BYTES_MAX;

/// First bytes of every segment.
const MAGIC: [u8; 8] = *b"QUESTLOG";
/// Version of this format.
const VERSION: u32 = 1;
/// Size of a segment's header.
pub(super) const SEGMENT_HEADER_BYTES: usize = 32;
/// Size of a frame without its payload.
pub(super) const FRAME_HEADER_BYTES: usize = 20;

/// What a segment says about itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SegmentHeader {
    /// Offset of the first record.
    pub(super) base: u64,
    /// A random number; seeds the checksums of this segment's frames.
    pub(super) identity: u64,
}

impl SegmentHeader {
    pub(super) fn encode(self) -> [u8; SEGMENT_HEADER_BYTES] {
        let mut bytes = [0; SEGMENT_HEADER_BYTES];
        bytes[0..8].copy_from_slice(&MAGIC);
        bytes[8..12].copy_from_slice(&VERSION.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.base.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.identity.to_le_bytes());
        let checksum = crc32c::crc32c_append(crc32c::crc32c(&bytes[0..12]), &bytes[16..32]);
        bytes[12..16].copy_from_slice(&checksum.to_le_bytes());
        bytes
    }

    /// Reads a header, or says what is wrong with it.
    pub(super) fn decode(bytes: &[u8; SEGMENT_HEADER_BYTES]) -> Result<Self, String> {
        if bytes[0..8] != MAGIC {
            return Err("it is not a Questlog log segment (wrong magic)".to_owned());
        }
        let version = u32_at(bytes, 8);
        if version != VERSION {
            return Err(format!(
                "it has format version {version}, and this questlog reads version {VERSION}"
            ));
        }
        let checksum = crc32c::crc32c_append(crc32c::crc32c(&bytes[0..12]), &bytes[16..32]);
        if checksum != u32_at(bytes, 12) {
            return Err("the checksum of the segment's header is wrong".to_owned());
        }
        Ok(Self {
            base: u64_at(bytes, 16),
            identity: u64_at(bytes, 24),
        })
    }
}

/// A frame's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FrameHeader {
    pub(super) payload_bytes: u32,
    checksum: u32,
    pub(super) offset: u64,
    /// Bytes from the beginning of its commit to this frame.
    pub(super) commit_distance: u32,
}

impl FrameHeader {
    /// Reads a header; any 20 bytes are one, [`FrameHeader::accepts`] tells whether they mean anything.
    pub(super) fn decode(bytes: &[u8; FRAME_HEADER_BYTES]) -> Self {
        Self {
            payload_bytes: u32_at(bytes, 0),
            checksum: u32_at(bytes, 4),
            offset: u64_at(bytes, 8),
            commit_distance: u32_at(bytes, 16),
        }
    }

    /// Size of the whole frame.
    pub(super) fn frame_bytes(self) -> usize {
        FRAME_HEADER_BYTES + self.payload_bytes as usize
    }

    /// Whether a record of this length can have been written at all.
    pub(super) fn is_plausible(self) -> bool {
        self.payload_bytes as usize <= RECORD_BYTES_MAX
    }

    /// Whether `payload` is what was written with this header into the segment `identity`.
    pub(super) fn accepts(self, identity: u64, payload: &[u8]) -> bool {
        payload.len() == self.payload_bytes as usize
            && self.checksum
                == checksum(
                    identity,
                    self.payload_bytes,
                    self.offset,
                    self.commit_distance,
                    payload,
                )
    }
}

/// Appends one frame to `out`.
///
/// `payload` must not be longer than [`RECORD_BYTES_MAX`]; the writer checks that before it takes a record.
pub(super) fn encode_frame(
    out: &mut Vec<u8>,
    identity: u64,
    offset: u64,
    commit_distance: u32,
    payload: &[u8],
) {
    let payload_bytes = u32::try_from(payload.len()).unwrap_or(u32::MAX);
    out.extend_from_slice(&payload_bytes.to_le_bytes());
    out.extend_from_slice(
        &checksum(identity, payload_bytes, offset, commit_distance, payload).to_le_bytes(),
    );
    out.extend_from_slice(&offset.to_le_bytes());
    out.extend_from_slice(&commit_distance.to_le_bytes());
    out.extend_from_slice(payload);
}

fn checksum(
    identity: u64,
    payload_bytes: u32,
    offset: u64,
    commit_distance: u32,
    payload: &[u8],
) -> u32 {
    let mut head = [0; 24];
    head[0..8].copy_from_slice(&identity.to_le_bytes());
    head[8..12].copy_from_slice(&payload_bytes.to_le_bytes());
    head[12..20].copy_from_slice(&offset.to_le_bytes());
    head[20..24].copy_from_slice(&commit_distance.to_le_bytes());
    crc32c::crc32c_append(crc32c::crc32c(&head), payload)
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    let mut number = [0; 4];
    number.copy_from_slice(&bytes[at..at + 4]);
    u32::from_le_bytes(number)
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    let mut number = [0; 8];
    number.copy_from_slice(&bytes[at..at + 8]);
    u64::from_le_bytes(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_header_comes_back() {
        let header = SegmentHeader {
            base: 7,
            identity: 0xfeed,
        };
        assert_eq!(SegmentHeader::decode(&header.encode()), Ok(header));
    }

    #[test]
    fn every_flipped_bit_of_a_segment_header_is_noticed() {
        let good = SegmentHeader {
            base: 7,
            identity: 0xfeed,
        }
        .encode();
        for bit in 0..good.len() * 8 {
            let mut bad = good;
            bad[bit / 8] ^= 1 << (bit % 8);
            assert!(SegmentHeader::decode(&bad).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn a_frame_of_another_segment_is_not_accepted() {
        let mut bytes = Vec::new();
        encode_frame(&mut bytes, 1, 9, 0, b"{}");
        let header = FrameHeader::decode(bytes[..FRAME_HEADER_BYTES].try_into().unwrap());
        assert_eq!((header.offset, header.frame_bytes()), (9, 22));
        assert!(header.accepts(1, b"{}"));
        assert!(!header.accepts(2, b"{}"));
        assert!(!header.accepts(1, b"[]"));
    }
}
