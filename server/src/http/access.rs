//! Which key a request shows, and whether it opens the door it knocks at.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::App;
use super::problem::Problem;
use crate::keys::{Key, Scope};

/// The key of a request, among its extensions.
#[derive(Clone)]
pub(super) struct Caller(pub(super) Arc<Key>);

/// Lets a request in, or says why not.
pub(super) fn check(app: &App, request: &mut Request) -> Result<(), Box<Response>> {
    let Some(keys) = &app.keys else { return Ok(()) };
    let Some(scope) = scope_of(request.method(), request.uri().path()) else {
        return Ok(());
    };
    let Some(key) = shown(request).and_then(|shown| keys.find(&shown)) else {
        return Err(Box::new(unknown()));
    };
    if !key.allows(scope) {
        let detail = format!("the key `{}` has no scope `{}`", key.name, scope.name());
        return Err(Box::new(
            Problem::new(StatusCode::FORBIDDEN, detail).into_response(),
        ));
    }
    if scope == Scope::Write
        && let Some(wait) = key.wait(Instant::now())
    {
        let seconds = u32::try_from(wait.as_secs()).unwrap_or(u32::MAX - 1) + 1;
        let detail = format!(
            "the key `{}` has sent more than it may; send again in {seconds} s",
            key.name
        );
        app.metrics.limited.add(1);
        return Err(Box::new(Problem::too_many(detail, seconds).into_response()));
    }
    request.extensions_mut().insert(Caller(key));
    Ok(())
}

/// What a door wants; none for those that are open to all.
fn scope_of(method: &Method, path: &str) -> Option<Scope> {
    // A browser asks with it, without a key, whether it may ask with one.
    if method == Method::OPTIONS {
        return None;
    }
    match path {
        "/healthz" | "/readyz" | "/openapi.json" => None,
        "/v1/events" | "/join_a_guild" => Some(Scope::Write),
        "/v1/quarantine" | "/v1/plugins/reenrich" => Some(Scope::Admin),
        _ if path.starts_with("/purchase/") => Some(Scope::Write),
        _ => Some(Scope::Read),
    }
}

/// The key in a request: a bearer's token, or the password that a browser asks its user for. `navigator.sendBeacon` can set
/// no headers; for events alone the key may stand in the address, as `key`.
fn shown(request: &Request) -> Option<String> {
    if let Some(value) = request.headers().get(header::AUTHORIZATION) {
        let (scheme, credentials) = value.to_str().ok()?.split_once(' ')?;
        return match scheme.to_ascii_lowercase().as_str() {
            "bearer" => Some(credentials.trim().to_owned()),
            "basic" => {
                let bytes = BASE64_STANDARD.decode(credentials.trim()).ok()?;
                let text = String::from_utf8(bytes).ok()?;
                Some(text.split_once(':')?.1.to_owned())
            }
            _ => None,
        };
    }
    let is_for_events = request.uri().path() == "/v1/events";
    let words = request.uri().query().filter(|_| is_for_events)?;
    let key = words.split('&').find_map(|word| word.strip_prefix("key="));
    key.map(str::to_owned)
}

fn unknown() -> Response {
    let detail = "this needs a key: send it as `Authorization: Bearer KEY`";
    let mut response = Problem::new(StatusCode::UNAUTHORIZED, detail).into_response();
    let headers: &mut HeaderMap = response.headers_mut();
    // A browser then asks its user; the key is the password.
    for scheme in ["Bearer", "Basic realm=\"questlog\", charset=\"UTF-8\""] {
        headers.append(header::WWW_AUTHENTICATE, HeaderValue::from_static(scheme));
    }
    response
}
