//! What only a real connection shows.

use std::net::SocketAddr;
use std::path::Path;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::*;

/// A server that listens; dropping the sender stops it.
pub(super) async fn listen(server: &Server) -> (SocketAddr, oneshot::Sender<()>, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = serve(listener, None, Arc::clone(&server.app), async {
        let _ = stopped.await;
    });
    (address, stop, tokio::spawn(serving))
}

/// Sends bytes and reads until the server closes.
pub(super) async fn talk(address: SocketAddr, bytes: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn http_1_0_clients_get_the_end_of_the_line() {
    let server = Server::new();
    let (address, _stop, _) = listen(&server).await;
    let answer = talk(
        address,
        "GET /purchase/knife HTTP/1.0\r\nHost: user46.earthlink.com\r\n\r\n",
    )
    .await;
    assert!(
        answer.starts_with("HTTP/1.0 200 OK") && answer.ends_with("knife Purchased!\n"),
        "{answer}"
    );
    assert!(!answer.to_lowercase().contains("chunked"));
    // A host is not wanted of such old clients.
    assert!(
        talk(address, "GET /join_a_guild HTTP/1.0\r\n\r\n")
            .await
            .ends_with("Joined guild.\n")
    );
}

#[tokio::test]
async fn http_1_0_clients_may_keep_the_line() {
    let server = Server::new();
    let (address, _stop, _) = listen(&server).await;
    let request = "GET /purchase/a HTTP/1.0\r\nConnection: Keep-Alive\r\nHost: a\r\n\r\n";
    let last = "GET /purchase/b HTTP/1.0\r\nHost: a\r\n\r\n";
    let answers = talk(address, &format!("{request}{request}{last}")).await;
    assert_eq!(answers.matches("a Purchased!\n").count(), 2, "{answers}");
    assert_eq!(
        answers
            .to_lowercase()
            .matches("connection: keep-alive")
            .count(),
        2,
        "{answers}"
    );
    assert!(answers.ends_with("b Purchased!\n"));
}

#[tokio::test]
async fn http_1_1_wants_a_host_and_takes_a_pipeline() {
    let server = Server::new();
    let (address, _stop, _) = listen(&server).await;
    let answer = talk(
        address,
        "GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n",
    )
    .await;
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    let one = "GET /purchase/a HTTP/1.1\r\nHost: a\r\n\r\n";
    let last = "GET /purchase/a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    let answers = talk(address, &format!("{one}{one}{one}{last}")).await;
    assert_eq!(answers.matches("a Purchased!\n").count(), 4, "{answers}");
}

#[tokio::test]
async fn nonsense_is_answered_and_does_no_harm() {
    let server = Server::new();
    let (address, _stop, _) = listen(&server).await;
    let answer = talk(address, "{what is this}\r\n\r\n").await;
    assert!(answer.contains(" 400 Bad Request\r\n"), "{answer:?}");
    let huge = format!(
        "GET /healthz HTTP/1.1\r\nHost: a\r\nX-Huge: {}\r\n\r\n",
        "x".repeat(100_000)
    );
    let answer = talk(address, &huge).await;
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    assert!(
        talk(address, "GET /healthz HTTP/1.0\r\n\r\n")
            .await
            .ends_with("ok\n")
    );
}

#[tokio::test]
async fn a_body_that_is_announced_too_large_is_not_asked_for() {
    let server = Server::with(|config| config.server_limits.body_bytes_max = 1 << 20);
    let (address, _stop, _) = listen(&server).await;
    let answer = talk(
        address,
        "POST /v1/events HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\nExpect: 100-continue\r\n\r\n",
    )
    .await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
}

#[tokio::test]
async fn a_body_that_is_too_large_gets_its_answer_although_it_is_still_being_sent() {
    let server = Server::with(|config| config.server_limits.body_bytes_max = 1 << 20);
    let (address, _stop, _) = listen(&server).await;
    let body = "x".repeat((1 << 20) + 50_000);
    let head = "POST /v1/events HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\n";
    let answer = talk(
        address,
        &format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()),
    )
    .await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for_for_ever() {
    let server = Server::with(|config| {
        config.server_limits.request_time_max = std::time::Duration::from_millis(50);
    });
    let (address, _stop, _) = listen(&server).await;
    let head = "POST /v1/events HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\n";
    let answer = talk(address, &format!("{head}Content-Length: 100\r\n\r\n{{")).await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert_eq!(talk(address, "").await, "");
}

#[tokio::test]
async fn followers_get_events_as_they_come_and_are_let_go_at_the_end() {
    let server = Server::new();
    let (address, stop, serving) = listen(&server).await;
    server.get("/purchase/early").await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream
        .write_all(b"GET /v1/events/tail?from=0%2F0 HTTP/1.1\r\nHost: a\r\n\r\n")
        .await
        .unwrap();
    let mut lines = BufReader::new(stream).lines();
    let mut next_data = async || loop {
        let line = lines
            .next_line()
            .await
            .unwrap()
            .unwrap_or_else(|| "the end".to_owned());
        if line.starts_with("data: ") || line == "the end" || line == "0" {
            break line;
        }
    };
    assert!(next_data().await.contains("early purchased"));
    server.get("/purchase/late").await;
    assert!(next_data().await.contains("late purchased"));
    drop(stop);
    assert_eq!(
        next_data().await,
        "0",
        "the last chunk of a body that ended well"
    );
    serving.await.unwrap();
}

#[tokio::test]
async fn a_request_under_way_is_finished_before_the_server_stops() {
    let server = Server::new();
    let (address, stop, serving) = listen(&server).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    let body = r#"{"event_type":"x"}"#;
    let head = "POST /v1/events HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n";
    stream
        .write_all(format!("{head}Content-Length: {}\r\n\r\n", body.len()).as_bytes())
        .await
        .unwrap();
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    stream.read_line(&mut line).await.unwrap();
    assert!(line.starts_with("HTTP/1.1 100"), "{line}");
    drop(stop);
    stream.get_mut().write_all(body.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(
        answer.contains("HTTP/1.1 200") && answer.contains("\"accepted\":1"),
        "{answer}"
    );
    serving.await.unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}

/// Shapes by which requests are smuggled past a proxy: none of them may be read as two requests, or with another length.
#[tokio::test]
async fn what_a_proxy_may_read_otherwise_is_refused() {
    let server = Server::new();
    let (address, _stop, _) = listen(&server).await;
    let smuggled = "GET /purchase/smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
    let length = smuggled.len();
    for head in [
        // Two lengths, two ways to tell the length, and codings that only one side knows.
        format!("Content-Length: 5\r\nContent-Length: {length}\r\n"),
        format!("Content-Length: 0, {length}\r\n"),
        format!("Content-Length: +{length}\r\n"),
        "Content-Length: -1\r\n".to_owned(),
        "Content-Length: 0x10\r\n".to_owned(),
        "Transfer-Encoding: xchunked\r\n".to_owned(),
        "Transfer-Encoding: chunked, identity\r\n".to_owned(),
        "Transfer-Encoding\u{b}: chunked\r\n".to_owned(),
        "Content-Length : 0\r\n".to_owned(),
        "X: 1\r\n Content-Length: 0\r\n".to_owned(),
        "Host: b\r\n".to_owned(),
        "X: a\rb\r\n".to_owned(),
        "X: a\0b\r\n".to_owned(),
        "X y: 1\r\n".to_owned(),
    ] {
        let request = format!(
            "POST /purchase/knife HTTP/1.1\r\nHost: a\r\n{head}Connection: close\r\n\r\n{smuggled}"
        );
        let answer = talk(address, &request).await;
        assert!(
            answer.starts_with("HTTP/1.1 4")
                || answer.starts_with("HTTP/1.1 5")
                || answer.is_empty(),
            "{head:?}: {answer}"
        );
        assert!(!answer.contains("smuggled Purchased"), "{head:?}: {answer}");
    }
    // A chunked body wins over a length, and the line is closed after it: what follows is nobody's request.
    let both = format!(
        "POST /purchase/knife HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    );
    let answer = talk(address, &both).await;
    assert!(!answer.contains("smuggled Purchased"), "{answer}");
    assert!(
        server
            .records()
            .iter()
            .all(|record| record["item"] == "knife"),
        "{:?}",
        server.records()
    );
}

#[tokio::test]
async fn no_header_of_an_answer_can_be_made_by_a_sender() {
    let server = Server::new();
    let (address, _stop, _) = listen(&server).await;
    for request in [
        "GET /purchase/a%0d%0aSet-Cookie:%20x=1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "GET /nothing%0d%0aSet-Cookie:%20x=1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX-Request-Id: a%0d%0aSet-Cookie: x\r\nConnection: close\r\n\r\n",
    ] {
        let answer = talk(address, request).await;
        let head = answer.split("\r\n\r\n").next().unwrap();
        assert!(!head.to_lowercase().contains("\r\nset-cookie"), "{answer}");
    }
}

/// A certificate that signs itself, in the two files that the server reads.
fn write_certificate(certificate: &Path, key: &Path) -> rustls::pki_types::CertificateDer<'static> {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(certificate, made.cert.pem()).unwrap();
    std::fs::write(key, made.signing_key.serialize_pem()).unwrap();
    made.cert.der().clone()
}

/// Buys a knife over https from a server that must show this certificate.
async fn buy(
    address: SocketAddr,
    trusted: rustls::pki_types::CertificateDer<'static>,
) -> std::io::Result<String> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(trusted).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let client = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = tokio_rustls::TlsConnector::from(Arc::new(client));
    let name = rustls::pki_types::ServerName::try_from("localhost").unwrap();
    let stream = TcpStream::connect(address).await?;
    let mut stream = connector.connect(name, stream).await?;
    let request = "GET /purchase/knife HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

#[tokio::test]
async fn https_is_spoken_where_there_is_a_certificate_also_when_it_is_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let (certificate, key) = (dir.path().join("cert.pem"), dir.path().join("key.pem"));
    let first = write_certificate(&certificate, &key);
    let server = Server::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let tls = Arc::new(Tls::open(&certificate, &key).unwrap());
    tokio::spawn(serve(
        listener,
        Some(Arc::clone(&tls)),
        Arc::clone(&server.app),
        std::future::pending(),
    ));
    let answer = buy(address, first.clone()).await.unwrap();
    assert!(answer.ends_with("knife Purchased!\n"), "{answer}");

    // Whoever speaks plain HTTP there gets no answer, and does no harm.
    assert!(
        !talk(address, "GET /purchase/x HTTP/1.1\r\nHost: a\r\n\r\n")
            .await
            .contains("200")
    );
    assert_eq!(server.records().len(), 1);

    // A certificate that can't be used changes nothing.
    std::fs::write(&certificate, "nothing yet").unwrap();
    let error = tls.reload().unwrap_err();
    assert!(error.contains("there is no certificate"), "{error}");
    assert!(buy(address, first.clone()).await.is_ok());
    let second = write_certificate(&certificate, &key);
    assert!(
        buy(address, second.clone()).await.is_err(),
        "it was not read again"
    );
    tls.reload().unwrap();
    assert!(buy(address, second).await.unwrap().contains("200"));
    assert!(buy(address, first).await.is_err());

    for (certificate, key, word) in [
        (&key, &certificate, "there is no certificate"),
        (&certificate, &certificate, "no private key"),
    ] {
        let error = Tls::open(certificate, key).err().unwrap();
        assert!(error.contains(word), "{error}");
    }
}
