//! The page, which is part of the binary.

use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

use super::problem::Problem;

/// What `web/` builds; the binary can be built without it.
#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../web/dist"]
#[allow_missing = true]
struct Dist;

/// The page runs its own scripts and its own wasm, talks to its own server, and to nobody else.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; \
    style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'";

/// `GET /`
pub(super) async fn index(request: Request) -> Response {
    match Dist::get("index.html") {
        Some(page) => send(&request, "index.html", page),
        None => (StatusCode::NOT_FOUND, NOT_BUILT).into_response(),
    }
}

const NOT_BUILT: &str = "This questlog was built without its page.\nBuild it with `cargo xtask build`, or run `cargo xtask serve`.\n";

/// The page's other files.
pub(super) async fn file(request: Request) -> Response {
    let path = request.uri().path().trim_start_matches('/');
    match Dist::get(path) {
        Some(file) => send(&request, path, file),
        None => Problem::new(
            StatusCode::NOT_FOUND,
            format!("there is nothing at /{path}"),
        )
        .into_response(),
    }
}

fn send(request: &Request, path: &str, file: EmbeddedFile) -> Response {
    let hash = file.metadata.sha256_hash();
    let etag: String = hash[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let etag = format!("\"{etag}\"");
    // The builder puts a hash of its content into the name of every file under assets/.
    let cache = if path.starts_with("assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let known = request
        .headers()
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok());
    let mut response = match known {
        Some(tags) if tags.contains(&etag) => StatusCode::NOT_MODIFIED.into_response(),
        _ => ([(header::CONTENT_TYPE, content_type(path))], file.data).into_response(),
    };
    let headers = response.headers_mut();
    headers.extend(
        HeaderValue::try_from(etag)
            .ok()
            .map(|etag| (header::ETAG, etag)),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(CONTENT_SECURITY_POLICY),
    );
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    response
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        "parquet" => "application/vnd.apache.parquet",
        _ => "application/octet-stream",
    }
}
