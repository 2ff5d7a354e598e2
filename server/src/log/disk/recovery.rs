//! What a crash left: where the valid records of the last segment end, and whether the rest may be cut.

use super::frame::{FRAME_HEADER_BYTES, FrameHeader, SEGMENT_HEADER_BYTES};
use super::segment::Segment;
use crate::log::LogError;

/// The valid part of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tail {
    /// Offset after the last valid record.
    pub(super) end: u64,
    /// Byte after the last valid record.
    pub(super) position: u64,
    /// Length of the file; what lies between is a torn write, or zeros that were written ahead.
    pub(super) file_bytes: u64,
    /// Whether it is a torn write.
    pub(super) is_torn: bool,
}

/// Walks a whole segment and finds its tail.
///
/// A write that was never acknowledged may be torn, and may be cut. Anything else is damage and an error.
pub(super) fn find_tail(segment: &Segment) -> Result<Tail, LogError> {
    let nothing = Tail {
        end: segment.header.base,
        position: SEGMENT_HEADER_BYTES as u64,
        file_bytes: 0,
        is_torn: false,
    };
    find_tail_from(segment, nothing)
}

/// The same for a segment that has grown: walks on from the tail that is `known`.
pub(super) fn find_tail_from(segment: &Segment, known: Tail) -> Result<Tail, LogError> {
    let io = |source| LogError::Io {
        path: segment.path.clone(),
        doing: "read it",
        source,
    };
    let file_bytes = segment.file.len().map_err(io)?;
    let mut bytes =
        vec![0; usize::try_from(file_bytes.saturating_sub(known.position)).unwrap_or(usize::MAX)];
    let read = segment
        .file
        .read_at(known.position, &mut bytes)
        .map_err(io)?;
    bytes.truncate(read);

    let identity = segment.header.identity;
    let mut at = 0;
    let mut end = known.end;
    while let Some(header) = valid_frame(&bytes, at, identity).filter(|header| header.offset == end)
    {
        at += header.frame_bytes();
        end += 1;
        segment.remember_place(end, known.position + at as u64);
    }
    let position = known.position + at as u64;
    let rest = Rest {
        bytes: &bytes[at..],
        position,
        identity,
    };
    let is_torn = rest.bytes.iter().any(|&byte| byte != 0);
    if is_torn && let Some(reason) = rest.damage(end) {
        return Err(LogError::Damaged {
            path: segment.path.clone(),
            byte: position,
            reason,
        });
    }
    Ok(Tail {
        end,
        position,
        file_bytes,
        is_torn,
    })
}

/// The header of the frame at `position` if all of the frame is there and unharmed.
fn valid_frame(bytes: &[u8], position: usize, identity: u64) -> Option<FrameHeader> {
    let head = bytes.get(position..)?.first_chunk::<FRAME_HEADER_BYTES>()?;
    let header = FrameHeader::decode(head);
    let payload =
        bytes.get(position + FRAME_HEADER_BYTES..position.checked_add(header.frame_bytes())?)?;
    (header.is_plausible() && header.accepts(identity, payload)).then_some(header)
}

/// What follows the last valid record of a segment: nothing, a torn write, or damage.
struct Rest<'a> {
    bytes: &'a [u8],
    /// Where in the file it begins.
    position: u64,
    identity: u64,
}

impl Rest<'_> {
    /// Why this can't be a torn write, if it can't.
    ///
    /// The next commit is written only after the last one was synced. So a valid record of a later commit proves that
    /// the broken bytes had been durable, and were acknowledged.
    /// Within one commit the pages of a file can become durable in any order; one that did not is zero.
    /// A valid record behind other bytes than that says that they were damaged after they had been written.
    fn damage(&self, expected: u64) -> Option<String> {
        let (mut at, mut header) = self.next_valid_frame(0, expected)?;
        if !self.has_unwritten_sector(at) {
            return Some(format!(
                "record {expected} is broken and valid records follow it"
            ));
        }
        loop {
            // A commit that began behind the broken record was written after that one's sync.
            if at > header.commit_distance as usize {
                return Some(format!(
                    "record {expected} is broken and later commits follow it"
                ));
            }
            (at, header) = self.next_valid_frame(at + header.frame_bytes(), header.offset + 1)?;
        }
    }

    /// The first valid frame at or behind `from` that holds record `expected` or a later one.
    fn next_valid_frame(&self, from: usize, expected: u64) -> Option<(usize, FrameHeader)> {
        // No more records than this can follow: a cheap test that spares most checksums.
        let records_max = self.bytes.len().saturating_sub(from) / FRAME_HEADER_BYTES;
        let offset_max = expected.saturating_add(records_max as u64);
        (from..self.bytes.len().saturating_sub(FRAME_HEADER_BYTES - 1)).find_map(|at| {
            let header = FrameHeader::decode(self.bytes[at..].first_chunk::<FRAME_HEADER_BYTES>()?);
            if !(expected..=offset_max).contains(&header.offset) {
                return None;
            }
            valid_frame(self.bytes, at, self.identity).map(|header| (at, header))
        })
    }

    /// Whether a disk sector before `to` is zero (as far as it belongs to the rest), as one is that never reached the disk.
    fn has_unwritten_sector(&self, to: usize) -> bool {
        // Records are JSON, which has no zero bytes, and a frame's header has at most fifteen in a row.
        const ZEROS_MIN: usize = 16;
        let first_bytes = SECTOR_BYTES - (self.position % SECTOR_BYTES as u64) as usize;
        let (first, others) = self.bytes[..to].split_at(first_bytes.min(to));
        std::iter::once(first)
            .chain(others.chunks(SECTOR_BYTES))
            .any(|sector| sector.len() >= ZEROS_MIN && sector.iter().all(|&byte| byte == 0))
    }
}

/// The smallest piece that a disk writes.
const SECTOR_BYTES: usize = 512;
