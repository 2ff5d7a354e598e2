//! The game's own routes: a purchase, and joining a guild.

use std::borrow::Cow;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use questlog_core::event::Event;

use super::body::{self, BodyLimits, Coding};
use super::problem::Problem;
use super::{App, now_us};
use crate::ingest::Ready;

/// `GET` or `POST /purchase/{item}`
pub(super) async fn purchase(
    State(app): State<Arc<App>>,
    request: Request,
) -> Result<Response, Problem> {
    let encoded = request
        .uri()
        .path()
        .strip_prefix("/purchase/")
        .unwrap_or_default();
    let item = read_item(encoded)?;
    take(&app, request, format!("{item} purchased"), Some(&item)).await?;
    Ok(format!("{item} Purchased!\n").into_response())
}

/// `GET` or `POST /join_a_guild`
pub(super) async fn join_a_guild(
    State(app): State<Arc<App>>,
    request: Request,
) -> Result<Response, Problem> {
    take(&app, request, "join_guild".to_owned(), None).await?;
    Ok("Joined guild.\n".into_response())
}

/// Any other method; a `HEAD` too, for whoever only looks must not buy anything.
pub(super) async fn wrong_method(request: Request) -> Response {
    let problem = super::wrong_method(request).await;
    ([(header::ALLOW, "GET,POST")], problem).into_response()
}

async fn take(
    app: &App,
    request: Request,
    event_type: String,
    item: Option<&str>,
) -> Result<(), Problem> {
    let (parts, request_body) = request.into_parts();
    let received_at_us = now_us();
    let mut held = app.bodies.hold();
    let limits = BodyLimits::small(&app.server_limits, app.limits.event_bytes_max);
    let body = body::read(&parts.headers, request_body, &limits, &mut held).await?;
    let body = body::decode(body, Coding::of(&parts.headers)?, &limits, &mut held)?;
    let fields = fields_of(&parts.headers, &body);
    let event = match Event::game(
        event_type.clone(),
        item.map(Cow::Borrowed),
        fields,
        &app.limits,
    ) {
        // What was not said to be JSON, and isn't an event's fields either, is a body the route has no use for.
        Err(_) if !is_json(&parts.headers) => {
            Event::game(event_type, item.map(Cow::Borrowed), None, &app.limits)?
        }
        event => event?,
    };
    let headers = app.allow_list.pick(&parts.headers, &parts.uri);
    let ready = Ready::new(&event, None, received_at_us, &headers);
    let taken = app.ingest.take(vec![ready], received_at_us).await;
    app.metrics.count_taken(&taken, 0);
    taken?;
    Ok(())
}

/// The JSON object in a body, if it may be one; the predecessor's load generator posts bodies that are not.
fn fields_of<'a>(headers: &HeaderMap, body: &'a Bytes) -> Option<&'a [u8]> {
    let json = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let is_there = !json.trim_ascii().is_empty();
    (is_there && (is_json(headers) || json.trim_ascii_start().starts_with(b"{"))).then_some(json)
}

fn is_json(headers: &HeaderMap) -> bool {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    essence == "application/json" || essence.ends_with("+json")
}

/// The item in a path's segment: percent-decoded once, and fit to be part of an event type.
fn read_item(encoded: &str) -> Result<String, Problem> {
    let refuse = |why: &str| Problem::bad_request(format!("`{encoded}` is not an item: {why}"));
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
        let detail = format!(
            "an item's name has at most {ITEM_BYTES_MAX} bytes, this one has {}",
            item.len()
        );
        return Err(Problem::new(StatusCode::URI_TOO_LONG, detail));
    }
    Ok(item)
}

/// An item's name in bytes, decoded.
const ITEM_BYTES_MAX: usize = 16 << 10;

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
