//! A name for each request, in the server's log and in the answer, so that both ends can talk about the same one.

use axum::http::{HeaderMap, HeaderValue};

/// A request's own name in bytes.
const ID_BYTES_MAX: usize = 128;

/// What a request is called: as its sender says, or as we do.
pub(super) struct RequestId(String);

impl RequestId {
    /// `X-Request-Id` if it is a name, else the trace of `traceparent`, else a new one.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let given = text("x-request-id").filter(|id| is_name(id));
        let trace = || text("traceparent").and_then(trace_of);
        match given.or_else(trace) {
            Some(id) => Self(id.to_owned()),
            None => Self(uuid::Uuid::now_v7().simple().to_string()),
        }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// Puts it into an answer.
    pub(super) fn tell(self, headers: &mut HeaderMap) {
        // It was checked, or made here.
        if let Ok(value) = HeaderValue::try_from(self.0) {
            headers.insert("x-request-id", value);
        }
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
        RequestId::of(&headers).0
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
    }
}
