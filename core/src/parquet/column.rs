//! A column chunk, read page by page.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;

use super::buffer::PageBuffer;
use super::chunk::{ColumnChunk, Encoding};
use super::codec::Decompressor;
use super::encoding::plain::Plain;
use super::fault::Fault;
use super::footer::Footer;
use super::header::{DataV2, PageHeader, PageKind};
use super::index::PagePlace;
use super::levels::{Levels, bit_packed_bytes};
use super::page::{Page, PageValues, Span, Values};
use super::schema::{Leaf, Physical, shorten};
use super::selection::Selection;
use super::store::Store;
use super::thrift::TRUNCATED;
use super::values::{Decoder, Form, PLAIN_ENCODINGS};
use super::wanted::WantedRows;
use crate::{Error, ErrorKind, Limits};

/// Rows of a slice at most: few enough that a slice's buffers stay in the processor's cache.
const SLICE_ROWS: usize = 32 << 10;
/// The same on the way to the first wanted page, where pages are small: several come at once.
const STEPPING_BYTES: u64 = 128 << 10;
/// The same where pages are large, and so little more than a header is read of each.
const STEPPING_BYTES_LARGE: u64 = 4 << 10;
/// Bytes of a page from which on it is large: to ask once more takes less than to read over it.
const LARGE_PAGE_BYTES: u64 = 32 << 10;
/// A page header's bytes that are looked at first.
const HEADER_BYTES_TYPICAL: u64 = 512;
/// A page whose first bytes are there is asked for as a whole again if they are at most this part of it: to read them
/// twice takes less than to copy all of it into one piece.
const AGAIN_PART: u64 = 16;
/// A page header's bytes at most; statistics in it can hold long values.
const HEADER_BYTES_MAX: u64 = 16 << 20;
/// Bytes that a chunk's last page may reach beyond its claim: old writers forgot the dictionary's header.
const FORGOTTEN_BYTES: u64 = 128;

const TOO_MANY_ROWS: Fault =
    Fault::corrupt("holds more rows than its row group or its page index says");

/// Reads one column chunk, a slice of a page at a time: memory stays bounded however large a page is.
///
/// Call [`ChunkReader::next_page`] until it says [`PageStep::End`]; after each [`PageStep::Page`] the values are in
/// [`ChunkReader::page`]. All of a reader's slices together hold exactly the chunk's rows.
pub(crate) struct ChunkReader {
    name: String,
    physical: Physical,
    max_def: u16,
    page_bytes_max: u64,
    window_bytes_max: u64,
    /// Where the next header or page is.
    position: u64,
    /// Where the chunk ends by its own account, and where the page that is open then must end.
    chunk_end: u64,
    end: u64,
    /// The row that comes next, and the rows that pages may have from there on.
    row: u64,
    rows_left: u64,
    /// Bytes of the page that was stepped over last.
    stepped_bytes: u64,
    /// The rows and bytes of the whole chunk.
    chunk_size: (u64, u64),
    /// The pages to read, if not all of them.
    selection: Option<Selection>,
    /// The rows to read, if not all of them.
    wanted: Option<Arc<WantedRows>>,
    counted: Counted,
    dictionary: Option<Values>,
    open: Option<OpenPage>,
    buffer: PageBuffer,
    page: Page,
    /// Values while the page has codes, and the other way round.
    other: PageValues,
}

/// Which of the bytes that are read this reader counts: each byte of the file is counted by one reader only.
struct Counted {
    bytes: u64,
    /// Bytes before this place are counted already, those from the other place on are somebody else's.
    from: u64,
    to: u64,
    /// Whether the bytes before the first data page are done with.
    has_begun: bool,
}

impl Counted {
    fn add(&mut self, bytes: Range<u64>) {
        let (from, to) = (bytes.start.max(self.from), bytes.end.min(self.to));
        self.bytes += to.saturating_sub(from);
    }
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

/// What a reader did or wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PageStep {
    /// Put these bytes of the file into the store, then call again.
    Need(Range<u64>),
    /// [`ChunkReader::page`] holds the next rows, at least one.
    Page,
    /// There are no more rows.
    End,
}

