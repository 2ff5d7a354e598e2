//! A name for each request, in the server's log and in the answer, so that both ends can talk about the same one.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::{HeaderMap, HeaderName, HeaderValue};

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
/// A request's own name in bytes.
const ID_BYTES_MAX: usize = 128;

/// Makes names that no other request has: chance for the process, then a number. Asking chance each time would cost a call of
/// the operating system.
#[derive(Debug)]
pub(super) struct RequestIds {
    process: u64,
    next: AtomicU64,
}

impl Default for RequestIds {
    fn default() -> Self {
        let (first, process) = uuid::Uuid::now_v7().as_u64_pair();
        Self {
            process,
            next: AtomicU64::new(first),
        }
    }
}

/// What a request is called: as its sender says, or as we do.
pub(super) struct RequestId(HeaderValue);

impl RequestIds {
    /// `X-Request-Id` if it is a name, else the trace of `traceparent`, else a new one.
    pub(super) fn of(&self, headers: &HeaderMap) -> RequestId {
        let given = headers.get(&X_REQUEST_ID);
        let given = given.filter(|id| id.to_str().is_ok_and(is_name));
        let trace = || {
            let parent = headers.get(&TRACEPARENT)?;
            HeaderValue::from_str(trace_of(parent.to_str().ok()?)?).ok()
        };
        RequestId(given.cloned().or_else(trace).unwrap_or_else(|| self.made()))
    }

    fn made(&self) -> HeaderValue {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let id = u128::from(self.process) << 64 | u128::from(number);
        let digit = |at: usize| DIGITS[(id >> (124 - 4 * at) & 15) as usize];
        let digits: [u8; 32] = std::array::from_fn(digit);
        // Digits always are a header's value.
        HeaderValue::from_bytes(&digits).unwrap_or(HeaderValue::from_static("0"))
    }
}

impl RequestId {
    pub(super) fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    /// Puts it into an answer.
    pub(super) fn tell(self, headers: &mut HeaderMap) {
        headers.insert(X_REQUEST_ID, self.0);
    }
}

/// Whether it can stand in a log without disguising itself as something else.
fn is_name(id: &str) -> bool {
    let is_fit = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:/+=".contains(&byte);
    !id.is_empty() && id.len() <= ID_BYTES_MAX && id.bytes().all(is_fit)
}

/// The trace in W3C's header: `00-TRACE-SPAN-FLAGS`.
fn trace_of(parent: &str) -> Option<&str> {
    let mut parts = parent.split('-');
    let (version, trace) = (parts.next()?, parts.next()?);
    let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_trace = version.len() == 2 && trace.len() == 32 && is_hex(trace);
    let is_whole = parts.count() >= 2;
    (is_trace && is_whole && trace.bytes().any(|byte| byte != b'0')).then_some(trace)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(name: &'static str, value: &'static str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_static(value));
        RequestIds::default().of(&headers).as_str().to_owned()
    }

    #[test]
    fn the_senders_name_is_kept_if_it_is_one() {
        assert_eq!(id("x-request-id", "abc-1.2_3"), "abc-1.2_3");
        let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert_eq!(
            id("traceparent", parent),
            "4bf92f3577b34da6a3ce929d0e0e4736"
        );
        for (name, value) in [
            ("x-request-id", ""),
            ("x-request-id", "a b"),
            ("x-request-id", "a\tlevel=error"),
            ("traceparent", "00-xyz"),
            (
                "traceparent",
                "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            ),
        ] {
            assert_eq!(id(name, value).len(), 32, "{value}");
        }
        assert_ne!(id("x-request-id", ""), id("x-request-id", ""));
        let (ids, none) = (RequestIds::default(), HeaderMap::new());
        assert_ne!(ids.of(&none).as_str(), ids.of(&none).as_str());
    }
}
