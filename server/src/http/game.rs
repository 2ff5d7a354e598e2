//! The game's own routes: a purchase, and joining a guild.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use questlog_core::ErrorKind;

use super::App;
use super::body::BodyLimits;
use super::problem::Problem;
use super::taking;
use crate::ingest::{Ack, Format, Message, read_item};

/// `GET` or `POST /purchase/{item}`
pub(super) async fn purchase(
    State(app): State<Arc<App>>,
    request: Request,
) -> Result<Response, Problem> {
    let path = request.uri().path();
    let encoded = path.strip_prefix("/purchase/").unwrap_or_default();
    let encoded = encoded.to_owned();
    let item = read_item(&encoded);
    take(&app, request, Format::Purchase, encoded).await?;
    // What is no item has just been refused.
    let item = item.unwrap_or_default();
    Ok(format!("{item} Purchased!\n").into_response())
}

/// `GET` or `POST /join_a_guild`
pub(super) async fn join_a_guild(
    State(app): State<Arc<App>>,
    request: Request,
) -> Result<Response, Problem> {
    take(&app, request, Format::JoinGuild, String::new()).await?;
    Ok("Joined guild.\n".into_response())
}

/// Any other method; a `HEAD` too, for whoever only looks must not buy anything.
pub(super) async fn wrong_method(request: Request) -> Response {
    let problem = super::wrong_method(request).await;
    ([(header::ALLOW, "GET,POST")], problem).into_response()
}

async fn take(app: &App, request: Request, format: Format, item: String) -> Result<(), Problem> {
    let (parts, body) = request.into_parts();
    let message = Message {
        item,
        ..taking::message_of(app, &parts, format)
    };
    let limits = BodyLimits::small(&app.server_limits, app.limits.event_bytes_max);
    let outcome = taking::take(app, &parts, body, message, &limits, Ack::Durable).await?;
    let Some(refused) = outcome.refused.into_iter().next() else {
        return Ok(());
    };
    let status = match refused.error.kind() {
        ErrorKind::Limit if refused.raw.is_empty() => StatusCode::URI_TOO_LONG,
        ErrorKind::Limit => StatusCode::PAYLOAD_TOO_LARGE,
        _ => StatusCode::BAD_REQUEST,
    };
    Err(Problem::new(status, refused.error.message()))
}