impl ChunkReader {
    /// A reader at the start of a chunk. Fails for a column that can't be read: repeated, encrypted, an unknown codec.
    pub(crate) fn new(
        leaf: &Leaf,
        chunk: &ColumnChunk,
        file_bytes: u64,
        limits: &Limits,
    ) -> Result<Self, Error> {
        let name = shorten(&leaf.name).into_owned();
        if chunk.encrypted {
            let sentence = format!(
                "column {name} is encrypted, and Questlog has no keys; decrypt the file first"
            );
            return Err(Error::new(ErrorKind::Encrypted, sentence));
        }
        if leaf.max_rep > 0 {
            let sentence =
                format!("column {name} is repeated (a list or a map) and can't be used yet");
            return Err(Error::new(ErrorKind::Column, sentence));
        }
        if leaf.physical == Physical::Fixed(0) {
            let sentence =
                format!("column {name} has values of no bytes, which Questlog can't read");
            return Err(Error::new(ErrorKind::Unsupported, sentence));
        }
        if !Decompressor::supports(chunk.codec) {
            let sentence = format!(
                "column {name} is compressed with {}, which Questlog can't read",
                chunk.codec
            );
            return Err(Error::new(ErrorKind::Unsupported, sentence));
        }
        Ok(Self {
            name,
            physical: leaf.physical,
            max_def: leaf.max_def,
            page_bytes_max: limits.page_bytes_max.min(u32::MAX.into()),
            window_bytes_max: limits.window_bytes,
            position: chunk.byte_range.start,
            chunk_end: chunk.byte_range.end,
            end: chunk
                .byte_range
                .end
                .saturating_add(FORGOTTEN_BYTES)
                .min(file_bytes),
            row: 0,
            rows_left: chunk.rows,
            stepped_bytes: 0,
            chunk_size: (chunk.rows, chunk.byte_range.end - chunk.byte_range.start),
            selection: None,
            wanted: None,
            counted: Counted {
                bytes: 0,
                from: chunk.byte_range.start,
                to: chunk
                    .byte_range
                    .end
                    .min(Footer::tail_need(file_bytes).start),
                has_begun: false,
            },
            dictionary: None,
            open: None,
            buffer: PageBuffer::new(chunk),
            page: Page::default(),
            other: PageValues::Values(Values::none(leaf.physical)),
        })
    }

    /// Uses the buffers of another chunk, if it is of the same type.
    pub(crate) fn reuse(&mut self, scratch: Scratch) {
        if scratch.physical == self.physical {
            self.buffer.reuse(scratch.buffer);
            (self.page, self.other) = (scratch.page, scratch.other);
        }
    }

    /// Ends reading.
    pub(crate) fn into_scratch(mut self) -> Scratch {
        self.forget_values();
        (self.page.first_row, self.page.rows, self.page.nulls) = (0, 0, 0);
        Scratch {
            physical: self.physical,
            buffer: self.buffer,
            page: self.page,
            other: self.other,
        }
    }

    /// Decodes the next rows into [`ChunkReader::page`], or says which bytes are missing for that.
    pub(crate) fn next_page(&mut self, store: &Store) -> Result<PageStep, Error> {
        loop {
            if let Some(mut open) = self.open.take() {
                let read = self.read_slice(&mut open);
                read.map_err(|fault| self.error(open.start, fault))?;
                if open.rows_left > 0 {
                    self.open = Some(open);
                }
                return Ok(PageStep::Page);
            }
            if !self.seek() {
                return Ok(PageStep::End);
            }
            if let Some(need) = self.open_page(store)? {
                return Ok(PageStep::Need(need));
            }
        }
    }

