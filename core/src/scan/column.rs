//! One column of the open row group: its bytes, its pages, and the rows that are next.

use std::ops::Range;

use bytes::Bytes;

use crate::aggregate::{Form, Index, NO_VALUE, View};
use crate::parquet::{ChunkReader, ColumnChunk, Leaf, PageStep, PageValues, Store};
use crate::{Error, Footer, Limits};

/// A column chunk that is being read.
pub(crate) struct Column {
    reader: ChunkReader,
    store: Store,
    /// The bytes that are asked for and not all there yet.
    wanted: Range<u64>,
    form: Form,
    /// Bytes from here on are not counted as read: they came with the footer, or belong to another chunk.
    counted_to: u64,
    /// Tells the chunk from every other one of the scan; never 0.
    chunk: u64,
    /// Rows of the page that are done, and the values before them.
    rows_done: usize,
    values_done: usize,
    rows_there: usize,
    /// For pages with nulls: each row's code, or the place of its value.
    places: Vec<u32>,
}

impl Column {
    pub(crate) fn new(
        leaf: &Leaf,
        chunk: &ColumnChunk,
        number: u64,
        file_bytes: u64,
        limits: &Limits,
    ) -> Result<Self, Error> {
        Ok(Self {
            reader: ChunkReader::new(leaf, chunk, file_bytes, limits)?,
            store: Store::default(),
            wanted: 0..0,
            counted_to: chunk
                .byte_range
                .end
                .min(Footer::tail_need(file_bytes).start),
            form: Form::of(leaf),
            chunk: number,
            rows_done: 0,
            values_done: 0,
            rows_there: 0,
            places: Vec::new(),
        })
    }

    /// Asks for these bytes before the reader does, so that a small chunk comes in one piece.
    pub(crate) fn want(&mut self, range: Range<u64>) {
        self.wanted = range;
    }

    /// The bytes that are asked for and not there.
    pub(crate) fn missing(&self) -> Vec<Range<u64>> {
        self.store.missing(self.wanted.clone())
    }

    /// Takes what was asked for of some bytes; returns how many are to be counted as read.
    pub(crate) fn feed(&mut self, start: u64, bytes: &Bytes) -> u64 {
        let end = start.saturating_add(bytes.len() as u64);
        let (from, to) = (start.max(self.wanted.start), end.min(self.wanted.end));
        if from >= to {
            return 0;
        }
        // Whoever has the footer has read the file's end, whether it is at hand here or not: so the bytes read do not
        // depend on who did.
        let counted = from..to.min(self.counted_to).max(from);
        let new = self
            .store
            .missing(counted)
            .iter()
            .map(|gap| gap.end - gap.start)
            .sum();
        self.store.insert(
            from,
            &bytes.slice((from - start) as usize..(to - start) as usize),
        );
        new
    }

    /// Makes sure that there are rows; returns whether bytes are missing for that.
    pub(crate) fn fill(&mut self) -> Result<bool, Error> {
        if self.rows_done < self.rows_there {
            return Ok(false);
        }
        (self.rows_done, self.values_done, self.rows_there) = (0, 0, 0);
        match self.reader.next_page(&self.store)? {
            PageStep::Need(range) => {
                let position = self.reader.position();
                self.store.release(0..position);
                // What was asked for before and is still to come is not forgotten for less.
                self.wanted.start = self.wanted.start.max(position).min(self.wanted.end);
                self.wanted = if self.missing().is_empty() {
                    range
                } else {
                    self.wanted.start.min(range.start)..self.wanted.end.max(range.end)
                };
                return Ok(true);
            }
            PageStep::Page => self.rows_there = self.reader.page().rows,
            PageStep::End => {}
        }
        Ok(false)
    }

    /// Rows that can be looked at now.
    pub(crate) fn rows_left(&self) -> usize {
        self.rows_there - self.rows_done
    }

    /// Makes the next `rows` rows ready for [`Column::view`].
    pub(crate) fn prepare(&mut self, rows: usize) {
        let page = self.reader.page();
        if page.nulls == 0 {
            return;
        }
        let valid = page
            .valid
            .get(self.rows_done..self.rows_done + rows)
            .unwrap_or_default();
        self.places.clear();
        let mut next = self.values_done;
        match &page.values {
            PageValues::Codes(codes) => {
                let null = self
                    .reader
                    .dictionary()
                    .map_or(NO_VALUE, |values| values.len() as u32);
                self.places.extend(valid.iter().map(|valid| {
                    let code = codes.get(next).copied().unwrap_or(null);
                    next += usize::from(*valid);
                    if *valid == 0 { null } else { code }
                }));
            }
            PageValues::Values(_) => self.places.extend(valid.iter().map(|valid| {
                let place = next as u32;
                next += usize::from(*valid);
                if *valid == 0 { NO_VALUE } else { place }
            })),
        }
    }

    /// The next `rows` rows.
    pub(crate) fn view(&self, rows: usize) -> View<'_> {
        let page = self.reader.page();
        let form = self.form;
        match (&page.values, self.reader.dictionary()) {
            (PageValues::Codes(codes), Some(dictionary)) => {
                let codes = if page.nulls == 0 {
                    codes
                        .get(self.rows_done..self.rows_done + rows)
                        .unwrap_or_default()
                } else {
                    &self.places
                };
                View::Codes {
                    codes,
                    dictionary,
                    form,
                    chunk: self.chunk,
                }
            }
            (PageValues::Values(values), _) => {
                let index = if page.nulls == 0 {
                    Index::From(self.rows_done)
                } else {
                    Index::Each(&self.places)
                };
                View::Values {
                    values,
                    index,
                    form,
                }
            }
            (PageValues::Codes(_), None) => View::Same(crate::aggregate::Cell::Null),
        }
    }

    /// Is done with `rows` rows.
    pub(crate) fn skip(&mut self, rows: usize) {
        let page = self.reader.page();
        let there = if page.nulls == 0 {
            rows
        } else {
            let valid = page
                .valid
                .get(self.rows_done..self.rows_done + rows)
                .unwrap_or_default();
            valid.iter().map(|valid| usize::from(*valid)).sum()
        };
        self.rows_done += rows;
        self.values_done += there;
    }
}
