//! What is known of a file before it is opened.

use crate::{Error, ErrorKind};

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

impl FileInfo {
    /// Whether `bytes` can be what the file has from `start` on; an error that names it when not.
    pub(crate) fn check_fed(&self, start: u64, bytes: &[u8]) -> Result<(), Error> {
        let end = start.checked_add(bytes.len() as u64);
        if !bytes.is_empty() && end.is_some_and(|end| end <= self.size_bytes) {
            return Ok(());
        }
        let problem = format!(
            "{}: got {} bytes at {start} of a file of {} bytes; it may have changed while it was read",
            self.name,
            bytes.len(),
            self.size_bytes
        );
        Err(Error::new(ErrorKind::Corrupt, problem))
    }
}

/// What Hive calls a folder for rows without a value.
const HIVE_NULL: &str = "__HIVE_DEFAULT_PARTITION__";

/// The columns that the folders of `path` name (`…/date=2026-11-23/…`), outermost first.
///
/// Names and values are percent-decoded once; `__HIVE_DEFAULT_PARTITION__` is null. The last part of the path, the
/// file, is not looked at. Both `/` and `\` divide a path.
pub fn partition_columns(path: &str) -> Vec<(String, Option<String>)> {
    let mut folders: Vec<&str> = path.split(['/', '\\']).collect();
    folders.pop();
    let named = folders
        .into_iter()
        .filter_map(|folder| folder.split_once('='));
    named
        .filter(|(name, _)| !name.is_empty())
        .map(|(name, value)| (decode(name), (value != HIVE_NULL).then(|| decode(value))))
        .collect()
}

/// Percent-decodes; what is no escape, or would be no text, stays as it is.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digit = |at: usize| {
            after
                .get(at)
                .and_then(|byte| char::from(*byte).to_digit(16))
        };
        match (first, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push((high << 4 | low) as u8);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_name_columns_and_values_are_decoded_once() {
        let columns = |path: &str| {
            let columns = partition_columns(path);
            columns
                .into_iter()
                .map(|(name, value)| format!("{name}:{}", value.unwrap_or("null".into())))
                .collect::<Vec<_>>()
        };
        assert_eq!(columns("lake/y=2026/m=01/f.parquet"), ["y:2026", "m:01"]);
        assert_eq!(columns("r=a%2Fb/f"), ["r:a/b"]);
        assert_eq!(columns("r=a%252Fb/f"), ["r:a%2Fb"]);
        assert_eq!(columns("r=50%/f"), ["r:50%"]);
        assert_eq!(columns("r=%ff/f"), ["r:%ff"]);
        assert_eq!(columns("r=x=y/f"), ["r:x=y"]);
        assert_eq!(columns("r=/f"), ["r:"]);
        assert_eq!(columns("r=__HIVE_DEFAULT_PARTITION__\\f"), ["r:null"]);
        assert!(columns("r=1").is_empty(), "the file itself is no folder");
    }
}