    /// Reads only these pages, some of the chunk's in order, and what comes before the first of all, which begins at
    /// `pages_at`. To be called before any data page is read.
    pub(crate) fn select(&mut self, pages_at: u64, pages: Vec<PagePlace>) {
        self.selection = Some(Selection::new(pages_at, pages));
        (self.end, self.chunk_end, self.rows_left) = (pages_at, pages_at, 0);
    }

    /// Reads only these rows: pages that have none of them are stepped over by their headers. To be called before any
    /// data page is read.
    pub(crate) fn want(&mut self, wanted: Arc<WantedRows>) {
        self.wanted = Some(wanted);
    }

    /// Bytes of the file that were read and are this reader's to count.
    pub(crate) fn bytes_counted(&self) -> u64 {
        self.counted.bytes
    }

    /// Has bytes at the chunk's start counted before its pages are read, by this reader or by another one.
    pub(crate) fn count_ahead(&mut self, place: &Range<u64>, by_this: bool) {
        if by_this {
            self.counted.add(place.clone());
        }
        self.counted.from = self.counted.from.max(place.end);
    }

    /// Reads the dictionary, if that is what is at `place`, where the chunk begins; returns the bytes that are missing
    /// for it. To be called before anything else is read.
    pub(crate) fn read_dictionary(
        &mut self,
        place: Range<u64>,
        store: &Store,
    ) -> Result<Option<Range<u64>>, Error> {
        if self.position != place.start {
            return Ok(None);
        }
        if !store.missing(place.clone()).is_empty() {
            return Ok(Some(place));
        }
        if let Ok(Some((header, header_len))) = self.header(store, place.clone())
            && matches!(header.kind, PageKind::Dictionary { .. })
            && header_len as u64 + header.bytes_compressed <= place.end - place.start
        {
            self.open_page(store)?;
        }
        Ok(None)
    }

    /// Goes to the next page to read; returns whether there is one.
    fn seek(&mut self) -> bool {
        let Some(selection) = &mut self.selection else {
            return self.rows_left > 0;
        };
        if self.position < selection.pages_at() {
            return true;
        }
        let Some(place) = selection.page() else {
            return false;
        };
        self.position = place.bytes.start;
        (self.end, self.chunk_end) = (place.bytes.end, place.bytes.end);
        (self.row, self.rows_left) = (place.rows.start, place.rows.end - place.rows.start);
        true
    }

    /// The rows that were read last.
    pub(crate) fn page(&self) -> &Page {
        &self.page
    }

    /// The values that codes stand for; there once a page with codes was read, and the same until the end.
    pub(crate) fn dictionary(&self) -> Option<&Values> {
        self.dictionary.as_ref()
    }

