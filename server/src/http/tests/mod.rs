//! The doors as a client meets them: through the router, and over real sockets where the connection matters.

mod access;
mod events;
mod game;
mod hostile;
mod lake;
mod limits;
mod plugins;
mod quarantine;
mod sockets;

use std::path::Path;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use bytes::Bytes;
use http_body_util::BodyExt;
use questlog_core::{MatchRule, Providers};
use serde_json::Value;
use tower::ServiceExt;

use super::*;
use crate::config::Settings;
use crate::lake::Lake;
use crate::landing::{LandingOptions, Layout};
use crate::log::DiskLog;
use crate::plugins::Compiler;

/// A server without a socket, on a folder that goes away with it.
struct Server {
    app: Arc<App>,
    landing: Arc<Landing>,
    _dir: tempfile::TempDir,
}

/// An answer, read whole.
#[derive(Debug)]
struct Answered {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Answered {
    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// The sentence of problem details, which must be well-formed.
    fn problem(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json");
        let details = self.json();
        assert_eq!(details["status"], self.status.as_u16());
        assert!(details["title"].is_string() && details["type"] == "about:blank");
        details["detail"].as_str().unwrap().to_owned()
    }
}

impl Server {
    fn new() -> Self {
        Self::with(|_| ())
    }

    fn with(change: impl FnOnce(&mut Config)) -> Self {
        Self::over(change, |config| {
            DiskLog::open(&config.log_dir, config.log_options.clone()).unwrap()
        })
    }

    /// A server over a log of the test's own.
    fn over(change: impl FnOnce(&mut Config), log: impl FnOnce(&Config) -> DiskLog) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let data = Some(dir.path().to_owned());
        let mut config = Config::resolve(Settings {
            data,
            ..Settings::default()
        })
        .unwrap();
        change(&mut config);
        let (app, landing) = open(&config, dir.path(), log(&config));
        Self {
            app,
            landing,
            _dir: dir,
        }
    }

    async fn send(&self, request: Request<Body>) -> Answered {
        let (mut parts, body) = request.into_parts();
        parts
            .headers
            .entry("host")
            .or_insert(HeaderValue::from_static("user46.earthlink.com"));
        let response = app(Arc::clone(&self.app))
            .oneshot(Request::from_parts(parts, body))
            .await
            .unwrap();
        let (parts, body) = response.into_parts();
        Answered {
            status: parts.status,
            headers: parts.headers,
            body: body.collect().await.unwrap().to_bytes(),
        }
    }

    /// The status alone: of an answer that never ends, for example.
    async fn send_head(&self, mut request: Request<Body>) -> StatusCode {
        request
            .headers_mut()
            .insert("host", HeaderValue::from_static("a"));
        app(Arc::clone(&self.app))
            .oneshot(request)
            .await
            .unwrap()
            .status()
    }

    async fn get(&self, path: &str) -> Answered {
        self.send(Request::get(path).body(Body::empty()).unwrap())
            .await
    }

    async fn post(&self, path: &str, content_type: &str, body: impl Into<Body>) -> Answered {
        self.send(
            Request::post(path)
                .header("content-type", content_type)
                .body(body.into())
                .unwrap(),
        )
        .await
    }

    /// The log's records as JSON.
    fn records(&self) -> Vec<Value> {
        let records = self.app.log.read(0, usize::MAX >> 1).unwrap();
        records
            .iter()
            .map(|(_, record)| serde_json::from_slice(record).unwrap())
            .collect()
    }
}

