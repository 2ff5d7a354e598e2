//! For those who run the server: is it alive, is it ready, how is it doing.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::App;
use super::problem::Problem;

/// `GET /healthz`: the process answers.
pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: events are taken.
pub(super) async fn readyz(State(app): State<Arc<App>>) -> Result<&'static str, Problem> {
    if *app.stopping.borrow() {
        return Err(Problem::try_again("the server is stopping", 10));
    }
    match app.log.failure() {
        Some(_) => Err(Problem::try_again(
            "the log takes no more records; the server's own log says why",
            10,
        )),
        None => Ok("ready\n"),
    }
}

/// `GET /openapi.json`: these doors, described for programs.
pub(super) async fn openapi() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], OPENAPI).into_response()
}

/// Written by hand; a test compares it with the routes.
pub(super) const OPENAPI: &str = include_str!("openapi.json");

/// `GET /metrics`, in Prometheus' text format.
pub(super) async fn metrics(State(app): State<Arc<App>>) -> Response {
    let metrics = &app.metrics;
    let manifest = app.landing.manifest();
    let lake_bytes: u64 = manifest.files.iter().map(|file| file.bytes).sum();
    let syncs = app.log.syncs();
    let sync_us = u64::try_from(syncs.time.as_micros()).unwrap_or(u64::MAX);
    let numbers = [
        (
            "events_accepted_total",
            "counter",
            "Events made durable.",
            metrics.accepted.get(),
        ),
        (
            "events_duplicate_total",
            "counter",
            "Events that had been taken before.",
            metrics.duplicate.get(),
        ),
        (
            "events_rejected_total",
            "counter",
            "Events that could not be taken.",
            metrics.rejected.get(),
        ),
        (
            "requests_refused_total",
            "counter",
            "Requests turned away because the log was full or failed.",
            metrics.refused.get(),
        ),
        (
            "queries_total",
            "counter",
            "Queries answered.",
            metrics.queries.get(),
        ),
        (
            "query_microseconds_total",
            "counter",
            "Time spent on them.",
            metrics.query_microseconds.get(),
        ),
        (
            "landings_failed_total",
            "counter",
            "Landings that failed.",
            metrics.landings_failed.get(),
        ),
        (
            "log_start_offset",
            "gauge",
            "The oldest record in the log.",
            app.log.start(),
        ),
        (
            "log_end_offset",
            "gauge",
            "The offset after the newest record.",
            app.log.end(),
        ),
        (
            "log_queue_bytes",
            "gauge",
            "Bytes of records that are not durable yet.",
            app.log.queue_bytes() as u64,
        ),
        (
            "log_syncs_total",
            "counter",
            "Commits made durable.",
            syncs.count,
        ),
        (
            "log_sync_microseconds_total",
            "counter",
            "Time spent waiting for the disk.",
            sync_us,
        ),
        (
            "log_failed",
            "gauge",
            "1 when the log takes no more records.",
            u64::from(app.log.failure().is_some()),
        ),
        (
            "unlanded_records",
            "gauge",
            "Records that are not in the lake yet.",
            app.log.end().saturating_sub(manifest.landed_to),
        ),
        (
            "lake_files",
            "gauge",
            "Files in the lake.",
            manifest.files.len() as u64,
        ),
        ("lake_bytes", "gauge", "Bytes of those files.", lake_bytes),
        (
            "dedup_ids",
            "gauge",
            "Ids that are remembered to notice duplicates.",
            app.ingest.ids() as u64,
        ),
    ];
    let mut text = String::new();
    for (name, kind, help, value) in numbers {
        // Writing to a String can't fail.
        let _ = write!(
            text,
            "# HELP questlog_{name} {help}\n# TYPE questlog_{name} {kind}\nquestlog_{name} {value}\n"
        );
    }
    text.push_str(
        "# HELP questlog_responses_total HTTP answers.\n# TYPE questlog_responses_total counter\n",
    );
    for digit in 2..6 {
        let _ = writeln!(
            text,
            "questlog_responses_total{{status=\"{digit}xx\"}} {}",
            metrics.responses(digit)
        );
    }
    (
        [(
            header::CONTENT_TYPE,
            "text/plain; version=0.0.4; charset=utf-8",
        )],
        text,
    )
        .into_response()
}
