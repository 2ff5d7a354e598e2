//! The doors: one file each. Rules of the domain are elsewhere; here requests are read and answers written.

mod access;
mod body;
mod channel;
mod events;
mod game;
mod headers;
mod lake;
mod live;
mod metrics;
mod operations;
mod origin;
mod page;
mod plugins;
mod problem;
mod quarantine;
mod query;
mod reenrich;
mod request_id;
mod serve;
mod taking;
#[cfg(test)]
mod tests;
mod tls;
mod words;

use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, Version, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use questlog_core::Limits;
use tokio::sync::{Semaphore, watch};
use tracing::Instrument as _;

use self::body::Budget;
use self::headers::AllowList;
use self::metrics::Metrics;
use self::origin::{Ruling, rule};
use self::problem::{Cause, Problem};
use self::reenrich::Reenrichment;
use self::request_id::RequestIds;
use crate::config::{Config, ServerLimits};
use crate::ingest::Ingest;
use crate::keys::Keys;
use crate::landing::Landing;
use crate::log::Log;
use crate::quarantine::Quarantine;
use crate::room::{Room, RoomLimits};

pub use self::origin::Origins;
pub use self::serve::serve;
pub use self::tls::Tls;

/// What every door can reach.
pub struct App {
    log: Arc<dyn Log>,
    ingest: Ingest,
    landing: Arc<Landing>,
    quarantine: Arc<Quarantine>,
    /// Who may come in; everyone if there are none.
    keys: Option<Arc<Keys>>,
    origins: Origins,
    page_policy: page::Policy,
    room: Room,
    room_limits: RoomLimits,
    /// Names of the headers that are part of an event.
    headers: Vec<String>,
    limits: Limits,
    server_limits: ServerLimits,
    allow_list: AllowList,
    bodies: Budget,
    queries: Semaphore,
    metrics: Arc<Metrics>,
    reenrichment: Reenrichment,
    request_ids: RequestIds,
    /// True when the server is to stop: streams that would never end then do.
    stopping: watch::Sender<bool>,
}

impl App {
    /// The state of a server over an open log and its landing.
    pub fn new(
        config: &Config,
        log: Arc<dyn Log>,
        ingest: Ingest,
        landing: Arc<Landing>,
        quarantine: Arc<Quarantine>,
        keys: Option<Arc<Keys>>,
    ) -> Self {
        Self {
            log,
            ingest,
            landing,
            quarantine,
            keys,
            origins: config.origins.clone(),
            page_policy: page::Policy::new(&config.page_reads),
            room: Room::default(),
            room_limits: config.room_limits,
            headers: config.headers.clone(),
            limits: config.limits.clone(),
            server_limits: config.server_limits.clone(),
            allow_list: AllowList::new(&config.headers),
            bodies: Budget::new(config.server_limits.bodies_bytes_max),
            queries: Semaphore::new(config.server_limits.queries_max),
            metrics: Arc::default(),
            reenrichment: Reenrichment::default(),
            request_ids: RequestIds::default(),
            stopping: watch::Sender::new(false),
        }
    }

    /// Counts a landing that failed, for `/metrics`.
    pub fn count_failed_landing(&self) {
        self.metrics.landings_failed.add(1);
    }

    /// Looks whether there is room on the disk of the log, given how much is free there.
    pub fn note_room(&self, free_bytes: u64) {
        let unlanded_bytes = self.log.bytes_from(self.landing.landed_to());
        if let Some(change) = self
            .room
            .note(free_bytes, unlanded_bytes, &self.room_limits)
        {
            tracing::warn!(free_bytes, unlanded_bytes, "{change}");
        }
    }

    /// Ends streams that would never end, and makes `/readyz` say no.
    pub fn stop(&self) {
        self.stopping.send_replace(true);
    }
}

