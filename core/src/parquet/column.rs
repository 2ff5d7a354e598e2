//! A column chunk, read page by page.

use std::ops::Range;
use std::sync::Arc;

use super::chunk::ColumnChunk;
use super::codec::Decompressor;
use super::contents::{PageContents, Scratch};
use super::counted::CountedBytes;
use super::fault::Fault;
use super::header::{PageHeader, PageKind};
use super::index::PagePlace;
use super::page::{Page, Values};
use super::schema::{Leaf, Physical, shorten};
use super::selection::Selection;
use super::store::Store;
use super::thrift::TRUNCATED;
use super::wanted::WantedRows;
use crate::{Error, ErrorKind, Limits};

/// Bytes that are asked for at once on the way to the first wanted page, where pages are small: several come at once.
const STEPPING_BYTES: u64 = 128 << 10;
/// The same where pages are large, and so little more than a header is read of each.
const STEPPING_BYTES_LARGE: u64 = 1 << 10;
/// A page is large from this part of a window on: to ask once more takes less than to read over it. Whoever asks for
/// small windows is quickly asked.
const LARGE_PAGE_PART: u64 = 32;
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
    counted: CountedBytes,
    contents: PageContents,
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
        let page_bytes_max = limits.page_bytes_max.min(u32::MAX.into());
        Ok(Self {
            name,
            page_bytes_max,
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
            counted: CountedBytes::new(chunk, file_bytes),
            contents: PageContents::new(leaf, chunk, page_bytes_max),
        })
    }

    /// Uses the buffers of another chunk, if it is of the same type.
    pub(crate) fn reuse(&mut self, scratch: Scratch) {
        self.contents.reuse(scratch);
    }

    /// Ends reading.
    pub(crate) fn into_scratch(self) -> Scratch {
        self.contents.into_scratch()
    }

    /// Decodes the next rows into [`ChunkReader::page`], or says which bytes are missing for that.
    pub(crate) fn next_page(&mut self, store: &Store) -> Result<PageStep, Error> {
        loop {
            if let Some((start, slice)) = self.contents.next_slice(self.row) {
                // Where nobody looks at the rows of a slice, whoever reads the file for others does.
                let wanted = self.wanted.as_ref();
                let wanted = wanted.is_none_or(|wanted| wanted.has_some_of(&slice));
                let read = self.contents.read_slice(&slice, wanted);
                read.map_err(|fault| self.error(start, fault))?;
                self.row = slice.end;
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
        self.counted.bytes()
    }

    /// Has bytes at the chunk's start counted before its pages are read, by this reader or by another one.
    pub(crate) fn count_ahead(&mut self, place: &Range<u64>, by_this: bool) {
        self.counted.ahead(place, by_this);
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
        self.contents.page()
    }

    /// The values that codes stand for; there once a page with codes was read, and the same until the end.
    pub(crate) fn dictionary(&self) -> Option<&Values> {
        self.contents.dictionary()
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
        let opened = self.contents.open(at, &header, &stored);
        opened.map_err(|fault| self.error(at, fault))?;
        let left = self.rows_left.checked_sub(rows.unwrap_or(0));
        self.rows_left = left.ok_or_else(|| self.error(at, TOO_MANY_ROWS))?;
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
            return if self.stepped_bytes < most / LARGE_PAGE_PART {
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
        if !self.counted.begins() {
            return;
        }
        let pages_at = self.selection.as_ref().map_or(at, Selection::pages_at);
        let by_this = self.counts(&(0..u64::MAX));
        self.counted.ahead(&(0..pages_at), by_this);
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

    fn error(&self, at: u64, fault: Fault) -> Error {
        fault.of(self.place(at, "").trim_end())
    }

    fn place(&self, at: u64, what: &str) -> String {
        format!("column {}: the page at byte {at} {what}", self.name)
    }
}
