//! `/v1/query`: a question over the lake and what is still in the log.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use questlog_core::{ErrorKind, Format, Limits, Query, QueryOptions};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::App;
use super::body::{self, BodyLimits, Coding};
use super::problem::Problem;
use super::{quarantine, words};
use crate::analyze::{self, Analysis, Source};
use crate::landing::{Landing, LandingError, Snapshot};

/// A query's words as JSON, in bytes.
const BODY_BYTES_MAX: usize = 1 << 20;
/// After this time the log has landed again, if nothing is wrong.
const TAIL_RETRY_S: u32 = 60;

/// The words of a query and how it is to be answered.
///
/// `QueryOptions` refuses words it doesn't know, and serde can't flatten such a struct; so they are listed once more.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct Asked {
    #[serde(alias = "group_by")]
    group_by: Option<String>,
    measure: Option<String>,
    #[serde(rename = "where")]
    filter: Option<String>,
    #[serde(alias = "order_by")]
    order_by: Option<String>,
    #[serde(deserialize_with = "whole_number")]
    limit: Option<u64>,
    providers: Option<String>,
    #[serde(rename = "match")]
    match_rule: Option<String>,
    format: Option<String>,
    #[serde(deserialize_with = "whole_number")]
    threads: Option<u64>,
}

/// Reads a number, which is text in an address and may be one in JSON; what is none is said in a user's words.
fn whole_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let text = match serde_json::Value::deserialize(deserializer)? {
        serde_json::Value::Null => return Ok(None),
        serde_json::Value::String(text) => text,
        other => other.to_string(),
    };
    let number = text.parse();
    number
        .map(Some)
        .map_err(|_| D::Error::custom(format!("`{text}` is not a whole number")))
}

/// `GET /v1/query?group_by=…&where=…`
pub(super) async fn get(
    State(app): State<Arc<App>>,
    request: Request,
) -> Result<Response, Problem> {
    let asked = words_of(&request)?;
    answer(app, asked, Of::Events).await
}

/// `GET /v1/quarantine` with words of a query.
pub(super) async fn of_quarantine(app: Arc<App>, request: Request) -> Result<Response, Problem> {
    let asked = words_of(&request)?;
    answer(app, asked, Of::Quarantine).await
}

fn words_of(request: &Request) -> Result<Asked, Problem> {
    words::read(request.uri()).map_err(|why| unreadable(&why))
}

/// What is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    Events,
    Quarantine,
}

/// `POST /v1/query` with the same words as a JSON object.
pub(super) async fn post(
    State(app): State<Arc<App>>,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, request_body) = request.into_parts();
    let mut held = app.bodies.hold();
    let limits = BodyLimits::small(&app.server_limits, BODY_BYTES_MAX);
    let body = body::read(&parts.headers, request_body, &limits, &mut held).await?;
    let body = body::decode(body, Coding::of(&parts.headers)?, &limits, &mut held)?;
    let json = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&body);
    // Serde would also take an array, as the words in their order.
    if !json.trim_ascii_start().starts_with(b"{") {
        return Err(unreadable(
            "it has to be a JSON object, such as {\"group_by\":\"event_type\"}",
        ));
    }
    let asked = serde_json::from_slice(json).map_err(|error| unreadable(&error.to_string()))?;
    answer(app, asked, Of::Events).await
}

fn unreadable(why: &str) -> Problem {
    Problem::bad_request(format!("the query can't be read: {why}"))
}

async fn answer(app: Arc<App>, asked: Asked, of: Of) -> Result<Response, Problem> {
    let (format, content_type) = read_format(asked.format.as_deref())?;
    let questions = Questions::new(asked, &app.limits)?;
    let busy = || Problem::try_again("the server is busy with other queries", 5);
    let turn = tokio::time::timeout(app.server_limits.query_wait_max, app.queries.acquire()).await;
    let _turn = turn.map_err(|_| busy())?.map_err(|_| busy())?;

    // Set when this future ends for whatever reason: the client went away, or the time is over.
    let cancel = CancelOnDrop(Arc::default());
    let cancelled = Arc::clone(&cancel.0);
    let asked_app = Arc::clone(&app);
    let started = Instant::now();
    let running = tokio::task::spawn_blocking(move || {
        let limits = &asked_app.limits;
        match of {
            Of::Events => {
                // It must live until there is an answer: it holds the files.
                let snapshot = snapshot(&asked_app.landing, &questions.columns())?;
                questions.answer(&snapshot.sources(), limits, format, &cancelled)
            }
            Of::Quarantine => {
                let sources = [table(&asked_app)?];
                questions.answer(&sources, limits, format, &cancelled)
            }
        }
    });
    let time_max = app.server_limits.query_time_max;
    let is_over = || {
        let detail = format!(
            "the query took longer than {} s and was stopped; ask for less",
            time_max.as_secs_f32()
        );
        Problem::new(StatusCode::GATEWAY_TIMEOUT, detail)
    };
    let result = tokio::time::timeout(time_max, running).await;
    let result = result.map_err(|_| is_over())?;
    if started.elapsed() > time_max {
        return Err(is_over());
    }
    let text = result
        .map_err(|_| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "the query failed"))??;
    app.metrics.queries.add(started.elapsed());
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, text).into_response())
}

