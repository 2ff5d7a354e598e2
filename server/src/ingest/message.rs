//! A request that brings events, as far as it matters for them: how its body is read, now or when it is tried again later.

use std::borrow::Cow;

use bytes::Bytes;
use questlog_core::event::{BatchKind, Event, split_batch};
use questlog_core::{Error, ErrorKind, Limits};
use serde::{Deserialize, Serialize};

use super::{Ready, cloudevents};

/// How a body holds its events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// Nothing that can be read.
    #[default]
    Unknown,
    /// One object or an array.
    Json,
    /// One object a line.
    Lines,
    /// The body is an event's data, the headers are its attributes.
    CloudEventBinary,
    /// One object with attributes and data.
    CloudEvent,
    /// An array of those.
    CloudEventBatch,
    /// The game's route for a purchase; the body may add fields.
    Purchase,
    /// The game's route for joining a guild; the body may add fields.
    JoinGuild,
}

/// What a request says about its events besides the body.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// How the body holds its events.
    pub format: Format,
    /// What was bought, as it stood in the path.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub item: String,
    /// The body's type as the sender wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// Names (without `ce-`) and values of a binary CloudEvent's attributes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<(String, String)>,
    /// Stands in for ids that events lack.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
    /// Headers that become part of the events.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(String, String)>,
    /// When it came, in microseconds since 1970.
    pub received_at_us: i64,
}

/// An event that can't be taken, or a whole body that can't be read.
#[derive(Clone, Debug)]
pub struct Refused {
    /// Its place among the events of the body.
    pub index: usize,
    /// Why; the sentence is for the sender.
    pub error: Error,
    /// What was sent.
    pub raw: Bytes,
    /// How its bytes are to be read again.
    pub format: Format,
}

impl Message {
    /// Reads the events of a body: `take` gets those that can be taken, the others are returned.
    ///
    /// An error of `E` that comes from the core says that the body as a whole can't be read; any other is `take`'s own.
    pub fn read<E: From<Error>>(
        &self,
        body: &Bytes,
        limits: &Limits,
        mut take: impl FnMut(Ready) -> Result<(), E>,
    ) -> Result<Vec<Refused>, E> {
        let (events, format) = match self.format {
            Format::Lines => (split_batch(body, BatchKind::Lines, limits)?, Format::Json),
            Format::Json => (split_batch(body, BatchKind::Json, limits)?, Format::Json),
            Format::CloudEventBatch => (
                split_batch(body, BatchKind::Json, limits)?,
                Format::CloudEvent,
            ),
            Format::CloudEvent => {
                if body.trim_ascii_start().starts_with(b"[") {
                    let why = "several CloudEvents are sent as application/cloudevents-batch+json";
                    return Err(Error::new(ErrorKind::Event, why).into());
                }
                (
                    split_batch(body, BatchKind::Json, limits)?,
                    Format::CloudEvent,
                )
            }
            format => (vec![&body[..]], format),
        };
        let count = events.len();
        let mut refused = vec![];
        for (index, event) in events.into_iter().enumerate() {
            match self.read_one(event, index, count, limits) {
                Ok(ready) => take(ready)?,
                Err(error) => refused.push(Refused {
                    index,
                    error,
                    raw: body.slice_ref(event),
                    format,
                }),
            }
        }
        Ok(refused)
    }

