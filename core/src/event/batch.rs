//! A request's body, split into its events.

use super::json::{self, Problem};
use super::{not_json, refused, utf8};
use crate::{Error, ErrorKind, Limits};

/// How a body holds its events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchKind {
    /// One JSON object, or an array of them.
    Json,
    /// One JSON object a line (NDJSON).
    Lines,
}

/// The events of a body, each still to be parsed, in order; a byte order mark is skipped.
///
/// Lines may end in CRLF, may be blank, and the last may lack its end; each stands for itself, whatever is in it.
/// A [`BatchKind::Json`] body that is not JSON as a whole is an error.
pub fn split_batch<'a>(
    body: &'a [u8],
    kind: BatchKind,
    limits: &Limits,
) -> Result<Vec<&'a [u8]>, Error> {
    if is_utf16(body) {
        return Err(refused("the body is UTF-16; send it as UTF-8"));
    }
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let mut events = vec![];
    let mut room = |event: &'a [u8]| {
        let has_room = events.len() < limits.batch_events_max;
        if has_room {
            events.push(event);
        }
        has_room
    };
    let all_fit = match kind {
        BatchKind::Lines => body
            .split(|&byte| byte == b'\n')
            .map(<[u8]>::trim_ascii)
            .filter(|line| !line.is_empty())
            .all(&mut room),
        BatchKind::Json => {
            let mut all_fit = true;
            json::elements(utf8(body)?, |element| {
                all_fit = room(element.as_bytes());
                all_fit
            })
            .map_err(|problem| match problem {
                Problem::Syntax { byte, expected: "nothing more" } => refused(format!(
                    "not JSON: there is more after the first value, at byte {byte} (one event a line is application/x-ndjson)"
                )),
                Problem::Syntax { byte, expected } => not_json(byte, expected),
                Problem::Depth | Problem::Fields => refused("not JSON"),
            })?;
            all_fit
        }
    };
    if all_fit {
        Ok(events)
    } else {
        let why = format!(
            "the body has more than {} events; send it in parts",
            limits.batch_events_max
        );
        Err(Error::new(ErrorKind::Limit, why))
    }
}

/// A byte order mark of UTF-16 (or UTF-32), or a NUL beside the first character, which no JSON has.
fn is_utf16(body: &[u8]) -> bool {
    matches!(
        body,
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, _, ..] | [_, 0, ..]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(body: &[u8], kind: BatchKind) -> Result<Vec<String>, String> {
        let events = split_batch(body, kind, &Limits::default())
            .map_err(|error| error.message().to_owned())?;
        Ok(events
            .into_iter()
            .map(|event| String::from_utf8_lossy(event).into_owned())
            .collect())
    }

    #[test]
    fn lines_stand_for_themselves() {
        let body = b"\xef\xbb\xbf\r\n{\"a\":1}\r\n\r\n  \r\n{broken\r\n [1] \n{\"b\":2}";
        assert_eq!(
            split(body, BatchKind::Lines).unwrap(),
            ["{\"a\":1}", "{broken", "[1]", "{\"b\":2}"]
        );
        assert_eq!(split(b"", BatchKind::Lines), Ok(vec![]));
    }

    #[test]
    fn arrays_are_taken_apart_whatever_their_elements_are() {
        assert_eq!(
            split(
                b"\xef\xbb\xbf [ {\"a\":[1,{}]} ,\n5, \"x,]\"] ",
                BatchKind::Json
            )
            .unwrap(),
            ["{\"a\":[1,{}]}", "5", "\"x,]\""]
        );
        assert_eq!(
            split(b" {\"a\":1} ", BatchKind::Json).unwrap(),
            ["{\"a\":1}"]
        );
        assert_eq!(split(b"[]", BatchKind::Json), Ok(vec![]));
        // A name that is no text is its own event's fault.
        let named = r#"[{"a":1},{"\ud800":{"\udc00":2}}]"#;
        assert_eq!(split(named.as_bytes(), BatchKind::Json).unwrap().len(), 2);
    }

    #[test]
    fn a_body_that_is_not_json_is_refused_as_a_whole() {
        for body in [
            "",
            "[",
            "[1,]",
            "[{\"a\":1}",
            "{\"a\":1}\n{\"a\":2}",
            "\u{0}{",
            "[{]}",
            "x",
        ] {
            assert!(split(body.as_bytes(), BatchKind::Json).is_err(), "{body}");
        }
        assert!(split("[".repeat(2_000_000).as_bytes(), BatchKind::Json).is_err());
        let utf16: Vec<u8> = "{}\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for kind in [BatchKind::Json, BatchKind::Lines] {
            assert_eq!(
                split(&utf16, kind).unwrap_err(),
                "the body is UTF-16; send it as UTF-8"
            );
            assert!(split(b"\xfe\xff\0{\0}", kind).is_err());
        }
    }

    #[test]
    fn too_many_events_are_refused() {
        let limits = Limits {
            batch_events_max: 2,
            ..Limits::default()
        };
        for (body, kind) in [("1\n2\n3", BatchKind::Lines), ("[1,2,3]", BatchKind::Json)] {
            let error = split_batch(body.as_bytes(), kind, &limits).unwrap_err();
            assert_eq!(
                error.message(),
                "the body has more than 2 events; send it in parts"
            );
        }
    }
}