    /// Bytes of the file before this place are not needed any more.
    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// Reads the next page's header and decompresses the page; returns the bytes that are missing for it.
    fn open_page(&mut self, store: &Store) -> Result<Option<Range<u64>>, Error> {
        let at = self.position;
        if at >= self.chunk_end {
            return Err(self.error(
                at,
                Fault::corrupt("is missing: the chunk holds fewer rows than its row group"),
            ));
        }
        // What is there of the chunk from here on: a window may have brought several pages.
        let there = store
            .missing(at..self.end)
            .first()
            .map_or(self.end, |gap| gap.start);
        let window_end = self.selection.as_ref().map_or(self.chunk_end, |selection| {
            selection.run_end(self.end, self.window_bytes_max)
        });
        let (window_bytes, end) = (self.window_bytes(), self.end);
        let need = |len: u64| {
            let page_end = at.saturating_add(len);
            let start = if (there - at) * AGAIN_PART <= len {
                at
            } else {
                there
            };
            // The next page's header comes along, so that it is known how long that page is.
            let ahead = (page_end + HEADER_BYTES_TYPICAL).max(at + window_bytes);
            Ok(Some(start..page_end.min(end).max(ahead.min(window_end))))
        };
        let Some((header, header_len)) = self.header(store, at..there)? else {
            return need((there - at) * 2);
        };
        self.check_claims(at, &header)?;
        let total = header_len as u64 + header.bytes_compressed;
        if total > self.end - at {
            return Err(self.error(at, Fault::corrupt("reaches beyond the end of its chunk")));
        }
        let is_data = matches!(header.kind, PageKind::Data { .. } | PageKind::DataV2(_));
        let pages_at = self.selection.as_ref().map(Selection::pages_at);
        if pages_at.is_some_and(|pages_at| is_data != (at >= pages_at)) {
            let why = "is of another sort than its page index says";
            return Err(self.error(at, Fault::corrupt(why)));
        }
        let rows = header.kind.rows();
        if is_data {
            self.meet_data_page(at);
        }
        if header.kind == PageKind::Other || rows.is_some_and(|rows| !self.wants(rows)) {
            let left = self.rows_left.checked_sub(rows.unwrap_or(0));
            self.rows_left = left.ok_or_else(|| self.error(at, TOO_MANY_ROWS))?;
            self.row += rows.unwrap_or(0);
            self.stepped_bytes = total;
            self.position = at + total;
            return Ok(None);
        }
        if at + total > there {
            return need(total);
        }
        let stored = store
            .get(at + header_len as u64..at + total)
            .unwrap_or_default();
        header
            .check(&stored)
            .map_err(|fault| self.error(at, fault))?;
        let opened = match header.kind {
            PageKind::Dictionary { values, encoding } => {
                self.open_dictionary(&header, &stored, values, encoding)
            }
            PageKind::Data {
                values,
                encoding,
                levels,
            } => self.open_data(at, &header, &stored, (values, encoding, levels)),
            PageKind::DataV2(v2) => self.open_data_v2(at, &header, &stored, v2),
            PageKind::Other => Ok(()),
        };
        opened.map_err(|fault| self.error(at, fault))?;
        if rows.is_some_and(|rows| self.counts(&self.next_rows(rows))) {
            self.counted.add(at..at + total);
        }
        self.position = at + total;
        if let Some(selection) = &mut self.selection
            && at >= selection.pages_at()
        {
            selection.next();
            if self.rows_left > 0 {
                let why = "holds fewer rows than its page index says";
                return Err(self.error(at, Fault::corrupt(why)));
            }
        }
        Ok(None)
    }

    /// Whether a page of the next `rows` rows is to be read.
    fn wants(&self, rows: u64) -> bool {
        // A selected page is, whatever it says of itself: it must be what the page index says.
        let wanted = self.wanted.as_ref().filter(|_| self.selection.is_none());
        wanted.is_none_or(|wanted| wanted.has_some_of(&self.next_rows(rows)))
    }

    fn next_rows(&self, rows: u64) -> Range<u64> {
        self.row..self.row.saturating_add(rows)
    }

    /// Bytes to ask for at once.
    fn window_bytes(&self) -> u64 {
        let most = self.window_bytes_max;
        let Some(own) = self.wanted.as_ref().map(|wanted| wanted.own()) else {
            return most;
        };
        if self.row < own.start {
            return if self.stepped_bytes < LARGE_PAGE_BYTES {
                STEPPING_BYTES.min(most)
            } else {
                STEPPING_BYTES_LARGE
            };
        }
        // Behind the last row nothing is read: about so many bytes are left before it.
        let (rows, bytes) = self.chunk_size;
        let left = own.end.min(rows).saturating_sub(self.row);
        let bytes_left = u128::from(bytes) * u128::from(left) / u128::from(rows.max(1));
        let bytes_left = u64::try_from(bytes_left).unwrap_or(most);
        if left < rows.saturating_sub(self.row) {
            most.min(bytes_left.saturating_add(STEPPING_BYTES))
        } else {
            most
        }
    }

    /// Counts what is before the first data page, unless that was done.
    fn meet_data_page(&mut self, at: u64) {
        if std::mem::replace(&mut self.counted.has_begun, true) {
            return;
        }
        let pages_at = self.selection.as_ref().map_or(at, Selection::pages_at);
        let by_this = self.counts(&(0..u64::MAX));
        self.count_ahead(&(0..pages_at), by_this);
    }

