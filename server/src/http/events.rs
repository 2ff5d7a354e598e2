//! `POST /v1/events`: one event or many, as JSON, NDJSON or CloudEvents.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::App;
use super::body::{self, BodyLimits};
use super::problem::{Details, Problem};
use super::taking::{self, Outcome};
use super::words;
use crate::ingest::{Ack, Format};

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
    let (parts, body) = request.into_parts();
    let limits = BodyLimits::of(&app.server_limits);
    let ack = ack_of(&parts.uri)?;
    let format = match format_of(&parts.headers) {
        Ok(format) => format,
        Err(problem) => {
            let mut held = app.bodies.hold();
            let body = body::read(&parts.headers, body, &limits, &mut held).await?;
            let message = taking::message_of(&app, &parts, Format::Unknown);
            taking::refuse(&app, &parts, message, body, problem.clone()).await?;
            return Err(problem);
        }
    };
    let message = taking::message_of(&app, &parts, format);
    let outcome = taking::take(&app, &parts, body, message, &limits, ack).await?;
    let durability = match ack {
        Ack::Durable => app.log.durability(),
        Ack::Memory => "memory",
    };
    Ok(answer(outcome, durability))
}

/// What the answer shall wait for: `?ack=fsync`, the default, or `?ack=memory`.
fn ack_of(uri: &Uri) -> Result<Ack, Problem> {
    if uri.query().is_none() {
        return Ok(Ack::Durable);
    }
    match words::one(uri, "ack")?.as_deref() {
        None | Some("fsync") => Ok(Ack::Durable),
        Some("memory") => Ok(Ack::Memory),
        Some(other) => Err(Problem::bad_request(format!(
            "ack `{other}` is none of fsync and memory"
        ))),
    }
}

fn answer(outcome: Outcome, durability: &'static str) -> Response {
    let Outcome { taken, refused } = outcome;
    let all_rejected = taken.accepted + taken.duplicate == 0 && !refused.is_empty();
    let detail = format!(
        "none of the {} events could be taken; `rejected` says why",
        refused.len()
    );
    let rejected = refused.iter().map(|refused| Rejected {
        index: refused.index,
        reason: refused.error.message().to_owned(),
    });
    let answer = Answer {
        accepted: taken.accepted,
        duplicate: taken.duplicate,
        rejected: rejected.collect(),
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

/// How a body holds its events, by its type.
fn format_of(headers: &HeaderMap) -> Result<Format, Problem> {
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
        "application/cloudevents+json" => Format::CloudEvent,
        "application/cloudevents-batch+json" => Format::CloudEventBatch,
        _ if headers.contains_key("ce-specversion") => return Ok(Format::CloudEventBinary),
        // A browser's sendBeacon sends a text as text/plain.
        "" | "application/json" | "text/json" | "text/plain" => Format::Json,
        "application/x-ndjson"
        | "application/ndjson"
        | "application/jsonl"
        | "application/x-jsonlines"
        | "application/jsonlines"
        | "application/json-lines" => Format::Lines,
        _ if essence.ends_with("+json") && !essence.contains("cloudevents") => Format::Json,
        _ => return Err(refuse(&content_type)),
    };
    let charset = parts.find_map(|parameter| parameter.strip_prefix("charset="));
    match charset.map(|charset| charset.trim_matches('"')) {
        None | Some("utf-8" | "utf8" | "us-ascii") => Ok(format),
        Some(_) => Err(refuse(&content_type)),
    }
}
