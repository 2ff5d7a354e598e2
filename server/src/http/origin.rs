//! Pages of other origins: they may send events if they are on the list, and nothing else.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::problem::Problem;

/// How long a browser may remember that it may ask, in seconds.
const MAX_AGE_S: HeaderValue = HeaderValue::from_static("7200");
/// What a page may send along.
const ALLOWED_HEADERS: HeaderValue = HeaderValue::from_static(
    "authorization, content-type, content-encoding, idempotency-key, traceparent, x-request-id",
);

/// Which origins may send events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins {
    /// `https://game.example` or `*`.
    pub allowed: Vec<String>,
}

impl Origins {
    fn allow(&self, origin: &str) -> bool {
        let mut allowed = self.allowed.iter();
        allowed.any(|one| one == "*" || one.eq_ignore_ascii_case(origin))
    }
}

/// What is to be done about a request's origin.
pub(super) enum Ruling {
    /// Nothing: no page of another origin asks.
    Own,
    /// The answer may be read by that origin.
    Allowed(HeaderValue),
    /// The question whether it may ask is answered.
    Answered(Response),
}

/// Looks at where a request comes from.
pub(super) fn rule(origins: &Origins, request: &Request) -> Result<Ruling, Problem> {
    let Some(value) = request.headers().get(header::ORIGIN) else {
        return Ok(Ruling::Own);
    };
    let is_for_events = is_for_events(request.uri().path());
    let origin = value.to_str().unwrap_or_default();
    if !is_for_events || is_own(origin, request) {
        return Ok(Ruling::Own);
    }
    if !origins.allow(origin) {
        // A page that a player happens to visit must not be able to send events from the player's machine.
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "pages of this origin may not send events; --origins says which may",
        ));
    }
    if request.method() == Method::OPTIONS {
        let mut response = StatusCode::NO_CONTENT.into_response();
        let headers = response.headers_mut();
        let methods = HeaderValue::from_static("GET, POST");
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED_HEADERS);
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, MAX_AGE_S);
        allow(headers, value.clone());
        return Ok(Ruling::Answered(response));
    }
    Ok(Ruling::Allowed(value.clone()))
}

/// Lets the origin read the answer.
pub(super) fn allow(headers: &mut HeaderMap, origin: HeaderValue) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(header::VARY, HeaderValue::from_static("Origin"));
    headers.insert(
        "cross-origin-resource-policy",
        HeaderValue::from_static("cross-origin"),
    );
    headers.insert(
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static("retry-after, x-request-id"),
    );
}

fn is_for_events(path: &str) -> bool {
    matches!(path, "/v1/events" | "/join_a_guild") || path.starts_with("/purchase/")
}

/// Whether the page came from this very server.
fn is_own(origin: &str, request: &Request) -> bool {
    let host = request.headers().get(header::HOST);
    let host = host.and_then(|host| host.to_str().ok());
    let host = request
        .uri()
        .authority()
        .map_or(host, |authority| Some(authority.as_str()));
    let origin_host = origin.split_once("://").map(|(_, host)| host);
    origin_host.is_some() && origin_host == host
}
