//! The footer at the end of a file ("File format", "Metadata").

use std::ops::Range;

use bytes::Bytes;

use super::chunk::ColumnChunk;
use super::schema::Schema;
use crate::{Error, ErrorKind, Limits};

/// Bytes at a file's end that are asked for first; most footers are shorter.
const TAIL_BYTES: u64 = 64 << 10;

/// What a file says of itself. Column chunks are read from its bytes when asked for, so that a million row groups cost little.
#[derive(Clone, Debug)]
pub struct Footer {
    rows: u64,
    schema: Schema,
    row_groups: Vec<RowGroup>,
    created_by: Option<String>,
    key_values: Vec<(String, Option<String>)>,
}

/// A horizontal part of a file.
#[derive(Clone, Copy, Debug)]
pub struct RowGroup {
    /// Its rows.
    pub rows: u64,
}

/// What [`Footer::parse`] wants next.
pub(crate) enum FooterStep {
    /// The footer starts before the bytes given: give all from here to the end of the file.
    Need(Range<u64>),
    /// The footer.
    Done(Box<Footer>),
}

impl Footer {
    /// The range to ask for first: the file's end.
    pub(crate) fn tail_need(file_bytes: u64) -> Range<u64> {
        file_bytes.saturating_sub(TAIL_BYTES)..file_bytes
    }

    /// Reads the footer from `tail`, the bytes of the file from `tail_start` to its end.
    pub(crate) fn parse(
        file_bytes: u64,
        tail_start: u64,
        tail: &Bytes,
        limits: &Limits,
    ) -> Result<FooterStep, Error> {
        let _ = (file_bytes, tail_start, tail, limits);
        Err(Error::new(
            ErrorKind::Unsupported,
            "reading footers is not there yet",
        ))
    }

    /// Rows of the file.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Its columns.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Its row groups, in file order.
    pub fn row_groups(&self) -> &[RowGroup] {
        &self.row_groups
    }

    /// The program that wrote it, in its own words.
    pub fn created_by(&self) -> Option<&str> {
        self.created_by.as_deref()
    }

    /// What the writer added for itself.
    pub fn key_values(&self) -> &[(String, Option<String>)] {
        &self.key_values
    }

    /// The chunks of the given leaves (indexes into [`Schema::leaves`], any order) in a row group, in the order asked for.
    ///
    /// One pass over the row group's part of the footer, so ask for all that is needed at once.
    pub fn chunks(&self, row_group: usize, leaves: &[usize]) -> Result<Vec<ColumnChunk>, Error> {
        let _ = (row_group, leaves);
        Err(Error::new(
            ErrorKind::Unsupported,
            "reading column chunks is not there yet",
        ))
    }
}
