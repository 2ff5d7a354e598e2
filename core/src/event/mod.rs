//! An event: flat JSON that has been checked, the log record made from it, and the data set it belongs to.
//!
//! Values are kept as they were written: a number beyond 2^53 passes through unchanged, because nothing here ever turns it into one.

mod batch;
mod data_set;
mod json;
mod record;

use std::borrow::Cow;

use crate::calendar;
use crate::{Error, ErrorKind, Limits};

pub use batch::{BatchKind, split_batch};
pub use data_set::DataSet;
pub use record::{RESERVED_COLUMNS, Record};

use json::{Bounds, Field, Problem};

/// An `id` in bytes: it is remembered for as long as duplicates are looked for.
pub const ID_BYTES_MAX: usize = 512;

/// One event, read and checked; borrows from the JSON it was read from.
#[derive(Clone, Debug)]
pub struct Event<'a> {
    id: Option<Cow<'a, str>>,
    event_type: Cow<'a, str>,
    timestamp_us: Option<i64>,
    item: Option<Cow<'a, str>>,
    /// All other fields, and those whose name belongs to a column that they don't fill.
    fields: Vec<Field<'a>>,
}

impl<'a> Event<'a> {
    /// Reads one JSON object with a text `event_type`; a text or whole number `id` and an RFC 3339 `timestamp` may be given.
    ///
    /// Of a repeated field the last value stays. A field that can't fill the column of its name is kept, not refused.
    pub fn parse(json: &'a [u8], limits: &Limits) -> Result<Self, Error> {
        let mut fields = read_fields(json, limits)?;
        let event_type = match take(&mut fields, "event_type") {
            None | Some("null") => return Err(refused("event_type is missing")),
            Some(value) if !value.starts_with('"') => {
                return Err(refused("event_type must be text"));
            }
            Some(value) => json::text_of(value).ok_or_else(|| {
                refused("event_type holds half a surrogate pair, which is no text")
            })?,
        };
        if event_type.is_empty() {
            return Err(refused("event_type is empty"));
        }
        let item = take_item(&mut fields);
        Self::of_fields(event_type, item, fields)
    }

    /// The event of a game route: `event_type` and `item` are the route's, `body` may add fields, an `id` and a `timestamp`.
    ///
    /// A field of the body that has the route's names is kept beside them.
    pub fn game(
        event_type: impl Into<Cow<'a, str>>,
        item: Option<Cow<'a, str>>,
        body: Option<&'a [u8]>,
        limits: &Limits,
    ) -> Result<Self, Error> {
        let mut fields = match body {
            Some(json) => read_fields(json, limits)?,
            None => vec![],
        };
        let item = match item {
            Some(item) => Some(item),
            None => take_item(&mut fields),
        };
        Self::of_fields(event_type.into(), item, fields)
    }

    fn of_fields(
        event_type: Cow<'a, str>,
        item: Option<Cow<'a, str>>,
        mut fields: Vec<Field<'a>>,
    ) -> Result<Self, Error> {
        let id = match take(&mut fields, "id") {
            None | Some("null") => None,
            Some(value) => Some(read_id(value)?),
        };
        let timestamp_us = match take(&mut fields, "timestamp") {
            None | Some("null") => None,
            Some(value) => Some(read_timestamp(value)?),
        };
        Ok(Self {
            id,
            event_type,
            timestamp_us,
            item,
            fields,
        })
    }

    /// The identifier the sender gave.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// What happened.
    pub fn event_type(&self) -> &str {
        &self.event_type
    }

    /// When it happened, in microseconds since 1970, if the sender said so.
    pub fn timestamp_us(&self) -> Option<i64> {
        self.timestamp_us
    }

    /// What was bought, if it is text.
    pub fn item(&self) -> Option<&str> {
        self.item.as_deref()
    }

    /// The JSON text of another field, as written.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|field| field.name == name)
            .map(|field| field.value)
    }

    /// The event as a log record: one line of flat JSON with `id`, `event_type`, `timestamp` and `received_at` first, then
    /// its own fields, then `headers`. What is given for `id` is written whether or not the event had one.
    ///
    /// A field under a name that is taken (a column's or a header's) moves into the object `properties`; nothing is lost.
    pub fn record(&self, id: &str, received_at_us: i64, headers: &[(String, String)]) -> Vec<u8> {
        record::write(self, id, received_at_us, headers)
    }
}

