//! The page, which is part of the binary.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

use super::App;
use super::problem::Problem;

/// What `web/` builds; the binary can be built without it.
#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../web/dist"]
#[allow_missing = true]
struct Dist;

/// The page runs its own scripts and its own wasm, talks to its own server, and to nobody else.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; \
    style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; manifest-src 'self'; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'";

/// Whom the page may ask, in the header above, and the same as the page's build wrote it into the page.
const OWN_SERVER_ONLY: &str = "connect-src 'self'";
const OWN_SERVER_ONLY_HTML: &str = "connect-src &#39;self&#39;";

/// The page as a server delivers it: it knows, without asking, that there is a lake.
const INDEX: &str = "server.html";

/// How a file can be sent, the smallest first; each is a file beside it, made by the page's build.
const CODINGS: [(&str, &str); 2] = [("br", ".br"), ("gzip", ".gz")];

const NOT_BUILT: &str = "This questlog was built without its page.\nBuild it with `cargo xtask build`, or run `cargo xtask serve`.\n";

/// What the page may do; an operator can let it read files of other servers, too.
pub(super) struct Policy {
    header: HeaderValue,
    /// Those servers, and what tells this page from one without them; nothing where there are none.
    elsewhere: Option<(String, String)>,
}

impl Policy {
    /// A policy that lets the page read files of these origins.
    pub(super) fn new(reads: &[String]) -> Self {
        let own = HeaderValue::from_static(CONTENT_SECURITY_POLICY);
        if reads.is_empty() {
            return Self {
                header: own,
                elsewhere: None,
            };
        }
        let reads = reads.join(" ");
        let text =
            CONTENT_SECURITY_POLICY.replace(OWN_SERVER_ONLY, &format!("{OWN_SERVER_ONLY} {reads}"));
        let mut hasher = DefaultHasher::new();
        reads.hash(&mut hasher);
        Self {
            // Origins that can't stand in a header were refused when the server started.
            header: HeaderValue::try_from(text).unwrap_or(own),
            elsewhere: Some((reads, format!("-{:016x}", hasher.finish()))),
        }
    }
}

/// `GET /`
pub(super) async fn index(State(app): State<Arc<App>>, request: Request) -> Response {
    match Dist::get(INDEX) {
        Some(page) => send(&request, INDEX, page, &app.page_policy),
        None => (StatusCode::NOT_FOUND, NOT_BUILT).into_response(),
    }
}

/// The page's other files.
pub(super) async fn file(State(app): State<Arc<App>>, request: Request) -> Response {
    let path = request.uri().path().trim_start_matches('/');
    let packed = CODINGS.iter().any(|(_, ending)| path.ends_with(ending));
    match Dist::get(path) {
        // The same page without a server around it; whoever asks for it here means this one.
        Some(_) if path == "index.html" => index(State(app), request).await,
        Some(file) if !packed => send(&request, path, file, &app.page_policy),
        _ => Problem::new(
            StatusCode::NOT_FOUND,
            format!("there is nothing at /{path}"),
        )
        .into_response(),
    }
}

fn send(request: &Request, path: &str, plain: EmbeddedFile, policy: &Policy) -> Response {
    let elsewhere = policy.elsewhere.as_ref().filter(|_| path == INDEX);
    let (coding, mut file) = match smallest(request, path) {
        Some(found) if elsewhere.is_none() => found,
        _ => ("", plain),
    };
    let hash = file.metadata.sha256_hash();
    let etag: String = hash[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let mut mark = "";
    if let Some((reads, of_policy)) = elsewhere {
        // The page says in itself, too, what it may do; so changed it travels as it is, which it is small enough for.
        let connect = format!("{OWN_SERVER_ONLY_HTML} {reads}");
        let text = String::from_utf8_lossy(&file.data).replace(OWN_SERVER_ONLY_HTML, &connect);
        file.data = Cow::Owned(text.into_bytes());
        mark = of_policy;
    }
    let etag = format!("\"{etag}{mark}\"");
    // The builder puts a hash of its content into the name of every file under assets/.
    let cache = if path.starts_with("assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let known = text_of(request, header::IF_NONE_MATCH);
    let mut response = if known.contains(&etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mut whole = ([(header::CONTENT_TYPE, content_type(path))], file.data).into_response();
        if !coding.is_empty() {
            whole
                .headers_mut()
                .insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
        }
        whole
    };
    let headers = response.headers_mut();
    headers.extend(
        HeaderValue::try_from(etag)
            .ok()
            .map(|etag| (header::ETAG, etag)),
    );
    for (name, value) in [
        (header::CACHE_CONTROL, cache),
        (header::VARY, "accept-encoding"),
        (header::REFERRER_POLICY, "no-referrer"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(header::CONTENT_SECURITY_POLICY, policy.header.clone());
    response
}

/// The first coding that the client takes and the build made, with its file.
fn smallest(request: &Request, path: &str) -> Option<(&'static str, EmbeddedFile)> {
    let accepted = text_of(request, header::ACCEPT_ENCODING);
    CODINGS
        .iter()
        .filter(|(coding, _)| accepts(accepted, coding))
        .find_map(|(coding, ending)| Some((*coding, Dist::get(&format!("{path}{ending}"))?)))
}

/// Whether `Accept-Encoding` lets a coding be used: by its own name, else by `*`, unless its weight is 0.
fn accepts(accepted: &str, coding: &str) -> bool {
    let weight_of = |wanted: &str| {
        accepted.split(',').find_map(|entry| {
            let mut parts = entry.split(';').map(str::trim);
            let name = parts.next()?;
            let weight = parts.find_map(|part| part.strip_prefix("q="));
            name.eq_ignore_ascii_case(wanted)
                .then(|| weight.map_or(Some(1.0), |text| text.parse::<f32>().ok()))
        })
    };
    weight_of(coding)
        .or_else(|| weight_of("*"))
        .flatten()
        .is_some_and(|weight| weight > 0.0)
}

fn text_of(request: &Request, name: header::HeaderName) -> &str {
    let value = request.headers().get(name);
    value.and_then(|value| value.to_str().ok()).unwrap_or("")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_coding_is_used_only_where_the_client_takes_it() {
        for taken in [
            "br",
            "gzip, deflate, br",
            "BR;q=0.5",
            "*",
            "gzip;q=0, br;q=1.0",
        ] {
            assert!(accepts(taken, "br"), "{taken}");
        }
        for refused in [
            "",
            "gzip",
            "br;q=0",
            "br;q=0.0, *",
            "*;q=0",
            "br;q=much",
            "brotli",
        ] {
            assert!(!accepts(refused, "br"), "{refused}");
        }
    }
}
