//! `POST /v1/events`: one event or many, as JSON, NDJSON or CloudEvents.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use questlog_core::event::{BatchKind, Event, split_batch};
use questlog_core::{Error, Limits};
use serde::Serialize;

use super::body::{self, BodyLimits, Coding, Held};
use super::problem::{Details, Problem};
use super::{App, cloudevents, now_us};
use crate::ingest::{Ready, Taken};

/// Bodies up to this size are worked on where they are; larger ones get a thread of their own, so that others don't wait.
const INLINE_BYTES_MAX: usize = 32 << 10;
/// An `Idempotency-Key` in bytes.
const IDEMPOTENCY_KEY_BYTES_MAX: usize = 256;

/// What the answer says.
#[derive(Debug, Serialize)]
struct Answer {
    accepted: u64,
    duplicate: u64,
    rejected: Vec<Rejected>,
    durability: &'static str,
    /// Where the last of the events is in the log: partition and offset.
    position: Option<String>,
}

/// An answer that is a problem as well.
#[derive(Debug, Serialize)]
struct AllRejected<'a> {
    #[serde(flatten)]
    details: Details<'a>,
    #[serde(flatten)]
    answer: Answer,
}

/// An event that can't be taken.
#[derive(Debug, Serialize)]
struct Rejected {
    index: usize,
    reason: String,
}

/// `POST /v1/events`
pub(super) async fn post(
    State(app): State<Arc<App>>,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, request_body) = request.into_parts();
    let headers = parts.headers;
    let mut work = Work {
        format: Format::of(&headers)?,
        coding: Coding::of(&headers)?,
        idempotency_key: idempotency_key(&headers)?,
        logged_headers: app.allow_list.pick(&headers, &parts.uri),
        received_at_us: now_us(),
        limits: app.limits.clone(),
        body_limits: BodyLimits::of(&app.server_limits),
        held: app.bodies.hold(),
        headers,
    };
    let body = work.read(request_body).await?;
    let received_at_us = work.received_at_us;
    let (prepared, _held) = if body.len() <= INLINE_BYTES_MAX && work.coding == Coding::Identity {
        work.prepare(body)?
    } else {
        let preparing = tokio::task::spawn_blocking(move || work.prepare(body));
        preparing.await.map_err(|_| {
            Problem::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "the events could not be read",
            )
        })??
    };
    let taken = app.ingest.take(prepared.ready, received_at_us).await;
    app.metrics.count_taken(&taken, prepared.rejected.len());
    Ok(answer(taken?, prepared.rejected, app.log.durability()))
}

fn answer(taken: Taken, rejected: Vec<Rejected>, durability: &'static str) -> Response {
    let all_rejected = taken.accepted + taken.duplicate == 0 && !rejected.is_empty();
    let detail = format!(
        "none of the {} events could be taken; `rejected` says why",
        rejected.len()
    );
    let answer = Answer {
        accepted: taken.accepted,
        duplicate: taken.duplicate,
        rejected,
        durability,
        position: taken.position.map(|offset| format!("0/{offset}")),
    };
    let (status, content_type, json) = if all_rejected {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        let title = status.canonical_reason().unwrap_or("Error");
        let details = Details {
            kind: "about:blank",
            title,
            status: status.as_u16(),
            detail: &detail,
        };
        (
            status,
            "application/problem+json",
            serde_json::to_string(&AllRejected { details, answer }),
        )
    } else {
        (
            StatusCode::OK,
            "application/json",
            serde_json::to_string(&answer),
        )
    };
    // Nothing in it can fail to become JSON.
    (
        status,
        [(header::CONTENT_TYPE, content_type)],
        json.unwrap_or_default(),
    )
        .into_response()
}

/// Everything that is needed to turn a body into log records, wherever that is done.
struct Work {
    headers: HeaderMap,
    format: Format,
    coding: Coding,
    idempotency_key: Option<String>,
    logged_headers: Vec<(String, String)>,
    received_at_us: i64,
    limits: Limits,
    body_limits: BodyLimits,
    held: Held,
}

struct Prepared {
    ready: Vec<Ready>,
    rejected: Vec<Rejected>,
}

