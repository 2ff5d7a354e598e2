//! The one loop: which bytes are needed next, and what became of those that came.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;

use crate::{Error, ErrorKind, FileInfo, Footer, Limits, Partial, Query};

/// A query over one file, or over some of its row groups. It reads nothing itself.
///
/// Call [`Scan::advance`] until it says [`Step::Done`], feeding the ranges it asks for; then [`Scan::finish`].
pub struct Scan {
    footer: Option<Arc<Footer>>,
}

/// What a scan wants next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// These byte ranges of the file, through [`Scan::feed`]; in order, not overlapping.
    Need(Vec<Range<u64>>),
    /// Only to be called again: the work allowed for one call is done.
    More,
    /// Nothing: the answer is there.
    Done,
}

/// How far a scan is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Rows counted or skipped.
    pub rows_done: u64,
    /// Rows of the row groups to scan; 0 before the footer is there.
    pub rows_total: u64,
    /// Bytes of the file that were asked for.
    pub bytes_read: u64,
    /// The file's size.
    pub bytes_total: u64,
    /// Row groups counted or skipped.
    pub row_groups_done: u64,
    /// Row groups to scan; 0 before the footer is there.
    pub row_groups_total: u64,
}

impl Scan {
    /// A scan of a whole file.
    pub fn new(query: &Query, file: FileInfo, limits: &Limits) -> Self {
        let _ = (query, file, limits);
        Self { footer: None }
    }

    /// A scan of some row groups of a file whose footer is known, so that threads and workers can share a file.
    pub fn with_footer(
        query: &Query,
        file: FileInfo,
        footer: Arc<Footer>,
        row_groups: Range<usize>,
        limits: &Limits,
    ) -> Self {
        let _ = (query, file, row_groups, limits);
        Self {
            footer: Some(footer),
        }
    }

    /// Works on at most about `rows_max` rows, or says what is missing.
    pub fn advance(&mut self, rows_max: usize) -> Result<Step, Error> {
        let _ = rows_max;
        Err(Error::new(
            ErrorKind::Unsupported,
            "scans are not there yet",
        ))
    }

    /// Takes bytes of the file, from `start` on; any pieces in any order, also more than was asked for.
    pub fn feed(&mut self, start: u64, bytes: Bytes) -> Result<(), Error> {
        let _ = (start, bytes);
        Ok(())
    }

    /// The footer, once it was read.
    pub fn footer(&self) -> Option<&Arc<Footer>> {
        self.footer.as_ref()
    }

    /// How far it is.
    pub fn progress(&self) -> Progress {
        Progress::default()
    }

    /// What was counted. An error before [`Step::Done`].
    pub fn finish(self) -> Result<Partial, Error> {
        Err(Error::new(
            ErrorKind::Unsupported,
            "scans are not there yet",
        ))
    }
}
