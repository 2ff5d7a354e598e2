//! What a query found out, and how it is shown.

mod order;
mod render;

use crate::Value;
pub(crate) use order::ordered;

/// The rows of an answer, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Names: the group's columns, then the measures.
    pub columns: Vec<String>,
    /// One value for each column.
    pub rows: Vec<Vec<Value>>,
    /// What was looked at for it.
    pub scanned: Scanned,
}

/// What was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scanned {
    /// Files.
    pub files: u64,
    /// Row groups, skipped ones included.
    pub row_groups: u64,
    /// Rows, skipped ones included.
    pub rows: u64,
    /// Bytes that were read for it, each counted once, also where several workers read it.
    pub bytes_read: u64,
    /// The files' sizes together.
    pub bytes_total: u64,
}

/// How an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Aligned columns for a terminal.
    Table,
    /// One JSON object.
    Json,
    /// Comma separated values with a header line (RFC 4180, lines end in LF).
    Csv,
    /// A Markdown table.
    Markdown,
}

/// What only the skin knows of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Run {
    /// How long it took, in milliseconds.
    pub elapsed_ms: f64,
    /// Files that were left out because they could not be read.
    pub skipped: Vec<Skipped>,
}

/// A file that was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Its name.
    pub file: String,
    /// Why, in a sentence.
    pub reason: String,
}

impl Scanned {
    pub(crate) fn add(&mut self, other: &Self) {
        self.files = self.files.saturating_add(other.files);
        self.row_groups = self.row_groups.saturating_add(other.row_groups);
        self.rows = self.rows.saturating_add(other.rows);
        self.bytes_read = self.bytes_read.saturating_add(other.bytes_read);
        self.bytes_total = self.bytes_total.saturating_add(other.bytes_total);
    }
}
