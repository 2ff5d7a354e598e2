//! The doors: one file each. Rules of the domain are elsewhere; here requests are read and answers written.

mod body;
mod channel;
mod cloudevents;
mod events;
mod game;
mod headers;
mod lake;
mod live;
mod metrics;
mod operations;
mod page;
mod problem;
mod query;
mod serve;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, Version, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use questlog_core::Limits;
use tokio::sync::{Semaphore, watch};

use self::body::Budget;
use self::headers::AllowList;
use self::metrics::Metrics;
use self::problem::Problem;
use crate::config::{Config, ServerLimits};
use crate::ingest::Ingest;
use crate::landing::Landing;
use crate::log::Log;

pub use self::serve::serve;

/// What every door can reach.
pub struct App {
    log: Arc<dyn Log>,
    ingest: Ingest,
    landing: Arc<Landing>,
    limits: Limits,
    server_limits: ServerLimits,
    allow_list: AllowList,
    bodies: Budget,
    queries: Semaphore,
    metrics: Metrics,
    /// True when the server is to stop: streams that would never end then do.
    stopping: watch::Sender<bool>,
}

impl App {
    /// The state of a server over an open log and its landing.
    pub fn new(config: &Config, log: Arc<dyn Log>, ingest: Ingest, landing: Arc<Landing>) -> Self {
        Self {
            log,
            ingest,
            landing,
            limits: config.limits.clone(),
            server_limits: config.server_limits.clone(),
            allow_list: AllowList::new(&config.headers),
            bodies: Budget::new(config.server_limits.bodies_bytes_max),
            queries: Semaphore::new(config.server_limits.queries_max),
            metrics: Metrics::default(),
            stopping: watch::Sender::new(false),
        }
    }

    /// Counts a landing that failed, for `/metrics`.
    pub fn count_failed_landing(&self) {
        self.metrics.landings_failed.add(1);
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

/// What every request goes through: it is counted, and its answer is never sniffed for another type.
async fn around(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let mut response = match check_host(&request) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    };
    app.metrics.count_response(response.status());
    response.headers_mut().insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    response
}

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
    Problem::new(
        StatusCode::NOT_FOUND,
        format!("there is nothing at {}", request.uri().path()),
    )
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
