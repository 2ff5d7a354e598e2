//! A column chunk, read page by page.

use std::ops::Range;

use super::chunk::ColumnChunk;
use super::page::{Page, Values};
use super::schema::Leaf;
use super::store::Store;
use crate::{Error, ErrorKind, Limits};

/// Reads one column chunk, a slice of a page at a time: memory stays bounded however large a page is.
///
/// Call [`ChunkReader::next_page`] until it says [`PageStep::End`]; after each [`PageStep::Page`] the values are in
/// [`ChunkReader::page`]. All of a reader's slices together hold exactly the chunk's values.
pub(crate) struct ChunkReader {
    page: Page,
    dictionary: Option<Values>,
    position: u64,
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
        let _ = (leaf, chunk, file_bytes, limits);
        Err(Error::new(
            ErrorKind::Unsupported,
            "reading pages is not there yet",
        ))
    }

    /// Decodes the next rows into [`ChunkReader::page`], or says which bytes are missing for that.
    pub(crate) fn next_page(&mut self, store: &Store) -> Result<PageStep, Error> {
        let _ = store;
        Ok(PageStep::End)
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
}
