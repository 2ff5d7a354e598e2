//! Reading the log: the list of segments, and a log that is only looked at.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;

use super::recovery::{Tail, find_tail, find_tail_from};
use super::segment::Segment;
use super::storage::{Folder, Storage};
use crate::log::LogError;

/// Segments in the order of their records.
#[derive(Clone, Default)]
pub(super) struct Segments {
    list: Vec<Arc<Segment>>,
}

impl Segments {
    /// Opens all segments of a folder. The last file may be shorter than a header; its base is then returned too.
    pub(super) fn open(
        storage: &dyn Storage,
        writable: bool,
    ) -> Result<(Self, Option<u64>), LogError> {
        let io = |source| LogError::Io {
            path: storage.path(""),
            doing: "list the log's segments",
            source,
        };
        let mut bases: Vec<u64> = storage
            .list()
            .map_err(io)?
            .iter()
            .filter_map(|name| Segment::base_of(name))
            .collect();
        bases.sort_unstable();
        let mut segments = Self::default();
        for (index, &base) in bases.iter().enumerate() {
            match Segment::open(storage, base, writable)? {
                Some(segment) => segments.push(segment),
                None if index + 1 == bases.len() => return Ok((segments, Some(base))),
                None => {
                    let path = storage.path(&Segment::file_name(base));
                    let reason = "the segment's header is missing and records follow it".to_owned();
                    return Err(LogError::Damaged {
                        path,
                        byte: 0,
                        reason,
                    });
                }
            }
        }
        Ok((segments, None))
    }

    pub(super) fn push(&mut self, segment: Segment) {
        self.list.push(Arc::new(segment));
    }

    pub(super) fn last(&self) -> Option<&Arc<Segment>> {
        self.list.last()
    }

    /// The base offset and the size of each segment.
    pub(super) fn sizes(&self) -> Vec<(u64, u64)> {
        self.list
            .iter()
            .map(|segment| (segment.header.base, segment.bytes()))
            .collect()
    }

    /// Bytes of the files from about the record at `offset` on.
    pub(super) fn bytes_from(&self, offset: u64) -> u64 {
        let after = self
            .list
            .partition_point(|segment| segment.header.base <= offset);
        let from = after.saturating_sub(1);
        let bytes = self.list[from..]
            .iter()
            .map(|segment| segment.bytes().saturating_sub(segment.bytes_before(offset)));
        bytes.sum()
    }

    /// Offset of the oldest record.
    pub(super) fn start(&self) -> u64 {
        self.list.first().map_or(0, |segment| segment.header.base)
    }

    /// Records from `from` up to `end` (exclusive): at least one, then as many as fit in `bytes_max`.
    pub(super) fn read(
        &self,
        from: u64,
        end: u64,
        bytes_max: usize,
    ) -> Result<Vec<(u64, Bytes)>, LogError> {
        let mut next = from.max(self.start());
        let mut records = Vec::new();
        let mut bytes_left = bytes_max;
        while next < end {
            let index = self
                .list
                .partition_point(|segment| segment.header.base <= next);
            let Some(segment) = index.checked_sub(1).and_then(|index| self.list.get(index)) else {
                break;
            };
            let segment_end = self
                .list
                .get(index)
                .map_or(end, |following| following.header.base.min(end));
            let some = segment.read(next, segment_end, bytes_left)?;
            let bytes: usize = some.iter().map(|(_, record)| record.len()).sum();
            if !records.is_empty() && bytes > bytes_left {
                break;
            }
            bytes_left = bytes_left.saturating_sub(bytes);
            next += some.len() as u64;
            records.extend(some);
            if next < segment_end || bytes_left == 0 {
                break;
            }
        }
        Ok(records)
    }

    /// Takes out the segments that hold only records below `offset`; the last one always stays.
    pub(super) fn take_before(&mut self, offset: u64) -> Vec<Arc<Segment>> {
        let keep = self
            .list
            .windows(2)
            .take_while(|pair| pair[1].header.base <= offset)
            .count();
        self.list.drain(..keep).collect()
    }
}

/// How often a log that changes meanwhile is looked at before that is an error.
const REFRESH_TRIES_MAX: u32 = 5;

/// A log on disk that is only looked at: by `tail` and `verify`, also while a server writes it.
pub struct DiskLogReader {
    storage: Box<dyn Storage>,
    segments: Segments,
    /// The last segment's base and how far it has been seen.
    seen: Option<(u64, Tail)>,
}

impl DiskLogReader {
    /// Opens the log in the folder `dir`; nothing is changed, not even a torn tail.
    pub fn open(dir: &Path) -> Result<Self, LogError> {
        let mut reader = Self {
            storage: Box::new(Folder::new(dir)),
            segments: Segments::default(),
            seen: None,
        };
        reader.refresh()?;
        Ok(reader)
    }

    /// Sees what has been appended (or trimmed) since.
    pub fn refresh(&mut self) -> Result<(), LogError> {
        let mut tries_left = REFRESH_TRIES_MAX;
        loop {
            tries_left -= 1;
            match self.look_again() {
                // A server has trimmed a segment between the listing and the opening.
                Err(LogError::Io { source, .. })
                    if source.kind() == std::io::ErrorKind::NotFound && tries_left > 0 => {}
                result => return result,
            }
        }
    }

    fn look_again(&mut self) -> Result<(), LogError> {
        (self.segments, _) = Segments::open(self.storage.as_ref(), false)?;
        self.seen = match self.segments.last() {
            None => None,
            Some(last) => Some(match self.seen {
                Some((base, tail)) if base == last.header.base => {
                    (base, find_tail_from(last, tail)?)
                }
                _ => (last.header.base, find_tail(last)?),
            }),
        };
        Ok(())
    }

    /// Offset of the oldest record.
    pub fn start(&self) -> u64 {
        self.segments.start()
    }

    /// Offset after the newest record seen.
    pub fn end(&self) -> u64 {
        self.seen.map_or(0, |(_, tail)| tail.end)
    }

    /// Records from `from` on: at least one if there is one, then as many as fit in `bytes_max`.
    pub fn read(&self, from: u64, bytes_max: usize) -> Result<Vec<(u64, Bytes)>, LogError> {
        self.segments.read(from, self.end(), bytes_max)
    }
}
