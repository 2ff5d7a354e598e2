//! The log record of an event: written when it is taken, read back when it lands.

use std::borrow::Cow;

use super::json::{self, Bounds, Field, Problem};
use super::{Event, instant_text, not_json, refused, utf8};
use crate::Error;
use crate::calendar;

/// The columns of a lake file that are not headers; a header can't have one of these names.
pub const RESERVED_COLUMNS: [&str; 8] = [
    "timestamp",
    "event_type",
    "item",
    "id",
    "received_at",
    "provider",
    "properties",
    "date",
];

/// Names that only the record's writer fills. `date` is not among them: a field may be called so.
const WRITTEN_NAMES: [&str; 6] = [
    "id",
    "event_type",
    "timestamp",
    "received_at",
    "provider",
    "properties",
];

/// A log record, read with the list of headers that have columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// The event's identifier; a foreign record may have none.
    pub id: Option<Cow<'a, str>>,
    /// What happened.
    pub event_type: Cow<'a, str>,
    /// When it happened, in microseconds since 1970.
    pub timestamp_us: i64,
    /// When it was received, in microseconds since 1970; a foreign record may not say.
    pub received_at_us: Option<i64>,
    /// What was bought.
    pub item: Option<Cow<'a, str>>,
    /// The values of the headers asked for, in their order.
    pub headers: Vec<Option<Cow<'a, str>>>,
    /// Everything else.
    rest: Vec<Field<'a>>,
}

impl<'a> Record<'a> {
    /// Reads a record back; text under a name in `headers` fills that header's place, everything unknown goes to `properties`.
    ///
    /// A record this crate did not write may lack `id`, `received_at` and one of the two times.
    pub fn read(record: &'a [u8], headers: &[String]) -> Result<Self, Error> {
        let mut fields = match json::read_object(utf8(record)?, Bounds::NONE) {
            Ok(Some(fields)) => fields,
            Err(Problem::Syntax { byte, expected }) => return Err(not_json(byte, expected)),
            Ok(None) | Err(_) => {
                return Err(refused("a record is a JSON object, this is another value"));
            }
        };
        let mut read = Self {
            id: None,
            event_type: Cow::Borrowed(""),
            timestamp_us: 0,
            received_at_us: None,
            item: None,
            headers: vec![None; headers.len()],
            rest: vec![],
        };
        let mut timestamp_us = None;
        fields.retain(|field| {
            let text = || json::text_of(field.value);
            let instant = || text().and_then(|text| calendar::parse_instant(&text).ok());
            let is_taken = match field.name.as_ref() {
                "id" => fill(&mut read.id, text()),
                "event_type" => match text() {
                    Some(event_type) => {
                        read.event_type = event_type;
                        true
                    }
                    None => false,
                },
                "timestamp" => fill(&mut timestamp_us, instant()),
                "received_at" => fill(&mut read.received_at_us, instant()),
                "item" => fill(&mut read.item, text()),
                name => match headers.iter().position(|header| header == name) {
                    Some(at) => fill(&mut read.headers[at], text()),
                    None => false,
                },
            };
            !is_taken
        });
        if read.event_type.is_empty() {
            return Err(refused("event_type is missing"));
        }
        read.timestamp_us = timestamp_us
            .or(read.received_at_us)
            .ok_or_else(|| refused("timestamp and received_at are missing"))?;
        read.rest = fields;
        Ok(read)
    }

    /// Everything that has no column, as the text of a JSON object; `None` if there is nothing else.
    pub fn properties(&self) -> Option<String> {
        let mut properties = Properties::default();
        for field in &self.rest {
            // As the writer nests those whose names are taken.
            let is_nested = field.name == "properties" && properties.add_members(field.value);
            if !is_nested {
                properties.add(field);
            }
        }
        properties.finish()
    }
}

fn fill<T>(place: &mut Option<T>, value: Option<T>) -> bool {
    let is_filled = value.is_some();
    if is_filled {
        *place = value;
    }
    is_filled
}

/// The JSON object of everything that has no column, member by member.
#[derive(Default)]
struct Properties {
    out: Vec<u8>,
}

impl Properties {
    fn add(&mut self, field: &Field<'_>) {
        self.out.push(if self.out.is_empty() { b'{' } else { b',' });
        write_field(&mut self.out, field);
    }