impl Work {
    async fn read(&mut self, body: Body) -> Result<Bytes, Problem> {
        body::read(&self.headers, body, &self.body_limits, &mut self.held).await
    }

    fn prepare(mut self, body: Bytes) -> Result<(Prepared, Held), Problem> {
        let body = body::decode(body, self.coding, &self.body_limits, &mut self.held)?;
        let mut prepared = Prepared {
            ready: Vec::new(),
            rejected: Vec::new(),
        };
        if self.format == Format::CloudEventBinary {
            let event = cloudevents::binary_to_event(&self.headers, &body);
            self.add(
                &mut prepared,
                0,
                1,
                event.and_then(|json| self.ready(&json, 0, 1)),
            )?;
            return Ok((prepared, self.held));
        }
        let kind = if self.format == Format::Lines {
            BatchKind::Lines
        } else {
            BatchKind::Json
        };
        let events = split_batch(&body, kind, &self.limits)?;
        if self.format == Format::CloudEvent && body.trim_ascii_start().starts_with(b"[") {
            return Err(Problem::bad_request(
                "several CloudEvents are sent as application/cloudevents-batch+json",
            ));
        }
        let count = events.len();
        for (index, json) in events.into_iter().enumerate() {
            let ready = match self.format {
                Format::CloudEvent | Format::CloudEventBatch => {
                    cloudevents::structured_to_event(json)
                        .and_then(|json| self.ready(&json, index, count))
                }
                _ => self.ready(json, index, count),
            };
            self.add(&mut prepared, index, count, ready)?;
        }
        Ok((prepared, self.held))
    }

    fn ready(&self, json: &[u8], index: usize, count: usize) -> Result<Ready, Error> {
        let event = Event::parse(json, &self.limits)?;
        let fallback_id = self.idempotency_key.as_ref().map(|key| match count {
            1 => key.clone(),
            _ => format!("{key}/{index}"),
        });
        Ok(Ready::new(
            &event,
            fallback_id.as_deref(),
            self.received_at_us,
            &self.logged_headers,
        ))
    }

    fn add(
        &mut self,
        prepared: &mut Prepared,
        index: usize,
        count: usize,
        ready: Result<Ready, Error>,
    ) -> Result<(), Problem> {
        match ready {
            Ok(ready) => {
                self.held.grow(ready.record.len())?;
                prepared.ready.reserve(if index == 0 { count } else { 0 });
                prepared.ready.push(ready);
            }
            Err(error) => prepared.rejected.push(Rejected {
                index,
                reason: error.message().to_owned(),
            }),
        }
        Ok(())
    }
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

/// How a body holds its events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
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
}

impl Format {
    fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        let refuse = |content_type: &str| {
            let detail = format!(
                "Content-Type `{content_type}` is not understood; send application/json, application/x-ndjson or CloudEvents, in UTF-8"
            );
            Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail)
        };
        let content_type = match headers.get(header::CONTENT_TYPE) {
            Some(value) => value
                .to_str()
                .map_err(|_| refuse("?"))?
                .to_ascii_lowercase(),
            None => String::new(),
        };
        let mut parts = content_type.split(';').map(str::trim);
        let essence = parts.next().unwrap_or_default();
        let format = match essence {
            "application/cloudevents+json" => Self::CloudEvent,
            "application/cloudevents-batch+json" => Self::CloudEventBatch,
            _ if headers.contains_key("ce-specversion") => return Ok(Self::CloudEventBinary),
            // A browser's sendBeacon sends a text as text/plain.
            "" | "application/json" | "text/json" | "text/plain" => Self::Json,
            "application/x-ndjson"
            | "application/ndjson"
            | "application/jsonl"
            | "application/x-jsonlines"
            | "application/jsonlines"
            | "application/json-lines" => Self::Lines,
            _ if essence.ends_with("+json") && !essence.contains("cloudevents") => Self::Json,
            _ => return Err(refuse(&content_type)),
        };
        let charset = parts.find_map(|parameter| parameter.strip_prefix("charset="));
        match charset.map(|charset| charset.trim_matches('"')) {
            None | Some("utf-8" | "utf8" | "us-ascii") => Ok(format),
            Some(_) => Err(refuse(&content_type)),
        }
    }
}
