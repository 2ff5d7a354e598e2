//! What every door for events does: reads the body, takes what can be taken, and puts the rest into the quarantine.

use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use bytes::Bytes;
use questlog_core::Limits;

use super::access::Caller;
use super::body::{self, BodyLimits, Coding, Held, Unread};
use super::metrics::Metrics;
use super::problem::Problem;
use super::{App, now_us};
use crate::ingest::{Ack, Format, Message, Ready, Refused, Taken};
use crate::quarantine::Note;

/// Bodies up to this size are worked on where they are; larger ones get a thread of their own, so that others don't wait.
const INLINE_BYTES_MAX: usize = 32 << 10;
/// An `Idempotency-Key` in bytes.
const IDEMPOTENCY_KEY_BYTES_MAX: usize = 256;

/// After this time it is worth looking whether there is room on the disk again, in seconds.
pub(super) const ROOM_RETRY_S: u32 = 30;

/// What became of a request's events.
pub(super) struct Outcome {
    pub(super) taken: Taken,
    pub(super) refused: Vec<Refused>,
}

/// What a request says besides its body.
pub(super) fn message_of(app: &App, parts: &Parts, format: Format) -> Message {
    let content_type = parts.headers.get(header::CONTENT_TYPE);
    Message {
        format,
        received_at_us: now_us(),
        headers: app.allow_list.pick(&parts.headers, &parts.uri),
        content_type: content_type.and_then(|value| Some(value.to_str().ok()?.to_owned())),
        attributes: attributes_of(&parts.headers, format),
        ..Message::default()
    }
}

/// Takes the events of a request. What it returns is durable: the events, and what is told of those that are none.
pub(super) async fn take(
    app: &App,
    parts: &Parts,
    body: Body,
    mut message: Message,
    limits: &BodyLimits,
    ack: Ack,
) -> Result<Outcome, Problem> {
    if let Some(lacking) = app.room.lacking() {
        app.metrics.refused.add(1);
        return Err(Problem::try_again(lacking, ROOM_RETRY_S));
    }
    let mut held = app.bodies.hold();
    let body = match body::read(&parts.headers, body, limits, &mut held).await {
        Ok(body) => body,
        Err(Unread { problem, head }) => {
            return match head {
                Some(head) => refuse(app, parts, message, head, problem).await,
                None => Err(problem),
            };
        }
    };
    let bytes = body.len() as u64;
    let coding = match (Coding::of(&parts.headers), idempotency_key(&parts.headers)) {
        (Ok(coding), Ok(key)) => {
            message.idempotency_key = key;
            coding
        }
        (Err(problem), _) | (_, Err(problem)) => {
            message.format = Format::Unknown;
            return refuse(app, parts, message, body, problem).await;
        }
    };
    let work = Work {
        coding,
        held,
        body_limits: *limits,
        limits: app.limits.clone(),
        metrics: Arc::clone(&app.metrics),
    };
    let done = if body.len() <= INLINE_BYTES_MAX && coding == Coding::Identity {
        work.read(&message, body)
    } else {
        let message = message.clone();
        let reading = tokio::task::spawn_blocking(move || work.read(&message, body));
        reading.await.map_err(|_| {
            Problem::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "the events could not be read",
            )
        })?
    };
    let (ready, refused, _held) = match done {
        Ok(read) => read,
        Err((problem, _, _)) if !problem.is_refusal() => return Err(problem),
        Err((problem, raw, is_decoded)) => {
            if !is_decoded {
                message.format = Format::Unknown;
            }
            return refuse(app, parts, message, raw, problem).await;
        }
    };
    let events = (ready.len() + refused.len()) as u64;
    charge(parts, events, bytes);
    let taken = app.ingest.take(ready, message.received_at_us, ack).await;
    app.metrics.count_taken(&taken);
    let taken = taken?;
    app.metrics.count_refused(&refused);
    if taken.duplicate > 0 || !refused.is_empty() {
        let note = Note {
            door: door(parts),
            message,
            events,
            taken,
            refused: refused.clone(),
        };
        app.quarantine.note(note).await?;
    }
    Ok(Outcome { taken, refused })
}

/// Puts a whole body into the quarantine, then says what is wrong with it.
pub(super) async fn refuse(
    app: &App,
    parts: &Parts,
    message: Message,
    raw: Bytes,
    problem: Problem,
) -> Result<Outcome, Problem> {
    charge(parts, 1, raw.len() as u64);
    let refused = vec![Refused::whole(problem.to_error(), raw, message.format)];
    app.metrics.count_refused(&refused);
    let note = Note {
        door: door(parts),
        events: 1,
        taken: Taken::default(),
        refused,
        message,
    };
    app.quarantine.note(note).await?;
    Err(problem)
}

/// Counts what a key has sent towards its limits.
fn charge(parts: &Parts, events: u64, bytes: u64) {
    if let Some(Caller(key)) = parts.extensions.get::<Caller>() {
        key.charge(Instant::now(), events, bytes);
    }
}

fn door(parts: &Parts) -> String {
    format!("{} {}", parts.method, parts.uri.path())
}

/// Everything that is needed to turn a body into log records, wherever that is done.
struct Work {
    coding: Coding,
    held: Held,
    body_limits: BodyLimits,
    limits: Limits,
    metrics: Arc<Metrics>,
}

/// Events for the log, and those that are none.
type Read = (Vec<Ready>, Vec<Refused>, Held);
/// What is wrong, the body, and whether it is unpacked.
type Unreadable = (Problem, Bytes, bool);

impl Work {
    fn read(mut self, message: &Message, packed: Bytes) -> Result<Read, Unreadable> {
        let body = body::decode(
            packed.clone(),
            self.coding,
            &self.body_limits,
            &mut self.held,
        )
        .map_err(|problem| (problem, packed, false))?;
        let mut ready = vec![];
        let refused = message.read(&body, &self.limits, |event| {
            self.held.grow(event.record.len())?;
            if let Some(timestamp_us) = event.timestamp_us {
                let behind_us = message.received_at_us.saturating_sub(timestamp_us);
                self.metrics.clock_skew.add_us(behind_us);
            }
            ready.push(event);
            Ok::<_, Problem>(())
        });
        match refused {
            Ok(refused) => Ok((ready, refused, self.held)),
            Err(problem) => Err((problem, body, true)),
        }
    }
}

/// The attributes of a binary CloudEvent; a byte that is no text is a character, and is refused later with a reason.
fn attributes_of(headers: &HeaderMap, format: Format) -> Vec<(String, String)> {
    if format != Format::CloudEventBinary {
        return vec![];
    }
    let attributes = headers.iter().filter_map(|(name, value)| {
        let name = name.as_str().strip_prefix("ce-")?;
        let value = value.as_bytes().iter().copied().map(char::from).collect();
        Some((name.to_owned(), value))
    });
    attributes.collect()
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    match value.to_str() {
        Ok(key) if !key.is_empty() && key.len() <= IDEMPOTENCY_KEY_BYTES_MAX => {
            Ok(Some(key.to_owned()))
        }
        _ => Err(Problem::bad_request(format!(
            "Idempotency-Key has to be 1 to {IDEMPOTENCY_KEY_BYTES_MAX} printable characters"
        ))),
    }
}