/// `2026-11-23T10:00:00Z` of microseconds since 1970, with a fraction only where there is one.
pub fn instant_text(instant_us: i64) -> String {
    let mut out = String::with_capacity(27);
    calendar::write_instant(&mut out, instant_us);
    out
}

/// `2026-11-23`, the UTC day of an instant in microseconds since 1970.
pub fn day_text(instant_us: i64) -> String {
    let mut out = String::with_capacity(10);
    calendar::write_date(&mut out, instant_us.div_euclid(calendar::MICROS_PER_DAY));
    out
}

/// Microseconds since 1970 of an RFC 3339 text with any offset.
pub fn parse_instant(text: &str) -> Result<i64, Error> {
    calendar::parse_instant(text).map_err(|why| refused(format!("`{text}` {why}")))
}

fn refused(why: impl Into<String>) -> Error {
    Error::new(ErrorKind::Event, why)
}

fn read_fields<'a>(json: &'a [u8], limits: &Limits) -> Result<Vec<Field<'a>>, Error> {
    if json.len() > limits.event_bytes_max {
        let (bytes, bytes_max) = (json.len(), limits.event_bytes_max);
        let why = format!("the event has {bytes} bytes, more than the {bytes_max} that are taken");
        return Err(Error::new(ErrorKind::Limit, why));
    }
    let text = utf8(json)?;
    let bounds = Bounds {
        depth_max: limits.event_depth_max,
        fields_max: limits.event_fields_max,
    };
    match json::read_object(text, bounds) {
        Ok(Some(fields)) => Ok(fields),
        Ok(None) => Err(refused("an event is a JSON object, this is another value")),
        Err(Problem::Syntax { byte, expected }) => Err(not_json(byte, expected)),
        Err(Problem::Depth) => {
            let why = format!(
                "the event is nested deeper than {} levels",
                limits.event_depth_max
            );
            Err(Error::new(ErrorKind::Limit, why))
        }
        Err(Problem::Fields) => {
            let why = format!("the event has more than {} fields", limits.event_fields_max);
            Err(Error::new(ErrorKind::Limit, why))
        }
    }
}

fn utf8(bytes: &[u8]) -> Result<&str, Error> {
    std::str::from_utf8(bytes)
        .map_err(|error| refused(format!("not UTF-8 at byte {}", error.valid_up_to())))
}

fn not_json(byte: usize, expected: &str) -> Error {
    refused(format!("not JSON at byte {byte}: expected {expected}"))
}

/// Removes a field and returns its JSON text.
fn take<'a>(fields: &mut Vec<Field<'a>>, name: &str) -> Option<&'a str> {
    let at = fields.iter().position(|field| field.name == name)?;
    Some(fields.remove(at).value)
}

/// Removes `item` if it is text; anything else stays a field like others.
fn take_item<'a>(fields: &mut Vec<Field<'a>>) -> Option<Cow<'a, str>> {
    let at = fields.iter().position(|field| field.name == "item")?;
    let item = json::text_of(fields[at].value)?;
    fields.remove(at);
    Some(item)
}

fn read_id(value: &str) -> Result<Cow<'_, str>, Error> {
    let is_whole = value.bytes().all(|byte| matches!(byte, b'-' | b'0'..=b'9'));
    let id = if is_whole {
        Some(Cow::Borrowed(value))
    } else {
        json::text_of(value)
    };
    match id {
        None => Err(refused("id must be text or a whole number")),
        Some(id) if id.is_empty() => Err(refused("id is empty; leave it out to have one made")),
        Some(id) if id.len() > ID_BYTES_MAX => Err(refused(format!(
            "id has {} bytes, more than the {ID_BYTES_MAX} that are taken",
            id.len()
        ))),
        Some(id) => Ok(id),
    }
}

