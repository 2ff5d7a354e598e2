//! One connection to the server, opened again whenever it breaks.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Request, Uri, header};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::players::PlayedEvent;

/// A connection, or an answer, that takes longer has failed.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(30);
/// Bytes of an answer that are looked at for a reason.
const REASON_BYTES_MAX: usize = 300;

/// Where the server is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    host: String,
    port: u16,
    /// What stands before the routes' own paths.
    prefix: String,
}

impl Target {
    pub(super) fn parse(url: &str) -> Result<Self, &'static str> {
        const SHAPE: &str = "write it as http://HOST:PORT";
        let uri: Uri = url.parse().map_err(|_| SHAPE)?;
        match uri.scheme_str() {
            Some("http") => {}
            Some("https") => return Err("https is not spoken yet; use http://"),
            _ => return Err(SHAPE),
        }
        Ok(Self {
            host: uri.host().ok_or(SHAPE)?.trim_matches(['[', ']']).to_owned(),
            port: uri.port_u16().unwrap_or(80),
            prefix: uri.path().trim_end_matches('/').to_owned(),
        })
    }
}

/// Why an event was not acknowledged.
#[derive(Debug)]
pub(super) enum Failure {
    /// Sending it again may help.
    Passing(String),
    /// It won't.
    Refused(String),
}

pub(super) struct Client {
    target: Target,
    /// As the `Authorization` header says it.
    authorization: Option<String>,
    connection: Option<SendRequest<Full<Bytes>>>,
}

impl Client {
    pub(super) fn new(target: Target, key: Option<String>) -> Self {
        Self {
            target,
            authorization: key.map(|key| format!("Bearer {key}")),
            connection: None,
        }
    }

    /// Sends an event and waits until it is acknowledged.
    pub(super) async fn send(&mut self, event: &PlayedEvent) -> Result<(), Failure> {
        let body = format!("{{\"id\":\"{}\"}}", event.id);
        self.post(&event.path(), &event.host, body)
            .await
            .map(|_| ())
    }

    /// Asks a query, whose words are JSON.
    pub(super) async fn ask(&mut self, words: String) -> Result<Bytes, Failure> {
        let host = self.target.host.clone();
        self.post("/v1/query", &host, words).await
    }

    async fn post(&mut self, path: &str, host: &str, body: String) -> Result<Bytes, Failure> {
        let sent = tokio::time::timeout(ANSWER_TIME_MAX, self.try_post(path, host, body)).await;
        let result = sent.unwrap_or_else(|_| {
            Err(Failure::Passing(
                "the server did not answer in time".to_owned(),
            ))
        });
        if result.is_err() {
            self.connection = None;
        }
        result
    }

    async fn try_post(&mut self, path: &str, host: &str, body: String) -> Result<Bytes, Failure> {
        let passing =
            |error: hyper::Error| Failure::Passing(format!("the connection broke: {error}"));
        let mut request = Request::post(format!("{}{path}", self.target.prefix))
            .header(header::HOST, host)
            .header(
                header::USER_AGENT,
                concat!("questlog-generate/", env!("CARGO_PKG_VERSION")),
            )
            .header(header::ACCEPT, "*/*")
            .header(header::CONTENT_TYPE, "application/json");
        if let Some(authorization) = &self.authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        let request = request
            .body(Full::new(Bytes::from(body)))
            .map_err(|error| Failure::Refused(format!("not a request: {error}")))?;
        let connection = match &mut self.connection {
            Some(connection) => connection,
            none => none.insert(connect(&self.target).await?),
        };
        connection.ready().await.map_err(passing)?;
        let answer = connection.send_request(request).await.map_err(passing)?;
        let status = answer.status();
        let body = answer
            .into_body()
            .collect()
            .await
            .map_err(passing)?
            .to_bytes();
        if status.is_success() {
            return Ok(body);
        }
        let reason =
            String::from_utf8_lossy(&body[..body.len().min(REASON_BYTES_MAX)]).into_owned();
        let why = format!("the server answered {status}: {}", reason.trim());
        let is_passing =
            status.is_server_error() || status.as_u16() == 429 || status.as_u16() == 408;
        Err(if is_passing {
            Failure::Passing(why)
        } else {
            Failure::Refused(why)
        })
    }
}

async fn connect(target: &Target) -> Result<SendRequest<Full<Bytes>>, Failure> {
    let address = format!("{}:{}", target.host, target.port);
    let failed = |why: String| Failure::Passing(format!("can't connect to {address}: {why}"));
    let stream = TcpStream::connect((target.host.as_str(), target.port))
        .await
        .map_err(|error| failed(error.to_string()))?;
    stream
        .set_nodelay(true)
        .map_err(|error| failed(error.to_string()))?;
    let (sender, connection) = handshake(TokioIo::new(stream))
        .await
        .map_err(|error| failed(error.to_string()))?;
    // Its errors come back with the answers that they spoil.
    tokio::spawn(connection);
    Ok(sender)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read() {
        let target = |host: &str, port, prefix: &str| Target {
            host: host.to_owned(),
            port,
            prefix: prefix.to_owned(),
        };
        assert_eq!(
            Target::parse("http://127.0.0.1:8080"),
            Ok(target("127.0.0.1", 8080, ""))
        );
        assert_eq!(
            Target::parse("http://[::1]:8080/games/"),
            Ok(target("::1", 8080, "/games"))
        );
        assert_eq!(
            Target::parse("http://localhost"),
            Ok(target("localhost", 80, ""))
        );
        for url in [
            "https://localhost",
            "127.0.0.1:8080",
            "ftp://x",
            "http://",
            "",
        ] {
            assert!(Target::parse(url).is_err(), "{url}");
        }
    }
}