    /// Whether it is this reader that counts what is read for these rows.
    fn counts(&self, rows: &Range<u64>) -> bool {
        let wanted = self.wanted.as_ref();
        wanted.is_none_or(|wanted| wanted.counts(rows))
    }

    /// The header at the start of `there`, the bytes of the chunk that are there; `None` if more are needed for it.
    fn header(
        &self,
        store: &Store,
        there: Range<u64>,
    ) -> Result<Option<(PageHeader, usize)>, Error> {
        let at = there.start;
        let mut len = HEADER_BYTES_TYPICAL;
        loop {
            let end = (at + len).min(there.end);
            let bytes = store.get(at..end).unwrap_or_default();
            match PageHeader::parse(&bytes) {
                Ok(parsed) => return Ok(Some(parsed)),
                Err(TRUNCATED) if len < HEADER_BYTES_MAX && end < there.end => len *= 8,
                Err(TRUNCATED) if len < HEADER_BYTES_MAX && end < self.end => return Ok(None),
                Err(fault) => return Err(fault.of(self.place(at, "has header bytes that"))),
            }
        }
    }

    /// A page may not be larger than the limit, whatever it really becomes.
    fn check_claims(&self, at: u64, header: &PageHeader) -> Result<(), Error> {
        let claim = header.bytes_compressed.max(header.bytes_uncompressed);
        if claim > self.page_bytes_max {
            let why = format!(
                "claims {claim} bytes, more than the {} allowed",
                self.page_bytes_max
            );
            return Err(Error::new(ErrorKind::Limit, self.place(at, &why)));
        }
        Ok(())
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
        // Empty texts and bits are longer in memory than in the file. A count that lies is found out later.
        let (most, each) = match self.physical {
            Physical::Bytes => (header.bytes_uncompressed / 4, size_of::<Span>()),
            Physical::Bool => (header.bytes_uncompressed * 8, size_of::<bool>()),
            _ => (0, 0),
        };
        let overhead_bytes = most.min(values as u64) * each as u64;
        if header.bytes_uncompressed + overhead_bytes > self.page_bytes_max {
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
            return Err(Fault::corrupt("has levels that are longer than the page"));
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
        const TOO_LONG: Fault = Fault::corrupt("has levels that are longer than the page");
        let values_at = v2.repetition_bytes.saturating_add(v2.definition_bytes);
        if values_at > stored.len() {
            return Err(TOO_LONG);
        }
        let claim = header.bytes_uncompressed as usize;
        let claim = claim.checked_sub(values_at).ok_or(TOO_LONG)?;
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
        if rows as u64 > self.rows_left {
            return Err(TOO_MANY_ROWS);
        }
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
        self.rows_left -= rows as u64;
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

    fn read_slice(&mut self, open: &mut OpenPage) -> Result<(), Fault> {
        let rows = open.rows_left.min(SLICE_ROWS);
        let page = &mut self.page;
        page.first_row = self.row;
        page.rows = rows;
        page.nulls = 0;
        page.valid.clear();
        if let Some(levels) = &mut open.levels {
            page.nulls = levels.read(self.buffer.data(), rows, &mut page.valid)?;
        }
        let (data, there) = (self.buffer.data(), rows - page.nulls);
        let slice = self.row..self.row + rows as u64;
        let wanted = self.wanted.as_ref();
        if wanted.is_none_or(|wanted| wanted.has_some_of(&slice)) {
            open.decoder.read(data, there, &mut page.values)?;
        } else {
            // Nobody looks at these rows; whoever reads the file for others does.
            open.decoder.skip(data, there, &mut page.values)?;
        }
        open.rows_left -= rows;
        self.row += rows as u64;
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

    fn error(&self, at: u64, fault: Fault) -> Error {
        fault.of(self.place(at, "").trim_end())
    }

    fn place(&self, at: u64, what: &str) -> String {
        format!("column {}: the page at byte {at} {what}", self.name)
    }
}