/// All routes.
pub fn app(state: Arc<App>) -> Router {
    Router::new()
        .route(
            "/purchase/{item}",
            post(game::purchase)
                .get(game::purchase)
                .head(game::wrong_method)
                .fallback(game::wrong_method),
        )
        .route(
            "/join_a_guild",
            post(game::join_a_guild)
                .get(game::join_a_guild)
                .head(game::wrong_method)
                .fallback(game::wrong_method),
        )
        .route("/v1/events", post(events::post))
        .route("/v1/events/tail", get(live::tail))
        .route("/v1/query", get(query::get).post(query::post))
        .route("/v1/lake", get(lake::list))
        .route("/v1/lake/{*file}", get(lake::file))
        .route("/v1/plugins", get(plugins::get))
        .route("/v1/plugins/reenrich", post(reenrich::post))
        .route("/v1/quarantine", get(quarantine::get))
        .route("/healthz", get(operations::healthz))
        .route("/readyz", get(operations::readyz))
        .route("/metrics", get(operations::metrics))
        .route("/openapi.json", get(operations::openapi))
        .route("/", get(page::index))
        .route("/assets/{*file}", get(page::file))
        .route("/{file}", get(page::file))
        .fallback(no_such_route)
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn_with_state(Arc::clone(&state), around))
        .with_state(state)
}

/// What every request goes through, before its door and after it.
async fn around(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let mut origin = None;
    let started = Instant::now();
    let id = app.request_ids.of(request.headers());
    let (method, uri) = (request.method().clone(), request.uri().clone());
    // Without what follows a `?`: a key may stand there.
    let path = uri.path();
    let span = tracing::debug_span!("request", id = id.as_str(), %method, path);
    let mut response = match check_host(&request).and_then(|()| rule(&app.origins, &request)) {
        Err(problem) => problem.into_response(),
        Ok(Ruling::Answered(response)) => response,
        Ok(ruling) => {
            if let Ruling::Allowed(allowed) = ruling {
                origin = Some(allowed);
            }
            match access::check(&app, &mut request) {
                Ok(()) => next.run(request).instrument(span.clone()).await,
                Err(response) => *response,
            }
        }
    };
    let status = response.status().as_u16();
    if response.status().is_server_error() {
        let cause = response.extensions_mut().remove::<Cause>();
        let cause = cause.map(|Cause(cause)| cause);
        tracing::warn!(id = id.as_str(), %method, path, status, cause, "answered");
    } else {
        let _in_span = span.enter();
        tracing::debug!(status, "answered");
    }
    app.metrics.count_response(response.status());
    app.metrics.requests.add(started.elapsed());
    let headers = response.headers_mut();
    for (name, value) in SECURITY_HEADERS {
        headers.entry(name).or_insert(value);
    }
    id.tell(headers);
    if let Some(origin) = origin {
        origin::allow(headers, origin);
    }
    response
}

/// What every answer says to browsers, unless its door says it better: it is not sniffed for another type, runs nothing,
/// is shown in nobody's frame, is read by no other origin, and tells nobody where the reader came from.
const SECURITY_HEADERS: [(HeaderName, HeaderValue); 4] = [
    (
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    ),
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    ),
];

/// HTTP/1.1 wants exactly one `Host`; two of them are how requests are smuggled past proxies.
fn check_host(request: &Request) -> Result<(), Problem> {
    match request.headers().get_all(header::HOST).iter().count() {
        1 => Ok(()),
        0 if request.version() != Version::HTTP_11 => Ok(()),
        0 => Err(Problem::bad_request("the request has no Host header")),
        _ => Err(Problem::bad_request(
            "the request has more than one Host header",
        )),
    }
}

async fn no_such_route(request: Request) -> Problem {
    let detail = match request.uri().path() {
        path @ ("/purchase" | "/purchase/") => {
            format!("{path} names no item; write it as in /purchase/knife")
        }
        path => format!("there is nothing at {path}"),
    };
    Problem::new(StatusCode::NOT_FOUND, detail)
}

async fn wrong_method(request: Request) -> Problem {
    let (method, path) = (request.method(), request.uri().path());
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        format!("{path} does not take {method}"),
    )
}

/// Microseconds since 1970, by this machine's clock.
fn now_us() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}
