//! A request's body: read within its limits, decompressed within others.

use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::Body as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::problem::Problem;
use crate::config::ServerLimits;
use crate::quarantine::RAW_BYTES_MAX;

/// The memory that bodies of all requests together may take.
pub(super) struct Budget {
    kibibytes: Arc<Semaphore>,
}

/// A request's part of the [`Budget`]; it is given back when this is dropped.
pub(super) struct Held {
    kibibytes: Arc<Semaphore>,
    permit: Option<OwnedSemaphorePermit>,
    bytes: usize,
}

/// What one body may cost.
#[derive(Clone, Copy, Debug)]
pub(super) struct BodyLimits {
    /// Bytes on the wire.
    bytes_max: usize,
    /// Bytes after decompression.
    decoded_bytes_max: usize,
    /// Time until it is there.
    time_max: Duration,
}

impl BodyLimits {
    /// For bodies that hold many events.
    pub(super) fn of(limits: &ServerLimits) -> Self {
        Self {
            bytes_max: limits.body_bytes_max,
            decoded_bytes_max: limits.body_decoded_bytes_max,
            time_max: limits.request_time_max,
        }
    }

    /// For bodies that need no more than `bytes_max`.
    pub(super) fn small(limits: &ServerLimits, bytes_max: usize) -> Self {
        Self {
            bytes_max,
            decoded_bytes_max: bytes_max,
            ..Self::of(limits)
        }
    }
}

/// So much of each request is not counted: connections are limited already, and most bodies are smaller.
const FREE_BYTES: usize = 4 << 10;
/// What a larger body costs besides itself: the connection's buffer has grown while it was read, and stays as it is until the answer.
const CONNECTION_BYTES: usize = 32 << 10;

impl Budget {
    pub(super) fn new(bytes: usize) -> Self {
        Self {
            kibibytes: Arc::new(Semaphore::new((bytes >> 10).min(Semaphore::MAX_PERMITS))),
        }
    }

    pub(super) fn hold(&self) -> Held {
        Held {
            kibibytes: Arc::clone(&self.kibibytes),
            permit: None,
            bytes: 0,
        }
    }
}

impl Held {
    /// Takes `more` bytes of the budget, or says that the server is busy.
    pub(super) fn grow(&mut self, more: usize) -> Result<(), Problem> {
        self.bytes += more;
        let wanted = match self.bytes {
            0..=FREE_BYTES => 0,
            bytes => (bytes + CONNECTION_BYTES).div_ceil(1024),
        };
        let missing = wanted
            - self
                .permit
                .as_ref()
                .map_or(0, OwnedSemaphorePermit::num_permits)
                .min(wanted);
        if missing == 0 {
            return Ok(());
        }
        let busy = || Problem::try_again("the server is busy with other large requests", 1);
        let missing = u32::try_from(missing).map_err(|_| busy())?;
        let more = Arc::clone(&self.kibibytes)
            .try_acquire_many_owned(missing)
            .map_err(|_| busy())?;
        match &mut self.permit {
            Some(permit) => permit.merge(more),
            none => *none = Some(more),
        }
        Ok(())
    }
}

/// A body that was not read to its end.
pub(super) struct Unread {
    pub(super) problem: Problem,
    /// Its beginning, where it was refused for its size.
    pub(super) head: Option<Bytes>,
}

impl From<Problem> for Unread {
    fn from(problem: Problem) -> Self {
        Self {
            problem,
            head: None,
        }
    }
}

impl From<Unread> for Problem {
    fn from(unread: Unread) -> Self {
        unread.problem
    }
}

/// Reads a body whole, as it is on the wire.
pub(super) async fn read(
    headers: &HeaderMap,
    body: Body,
    limits: &BodyLimits,
    held: &mut Held,
) -> Result<Bytes, Unread> {
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    let bytes_max = limits.bytes_max;
    let too_large = || {
        Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("the body is larger than {bytes_max} bytes; send less at once"),
        )
    };
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    let mut body = body;
    let mut whole = BytesMut::new();
    let read = async {
        if announced.is_some_and(|bytes| bytes > bytes_max as u64) {
            return Err(too_large());
        }
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|_| Problem::bad_request("the body broke off"))?;
            let Ok(data) = frame.into_data() else {
                continue;
            };
            if whole.len() + data.len() > bytes_max {
                let kept = data.len().min(RAW_BYTES_MAX.saturating_sub(whole.len()));
                whole.extend_from_slice(&data[..kept]);
                return Err(too_large());
            }
            held.grow(data.len())?;
            whole.extend_from_slice(&data);
        }
        Ok(())
    };
    match tokio::time::timeout(limits.time_max, read).await {
        Ok(Ok(())) => Ok(whole.freeze()),
        Ok(Err(problem)) => {
            let is_too_large = problem == too_large();
            let head = if whole.is_empty() && is_asked_first(headers) {
                Bytes::new()
            } else {
                discard(body, whole.freeze()).await
            };
            Err(Unread {
                problem,
                head: is_too_large.then_some(head),
            })
        }
        Err(_) => {
            let seconds = limits.time_max.as_secs_f32();
            let detail = format!("the body did not arrive within {seconds} s");
            Err(Problem::new(StatusCode::REQUEST_TIMEOUT, detail).into())
        }
    }
}