fn open(config: &Config, dir: &Path, log: DiskLog) -> (Arc<App>, Arc<Landing>) {
    let log: Arc<dyn Log> = Arc::new(log);
    let layout = Layout::new(
        &config.headers,
        Providers::new(None, MatchRule::Contains).unwrap(),
    )
    .unwrap();
    let options = LandingOptions::new(dir.join("quarantine"));
    let landing = Landing::open(
        Lake::open(&config.lake_dir).unwrap(),
        Arc::clone(&log),
        layout,
        options,
    )
    .unwrap()
    .with_plugins(Arc::new(config.plugins(Compiler::Here)));
    let landing = Arc::new(landing);
    let ingest = Ingest::open(Arc::clone(&log), Some(&landing), 1000, i64::MAX, now_us()).unwrap();
    let quarantine = Quarantine::open(&config.quarantine_dir, 1 << 30, &*log).unwrap();
    let app = App::new(
        config,
        log,
        ingest,
        Arc::clone(&landing),
        Arc::new(quarantine),
        config
            .keys
            .as_deref()
            .map(|path| Arc::new(Keys::open(path).unwrap())),
    );
    (Arc::new(app), landing)
}

#[tokio::test]
async fn errors_are_problem_details() {
    let server = Server::new();
    for (method, path, status, word) in [
        ("GET", "/nope", 404, "/nope"),
        ("GET", "/v1/nope", 404, "/v1/nope"),
        ("GET", "/v1/events", 405, "GET"),
        ("DELETE", "/purchase/x", 405, "DELETE"),
        ("HEAD", "/purchase/x", 405, ""),
        ("GET", "/Purchase/x", 404, "/Purchase/x"),
        ("GET", "/v1/query?grup_by=x", 400, "grup_by"),
        ("GET", "/v1/query?format=xml", 400, "xml"),
        (
            "GET",
            "/v1/query?limit=-1",
            400,
            "limit: `-1` is not a whole number",
        ),
        ("GET", "/v1/events/tail?from=soon", 400, "soon"),
        // Bytes that are no text are not looked for as something else.
        ("GET", "/v1/query?where=Host%3D'%ff'", 400, "UTF-8"),
        ("GET", "/v1/quarantine?from=%fe", 400, "UTF-8"),
        ("GET", "/v1/quarantine?group_by=%fe", 400, "UTF-8"),
        ("GET", "/v1/events/tail?from=%ff", 400, "UTF-8"),
        ("GET", "/purchase/", 404, "/purchase/ names no item"),
        (
            "GET",
            "/v1/lake/purchases/none.parquet",
            404,
            "none.parquet",
        ),
    ] {
        let answer = server
            .send(
                Request::builder()
                    .method(method)
                    .uri(path)
                    .body(Body::empty())
                    .unwrap(),
            )
            .await;
        assert_eq!(answer.status.as_u16(), status, "{method} {path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        if path == "/purchase/x" {
            assert_eq!(answer.header("allow"), "GET,POST");
        }
        if method != "HEAD" {
            assert!(
                answer.problem().contains(word),
                "{method} {path}: {}",
                answer.text()
            );
        }
    }
    assert!(server.records().is_empty());
}

