//! The records of the quarantine: JSON, one line each, in a log like that of the events.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::ingest::{Format, Message};

/// So much of what was refused is kept; of more, its beginning. As Base64 with its headers it fits into one record.
pub const RAW_BYTES_MAX: usize = 384 << 10;
/// Bytes of refused events as JSON in one record; the next ones go into another record.
pub(super) const ENTRIES_BYTES_MAX: usize = 640 << 10;

/// One record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(super) enum Record {
    /// What was not taken of a request, or of a part of it.
    Request(Box<Request>),
    /// Events that had been taken before, of one request or several.
    Duplicates {
        /// How many.
        count: u64,
    },
    /// Refused events are about to be taken: the log's records from `log_from` on will have these digests.
    Replaying(Replaying),
    /// Refused events have been taken.
    Replayed(Replayed),
}

/// What was not taken of a request.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Request {
    /// Which door it came through: `POST /v1/events`.
    pub(super) door: String,
    /// What it said besides its body.
    pub(super) message: Message,
    /// Events of the whole request; 1 where the body could not be read.
    pub(super) events: u64,
    /// Events that this record accounts for.
    pub(super) received: u64,
    pub(super) accepted: u64,
    pub(super) duplicate: u64,
    pub(super) rejected: Vec<Entry>,
}

/// One refused event, or a whole body.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Entry {
    /// Its place in the request.
    pub(super) index: usize,
    pub(super) reason: String,
    /// How its bytes are to be read.
    pub(super) format: Format,
    #[serde(flatten)]
    pub(super) raw: Raw,
    /// Its bytes, of which more than [`RAW_BYTES_MAX`] are not kept.
    pub(super) bytes: u64,
}

/// Bytes in JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Raw {
    Text(String),
    Base64(String),
}

/// An intent: found without its [`Replayed`], it tells what a crash may have left half-done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Replaying {
    /// Where in the events' log the first of the new records will be.
    pub(super) log_from: u64,
    /// The entries, with how many new records each becomes, and how many of its events had been taken before.
    pub(super) entries: Vec<(Place, usize, u64)>,
    /// A digest of each new record, in order.
    pub(super) digests: Vec<String>,
}

/// What became of entries.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Replayed {
    /// Entries of which every event has been taken.
    pub(super) taken: Vec<Place>,
    /// Events that were taken: an entry that is a whole body may have had several.
    pub(super) accepted: u64,
    /// Events that had been taken before.
    pub(super) duplicate: u64,
    /// After a crash: an entry of which only some events were taken, and their digests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) partly: Option<(Place, Vec<String>)>,
}

/// A refused event: its record's offset and its number in the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Place(pub(super) u64, pub(super) usize);

impl Raw {
    /// Keeps the bytes, or the first of them; as text where that is not longer than Base64 would be.
    pub(super) fn keep(bytes: &[u8]) -> Self {
        let kept = &bytes[..bytes.len().min(RAW_BYTES_MAX)];
        let base64_bytes = kept.len().div_ceil(3) * 4;
        match std::str::from_utf8(kept) {
            Ok(text) if escaped_bytes(text) <= base64_bytes => Self::Text(text.to_owned()),
            _ => Self::Base64(BASE64_STANDARD.encode(kept)),
        }
    }

    /// The bytes that are kept.
    pub(super) fn bytes(&self) -> Bytes {
        match self {
            Self::Text(text) => Bytes::copy_from_slice(text.as_bytes()),
            // Only what this file wrote is read here.
            Self::Base64(text) => BASE64_STANDARD.decode(text).unwrap_or_default().into(),
        }
    }
}

impl Entry {
    /// Whether all that was sent is there.
    pub(super) fn is_whole(&self) -> bool {
        self.bytes <= RAW_BYTES_MAX as u64
    }
}

impl Record {
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        // Nothing in it can fail to become JSON.
        serde_json::to_vec(self).unwrap_or_default()
    }

    pub(super) fn read(bytes: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(bytes).map_err(|error| error.to_string())
    }
}

/// The length of a text in JSON, or a little more.
fn escaped_bytes(text: &str) -> usize {
    text.bytes()
        .map(|byte| match byte {
            b'"' | b'\\' | b'\n' | b'\r' | b'\t' => 2,
            ..0x20 => 6,
            _ => 1,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::RECORD_BYTES_MAX;

    #[test]
    fn any_bytes_come_back_and_fit_into_a_record() {
        for bytes in [
            vec![],
            b"{\"a\":\"\\u0001\"}".to_vec(),
            vec![0; 100],
            vec![0xff; RAW_BYTES_MAX],
            vec![b'"'; RAW_BYTES_MAX],
            vec![1; RAW_BYTES_MAX],
            vec![b'a'; RAW_BYTES_MAX],
        ] {
            let entry = Entry {
                index: 0,
                reason: "x".to_owned(),
                format: Format::Json,
                raw: Raw::keep(&bytes),
                bytes: bytes.len() as u64,
            };
            let record = Record::Request(Box::new(Request {
                // The headers of a request have 64 KiB at most, and a control character takes six bytes in JSON.
                message: Message {
                    headers: vec![("Host".to_owned(), "\u{1}".repeat(64 << 10))],
                    ..Message::default()
                },
                rejected: vec![entry],
                ..Request::default()
            }));
            let json = record.to_bytes();
            assert!(json.len() <= RECORD_BYTES_MAX, "{}", json.len());
            let Ok(Record::Request(request)) = Record::read(&json) else {
                panic!("it does not come back");
            };
            assert_eq!(request.rejected[0].raw.bytes(), bytes);
            assert!(request.rejected[0].is_whole());
        }
    }

    #[test]
    fn of_what_is_too_large_the_beginning_is_kept() {
        let raw = Raw::keep(&vec![b'a'; RAW_BYTES_MAX + 1]);
        assert_eq!(raw.bytes().len(), RAW_BYTES_MAX);
    }
}
