//! One file of the log: a run of records.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use bytes::{Bytes, BytesMut};

use super::frame::{FRAME_HEADER_BYTES, FrameHeader, SEGMENT_HEADER_BYTES, SegmentHeader};
use super::storage::{Storage, StorageFile};
use crate::log::LogError;

/// A segment that is open for reading; the writer appends to the last one through the same file.
pub(super) struct Segment {
    pub(super) name: String,
    pub(super) path: PathBuf,
    pub(super) file: Arc<dyn StorageFile>,
    pub(super) header: SegmentHeader,
    /// Where the records end, once something has been written here; 0 means at the file's end.
    end: AtomicU64,
    /// Where some of the records begin, in order; grows while records are read.
    marks: Mutex<Vec<Mark>>,
}

/// A record's place in the file.
#[derive(Clone, Copy, Debug)]
struct Mark {
    offset: u64,
    position: u64,
}

/// Distance between two marks: so much is walked at most to find a record.
const MARK_EVERY_BYTES: u64 = 64 << 10;

impl Segment {
    /// The file name of the segment that begins with record `base`; names sort as offsets do.
    pub(super) fn file_name(base: u64) -> String {
        format!("{base:020}.log")
    }

    /// The base offset a file name stands for, if it is a segment's.
    pub(super) fn base_of(name: &str) -> Option<u64> {
        let digits = name.strip_suffix(".log")?;
        (digits.len() == 20 && digits.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| digits.parse().ok())?
    }

    /// Makes a new segment and its name durable.
    pub(super) fn create(storage: &dyn Storage, header: SegmentHeader) -> Result<Self, LogError> {
        let name = Self::file_name(header.base);
        let path = storage.path(&name);
        let io = |doing| {
            move |source| LogError::Io {
                path: storage.path(&Self::file_name(header.base)),
                doing,
                source,
            }
        };
        let file = storage.create(&name).map_err(io("create the file"))?;
        file.write_at(0, &header.encode())
            .map_err(io("write to it"))?;
        file.sync().map_err(io("make it durable"))?;
        storage.sync_names().map_err(io("make its name durable"))?;
        Ok(Self::assemble(name, path, file, header))
    }

    /// Opens a segment whose file is there; `None` if it is shorter than a header.
    ///
    /// A file that short holds no record: a crash came between its creation and its first sync.
    pub(super) fn open(
        storage: &dyn Storage,
        base: u64,
        writable: bool,
    ) -> Result<Option<Self>, LogError> {
        let name = Self::file_name(base);
        let path = storage.path(&name);
        let io = |doing| {
            move |source| LogError::Io {
                path: storage.path(&Self::file_name(base)),
                doing,
                source,
            }
        };
        let file = storage.open(&name, writable).map_err(io("open the file"))?;
        let mut bytes = [0; SEGMENT_HEADER_BYTES];
        let read = file.read_at(0, &mut bytes).map_err(io("read it"))?;
        // The length of a file can become durable before its bytes do; no header is all zero.
        if read < bytes.len() || bytes == [0; SEGMENT_HEADER_BYTES] {
            return Ok(None);
        }
        let damaged = |reason| LogError::Damaged {
            path: path.clone(),
            byte: 0,
            reason,
        };
        let header = SegmentHeader::decode(&bytes).map_err(damaged)?;
        if header.base != base {
            return Err(damaged(format!(
                "its name says {base} and its header {}",
                header.base
            )));
        }
        Ok(Some(Self::assemble(name, path, file, header)))
    }

    fn assemble(
        name: String,
        path: PathBuf,
        file: Arc<dyn StorageFile>,
        header: SegmentHeader,
    ) -> Self {
        let first = Mark {
            offset: header.base,
            position: SEGMENT_HEADER_BYTES as u64,
        };
        Self {
            name,
            path,
            file,
            header,
            end: AtomicU64::new(0),
            marks: Mutex::new(vec![first]),
        }
    }

