//! What only a real connection shows.

use std::net::SocketAddr;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::*;

/// A server that listens; dropping the sender stops it.
async fn listen(server: &Server) -> (SocketAddr, oneshot::Sender<()>, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = serve(listener, Arc::clone(&server.app), async {
        let _ = stopped.await;
    });
    (address, stop, tokio::spawn(serving))
}

/// Sends bytes and reads until the server closes.
async fn talk(address: SocketAddr, bytes: &str) -> String {
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