/// Whether the client waits for a word before it sends the body; reading on would tell it to send.
fn is_asked_first(headers: &HeaderMap) -> bool {
    headers
        .get(header::EXPECT)
        .is_some_and(|expected| expected.as_bytes().eq_ignore_ascii_case(b"100-continue"))
}

/// Reads on for a while what is not wanted: a client that is still sending would otherwise get a reset and never see the answer.
///
/// Gives the body's first piece, if `head` is not that already.
async fn discard(mut body: Body, mut head: Bytes) -> Bytes {
    let mut bytes_left = DISCARD_BYTES_MAX;
    let reading = async {
        while let Some(Ok(frame)) = body.frame().await {
            let bytes = frame.data_ref().map_or(0, Bytes::len);
            if let Some(data) = frame.data_ref().filter(|_| head.is_empty()) {
                head = data.clone();
            }
            match bytes_left.checked_sub(bytes) {
                Some(left) => bytes_left = left,
                None => break,
            }
        }
    };
    // A client that takes longer gets the reset.
    let _ = tokio::time::timeout(DISCARD_TIME_MAX, reading).await;
    head
}

/// How much of an unwanted body is read at most.
const DISCARD_BYTES_MAX: usize = 16 << 20;
/// How long an unwanted body is read at most.
const DISCARD_TIME_MAX: Duration = Duration::from_secs(5);

/// How a body is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    Identity,
    Gzip,
    Zstd,
}

impl Coding {
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        let refuse = |coding: &str| {
            let detail = format!(
                "Content-Encoding `{coding}` is not understood; send gzip, zstd or identity"
            );
            Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail)
        };
        let mut found = Self::Identity;
        for value in headers.get_all(header::CONTENT_ENCODING) {
            let value = value.to_str().map_err(|_| refuse("?"))?;
            for coding in value
                .split(',')
                .map(|coding| coding.trim().to_ascii_lowercase())
            {
                let coding = match coding.as_str() {
                    "" | "identity" => continue,
                    "gzip" | "x-gzip" => Self::Gzip,
                    "zstd" => Self::Zstd,
                    _ => return Err(refuse(&coding)),
                };
                if found != Self::Identity {
                    return Err(refuse(value));
                }
                found = coding;
            }
        }
        Ok(found)
    }
}

/// Decompresses a body; blocks for as long as that takes.
pub(super) fn decode(
    body: Bytes,
    coding: Coding,
    limits: &BodyLimits,
    held: &mut Held,
) -> Result<Bytes, Problem> {
    match coding {
        Coding::Identity => Ok(body),
        // Files made by several gzip runs, and by `cat a.gz b.gz`, have several members.
        Coding::Gzip => inflate(
            flate2::read::MultiGzDecoder::new(&body[..]),
            "gzip",
            limits,
            held,
        ),
        Coding::Zstd => {
            let unusable =
                |_| Problem::bad_request("the body is not zstd, although Content-Encoding says so");
            let mut decoder =
                zstd::stream::read::Decoder::with_buffer(&body[..]).map_err(unusable)?;
            decoder
                .window_log_max(ZSTD_WINDOW_LOG_MAX)
                .map_err(unusable)?;
            inflate(decoder, "zstd", limits, held)
        }
    }
}

/// A zstd window of 8 MiB: what RFC 9659 allows on the web.
const ZSTD_WINDOW_LOG_MAX: u32 = 23;
/// Bytes that are decompressed between two looks at the limits.
const PIECE_BYTES: usize = 64 << 10;

fn inflate(
    mut decoder: impl Read,
    name: &str,
    limits: &BodyLimits,
    held: &mut Held,
) -> Result<Bytes, Problem> {
    let mut whole = Vec::new();
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let read = match decoder.read(&mut piece) {
            Ok(0) => return Ok(whole.into()),
            Ok(read) => read,
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                return Err(Problem::bad_request(format!("the {name} body is cut off")));
            }
            Err(_) => {
                return Err(Problem::bad_request(format!(
                    "the body is not valid {name}, although Content-Encoding says so"
                )));
            }
        };
        if whole.len() + read > limits.decoded_bytes_max {
            let bytes_max = limits.decoded_bytes_max;
            let detail = format!(
                "the body is larger than {bytes_max} bytes when decompressed; send less at once"
            );
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail));
        }
        held.grow(read)?;
        whole.extend_from_slice(&piece[..read]);
    }
}
