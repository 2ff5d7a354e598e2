//! One column of the open row group: its bytes, its pages, and the rows that are next.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;

use super::fetch::Fetch;
use crate::aggregate::{Cell, Form, Index, NO_VALUE, View};
use crate::parquet::{
    ChunkReader, ColumnChunk, Leaf, PagePlace, PageStep, PageValues, Scratch, Store, Values,
    WantedRows, byte_runs,
};
use crate::{Error, ErrorKind, Footer, Limits};

/// A column chunk that is being read.
pub(crate) struct Column {
    reader: ChunkReader,
    fetch: Fetch,
    /// Where the bytes are that are read of the chunk.
    runs: Vec<Range<u64>>,
    form: Form,
    /// Tells the chunk from every other one of the scan; never 0.
    chunk: u64,
    /// Rows of the page that are done, and the values before them.
    rows_done: usize,
    values_done: usize,
    rows_there: usize,
    /// For pages with nulls: each row's code, or the place of its value.
    places: Vec<u32>,
}

/// What became of going to a row; of several columns, the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Filled {
    /// The row is there, or the column has no more.
    Ready,
    /// The work allowed was used up on rows that are skipped.
    Busy,
    /// Bytes are missing: see [`Column::missing`].
    Missing,
}

impl Column {
    pub(crate) fn new(
        leaf: &Leaf,
        chunk: &ColumnChunk,
        number: u64,
        file_bytes: u64,
        limits: &Limits,
    ) -> Result<Self, Error> {
        let tail = Footer::tail_need(file_bytes).start;
        Ok(Self {
            reader: ChunkReader::new(leaf, chunk, file_bytes, limits)?,
            fetch: Fetch::new(chunk.byte_range.end.min(tail)),
            runs: vec![chunk.byte_range.clone()],
            form: Form::of(leaf),
            chunk: number,
            rows_done: 0,
            values_done: 0,
            rows_there: 0,
            places: Vec::new(),
        })
    }

    /// Uses the buffers of another column.
    pub(crate) fn reuse(&mut self, scratch: Scratch) {
        self.reader.reuse(scratch);
    }

    /// Ends reading; returns the buffers.
    pub(crate) fn into_scratch(self) -> Scratch {
        self.reader.into_scratch()
    }

    /// Reads only these of the chunk's pages, whose first begins at `pages_at`, and its dictionary.
    pub(crate) fn select(&mut self, pages_at: u64, pages: Vec<PagePlace>) {
        self.runs = byte_runs(self.reader.position(), pages_at, &pages);
        self.reader.select(pages_at, pages);
    }

    /// Reads only these rows, and so only the pages that have some of them.
    pub(crate) fn want_rows(&mut self, wanted: Arc<WantedRows>) {
        self.reader.want(wanted);
    }

    /// Bytes that were read and are this scan's to count: of a page that several scans read, one counts them.
    pub(crate) fn bytes_counted(&self) -> u64 {
        self.reader.bytes_counted()
    }

    /// Bytes that are read of the chunk, unless they are there already.
    pub(crate) fn bytes(&self) -> u64 {
        self.runs.iter().map(|run| run.end - run.start).sum()
    }

    /// Asks for all bytes before the reader does, so that a small chunk comes in one piece.
    pub(crate) fn want_all(&mut self, tail: &Store) {
        self.fetch.want(self.runs.clone(), tail);
    }

    /// Reads the dictionary at the chunk's begin; returns whether bytes are missing for that. Its bytes are counted if
    /// they are this scan's to count.
    pub(crate) fn read_dictionary(
        &mut self,
        place: &Range<u64>,
        counts: bool,
        tail: &Store,
    ) -> Result<bool, Error> {
        if let Some(range) = self
            .reader
            .read_dictionary(place.clone(), self.fetch.store())?
        {
            self.fetch.want(vec![range], tail);
            if !self.missing().is_empty() {
                return Ok(true);
            }
            self.reader
                .read_dictionary(place.clone(), self.fetch.store())?;
        }
        self.reader.count_ahead(place, counts);
        // What was read is done with.
        if let Some(first) = self.runs.first_mut() {
            first.start = first.start.max(self.reader.position());
        }
        Ok(false)
    }

    /// The dictionary, once it was read, how its values become cells, and the chunk's number.
    pub(crate) fn dictionary(&self) -> Option<(&Values, Form, u64)> {
        Some((self.reader.dictionary()?, self.form, self.chunk))
    }

    /// The bytes that are asked for and not there.
    pub(crate) fn missing(&self) -> Vec<Range<u64>> {
        self.fetch.missing()
    }

    /// Takes what was asked for of some bytes; returns how many are to be counted as read.
    pub(crate) fn feed(&mut self, start: u64, bytes: &Bytes) -> u64 {
        self.fetch.feed(start, bytes)
    }

    /// Goes to the row that is number `row` of its row group, not before the last one that was looked at.
    pub(crate) fn fill(&mut self, row: u64, rows_budget: &mut usize) -> Result<Filled, Error> {
        loop {
            let next = self.reader.page().first_row + self.rows_done as u64;
            let left = self.rows_left();
            if left > 0 && next == row {
                return Ok(Filled::Ready);
            }
            if left > 0 {
                let skipped = row
                    .checked_sub(next)
                    .map_or(0, |rows| rows.min(left as u64)) as usize;
                if skipped == 0 {
                    let problem = format!("the pages that the index tells of have no row {row}");
                    return Err(Error::new(ErrorKind::Corrupt, problem));
                }
                self.skip(skipped);
                *rows_budget = rows_budget.saturating_sub(skipped);
                continue;
            }
            if *rows_budget == 0 {
                return Ok(Filled::Busy);
            }
            (self.rows_done, self.values_done, self.rows_there) = (0, 0, 0);
            match self.reader.next_page(self.fetch.store())? {
                PageStep::Need(range) => {
                    self.fetch.want_also(range, self.reader.position());
                    return Ok(Filled::Missing);
                }
                PageStep::Page => self.rows_there = self.reader.page().rows,
                PageStep::End => return Ok(Filled::Ready),
            }
        }
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
            (PageValues::Codes(_), None) => View::Same(Cell::Null),
        }
    }

    /// Rows of these codes, whether there are such rows or not.
    pub(crate) fn view_of<'a>(&'a self, codes: &'a [u32]) -> View<'a> {
        match self.reader.dictionary() {
            Some(dictionary) => View::Codes {
                codes,
                dictionary,
                form: self.form,
                chunk: self.chunk,
            },
            None => View::Same(Cell::Null),
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