    /// Reads records from `from` on, stops before `end` (exclusive), and takes at least one, then up to `bytes_max` bytes.
    pub(super) fn read(
        &self,
        from: u64,
        end: u64,
        bytes_max: usize,
    ) -> Result<Vec<(u64, Bytes)>, LogError> {
        let mut mark = self.mark_before(from);
        let mut marked = mark.position;
        let mut records = Vec::new();
        let mut bytes_taken = 0;
        while mark.offset < end {
            // A window holds many records: they share its memory.
            let window = self.window(
                mark.position,
                bytes_max.clamp(FRAME_HEADER_BYTES, WINDOW_BYTES),
            )?;
            let mut at = 0;
            while mark.offset < end {
                let Some(frame) = self.frame(&window, at, mark)? else {
                    break;
                };
                if mark.offset >= from {
                    bytes_taken += frame.len();
                    if bytes_taken > bytes_max && !records.is_empty() {
                        return Ok(records);
                    }
                    records.push((mark.offset, window.slice(frame.clone())));
                }
                at = frame.end;
                mark.position += (FRAME_HEADER_BYTES + frame.len()) as u64;
                mark.offset += 1;
                // Between two marks there is nothing to remember, and no lock to take for it.
                if mark.position >= marked + MARK_EVERY_BYTES {
                    self.remember(mark);
                    marked = mark.position;
                }
            }
            if at == 0 {
                return Err(
                    self.damaged(mark.position, format!("record {} is cut off", mark.offset))
                );
            }
        }
        Ok(records)
    }

    /// Bytes of the file from `position`: `wanted`, or the whole first frame if that is more; fewer at the file's end.
    fn window(&self, position: u64, wanted: usize) -> Result<Bytes, LogError> {
        let io = |source| LogError::Io {
            path: self.path.clone(),
            doing: "read it",
            source,
        };
        let mut head = [0; FRAME_HEADER_BYTES];
        let read = self.file.read_at(position, &mut head).map_err(io)?;
        let header = FrameHeader::decode(&head);
        let frame_bytes = if read == head.len() && header.is_plausible() {
            header.frame_bytes()
        } else {
            0
        };
        let mut window = BytesMut::zeroed(wanted.max(frame_bytes));
        let read = self.file.read_at(position, &mut window).map_err(io)?;
        window.truncate(read);
        Ok(window.freeze())
    }

    /// Where the payload of the frame at `at` lies in `window`; `None` if the window ends before the frame does.
    fn frame(
        &self,
        window: &Bytes,
        at: usize,
        mark: Mark,
    ) -> Result<Option<Range<usize>>, LogError> {
        let Some(head) = window[at..].first_chunk::<FRAME_HEADER_BYTES>() else {
            return Ok(None);
        };
        let header = FrameHeader::decode(head);
        let payload = at + FRAME_HEADER_BYTES..at + header.frame_bytes();
        if header.is_plausible() && payload.end > window.len() {
            return Ok(None);
        }
        if !header.is_plausible()
            || header.offset != mark.offset
            || !header.accepts(self.header.identity, &window[payload.clone()])
        {
            return Err(self.damaged(
                mark.position,
                format!("record {} does not match its checksum", mark.offset),
            ));
        }
        Ok(Some(payload))
    }

    fn damaged(&self, byte: u64, reason: String) -> LogError {
        LogError::Damaged {
            path: self.path.clone(),
            byte,
            reason,
        }
    }

    /// Bytes of the header and the records.
    pub(super) fn bytes(&self) -> u64 {
        match self.end.load(Ordering::Relaxed) {
            0 => self.file.len().unwrap_or(0),
            end => end,
        }
    }

    /// Notes where the records end; what the file holds behind that is only prepared.
    pub(super) fn set_end(&self, position: u64) {
        self.end.store(position, Ordering::Relaxed);
    }

    /// Bytes before the record at `offset`, or before one not far from it.
    pub(super) fn bytes_before(&self, offset: u64) -> u64 {
        self.mark_before(offset).position
    }

    fn mark_before(&self, offset: u64) -> Mark {
        let marks = self
            .marks
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let after = marks.partition_point(|mark| mark.offset <= offset);
        marks[after.saturating_sub(1)]
    }

    /// Keeps a record's place if the last one known is far enough behind.
    pub(super) fn remember_place(&self, offset: u64, position: u64) {
        self.remember(Mark { offset, position });
    }

    fn remember(&self, mark: Mark) {
        let mut marks = self
            .marks
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if marks
            .last()
            .is_none_or(|last| mark.position >= last.position + MARK_EVERY_BYTES)
        {
            marks.push(mark);
        }
    }
}

/// Bytes that are read from a file at once.
const WINDOW_BYTES: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_sort_as_offsets_do_and_come_back() {
        assert!(Segment::file_name(9) < Segment::file_name(10));
        assert_eq!(
            Segment::base_of(&Segment::file_name(u64::MAX)),
            Some(u64::MAX)
        );
        assert_eq!(Segment::base_of("00000000000000000001.tmp"), None);
        assert_eq!(Segment::base_of("1.log"), None);
        assert_eq!(Segment::base_of("99999999999999999999.log"), None);
    }
}
