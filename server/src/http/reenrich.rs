//! `POST /v1/plugins/reenrich`: the plugins of now answer for what has landed, while the server goes on with its work.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::App;
use super::problem::Problem;
use crate::landing::Reenriched;

/// How the last run is doing, or how it ended.
#[derive(Default)]
pub(super) struct Reenrichment {
    run: Mutex<Run>,
}

#[derive(Clone, Default)]
enum Run {
    #[default]
    Never,
    Running,
    Done(Reenriched),
    Failed(String),
}

impl Reenrichment {
    fn run(&self) -> MutexGuard<'_, Run> {
        self.run.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// For `/v1/plugins`; nothing where there was no run since the server's start.
    pub(super) fn told(&self) -> Option<Value> {
        Some(match &*self.run() {
            Run::Never => return None,
            Run::Running => json!({ "state": "running" }),
            Run::Failed(error) => json!({ "state": "failed", "error": error }),
            Run::Done(done) => json!({
                "state": "done",
                "files": done.files,
                "rows": done.rows,
                "unchanged": done.unchanged,
                "left": done.left,
                "blank": done.blank,
            }),
        })
    }
}

/// `POST /v1/plugins/reenrich`
pub(super) async fn post(State(app): State<Arc<App>>) -> Result<Response, Problem> {
    {
        let mut run = app.reenrichment.run();
        if matches!(*run, Run::Running) {
            return Err(Problem::new(
                StatusCode::CONFLICT,
                "the lake is being enriched anew already; /v1/plugins says when that is done",
            ));
        }
        *run = Run::Running;
    }
    let asked = Arc::clone(&app);
    tokio::task::spawn_blocking(move || {
        // Should it panic, it has failed; nobody would start it again while it seems to run.
        let ended = Ended(&asked);
        let outcome = asked.landing.reenrich_while(|| !*asked.stopping.borrow());
        let run = match outcome {
            Ok(done) => {
                tracing::info!(?done, "the lake was enriched anew");
                Run::Done(done)
            }
            Err(error) => {
                tracing::error!(%error, "the lake could not be enriched anew");
                Run::Failed(error.to_string())
            }
        };
        *ended.0.reenrichment.run() = run;
    });
    let headers = [(header::CONTENT_TYPE, "application/json")];
    let body = json!({ "state": "running" }).to_string();
    Ok((StatusCode::ACCEPTED, headers, body).into_response())
}

/// Sees to it that a run ends, however it ends.
struct Ended<'a>(&'a App);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        let mut run = self.0.reenrichment.run();
        if matches!(*run, Run::Running) {
            *run = Run::Failed("it broke off; the server's own log says why".to_owned());
        }
    }
}