    /// The members of an object, as [`write()`] nests those whose names are taken; false for another value.
    fn add_members(&mut self, value: &str) -> bool {
        let Ok(Some(members)) = json::read_object(value, Bounds::NONE) else {
            return false;
        };
        for member in &members {
            self.add(member);
        }
        true
    }

    fn finish(mut self) -> Option<String> {
        if self.out.is_empty() {
            return None;
        }
        self.out.push(b'}');
        // Only whole pieces of text were written.
        String::from_utf8(self.out).ok()
    }
}

fn write_field(out: &mut Vec<u8>, field: &Field<'_>) {
    json::write_text(out, &field.name);
    out.push(b':');
    json::write_raw(out, field.value);
}

/// See [`Event::record`].
pub(super) fn write(
    event: &Event<'_>,
    id: &str,
    received_at_us: i64,
    headers: &[(String, String)],
) -> Vec<u8> {
    let values: usize = event
        .fields
        .iter()
        .map(|field| field.name.len() + field.value.len() + 6)
        .sum();
    let headers_len: usize = headers
        .iter()
        .map(|(name, value)| name.len() + value.len() + 6)
        .sum();
    let mut out =
        Vec::with_capacity(160 + id.len() + 2 * event.event_type.len() + values + headers_len);
    let mut text = |lead: &str, value: &str| {
        out.extend_from_slice(lead.as_bytes());
        json::write_text(&mut out, value);
    };
    text("{\"id\":", id);
    text(",\"event_type\":", &event.event_type);
    let received_at = instant_text(received_at_us);
    let timestamp = event.timestamp_us.map(instant_text);
    text(
        ",\"timestamp\":",
        timestamp.as_deref().unwrap_or(&received_at),
    );
    text(",\"received_at\":", &received_at);
    if let Some(item) = &event.item {
        text(",\"item\":", item);
    }
    let is_name_taken = |name: &str| {
        WRITTEN_NAMES.contains(&name)
            || name == "item" && event.item.is_some()
            || headers.iter().any(|(header, _)| header == name)
    };
    let mut displaced = Properties::default();
    for field in &event.fields {
        if is_name_taken(&field.name) {
            displaced.add(field);
        } else {
            out.push(b',');
            write_field(&mut out, field);
        }
    }
    if let Some(displaced) = displaced.finish() {
        out.extend_from_slice(b",\"properties\":");
        out.extend_from_slice(displaced.as_bytes());
    }
    for (at, (name, value)) in headers.iter().enumerate() {
        // A header sent twice is joined by the HTTP door; should it come twice here, the first is the one that counts.
        if headers[..at].iter().all(|(earlier, _)| earlier != name) {
            out.push(b',');
            json::write_text(&mut out, name);
            out.push(b':');
            json::write_text(&mut out, value);
        }
    }
    out.push(b'}');
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Limits;

    fn headers(names: &[(&str, &str)]) -> Vec<(String, String)> {
        names
            .iter()
            .map(|&(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    fn round_trip(
        json: &str,
        given: &[(&str, &str)],
        columns: &[&str],
    ) -> (String, Record<'static>) {
        let event = Event::parse(json.as_bytes(), &Limits::default()).unwrap();
        let record = event.record("made", 5_000_000, &headers(given)).leak();
        let columns: Vec<String> = columns.iter().map(|&name| name.to_owned()).collect();
        (
            String::from_utf8(record.to_vec()).unwrap(),
            Record::read(record, &columns).unwrap(),
        )
    }

    #[test]
    fn a_record_is_one_line_of_flat_json() {
        let json = "{\"n\": [9007199254740993,\r\n 1E2], \"event_type\": \"gem purchased\", \"item\": \"gem\"}";
        let (written, read) = round_trip(
            json,
            &[("Host", "a.cox.net"), ("Accept", "*/*")],
            &["Accept", "Host", "X"],
        );
        assert_eq!(
            written,
            r#"{"id":"made","event_type":"gem purchased","timestamp":"1970-01-01T00:00:05Z","received_at":"1970-01-01T00:00:05Z","item":"gem","n":[9007199254740993, 1E2],"Host":"a.cox.net","Accept":"*/*"}"#
        );
        assert_eq!(read.event_type, "gem purchased");
        assert_eq!(
            (read.timestamp_us, read.received_at_us),
            (5_000_000, Some(5_000_000))
        );
        assert_eq!(read.item.as_deref(), Some("gem"));
        assert_eq!(
            read.headers,
            [Some("*/*".into()), Some("a.cox.net".into()), None]
        );
        assert_eq!(
            read.properties().as_deref(),
            Some(r#"{"n":[9007199254740993, 1E2]}"#)
        );
    }

    #[test]
    fn fields_called_like_columns_are_kept_in_properties() {
        let json = r#"{"event_type":"own","item":7,"Host":{"x":1},"provider":"mine","properties":"p","received_at":"x","date":"y","User-Agent":3}"#;
        let (_, read) = round_trip(json, &[("Host", "h")], &["Host", "User-Agent"]);
        assert_eq!(read.headers, [Some("h".into()), None]);
        assert_eq!(read.item, None);
        let properties: serde_json::Value =
            serde_json::from_str(&read.properties().unwrap()).unwrap();
        let expected = serde_json::json!({"item":7,"Host":{"x":1},"provider":"mine","properties":"p","received_at":"x","date":"y","User-Agent":3});
        assert_eq!(properties, expected);
    }

    #[test]
    fn odd_names_and_an_object_called_properties_survive() {
        let json = r#"{"event_type":"k","":1,"a.b":2,"__proto__":3,"é\n":4,"properties":{"properties":{"a":1}}}"#;
        let (_, read) = round_trip(json, &[], &[]);
        let properties: serde_json::Value =
            serde_json::from_str(&read.properties().unwrap()).unwrap();
        assert_eq!(
            properties,
            serde_json::json!({"":1,"a.b":2,"__proto__":3,"é\n":4,"properties":{"properties":{"a":1}}})
        );
    }

    #[test]
    fn a_foreign_record_may_say_less_but_not_nothing() {
        let record =
            br#"{"event_type":"join_guild","timestamp":"2026-11-23T10:00:00Z","Host":"h","id":5}"#;
        let read = Record::read(record, &["Host".to_owned()]).unwrap();
        assert_eq!((&read.id, read.received_at_us), (&None, None));
        assert_eq!(read.properties().as_deref(), Some(r#"{"id":5}"#));
        for (record, reason) in [
            (
                &br#"{"event_type":"a"}"#[..],
                "timestamp and received_at are missing",
            ),
            (
                br#"{"timestamp":"2026-11-23T10:00:00Z"}"#,
                "event_type is missing",
            ),
            (b"[1]", "a record is a JSON object, this is another value"),
            (b"{\"a\":\xff}", "not UTF-8 at byte 5"),
            (b"nonsense", "not JSON at byte 0: expected a value"),
        ] {
            assert_eq!(Record::read(record, &[]).unwrap_err().message(), reason);
        }
    }

    fn any_json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            any::<String>().prop_map(Into::into),
        ];
        leaf.prop_recursive(3, 16, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
                prop::collection::btree_map(any::<String>(), inner, 0..4)
                    .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn no_field_is_lost_or_changed(
            fields in prop::collection::btree_map("[a-z]{1,3}|Host|Accept|properties|provider|received_at|date", any_json(), 0..8),
            event_type in ".{1,20}",
            host in ".{0,20}",
        ) {
            let mut object = serde_json::Map::from_iter(fields.clone());
            object.remove("id");
            let expected = object.clone();
            object.insert("event_type".into(), event_type.clone().into());
            let json = serde_json::to_vec(&object).unwrap();
            let event = Event::parse(&json, &Limits::default()).unwrap();
            let record = event.record("i", 0, &headers(&[("Host", &host)]));
            let read = Record::read(&record, &["Host".to_owned()]).unwrap();
            prop_assert_eq!(read.event_type.as_ref(), event_type);
            prop_assert_eq!(read.headers[0].as_deref(), Some(host.as_str()));
            let properties: serde_json::Map<String, serde_json::Value> =
                serde_json::from_str(read.properties().as_deref().unwrap_or("{}")).unwrap();
            prop_assert_eq!(properties, expected);
        }
    }
}
