//! CloudEvents 1.0: attributes become fields, `type` is the event type, `time` the timestamp.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use questlog_core::{Error, ErrorKind};
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Attributes that the specification requires.
const REQUIRED: [&str; 4] = ["specversion", "id", "source", "type"];

/// The event in a structured CloudEvent's JSON.
pub(super) fn structured_to_event(json: &[u8]) -> Result<Vec<u8>, Error> {
    let attributes: Attributes<'_> = serde_json::from_slice(json).map_err(|error| {
        refused(format!(
            "not a CloudEvent: not a JSON object at column {}",
            error.column()
        ))
    })?;
    to_event(
        attributes
            .0
            .iter()
            .map(|(name, value)| (name.as_str(), value.get())),
    )
}

/// The event in a binary CloudEvent: attributes, which were headers that began with `ce-`, and a body of data.
pub(super) fn binary_to_event(
    headers: &[(String, String)],
    content_type: Option<&str>,
    data: &[u8],
) -> Result<Vec<u8>, Error> {
    let mut attributes = Vec::new();
    for (name, value) in headers {
        let is_printable = value
            .bytes()
            .all(|byte| matches!(byte, b'\t' | b' '..=b'~'));
        let text = decode_attribute(value).filter(|_| is_printable);
        let text =
            text.ok_or_else(|| refused(format!("the header ce-{name} is not printable text")))?;
        attributes.push((name.clone(), to_json(&text)));
    }
    if let Some(content_type) = content_type {
        attributes.push(("datacontenttype".to_owned(), to_json(content_type)));
    }
    if !data.is_empty() {
        attributes.push(data_field(content_type.unwrap_or("application/json"), data));
    }
    to_event(
        attributes
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str())),
    )
}

/// Renames what has another name here and checks what must be there; values stay as written.
fn to_event<'a>(attributes: impl Iterator<Item = (&'a str, &'a str)>) -> Result<Vec<u8>, Error> {
    let mut missing = REQUIRED.to_vec();
    let mut event = String::from("{");
    for (name, value) in attributes {
        if value != "\"\"" && value.starts_with('"') {
            missing.retain(|required| *required != name);
        }
        if name == "specversion" && value != "\"1.0\"" {
            return Err(refused(format!(
                "specversion {value} is not understood; send CloudEvents 1.0"
            )));
        }
        let name = match name {
            "type" => "event_type",
            "time" => "timestamp",
            // Extensions with our names for other attributes.
            "event_type" => "ce_event_type",
            "timestamp" => "ce_timestamp",
            other => other,
        };
        let separator = if event.len() > 1 { "," } else { "" };
        // Writing to a String can't fail.
        let _ = write!(event, "{separator}{}:{value}", to_json(name));
    }
    event.push('}');
    match missing.first() {
        Some(name) => Err(refused(format!(
            "not a CloudEvent: the attribute {name} is missing"
        ))),
        None => Ok(event.into_bytes()),
    }
}

/// A body as the field that structured CloudEvents would carry it in.
fn data_field(content_type: &str, data: &[u8]) -> (String, String) {
    let essence = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let is_json =
        essence == "application/json" || essence == "text/json" || essence.ends_with("+json");
    match std::str::from_utf8(data) {
        Ok(text) if is_json && serde_json::from_str::<&RawValue>(text).is_ok() => {
            ("data".to_owned(), text.trim().to_owned())
        }
        Ok(text) => ("data".to_owned(), to_json(text)),
        Err(_) => (
            "data_base64".to_owned(),
            to_json(&BASE64_STANDARD.encode(data)),
        ),
    }
}

/// Undoes the percent-encoding that the HTTP binding prescribes; a stray `%` stands for itself.
fn decode_attribute(value: &str) -> Option<String> {
    let bytes = value.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escaped = value.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        match escaped.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                decoded.push(byte);
                at += 3;
            }
            None => {
                decoded.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8(decoded).ok()
}

fn to_json(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn refused(why: impl Into<String>) -> Error {
    Error::new(ErrorKind::Event, why)
}

/// The members of a JSON object in their order, with values as written.
struct Attributes<'a>(Vec<(String, &'a RawValue)>);

impl<'de> serde::Deserialize<'de> for Attributes<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Attributes<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Attributes(members))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn structured(json: &str) -> Result<String, String> {
        structured_to_event(json.as_bytes())
            .map(|event| String::from_utf8(event).unwrap())
            .map_err(|error| error.message().to_owned())
    }

    #[test]
    fn structured_events_keep_their_values_as_written() {
        let json = r#"{"specversion":"1.0","id":"7","source":"/s","type":"t","time":"2026-11-23T10:00:00Z","data":{"n":9007199254740993}}"#;
        let event = r#"{"specversion":"1.0","id":"7","source":"/s","event_type":"t","timestamp":"2026-11-23T10:00:00Z","data":{"n":9007199254740993}}"#;
        assert_eq!(structured(json).unwrap(), event);
    }

    #[test]
    fn what_is_missing_is_named() {
        let json = r#"{"specversion":"1.0","id":"7","type":"t"}"#;
        assert_eq!(
            structured(json).unwrap_err(),
            "not a CloudEvent: the attribute source is missing"
        );
        assert!(
            structured(r#"{"specversion":"0.3","id":"7","source":"/s","type":"t"}"#)
                .unwrap_err()
                .contains("0.3")
        );
        assert!(structured("[]").is_err());
        assert!(structured(&"[".repeat(100_000)).is_err());
    }

    #[test]
    fn binary_events_are_put_together_from_headers_and_body() {
        let event = |content_type: &str, data: &[u8]| {
            let attributes = [
                ("specversion", "1.0"),
                ("id", "7"),
                ("source", "/s"),
                ("type", "caf%C3%A9 100%"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
            let event: serde_json::Value = serde_json::from_slice(
                &binary_to_event(&attributes, Some(content_type), data).unwrap(),
            )
            .unwrap();
            assert_eq!(event["event_type"], "café 100%");
            assert_eq!(event["id"], "7");
            event
        };
        assert_eq!(event("application/json", b"{\"a\":1}")["data"]["a"], 1);
        assert_eq!(event("application/json", b"{broken")["data"], "{broken");
        assert_eq!(event("text/plain", b"hello")["data"], "hello");
        assert_eq!(event("image/png", b"\x89PN\xff")["data_base64"], "iVBO/w==");
        assert!(event("text/plain", b"").get("data").is_none());
    }
}
