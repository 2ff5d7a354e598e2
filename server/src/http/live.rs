//! `GET /v1/events/tail`: what has just been logged, as server-sent events.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use bytes::{BufMut, Bytes, BytesMut};
use tokio::sync::mpsc;

use super::App;
use super::channel::channel;
use super::problem::Problem;
use super::words;

/// Without news, a comment is sent so often: proxies close lines that are silent.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Log bytes that are sent at once.
const READ_BYTES: usize = 256 << 10;

/// `GET /v1/events/tail[?from=POSITION]`; a browser that reconnects says in `Last-Event-ID` what it has seen.
pub(super) async fn tail(
    State(app): State<Arc<App>>,
    request: Request,
) -> Result<Response, Problem> {
    let from = words::one(request.uri(), "from")?;
    let from = from.map(|from| crate::log::parse_position(&from));
    let from = match last_event_id(request.headers()).or(from) {
        Some(position) => position.map_err(Problem::bad_request)?,
        None => app.log.end(),
    };
    let (sender, body) = channel();
    tokio::spawn(async move { follow(&app, from, &sender).await });
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, body).into_response())
}

/// Sends records from `next` on until the client or the server goes away.
async fn follow(app: &App, mut next: u64, sender: &mpsc::Sender<Bytes>) {
    let mut stopping = app.stopping.subscribe();
    // Tells a client at once that it is connected.
    if sender
        .send(Bytes::from_static(b": questlog\n\n"))
        .await
        .is_err()
    {
        return;
    }
    loop {
        let piece = tokio::select! {
            () = app.log.wait_for(next) => match app.log.read(next, READ_BYTES) {
                Ok(records) => {
                    next = records.last().map_or(next, |(offset, _)| offset + 1);
                    to_events(&records)
                }
                Err(error) => {
                    tracing::error!(%error, "a client that follows the log was let down");
                    return;
                }
            },
            () = tokio::time::sleep(HEARTBEAT) => Bytes::from_static(b":\n\n"),
            () = sender.closed() => return,
            _ = stopping.wait_for(|stopping| *stopping) => return,
        };
        if sender.send(piece).await.is_err() {
            return;
        }
    }
}

fn to_events(records: &[(u64, Bytes)]) -> Bytes {
    let mut events = BytesMut::new();
    for (offset, record) in records {
        events.put_slice(format!("id: 0/{offset}\ndata: ").as_bytes());
        // A record is one line: an event ends at an empty line, so that nothing in it can end it early.
        events.put_slice(record);
        events.put_slice(b"\n\n");
    }
    events.freeze()
}

fn last_event_id(headers: &HeaderMap) -> Option<Result<u64, String>> {
    let id = headers.get("last-event-id")?.to_str().unwrap_or("?");
    // The one after the last that was seen.
    Some(crate::log::parse_position(id).map(|offset| offset.saturating_add(1)))
}