fn read_timestamp(value: &str) -> Result<i64, Error> {
    let text = json::text_of(value).ok_or_else(|| {
        refused("timestamp must be RFC 3339 text, such as \"2026-11-23T10:00:00Z\"")
    })?;
    calendar::parse_instant(&text).map_err(|why| refused(format!("timestamp {why}")))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(json: &str) -> Result<Event<'_>, Error> {
        Event::parse(json.as_bytes(), &Limits::default())
    }

    #[test]
    fn what_an_event_says_is_read() {
        let event = parse(
            r#"{"id":7,"event_type":"gem purchased","timestamp":"1970-01-01T00:00:01+00:00","item":"gem","n":1e2}"#,
        );
        let event = event.unwrap();
        assert_eq!(event.id(), Some("7"));
        assert_eq!(event.event_type(), "gem purchased");
        assert_eq!(event.timestamp_us(), Some(1_000_000));
        assert_eq!(event.item(), Some("gem"));
        assert_eq!(event.field("n"), Some("1e2"));
    }

    #[test]
    fn a_refusal_says_what_is_wrong() {
        for (json, reason) in [
            ("{}", "event_type is missing"),
            (r#"{"event_type":null}"#, "event_type is missing"),
            (r#"{"event_type":5}"#, "event_type must be text"),
            (r#"{"event_type":""}"#, "event_type is empty"),
            ("[]", "an event is a JSON object, this is another value"),
            (
                r#"{"event_type":"a","id":""}"#,
                "id is empty; leave it out to have one made",
            ),
            (
                r#"{"event_type":"a","id":1.5}"#,
                "id must be text or a whole number",
            ),
            (
                r#"{"event_type":"a","timestamp":1700000000}"#,
                "timestamp must be RFC 3339 text, such as \"2026-11-23T10:00:00Z\"",
            ),
            (
                r#"{"event_type":"a","timestamp":"2026-02-30T00:00:00Z"}"#,
                "timestamp names a day that does not exist",
            ),
            (
                r#"{"event_type":"a","x":NaN}"#,
                "not JSON at byte 22: expected a value",
            ),
        ] {
            assert_eq!(parse(json).unwrap_err().message(), reason, "{json}");
        }
    }

    #[test]
    fn limits_are_named() {
        let limits = Limits {
            event_bytes_max: 40,
            event_depth_max: 2,
            event_fields_max: 2,
            ..Limits::default()
        };
        for (json, reason) in [
            (
                r#"{"event_type":"a","a":1,"b":2}"#,
                "the event has more than 2 fields",
            ),
            (
                r#"{"event_type":"a","a":[[]]}"#,
                "the event is nested deeper than 2 levels",
            ),
            (
                r#"{"event_type":"a long name of what happened"}"#,
                "the event has 45 bytes, more than the 40 that are taken",
            ),
        ] {
            let error = Event::parse(json.as_bytes(), &limits).unwrap_err();
            assert_eq!((error.kind(), error.message()), (ErrorKind::Limit, reason));
        }
    }

    #[test]
    fn the_route_decides_what_happened() {
        let body = br#"{"event_type":"cheat","item":"crown","id":"i","price":3}"#;
        let item = Some(Cow::Borrowed("knife"));
        let event = Event::game("knife purchased", item, Some(body), &Limits::default()).unwrap();
        assert_eq!(
            (event.event_type(), event.item(), event.id()),
            ("knife purchased", Some("knife"), Some("i"))
        );
        assert_eq!(event.field("event_type"), Some("\"cheat\""));
        assert_eq!(event.field("price"), Some("3"));
    }

    proptest! {
        #[test]
        fn hostile_bytes_are_an_event_or_an_error(
            bytes in prop_oneof![
                prop::collection::vec(any::<u8>(), 0..64),
                r#"[\[\]{}",:\\u0-9dDé\n \-.etruflsnid_vpy]{0,48}"#.prop_map(String::into_bytes),
            ],
            before in r#"\{?"?(event_type|id|timestamp|properties)?"?:?"#,
        ) {
            let mut hostile = before.into_bytes();
            hostile.extend(bytes);
            let limits = Limits { event_depth_max: 3, event_fields_max: 3, ..Limits::default() };
            for kind in [BatchKind::Json, BatchKind::Lines] {
                for event in split_batch(&hostile, kind, &limits).unwrap_or_default() {
                    if let Ok(event) = Event::parse(event, &limits) {
                        let record = event.record("id", 0, &[("Host".to_owned(), "h".to_owned())]);
                        prop_assert!(Record::read(&record, &[]).is_ok());
                        prop_assert!(!record.contains(&b'\n'));
                    }
                }
            }
            let _ = Record::read(&hostile, &["Host".to_owned()]);
        }
    }
}
