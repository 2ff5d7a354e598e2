//! For those who run the server: is it alive, is it ready, how is it doing.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use questlog_core::event::Record;

use super::problem::Problem;
use super::taking::ROOM_RETRY_S;
use super::{App, now_us};
use crate::histogram::{Histogram, TIMES_US};
use crate::plugins::Plugin;

/// `GET /healthz`: the process answers.
pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: events are taken.
pub(super) async fn readyz(State(app): State<Arc<App>>) -> Result<&'static str, Problem> {
    if *app.stopping.borrow() {
        return Err(Problem::try_again("the server is stopping", 10));
    }
    if let Some(lacking) = app.room.lacking() {
        return Err(Problem::try_again(lacking, ROOM_RETRY_S));
    }
    match app.log.failure().or(app.quarantine.failure()) {
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

/// `GET /metrics`, in Prometheus' text format. `deploy/README.md` lists them; a test compares the two.
pub(super) async fn metrics(State(app): State<Arc<App>>) -> Response {
    let content_type = "text/plain; version=0.0.4; charset=utf-8";
    ([(header::CONTENT_TYPE, content_type)], Page::of(&app).text).into_response()
}

/// The lines of `/metrics`.
#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn of(app: &App) -> Self {
        let mut page = Self::default();
        page.events(app);
        page.log(app);
        page.lake(app);
        page.plugins(app);
        page.requests(app);
        page
    }

    fn events(&mut self, app: &App) {
        let metrics = &app.metrics;
        let accepted = metrics.accepted.get();
        self.counter("events_accepted_total", "Events made durable.", accepted);
        let duplicate = metrics.duplicate.get();
        let help = "Events that had been taken before.";
        self.counter("events_duplicate_total", help, duplicate);
        let name = "events_rejected_total";
        self.head(name, "counter", "Events that could not be taken.");
        for (reason, count) in metrics.rejected() {
            self.labelled(name, "reason", reason, count);
        }
        let help = "How far the timestamps of events lay before the moment they came.";
        self.histogram("clock_skew_seconds", help, &metrics.clock_skew);
        let ids = app.ingest.ids() as u64;
        let help = "Ids that are remembered to notice duplicates.";
        self.gauge("dedup_ids", help, ids);
        let bytes = app.quarantine.bytes();
        let help = "Bytes of what could not be taken.";
        self.gauge("quarantine_bytes", help, bytes);
    }

    fn log(&mut self, app: &App) {
        let log = &app.log;
        self.gauge(
            "log_start_offset",
            "The oldest record in the log.",
            log.start(),
        );
        let help = "The offset after the newest record.";
        self.gauge("log_end_offset", help, log.end());
        let help = "Bytes of records that are not durable yet.";
        self.gauge("log_queue_bytes", help, log.queue_bytes() as u64);
        if let Some(syncs) = log.syncs() {
            let help = "How long the disk took to make a commit durable.";
            self.histogram("log_sync_seconds", help, syncs);
        }
        let has_failed = u64::from(log.failure().is_some());
        let help = "1 when the log takes no more records.";
        self.gauge("log_failed", help, has_failed);
        let lacks_room = u64::from(app.room.lacking().is_some());
        let help =
            "1 while no events are taken because the disk is nearly full, or too much is unlanded.";
        self.gauge("read_only", help, lacks_room);
        let help = "Bytes that may still be used on the log's disk.";
        self.gauge("disk_free_bytes", help, app.room.free_bytes());
    }

    fn lake(&mut self, app: &App) {
        let manifest = app.landing.manifest();
        let unlanded = app.log.end().saturating_sub(manifest.landed_to);
        let help = "Records that are not in the lake yet.";
        self.gauge("unlanded_records", help, unlanded);
        let help = "Bytes of the log that are not in the lake yet.";
        self.gauge(
            "unlanded_bytes",
            help,
            app.log.bytes_from(manifest.landed_to),
        );
        let help = "How long ago the oldest record came that is not in the lake yet.";
        self.gauge(
            "landing_lag_seconds",
            help,
            landing_lag_s(app, manifest.landed_to),
        );
        let help = "Landings that failed.";
        self.counter(
            "landings_failed_total",
            help,
            app.metrics.landings_failed.get(),
        );
        self.gauge(
            "lake_files",
            "Files in the lake.",
            manifest.files.len() as u64,
        );
        let bytes = manifest.files.iter().map(|file| file.bytes).sum();
        self.gauge("lake_bytes", "Bytes of those files.", bytes);
    }

    fn plugins(&mut self, app: &App) {
        let registry = app.landing.registry();
        let (generation, known) = match registry {
            Some(registry) => (registry.current().generation, registry.known()),
            None => Default::default(),
        };
        let help = "The number of the plugins that are at work; it grows with each change.";
        self.gauge("plugin_generation", help, generation);
        let failed = known.values().filter(|known| known.error.is_some()).count();
        let help = "Plugins that can't be loaded as they are now.";
        self.gauge("plugins_failed", help, failed as u64);
        let plugins: Vec<&Plugin> = known
            .values()
            .filter_map(|known| known.plugin.as_deref())
            .collect();
        for figure in PLUGIN_FIGURES {
            self.head(figure.name, figure.kind, figure.help);
            for plugin in &plugins {
                self.labelled(figure.name, "plugin", &plugin.name, (figure.of)(plugin));
            }
        }
        let name = "plugin_failures_total";
        self.head(name, "counter", "Calls of a plugin that gave no answer.");
        for plugin in &plugins {
            for (reason, count) in plugin.counts.failures() {
                // Writing to a String can't fail.
                let _ = writeln!(
                    self.text,
                    "questlog_{name}{{plugin=\"{}\",reason=\"{reason}\"}} {count}",
                    plugin.name
                );
            }
        }
        let help = "How long calls of plugins took.";
        let seconds = plugins.iter().map(|plugin| &plugin.counts.seconds);
        self.histogram("plugin_seconds", help, &Histogram::sum(TIMES_US, seconds));
    }

    fn requests(&mut self, app: &App) {
        let metrics = &app.metrics;
        let help = "Requests turned away because the log was full or failed, or the disk.";
        self.counter("requests_refused_total", help, metrics.refused.get());
        let help = "Requests turned away because their key had sent more than it may.";
        self.counter("requests_limited_total", help, metrics.limited.get());
        let help = "How long queries took.";
        self.histogram("query_seconds", help, &metrics.queries);
        let help = "How long it took until an answer began.";
        self.histogram("request_seconds", help, &metrics.requests);
        let name = "responses_total";
        self.head(name, "counter", "HTTP answers.");
        for digit in 2..6 {
            let status = format!("{digit}xx");
            self.labelled(name, "status", &status, metrics.responses(digit));
        }
    }

    fn head(&mut self, name: &str, kind: &str, help: &str) {
        // Writing to a String can't fail.
        let _ = write!(
            self.text,
            "# HELP questlog_{name} {help}\n# TYPE questlog_{name} {kind}\n"
        );
    }

    fn counter(&mut self, name: &str, help: &str, value: u64) {
        self.head(name, "counter", help);
        let _ = writeln!(self.text, "questlog_{name} {value}");
    }

    fn gauge(&mut self, name: &str, help: &str, value: u64) {
        self.head(name, "gauge", help);
        let _ = writeln!(self.text, "questlog_{name} {value}");
    }

    fn labelled(&mut self, name: &str, label: &str, of: &str, value: u64) {
        let _ = writeln!(self.text, "questlog_{name}{{{label}=\"{of}\"}} {value}");
    }

    fn histogram(&mut self, name: &str, help: &str, histogram: &Histogram) {
        self.head(name, "histogram", help);
        histogram.write(&mut self.text, &format!("questlog_{name}"));
    }
}

