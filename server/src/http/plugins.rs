//! `/v1/plugins`: the ingest plugins, what each says of itself, and how it is doing.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::App;
use crate::plugins::{Known, Plugin};

/// `GET /v1/plugins`
pub(super) async fn get(State(app): State<Arc<App>>) -> Response {
    let (generation, plugins) = match app.landing.registry() {
        Some(registry) => (registry.current().generation, registry.known()),
        None => Default::default(),
    };
    let plugins: Vec<Value> = plugins
        .iter()
        .map(|(name, known)| describe(name, known))
        .collect();
    let mut body = json!({ "generation": generation, "plugins": plugins });
    if let Some(told) = app.reenrichment.told() {
        body["reenrich"] = told;
    }
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, body.to_string()).into_response()
}

fn describe(name: &str, known: &Known) -> Value {
    let mut told = json!({ "name": name, "state": known.state() });
    if let Some(error) = &known.error {
        told["error"] = json!(error);
    }
    if let Some(plugin) = &known.plugin {
        let description = &plugin.description;
        told["kind"] = json!(description.kind);
        told["describes_itself_as"] = json!(description.name);
        told["version"] = json!(description.version);
        told["sha256"] = json!(plugin.sha256());
        told["bytes"] = json!(plugin.size_bytes());
        told["reads"] = json!(description.reads);
        told["writes"] = json!(description.writes);
        told["deterministic"] = json!(description.deterministic);
        told["counts"] = counts(plugin);
    }
    told
}

fn counts(plugin: &Plugin) -> Value {
    let counts = &plugin.counts;
    let number = |count: &AtomicU64| count.load(Ordering::Relaxed);
    let failures: serde_json::Map<String, Value> = counts
        .failures()
        .map(|(kind, count)| (kind.to_owned(), json!(count)))
        .collect();
    json!({
        "calls": number(&counts.calls),
        "rows": number(&counts.rows),
        "asked": number(&counts.asked),
        "blank": number(&counts.blank),
        "failures": failures,
        "instances": number(&counts.instances),
        "memory_bytes_max": number(&counts.memory_bytes_max),
    })
}
