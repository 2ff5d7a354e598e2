//! What is in a column chunk's pages: the dictionary, and the values of the page that is open.

use std::ops::Range;

use bytes::Bytes;

use super::buffer::PageBuffer;
use super::chunk::{ColumnChunk, Encoding};
use super::encoding::plain::Plain;
use super::fault::Fault;
use super::header::{DataV2, PageHeader, PageKind};
use super::levels::{Levels, bit_packed_bytes};
use super::page::{Page, PageValues, Span, Values};
use super::schema::{Leaf, Physical};
use super::values::{Decoder, Form, PLAIN_ENCODINGS};

/// Rows of a slice at most: few enough that a slice's buffers stay in the processor's cache.
const SLICE_ROWS: usize = 32 << 10;

/// What whoever counts codes knows of each, in a table whose length is a power of two.
const CODE_BYTES: usize = 2 * size_of::<u32>();

const LEVELS_TOO_LONG: Fault = Fault::corrupt("has levels that are longer than the page");

/// The dictionary of a chunk and one of its data pages, read a slice at a time.
pub(super) struct PageContents {
    physical: Physical,
    max_def: u16,
    page_bytes_max: u64,
    dictionary: Option<Values>,
    open: Option<OpenPage>,
    buffer: PageBuffer,
    page: Page,
    /// Values while the page has codes, and the other way round.
    other: PageValues,
}

/// The buffers of a chunk that was read, for the next one of its column: given back to the system, each would cost a
/// page fault for every 4 kB when it is asked for again.
pub(crate) struct Scratch {
    physical: Physical,
    buffer: PageBuffer,
    page: Page,
    other: PageValues,
}

/// A data page that is not read to its end.
struct OpenPage {
    start: u64,
    rows_left: usize,
    levels: Option<Levels>,
    decoder: Decoder,
}

impl PageContents {
    pub(super) fn new(leaf: &Leaf, chunk: &ColumnChunk, page_bytes_max: u64) -> Self {
        Self {
            physical: leaf.physical,
            max_def: leaf.max_def,
            page_bytes_max,
            dictionary: None,
            open: None,
            buffer: PageBuffer::new(chunk),
            page: Page::default(),
            other: PageValues::Values(Values::none(leaf.physical)),
        }
    }

    /// Uses the buffers of another chunk, if it is of the same type.
    pub(super) fn reuse(&mut self, scratch: Scratch) {
        if scratch.physical == self.physical {
            self.buffer.reuse(scratch.buffer);
            (self.page, self.other) = (scratch.page, scratch.other);
        }
    }

    pub(super) fn into_scratch(mut self) -> Scratch {
        self.forget_values();
        (self.page.first_row, self.page.rows, self.page.nulls) = (0, 0, 0);
        Scratch {
            physical: self.physical,
            buffer: self.buffer,
            page: self.page,
            other: self.other,
        }
    }

    /// The slice that was read last.
    pub(super) fn page(&self) -> &Page {
        &self.page
    }

    pub(super) fn dictionary(&self) -> Option<&Values> {
        self.dictionary.as_ref()
    }

    /// Where the page that is open begins, and the rows of its next slice when those before end at `row`.
    pub(super) fn next_slice(&self, row: u64) -> Option<(u64, Range<u64>)> {
        let open = self.open.as_ref()?;
        let rows = open.rows_left.min(SLICE_ROWS) as u64;
        Some((open.start, row..row + rows))
    }

    /// Takes in the page at byte `start` of the file.
    pub(super) fn open(
        &mut self,
        start: u64,
        header: &PageHeader,
        stored: &Bytes,
    ) -> Result<(), Fault> {
        match header.kind {
            PageKind::Dictionary { values, encoding } => {
                self.open_dictionary(header, stored, values, encoding)
            }
            PageKind::Data {
                values,
                encoding,
                levels,
            } => self.open_data(start, header, stored, (values, encoding, levels)),
            PageKind::DataV2(v2) => self.open_data_v2(start, header, stored, v2),
            PageKind::Other => Ok(()),
        }
    }

    fn open_dictionary(
        &mut self,
        header: &PageHeader,
        stored: &Bytes,
        values: usize,
        encoding: Encoding,
    ) -> Result<(), Fault> {
        if self.dictionary.is_some() {
            return Err(Fault::corrupt("is a second dictionary"));
        }
        if !PLAIN_ENCODINGS.contains(&encoding) {
            return Err(Fault::unsupported(
                "is a dictionary in an encoding that can't be read",
            ));
        }
        // A count that lies is found out later.
        let (most, each) = self.dictionary_room(header.bytes_uncompressed);
        let room_bytes = most.min(values as u64).saturating_mul(each);
        if header.bytes_uncompressed.saturating_add(room_bytes) > self.page_bytes_max {
            return Err(Fault::limit(
                "is a dictionary of more values than the memory allowed for a page can hold",
            ));
        }
        self.load(stored, 0, header.bytes_uncompressed as usize, true)?;
        let data = self.buffer.data();
        let mut dictionary = Values::none(self.physical);
        Plain::new(0, data.len()).read(data, values, &mut dictionary)?;
        if self.physical == Physical::Bytes {
            // The dictionary keeps the bytes.
            self.buffer.leave();
        }
        self.dictionary = Some(dictionary);
        Ok(())
    }

