//! Log records that are no events: kept with their reason, outside the lake, so that they never stop a landing.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::LandingError;
use super::batch::Unreadable;
use crate::lake::{create_folder, sync_folder};

/// One line of a quarantine file.
#[derive(Serialize)]
struct Line<'a> {
    offset: u64,
    reason: &'a str,
    /// The record, when it is text.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    /// The record in hexadecimal, when it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    hex: Option<String>,
}

/// Writes the unreadable records of the batch that begins at `from` into `folder`, durably.
///
/// The name only depends on `from`: a batch that is landed again after a crash replaces the file instead of adding one.
pub(super) fn write(
    folder: &Path,
    from: u64,
    unreadable: &[Unreadable],
) -> Result<Option<PathBuf>, LandingError> {
    if unreadable.is_empty() {
        return Ok(None);
    }
    create_folder(folder)?;
    let place = folder.join(format!("log-{from:012}.jsonl"));
    let next = folder.join(format!("log-{from:012}.jsonl.next"));
    let mut bytes = vec![];
    for record in unreadable {
        let text = std::str::from_utf8(&record.record).ok();
        let hex = text.is_none().then(|| hex(&record.record));
        let line = Line {
            offset: record.offset,
            reason: &record.reason,
            text,
            hex,
        };
        serde_json::to_writer(&mut bytes, &line)
            .map_err(|error| LandingError::io(&place, "write")(error.into()))?;
        bytes.push(b'\n');
    }
    let write = || -> io::Result<()> {
        let mut file = File::create(&next)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        fs::rename(&next, &place)
    };
    write().map_err(LandingError::io(&place, "write"))?;
    sync_folder(folder)?;
    Ok(Some(place))
}

/// How many records below the offset `to` are in the quarantine.
pub(super) fn count(folder: &Path, to: u64) -> Result<u64, LandingError> {
    #[derive(Deserialize)]
    struct Head {
        offset: u64,
    }
    let mut count = 0;
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(LandingError::io(folder, "list")(error)),
    };
    for entry in entries {
        let path = entry.map_err(LandingError::io(folder, "list"))?.path();
        let is_ours = path
            .extension()
            .is_some_and(|extension| extension == "jsonl")
            && path
                .file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with("log-"));
        if is_ours {
            let bytes = fs::read(&path).map_err(LandingError::io(&path, "read"))?;
            let lines = bytes.split(|&byte| byte == b'\n');
            let heads = lines.filter_map(|line| serde_json::from_slice::<Head>(line).ok());
            count += heads.filter(|head| head.offset < to).count() as u64;
        }
    }
    Ok(count)
}

/// Bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to a string can't fail.
        let _ = write!(out, "{byte:02x}");
    }
    out
}
