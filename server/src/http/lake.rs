//! `/v1/lake`: the lake's files, and each of them with range requests.

use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom, Take};
use std::ops::Range;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;

use super::App;
use super::channel::channel;
use super::problem::Problem;
use crate::landing::{LakeFile, Landing};

/// Bytes of a file that are read and sent at once.
const PIECE_BYTES: usize = 256 << 10;

/// `GET /v1/lake`
pub(super) async fn list(State(app): State<Arc<App>>) -> Response {
    let manifest = app.landing.manifest();
    let files: Vec<_> = manifest
        .files
        .iter()
        .map(|file| {
            serde_json::json!({
                "path": file.path, "rows": file.rows, "bytes": file.bytes, "first": file.first, "last": file.last,
                "sha256": file.sha256,
            })
        })
        .collect();
    let body = serde_json::json!({
        "files": files,
        "landed_to": manifest.landed_to,
        "unlanded": app.log.end().saturating_sub(manifest.landed_to),
    });
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, body.to_string()).into_response()
}

/// `GET /v1/lake/{file}`: only what the manifest lists, so that no path leads out of the lake.
pub(super) async fn file(
    State(app): State<Arc<App>>,
    Path(path): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let (file, opened) = open(&app.landing, path).await?;
    let headers = request.headers();
    let etag = format!("\"{}\"", file.sha256);
    let has_etag = |name| {
        headers
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
            .map(|tags| tags.contains(&etag))
    };
    if has_etag(header::IF_NONE_MATCH) == Some(true) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, etag)]).into_response());
    }
    // A range of another version of the file would be useless: then the whole is sent.
    let wanted = if has_etag(header::IF_RANGE) == Some(false) {
        Wanted::Whole
    } else {
        read_range(headers, file.bytes)
    };
    let (status, range) = match wanted {
        Wanted::Whole => (StatusCode::OK, 0..file.bytes),
        Wanted::Part(range) => (StatusCode::PARTIAL_CONTENT, range),
        Wanted::Nothing => {
            let problem = Problem::new(
                StatusCode::RANGE_NOT_SATISFIABLE,
                format!("the file has {} bytes", file.bytes),
            );
            return Ok((
                [(header::CONTENT_RANGE, format!("bytes */{}", file.bytes))],
                problem,
            )
                .into_response());
        }
    };
    let content_range = format!(
        "bytes {}-{}/{}",
        range.start,
        range.end.saturating_sub(1),
        file.bytes
    );
    let length = range.end - range.start;
    let body = if request.method() == Method::HEAD {
        Body::empty()
    } else {
        send(opened, range)?
    };
    let mut response = (status, body).into_response();
    let answer_headers = response.headers_mut();
    answer_headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/vnd.apache.parquet"),
    );
    answer_headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    answer_headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    // A file of the lake never changes.
    answer_headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, max-age=31536000, immutable"),
    );
    answer_headers.extend(
        HeaderValue::try_from(etag)
            .ok()
            .map(|etag| (header::ETAG, etag)),
    );
    if status == StatusCode::PARTIAL_CONTENT {
        answer_headers.extend(
            HeaderValue::try_from(content_range)
                .ok()
                .map(|range| (header::CONTENT_RANGE, range)),
        );
    }
    Ok(response)
}

/// What the manifest says of a file, and the file, open: from then on a merge can't take it away.
async fn open(landing: &Arc<Landing>, path: String) -> Result<(LakeFile, File), Problem> {
    let landing = Arc::clone(landing);
    let opening = tokio::task::spawn_blocking(move || {
        let mut may_have_moved = true;
        loop {
            let Some((file, place)) = landing.file(&path) else {
                let detail = format!("the lake has no file {path}");
                return Err(Problem::new(StatusCode::NOT_FOUND, detail));
            };
            match File::open(&place) {
                Ok(opened) => return Ok((file, opened)),
                // It may have been replaced just now; then it is elsewhere.
                Err(error) if error.kind() == ErrorKind::NotFound && may_have_moved => {
                    may_have_moved = false;
                }
                Err(error) => {
                    return Err(unreadable().because(&format!("{}: {error}", place.display())));
                }
            }
        }
    });
    opening.await.map_err(|_| unreadable())?
}

fn unreadable() -> Problem {
    Problem::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "the file can't be read; the server's own log says why",
    )
}

/// Sends a part of the file piece by piece.
fn send(mut file: File, range: Range<u64>) -> Result<Body, Problem> {
    file.seek(SeekFrom::Start(range.start))
        .map_err(|_| unreadable())?;
    let mut file = file.take(range.end - range.start);
    let (sender, body) = channel();
    tokio::spawn(async move {
        // A thread is taken for each read alone: slow clients must not use up the threads.
        while let Ok(Ok((piece, rest))) = tokio::task::spawn_blocking(|| read_piece(file)).await {
            // An error ends the body before its announced length, which the client notices.
            if piece.is_empty() || sender.send(piece).await.is_err() {
                return;
            }
            file = rest;
        }
    });
    Ok(body)
}

/// The next bytes of a file, none at its end, and what follows them.
fn read_piece(mut file: Take<File>) -> std::io::Result<(Bytes, Take<File>)> {
    let mut piece = Vec::with_capacity(PIECE_BYTES);
    file.by_ref()
        .take(PIECE_BYTES as u64)
        .read_to_end(&mut piece)?;
    Ok((piece.into(), file))
}

#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    Whole,
    Part(Range<u64>),
    /// A range behind the file's end.
    Nothing,
}

/// The one byte range of a request; several, or something else, are answered with the whole file, as is allowed.
fn read_range(headers: &HeaderMap, bytes: u64) -> Wanted {
    let Some(value) = headers
        .get(header::RANGE)
        .and_then(|value| value.to_str().ok())
    else {
        return Wanted::Whole;
    };
    let Some((first, last)) = value
        .strip_prefix("bytes=")
        .and_then(|range| range.trim().split_once('-'))
    else {
        return Wanted::Whole;
    };
    let range = match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(first), Ok(last)) if first <= last => first..last.saturating_add(1).min(bytes),
        (Ok(first), Err(_)) if last.is_empty() => first..bytes,
        (Err(_), Ok(suffix)) if first.is_empty() => bytes.saturating_sub(suffix)..bytes,
        _ => return Wanted::Whole,
    };
    if range.is_empty() {
        Wanted::Nothing
    } else {
        Wanted::Part(range)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_the_standard_says() {
        for (range, wanted) in [
            ("bytes=0-9", Wanted::Part(0..10)),
            ("bytes=90-", Wanted::Part(90..100)),
            ("bytes=90-1000", Wanted::Part(90..100)),
            ("bytes=-10", Wanted::Part(90..100)),
            ("bytes=-1000", Wanted::Part(0..100)),
            ("bytes=100-", Wanted::Nothing),
            ("bytes=-0", Wanted::Nothing),
            ("bytes=9-0", Wanted::Whole),
            ("bytes=0-1,5-6", Wanted::Whole),
            ("lines=0-1", Wanted::Whole),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::RANGE, HeaderValue::from_static(range));
            assert_eq!(read_range(&headers, 100), wanted, "{range}");
        }
    }
}