    /// How many values a dictionary page of so many bytes can have, and the bytes that each takes in memory besides.
    fn dictionary_room(&self, bytes: u64) -> (u64, u64) {
        let (most, each) = match self.physical {
            Physical::Bytes => (bytes / 4, size_of::<Span>()),
            Physical::Bool => (bytes.saturating_mul(8), size_of::<bool>()),
            Physical::I32 | Physical::F32 => (bytes / 4, 4),
            Physical::I64 | Physical::F64 => (bytes / 8, 8),
            Physical::I96 => (bytes / 12, 12),
            Physical::Fixed(width) => (bytes / u64::from(width.max(1)), width as usize),
        };
        (most, (each + CODE_BYTES) as u64)
    }

    fn open_data(
        &mut self,
        start: u64,
        header: &PageHeader,
        stored: &Bytes,
        (values, encoding, levels): (usize, Encoding, Encoding),
    ) -> Result<(), Fault> {
        self.load(stored, 0, header.bytes_uncompressed as usize, true)?;
        let (levels, at) = if self.max_def == 0 {
            (None, 0)
        } else if levels == Encoding::BitPacked {
            let end = bit_packed_bytes(self.max_def, values);
            (Some(Levels::bit_packed(self.max_def, 0, end)), end)
        } else {
            let len = self
                .buffer
                .data()
                .first_chunk()
                .map_or(0, |head| u32::from_le_bytes(*head) as usize);
            let end = len.saturating_add(4);
            (Some(Levels::hybrid(self.max_def, 4, end)?), end)
        };
        if at > self.buffer.data().len() {
            return Err(LEVELS_TOO_LONG);
        }
        self.open_values(start, values, encoding, levels, at)
    }

    fn open_data_v2(
        &mut self,
        start: u64,
        header: &PageHeader,
        stored: &Bytes,
        v2: DataV2,
    ) -> Result<(), Fault> {
        let values_at = v2.repetition_bytes.saturating_add(v2.definition_bytes);
        if values_at > stored.len() {
            return Err(LEVELS_TOO_LONG);
        }
        let claim = header.bytes_uncompressed as usize;
        let claim = claim.checked_sub(values_at).ok_or(LEVELS_TOO_LONG)?;
        // Some writers compressed such pages and said they did not; then the lengths give them away.
        let compressed = v2.compressed || stored.len() - values_at != claim;
        self.load(stored, values_at, claim, compressed)?;
        let levels = (self.max_def > 0)
            .then(|| Levels::hybrid(self.max_def, v2.repetition_bytes, values_at))
            .transpose()?;
        self.open_values(start, v2.values, v2.encoding, levels, values_at)
    }

    /// Makes ready for reading the values that begin at byte `at` of the page.
    fn open_values(
        &mut self,
        start: u64,
        rows: usize,
        encoding: Encoding,
        levels: Option<Levels>,
        at: usize,
    ) -> Result<(), Fault> {
        let dictionary_len = self.dictionary.as_ref().map(Values::len);
        let form = Form {
            encoding,
            physical: self.physical,
            bytes_max: self.page_bytes_max,
        };
        let decoder = Decoder::new(form, self.buffer.data(), at, dictionary_len)?;
        if decoder.is_codes() != matches!(self.page.values, PageValues::Codes(_)) {
            std::mem::swap(&mut self.page.values, &mut self.other);
        }
        if rows > 0 {
            self.open = Some(OpenPage {
                start,
                rows_left: rows,
                levels,
                decoder,
            });
        }
        Ok(())
    }

    /// Decodes a slice of the page that is open, or steps over it where nobody wants it.
    #[inline(never)]
    pub(super) fn read_slice(&mut self, slice: &Range<u64>, wanted: bool) -> Result<(), Fault> {
        let Some(mut open) = self.open.take() else {
            return Ok(());
        };
        let rows = (slice.end - slice.start) as usize;
        let page = &mut self.page;
        page.first_row = slice.start;
        page.rows = rows;
        page.nulls = 0;
        page.valid.clear();
        if let Some(levels) = &mut open.levels {
            page.nulls = levels.read(self.buffer.data(), rows, &mut page.valid)?;
        }
        let (data, there) = (self.buffer.data(), rows - page.nulls);
        if wanted {
            open.decoder.read(data, there, &mut page.values)?;
        } else {
            open.decoder.skip(data, there, &mut page.values)?;
        }
        open.rows_left -= rows;
        self.open = (open.rows_left > 0).then_some(open);
        Ok(())
    }

    /// Puts a page into the buffer: its first `levels_len` bytes as stored, the rest decompressed to `claim` bytes.
    fn load(
        &mut self,
        stored: &Bytes,
        levels_len: usize,
        claim: usize,
        compressed: bool,
    ) -> Result<(), Fault> {
        self.forget_values();
        self.buffer.load(stored, levels_len, claim, compressed)
    }

    /// Values of the page before may be places in the buffer that is reused next.
    fn forget_values(&mut self) {
        for values in [&mut self.page.values, &mut self.other] {
            if let PageValues::Values(Values::Bytes { data, spans }) = values {
                *data = Bytes::new();
                spans.clear();
            }
        }
    }
}
