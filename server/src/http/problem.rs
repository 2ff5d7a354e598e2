//! Errors as RFC 9457 problem details.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use questlog_core::ErrorKind;
use serde::Serialize;

use crate::log::AppendError;

/// An answer that says what is wrong: a status and a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    status: StatusCode,
    detail: String,
    retry_after_s: Option<u32>,
    cause: Option<Cause>,
}

/// What is behind an error of the server, for its own log: it may name paths of this machine, which are not for its clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cause(pub(super) String);

/// The members of problem details.
#[derive(Debug, Serialize)]
pub(super) struct Details<'a> {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) title: &'static str,
    pub(super) status: u16,
    pub(super) detail: &'a str,
}

impl Problem {
    pub(super) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            status,
            detail: detail.into(),
            retry_after_s: None,
            cause: None,
        }
    }

    /// Tells the server's log why; its line has the request's id.
    pub(super) fn because(self, cause: &impl ToString) -> Self {
        Self {
            cause: Some(Cause(cause.to_string())),
            ..self
        }
    }

    /// Whether it is about what was sent, so that sending the same again would bring the same answer.
    pub(super) fn is_refusal(&self) -> bool {
        self.status.is_client_error()
    }

    /// As an error of the core.
    pub(super) fn to_error(&self) -> questlog_core::Error {
        let kind = match self.status {
            StatusCode::PAYLOAD_TOO_LARGE | StatusCode::URI_TOO_LONG => ErrorKind::Limit,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => ErrorKind::Unsupported,
            _ => ErrorKind::Event,
        };
        questlog_core::Error::new(kind, self.detail.as_str())
    }

    pub(super) fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// More than a key may send.
    pub(super) fn too_many(detail: impl Into<String>, retry_after_s: u32) -> Self {
        Self {
            retry_after_s: Some(retry_after_s),
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, detail)
        }
    }

    /// Something that passes: the client is told when to try again.
    pub(super) fn try_again(detail: impl Into<String>, retry_after_s: u32) -> Self {
        Self {
            retry_after_s: Some(retry_after_s),
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, detail)
        }
    }
}

impl From<AppendError> for Problem {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::Busy { .. } => Self::try_again(error.to_string(), 1),
            AppendError::TooLarge { .. } => {
                Self::new(StatusCode::PAYLOAD_TOO_LARGE, error.to_string())
            }
            AppendError::DiskFull => Self::try_again(error.to_string(), 30),
            // The reason holds paths of this machine: for the server's log, not for its clients.
            AppendError::ReadOnly { .. } => {
                Self::try_again("the server takes no events at the moment", 10).because(&error)
            }
        }
    }
}

impl From<questlog_core::Error> for Problem {
    fn from(error: questlog_core::Error) -> Self {
        let status = match error.kind() {
            ErrorKind::Limit => StatusCode::PAYLOAD_TOO_LARGE,
            _ => StatusCode::BAD_REQUEST,
        };
        Self::new(status, error.message())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let details = Details {
            kind: "about:blank",
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            detail: &self.detail,
        };
        // Nothing in it can fail to become JSON.
        let body = serde_json::to_string(&details).unwrap_or_default();
        let content_type = HeaderValue::from_static("application/problem+json");
        let mut response =
            (self.status, [(header::CONTENT_TYPE, content_type)], body).into_response();
        if let Some(cause) = self.cause {
            response.extensions_mut().insert(cause);
        }
        if let Some(seconds) = self.retry_after_s {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
