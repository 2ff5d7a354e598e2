//! `GET /v1/quarantine`: what was not taken, page by page, or asked with the words of a query.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::App;
use super::problem::Problem;
use super::{query, words};
use crate::quarantine::{QuarantineError, parse_place};

/// Entries of a page unless the request says something else, and at most.
const ENTRIES: usize = 100;
const ENTRIES_MAX: usize = 1000;

/// Which page.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Asked {
    from: Option<String>,
    limit: Option<usize>,
}

/// `GET /v1/quarantine[?from=0/12/0&limit=100]`, or with words of a query `GET /v1/quarantine?group_by=reason`.
pub(super) async fn get(
    State(app): State<Arc<App>>,
    request: Request,
) -> Result<Response, Problem> {
    let words = request.uri().query().unwrap_or_default();
    let is_page = words.split('&').all(|pair| {
        let name = pair.split('=').next().unwrap_or_default();
        matches!(name, "" | "from" | "limit")
    });
    if !is_page {
        return query::of_quarantine(app, request).await;
    }
    let asked: Asked = words::read(request.uri()).map_err(|why| {
        let right = "`limit` is a whole number, `from` a place such as 0/12/0";
        Problem::bad_request(format!("the words can't be read: {why}; {right}"))
    })?;
    let from = asked.from.as_deref().map_or(Ok((0, 0)), parse_place);
    let from = from.map_err(Problem::bad_request)?;
    let limit = asked.limit.unwrap_or(ENTRIES).clamp(1, ENTRIES_MAX);
    let quarantine = Arc::clone(&app.quarantine);
    let reading = tokio::task::spawn_blocking(move || quarantine.page(from, limit));
    let page = reading
        .await
        .map_err(|_| unreadable(None))?
        .map_err(|error| unreadable(Some(&error)))?;
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    // Nothing in it can fail to become JSON.
    Ok((headers, serde_json::to_string(&page).unwrap_or_default()).into_response())
}

/// The reason may name paths of this machine: it is for the server's log.
pub(super) fn unreadable(error: Option<&QuarantineError>) -> Problem {
    if let Some(error @ QuarantineError::TooMany(_)) = error {
        return Problem::new(StatusCode::UNPROCESSABLE_ENTITY, error.to_string());
    }
    let problem = Problem::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "the quarantine can't be read; the server's own log says why",
    );
    match error {
        Some(error) => problem.because(&error),
        None => problem,
    }
}