/// A number that is told of each plugin.
struct PluginFigure {
    name: &'static str,
    kind: &'static str,
    help: &'static str,
    of: fn(&Plugin) -> u64,
}

const PLUGIN_FIGURES: [PluginFigure; 6] = [
    PluginFigure {
        name: "plugin_calls_total",
        kind: "counter",
        help: "Calls of a plugin.",
        of: |plugin| plugin.counts.calls.load(Ordering::Relaxed),
    },
    PluginFigure {
        name: "plugin_rows_total",
        kind: "counter",
        help: "Rows that a plugin was to answer.",
        of: |plugin| plugin.counts.rows.load(Ordering::Relaxed),
    },
    PluginFigure {
        name: "plugin_asked_rows_total",
        kind: "counter",
        help: "Rows that a plugin was asked for; the others' answers were known.",
        of: |plugin| plugin.counts.asked.load(Ordering::Relaxed),
    },
    PluginFigure {
        name: "plugin_blank_rows_total",
        kind: "counter",
        help: "Rows that a plugin left blank.",
        of: |plugin| plugin.counts.blank.load(Ordering::Relaxed),
    },
    PluginFigure {
        name: "plugin_memory_bytes",
        kind: "gauge",
        help: "The most memory that an instance of a plugin had.",
        of: |plugin| plugin.counts.memory_bytes_max.load(Ordering::Relaxed),
    },
    PluginFigure {
        name: "plugin_resting",
        kind: "gauge",
        help: "1 while a plugin rests after failures.",
        of: |plugin| u64::from(plugin.is_resting()),
    },
];

/// How long ago the record at `landed_to` was received; zero where there is none.
fn landing_lag_s(app: &App, landed_to: u64) -> u64 {
    let oldest = app.log.read(landed_to, 1).unwrap_or_default();
    let received_at_us = oldest.first().and_then(|(_, record)| {
        let record = Record::read(record, &[]).ok()?;
        Some(record.received_at_us.unwrap_or(record.timestamp_us))
    });
    let lag_us = received_at_us.map_or(0, |us| now_us().saturating_sub(us));
    u64::try_from(lag_us).unwrap_or(0) / 1_000_000
}