fn snapshot(landing: &Landing, columns: &[String]) -> Result<Snapshot, Problem> {
    landing.snapshot_of(columns).map_err(|error| {
        if matches!(error, LandingError::TailTooLarge { .. }) {
            return Problem::try_again(error.to_string(), TAIL_RETRY_S);
        }
        Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the events can't be read; the server's own log says why",
        )
        .because(&error)
    })
}

/// The quarantine as a file in memory.
fn table(app: &App) -> Result<Source, Problem> {
    let table = app.quarantine.table(&app.headers);
    let bytes = table.map_err(|error| quarantine::unreadable(Some(&error)))?;
    Ok(Source::Memory {
        name: "quarantine".to_owned(),
        bytes,
        partition: vec![],
    })
}

struct CancelOnDrop(Arc<AtomicBool>);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn read_format(format: Option<&str>) -> Result<(Format, &'static str), Problem> {
    match format.unwrap_or("json") {
        "json" => Ok((Format::Json, "application/json")),
        "csv" => Ok((Format::Csv, "text/csv; charset=utf-8")),
        "markdown" => Ok((Format::Markdown, "text/markdown; charset=utf-8")),
        "table" => Ok((Format::Table, "text/plain; charset=utf-8")),
        other => Err(Problem::bad_request(format!(
            "format `{other}` is none of json, csv, markdown and table"
        ))),
    }
}

/// What is asked: one query, or the two questions that everything began with.
enum Questions {
    One(Box<Query>, Option<u64>),
    Both {
        popular_events: Box<Query>,
        providers: Box<Query>,
    },
}

impl Questions {
    fn new(asked: Asked, limits: &Limits) -> Result<Self, Problem> {
        let options = QueryOptions {
            group_by: asked.group_by,
            measure: asked.measure,
            filter: asked.filter,
            order_by: asked.order_by,
            limit: asked.limit,
            providers: asked.providers,
            match_rule: asked.match_rule,
        };
        let words_of_both = QueryOptions {
            providers: options.providers.clone(),
            match_rule: options.match_rule.clone(),
            ..QueryOptions::default()
        };
        let refuse = |error: questlog_core::Error| Problem::bad_request(error.message());
        if options == words_of_both {
            return Ok(Self::Both {
                popular_events: Box::new(Query::popular_events(&options, limits).map_err(refuse)?),
                providers: Box::new(Query::providers(&options, limits).map_err(refuse)?),
            });
        }
        Ok(Self::One(
            Box::new(Query::new(&options, limits).map_err(refuse)?),
            asked.threads,
        ))
    }

    /// What it looks at.
    fn columns(&self) -> Vec<String> {
        match self {
            Self::One(query, _) => query.columns_needed(),
            // The first question's columns are among the second's.
            Self::Both { providers, .. } => providers.columns_needed(),
        }
    }

    /// Blocks until there is an answer.
    fn answer(
        self,
        sources: &[Source],
        limits: &Limits,
        format: Format,
        cancel: &Arc<AtomicBool>,
    ) -> Result<String, Problem> {
        let analysis = |query: Query, threads: Option<u64>| {
            let mut analysis = Analysis::new(query, sources.to_vec());
            analysis.limits = limits.clone();
            let threads = threads.map(|threads| usize::try_from(threads).unwrap_or(usize::MAX));
            analysis.threads = threads
                .unwrap_or(analysis.threads)
                .clamp(1, analysis.threads);
            analysis.cancel = Arc::clone(cancel);
            analysis
        };
        match self {
            Self::One(query, threads) => {
                let (answer, run) =
                    analyze::run(&analysis(*query, threads)).map_err(|error| to_problem(&error))?;
                Ok(answer.render(format, &run))
            }
            Self::Both {
                popular_events,
                providers,
            } => {
                let (answers, run) =
                    analyze::run_with_coarser(&analysis(*providers, None), &popular_events)
                        .map_err(|error| to_problem(&error))?;
                let [popular_events, providers] = answers.map(|answer| answer.render(format, &run));
                Ok(match format {
                    Format::Json => format!(
                        "{{\"popular_events\":{},\"providers\":{}}}\n",
                        popular_events.trim_end(),
                        providers.trim_end()
                    ),
                    _ => format!("{popular_events}\n{providers}"),
                })
            }
        }
    }
}

fn to_problem(error: &analyze::Error) -> Problem {
    match error {
        analyze::Error::Core(core) => match core.kind() {
            ErrorKind::Query | ErrorKind::Column | ErrorKind::Unsupported => {
                Problem::bad_request(core.message())
            }
            ErrorKind::Limit => Problem::new(StatusCode::UNPROCESSABLE_ENTITY, core.message()),
            _ => broken(error),
        },
        analyze::Error::Cancelled => {
            Problem::new(StatusCode::GATEWAY_TIMEOUT, "the query was stopped")
        }
        _ => broken(error),
    }
}

/// The lake's own files are at fault: that is for the server's log, because it may name paths.
fn broken(error: &analyze::Error) -> Problem {
    Problem::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "the lake can't be read; the server's own log says why",
    )
    .because(&error)
}
