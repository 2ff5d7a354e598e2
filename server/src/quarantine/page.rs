//! The quarantine page by page, for those who look what was refused.

use std::ops::ControlFlow;

use questlog_core::event::instant_text;
use serde::Serialize;

use super::record::{Entry, Place, Raw, Record, Request};
use super::{Quarantine, QuarantineError, Sums, each_record};
use crate::log::Log;

/// Bytes of what was refused in a page, unless one entry alone has more.
const PAGE_BYTES_MAX: usize = 4 << 20;

/// A part of the quarantine, oldest first.
#[derive(Debug, Serialize)]
pub struct Page {
    entries: Vec<Listed>,
    /// Where the next page begins; none at the end.
    next: Option<String>,
    /// Of the whole quarantine.
    sums: Sums,
}

/// An entry as it is shown.
#[derive(Debug, Serialize)]
pub(super) struct Listed {
    pub(super) position: String,
    pub(super) received_at: String,
    pub(super) door: String,
    /// Its place in its request.
    pub(super) index: usize,
    pub(super) reason: String,
    /// Those that would have become part of the event.
    pub(super) headers: serde_json::Map<String, serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) content_type: Option<String>,
    #[serde(flatten)]
    pub(super) raw: Raw,
    /// What was sent; of more than 384 KiB only the beginning is kept.
    pub(super) bytes: u64,
    /// Whether it has been taken since.
    pub(super) replayed: bool,
}

impl Listed {
    fn new(request: &Request, entry: Entry, place: Place, replayed: bool) -> Self {
        let headers = request.message.headers.iter();
        Self {
            position: place.to_string(),
            received_at: instant_text(request.message.received_at_us),
            door: request.door.clone(),
            index: entry.index,
            reason: entry.reason,
            headers: headers
                .map(|(name, value)| (name.clone(), value.clone().into()))
                .collect(),
            content_type: request.message.content_type.clone(),
            raw: entry.raw,
            bytes: entry.bytes,
            replayed,
        }
    }
}

/// Reads where a page begins, as `next` says it: `0/RECORD/ENTRY`.
pub fn parse_place(text: &str) -> Result<(u64, usize), String> {
    let wrong = || {
        format!("`{text}` is not a place in the quarantine; take it from `next`, such as 0/12/0")
    };
    let rest = text.strip_prefix("0/").unwrap_or(text);
    let (record, entry) = rest.split_once('/').unwrap_or((rest, "0"));
    match (record.parse(), entry.parse()) {
        (Ok(record), Ok(entry)) => Ok((record, entry)),
        _ => Err(wrong()),
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "0/{}/{}", self.0, self.1)
    }
}

impl Quarantine {
    /// The entries from there on, at most `entries_max` and some megabytes.
    pub fn page(&self, from: (u64, usize), entries_max: usize) -> Result<Page, QuarantineError> {
        let mut page = Page {
            entries: vec![],
            next: None,
            sums: self.sums(),
        };
        let mut bytes_left = PAGE_BYTES_MAX;
        self.each_entry(Place(from.0, from.1), |place, entry| {
            let bytes = usize::try_from(entry.bytes).unwrap_or(usize::MAX);
            let is_full = page.entries.len() >= entries_max || bytes > bytes_left;
            if is_full && !page.entries.is_empty() {
                page.next = Some(place.to_string());
                return Ok(ControlFlow::Break(()));
            }
            bytes_left = bytes_left.saturating_sub(bytes);
            page.entries.push(entry);
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(page)
    }

    /// The entries from a place on, oldest first, as long as `each` says so.
    pub(super) fn each_entry(
        &self,
        from: Place,
        mut each: impl FnMut(Place, Listed) -> Result<ControlFlow<()>, QuarantineError>,
    ) -> Result<(), QuarantineError> {
        let read = |from, bytes| self.log.read(from, bytes);
        let (start, end) = (from.0.max(self.log.start()), self.log.end());
        each_record(&self.folder, start, end, read, |offset, record| {
            let Record::Request(mut request) = record else {
                return Ok(ControlFlow::Continue(()));
            };
            let entries = std::mem::take(&mut request.rejected);
            for (number, entry) in entries.into_iter().enumerate() {
                let place = Place(offset, number);
                if place < from {
                    continue;
                }
                let replayed = self.state().replayed.taken.contains(&place);
                if each(place, Listed::new(&request, entry, place, replayed))?.is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
            Ok(ControlFlow::Continue(()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_as_they_are_written() {
        assert_eq!(parse_place(&Place(12, 3).to_string()), Ok((12, 3)));
        assert_eq!(parse_place("0/12"), Ok((12, 0)));
        assert_eq!(parse_place("12"), Ok((12, 0)));
        assert!(parse_place("soon").is_err() && parse_place("0/1/x").is_err());
    }
}