    fn read_one(
        &self,
        bytes: &[u8],
        index: usize,
        count: usize,
        limits: &Limits,
    ) -> Result<Ready, Error> {
        let bytes = match self.format {
            Format::CloudEventBinary => Cow::Owned(cloudevents::binary_to_event(
                &self.attributes,
                self.content_type.as_deref(),
                bytes,
            )?),
            Format::CloudEvent | Format::CloudEventBatch => {
                Cow::Owned(cloudevents::structured_to_event(bytes)?)
            }
            _ => Cow::Borrowed(bytes),
        };
        let item;
        let event = match self.format {
            Format::Unknown => {
                return Err(Error::new(
                    ErrorKind::Unsupported,
                    "it is of no type that can be read",
                ));
            }
            Format::Purchase => {
                item = read_item(&self.item)?;
                self.game(format!("{item} purchased"), Some(&item), &bytes, limits)?
            }
            Format::JoinGuild => self.game("join_guild".to_owned(), None, &bytes, limits)?,
            _ => Event::parse(&bytes, limits)?,
        };
        let fallback_id = self.idempotency_key.as_ref().map(|key| match count {
            1 => key.clone(),
            _ => format!("{key}/{index}"),
        });
        Ok(Ready::new(
            &event,
            fallback_id.as_deref(),
            self.received_at_us,
            &self.headers,
        ))
    }

    fn game<'a>(
        &self,
        event_type: String,
        item: Option<&'a str>,
        body: &'a [u8],
        limits: &Limits,
    ) -> Result<Event<'a>, Error> {
        let is_json = self.is_json();
        let json = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        // The predecessor's load generator posts bodies that are no JSON.
        let may_be_json = is_json || json.trim_ascii_start().starts_with(b"{");
        let fields = (may_be_json && !json.trim_ascii().is_empty()).then_some(json);
        match Event::game(event_type.clone(), item.map(Cow::Borrowed), fields, limits) {
            // What was not said to be JSON, and isn't an event's fields either, is a body the route has no use for.
            Err(_) if !is_json => Event::game(event_type, item.map(Cow::Borrowed), None, limits),
            event => event,
        }
    }

    fn is_json(&self) -> bool {
        let content_type = self.content_type.as_deref().unwrap_or_default();
        let essence = content_type
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        essence == "application/json" || essence.ends_with("+json")
    }
}

/// An item's name in bytes, decoded.
const ITEM_BYTES_MAX: usize = 16 << 10;

/// The item in a path's segment: percent-decoded once, and fit to be part of an event type.
pub fn read_item(encoded: &str) -> Result<String, Error> {
    let refuse = |why: &str| {
        Error::new(
            ErrorKind::Event,
            format!("`{encoded}` is not an item: {why}"),
        )
    };
    let bytes = percent_decode(encoded)
        .ok_or_else(|| refuse("a % must be followed by two hexadecimal digits"))?;
    let item = String::from_utf8(bytes).map_err(|_| refuse("it is not UTF-8"))?;
    if item.is_empty() || item == "." || item == ".." {
        return Err(refuse("it has no name"));
    }
    if item.chars().any(char::is_control) {
        return Err(refuse("it holds a control character"));
    }
    if item.len() > ITEM_BYTES_MAX {
        let why = format!(
            "an item's name has at most {ITEM_BYTES_MAX} bytes, this one has {}",
            item.len()
        );
        return Err(Error::new(ErrorKind::Limit, why));
    }
    Ok(item)
}

fn percent_decode(encoded: &str) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(encoded.len());
    let mut bytes = encoded.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => hex_digit(bytes.next()?)? << 4 | hex_digit(bytes.next()?)?,
            _ => byte,
        });
    }
    Some(decoded)
}

fn hex_digit(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_decoded_exactly_once() {
        for (encoded, item) in [
            ("sword", "sword"),
            ("long%20sword", "long sword"),
            ("a+b", "a+b"),
            ("a%2Fb", "a/b"),
            ("a%252Fb", "a%2Fb"),
            ("%F0%9F%97%A1", "🗡"),
            ("...", "..."),
        ] {
            assert_eq!(read_item(encoded).unwrap(), item);
        }
    }

    #[test]
    fn what_is_no_item_is_refused() {
        for encoded in [
            "", ".", "..", "%2e%2E", "a%00b", "a%0Ab", "%ff%fe", "%zz", "100%", "%4", "%c2%85",
            "%+1",
        ] {
            assert!(read_item(encoded).is_err(), "{encoded}");
        }
        assert!(read_item(&"x".repeat(ITEM_BYTES_MAX + 1)).is_err());
    }
}