#[tokio::test]
async fn the_words_of_a_query_are_an_object() {
    let server = Server::new();
    for body in ["[\"event_type\"]", "[]", "\"count\"", "", "null"] {
        let answer = server.post("/v1/query", "application/json", body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
        assert!(
            answer.problem().contains("it has to be a JSON object"),
            "{body}"
        );
    }
    let answer = server
        .post(
            "/v1/query",
            "application/json",
            "\u{feff} {\"measure\":\"count\"}",
        )
        .await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn a_request_names_its_host_once() {
    let server = Server::new();
    let twice = Request::get("/purchase/x")
        .header("host", "a")
        .header("host", "b")
        .body(Body::empty())
        .unwrap();
    assert!(
        server
            .send(twice)
            .await
            .problem()
            .contains("more than one Host")
    );
}

#[tokio::test]
async fn operators_can_ask_how_it_is_going() {
    let server = Server::new();
    server.get("/purchase/knife").await;
    assert_eq!(server.get("/healthz").await.text(), "ok\n");
    assert_eq!(server.get("/readyz").await.text(), "ready\n");
    let metrics = server.get("/metrics").await;
    for line in [
        "questlog_events_accepted_total 1",
        "questlog_unlanded_records 1",
        "questlog_responses_total{status=\"2xx\"} 3",
    ] {
        assert!(
            metrics.text().lines().any(|found| found == line),
            "{line} in {}",
            metrics.text()
        );
    }
    server.app.stop();
    let stopping = server.get("/readyz").await;
    assert_eq!(stopping.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!stopping.header("retry-after").is_empty());
}

#[tokio::test]
async fn the_page_is_served_or_its_absence_explained() {
    let page = Server::new().get("/").await;
    if page.status == StatusCode::OK {
        assert!(
            page.header("content-security-policy")
                .contains("default-src 'none'")
        );
        assert!(!page.header("etag").is_empty());
    } else {
        assert!(page.text().contains("cargo xtask build"));
    }
}

#[tokio::test]
async fn the_description_names_every_door_and_its_methods() {
    let server = Server::new();
    let described = server.get("/openapi.json").await.json();
    assert_eq!(described["info"]["version"], env!("CARGO_PKG_VERSION"));
    let paths = described["paths"].as_object().unwrap();
    let source = include_str!("../mod.rs");
    let routes = source
        .split(".route(")
        .skip(1)
        .map(|rest| rest.split('"').nth(1).unwrap());
    // The page's own files are nobody's interface.
    for route in routes.filter(|route| !route.starts_with("/assets/") && *route != "/{file}") {
        let documented = route.replace("{*file}", "{file}");
        assert!(paths.contains_key(&documented), "{route} is not described");
    }
    for (path, operations) in paths {
        for method in ["get", "post", "delete"] {
            let path = path.replace("{item}", "knife");
            let request = Request::builder()
                .method(method.to_uppercase().as_str())
                .uri(&path);
            let answer = server.send_head(request.body(Body::empty()).unwrap()).await;
            let is_taken = answer != StatusCode::METHOD_NOT_ALLOWED;
            assert_eq!(
                is_taken,
                operations.get(method).is_some(),
                "{method} {path}"
            );
        }
    }
}

/// The documents of those who run the server and what it tells them must not drift apart.
#[tokio::test]
async fn every_metric_is_documented_and_every_documented_one_is_there() {
    let told = Server::new().get("/metrics").await;
    let told: Vec<&str> = told
        .text()
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next())
        .collect();
    let readme = include_str!("../../../../deploy/README.md");
    let dashboard = include_str!("../../../../deploy/grafana.json");
    for name in &told {
        assert!(
            readme.contains(&format!("`{name}`")) || readme.contains(&format!("`{name}{{")),
            "{name} is not documented"
        );
    }
    let words = |text: &'static str| {
        text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .filter(|word| word.starts_with("questlog_"))
    };
    for word in words(readme).chain(words(dashboard)) {
        let name = word.strip_suffix("_bucket").unwrap_or(word);
        assert!(told.contains(&name), "{word} is documented and not told");
    }
}

#[tokio::test]
async fn a_full_disk_is_said_and_passes_by_itself() {
    let server = Server::with(|config| config.room_limits.reserve_bytes = 1000);
    server.app.note_room(999);
    let refused = server.get("/purchase/knife").await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.header("retry-after"), "30");
    assert!(refused.problem().contains("nearly full"));
    let ready = server.get("/readyz").await;
    assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(ready.problem().contains("nearly full"));
    assert_eq!(server.get("/v1/lake").await.status, StatusCode::OK);
    server.app.note_room(1000);
    assert_eq!(server.get("/readyz").await.text(), "ready\n");
    assert_eq!(server.get("/purchase/knife").await.status, StatusCode::OK);
    assert_eq!(server.records().len(), 1);
}

#[tokio::test]
async fn an_answer_names_its_request() {
    let server = Server::new();
    let request = Request::get("/healthz").header("x-request-id", "mine-1");
    let answer = server.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.header("x-request-id"), "mine-1");
    assert_eq!(
        server.get("/nothing").await.header("x-request-id").len(),
        32
    );
}
