//! Every limit of the server, at it and over it: what is over is answered with its sentence, and nothing else suffers.

use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use super::sockets::{listen, talk};
use super::*;
use crate::log::{DiskLogOptions, StallableDisk};

/// An event whose JSON is so long.
fn event_of(bytes: usize) -> String {
    let (head, tail) = (r#"{"event_type":"x","note":""#, r#""}"#);
    format!(
        "{head}{}{tail}",
        "n".repeat(bytes - head.len() - tail.len())
    )
}

/// What one event is answered: taken, or the reason why not.
async fn verdict(server: &Server, event: &str) -> Result<(), String> {
    // Beside one that is fine, so that the answer is about each.
    let body = format!("{{\"event_type\":\"fine\"}}\n{event}");
    let answer = server
        .post("/v1/events", "application/x-ndjson", body)
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let json = answer.json();
    match json["rejected"].as_array().map(Vec::as_slice) {
        Some([]) => Ok(()),
        Some([rejected]) => Err(rejected["reason"].as_str().unwrap().to_owned()),
        _ => panic!("{json}"),
    }
}

#[tokio::test]
async fn an_event_has_bytes_levels_and_fields() {
    let server = Server::new();
    let nested = |levels: usize| {
        let arrays = levels - 1;
        format!(
            r#"{{"event_type":"x","n":{}{}}}"#,
            "[".repeat(arrays),
            "]".repeat(arrays)
        )
    };
    let fields = |count: usize| {
        let others: Vec<String> = (1..count).map(|at| format!("\"f{at}\":{at}")).collect();
        format!(r#"{{"event_type":"x",{}}}"#, others.join(","))
    };
    for (at, over, word) in [
        (event_of(256 << 10), event_of((256 << 10) + 1), "262144"),
        (nested(64), nested(65), "64"),
        (fields(1000), fields(1001), "1000"),
    ] {
        assert_eq!(verdict(&server, &at).await, Ok(()));
        let reason = verdict(&server, &over).await.unwrap_err();
        assert!(reason.contains(word), "{reason}");
    }
}

#[tokio::test]
async fn a_request_has_bytes_on_the_wire_and_unpacked_and_events() {
    let server = Server::with(|config| {
        config.server_limits.body_bytes_max = 3000;
        config.server_limits.body_decoded_bytes_max = 5000;
        config.limits.batch_events_max = 3;
    });
    let zstd = |bytes: usize| zstd::encode_all(event_of(bytes).as_bytes(), 1).unwrap();
    let lines = |count: usize| "{\"event_type\":\"x\"}\n".repeat(count).into_bytes();
    for (coding, body, status) in [
        ("identity", event_of(3000).into_bytes(), 200),
        ("identity", event_of(3001).into_bytes(), 413),
        ("zstd", zstd(5000), 200),
        ("zstd", zstd(5001), 413),
        ("identity", lines(3), 200),
        ("identity", lines(4), 413),
    ] {
        let bytes = body.len();
        let request = Request::post("/v1/events")
            .header("content-type", "application/x-ndjson")
            .header("content-encoding", coding)
            .body(Body::from(body))
            .unwrap();
        let answer = server.send(request).await;
        assert_eq!(answer.status.as_u16(), status, "{coding} {bytes}");
        if status == 413 {
            answer.problem();
        }
    }
}

#[tokio::test]
async fn the_unlanded_log_has_a_budget() {
    let lines = format!("{}\n", event_of(4000)).repeat(100);
    let send = async |server: &Server| {
        let lines = lines.clone();
        server
            .post("/v1/events", "application/x-ndjson", lines)
            .await
    };
    let server = Server::new();
    send(&server).await;
    // Once fits and twice doesn't.
    let bytes_max = server.app.log.bytes_from(0) * 3 / 2;
    let full = Server::with(|config| config.room_limits.unlanded_bytes_max = bytes_max);
    send(&full).await;
    full.app.note_room(u64::MAX);
    assert_eq!(send(&full).await.status, StatusCode::OK);
    full.app.note_room(u64::MAX);
    let refused = send(&full).await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.header("retry-after"), "30");
    assert!(refused.problem().contains("wait to be landed"));
    full.landing.land().unwrap();
    full.app.note_room(u64::MAX);
    assert_eq!(send(&full).await.status, StatusCode::OK);
}

/// What waits for a stalled disk is bounded in bytes; everybody else is told to come again, and what waited is taken in the end.
#[tokio::test(flavor = "multi_thread")]
async fn a_stalled_disk_fills_the_queue_and_no_more() {
    const REQUESTS: usize = 200;
    const QUEUE_BYTES_MAX: usize = 1 << 20;
    let (log, disk) = StallableDisk::log(DiskLogOptions {
        queue_bytes_max: QUEUE_BYTES_MAX,
        ..DiskLogOptions::default()
    });
    let server = Server::over(|_| (), |_| log);
    let stalled = disk.stall();
    let (sender, mut answers) = mpsc::unbounded_channel();
    for _ in 0..REQUESTS {
        let (app, sender) = (Arc::clone(&server.app), sender.clone());
        let request = Request::post("/v1/events")
            .header("host", "a")
            .header("content-type", "application/json")
            .body(Body::from(event_of(20 << 10)))
            .unwrap();
        tokio::spawn(async move {
            let answer = super::app(app).oneshot(request).await.unwrap();
            sender.send(answer).unwrap();
        });
    }
    // Not even all of the queue's bytes are events.
    let waiting_max = QUEUE_BYTES_MAX / (20 << 10);
    for _ in waiting_max..REQUESTS {
        let answer = answers.recv().await.unwrap();
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.headers()["retry-after"], "1");
    }
    assert!(server.app.log.queue_bytes() <= QUEUE_BYTES_MAX);
    assert!(server.app.log.queue_bytes() > QUEUE_BYTES_MAX / 2);
    drop(stalled);
    let mut taken = 0;
    for _ in 0..waiting_max {
        taken += usize::from(answers.recv().await.unwrap().status() == StatusCode::OK);
    }
    assert!(taken > waiting_max / 2, "{taken}");
    assert_eq!(server.records().len(), taken);
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_for_others_to_go() {
    let server = Server::with(|config| config.server_limits.connections_max = 2);
    let (address, _stop, _) = listen(&server).await;
    let buy = async |stream: &mut BufReader<TcpStream>| {
        let request = b"GET /purchase/a HTTP/1.1\r\nHost: a\r\n\r\n";
        stream.write_all(request).await.unwrap();
    };
    let answered = async |stream: &mut BufReader<TcpStream>| {
        let mut line = String::new();
        while !line.contains("Purchased!") {
            line.clear();
            assert_ne!(stream.read_line(&mut line).await.unwrap(), 0);
        }
    };
    let connect = async || BufReader::new(TcpStream::connect(address).await.unwrap());
    let (mut first, mut second) = (connect().await, connect().await);
    for stream in [&mut first, &mut second] {
        buy(stream).await;
        answered(stream).await;
    }
    // The system takes the connection, the server doesn't yet.
    let mut third = connect().await;
    buy(&mut third).await;
    for stream in [&mut first, &mut second] {
        buy(stream).await;
        answered(stream).await;
    }
    assert_eq!(server.records().len(), 4, "the third one waits");
    drop(first);
    answered(&mut third).await;
}

#[tokio::test]
async fn who_sends_slowly_is_let_go() {
    let server = Server::with(|config| {
        config.server_limits.request_time_max = Duration::from_millis(60);
    });
    let (address, _stop, _) = listen(&server).await;
    // A byte now and then keeps no line open: neither within the head nor within the body.
    let body = "POST /v1/events HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n";
    for (head, status) in [
        ("GET /purchase/a HTTP/1.1\r\nX: ", None),
        (body, Some("408")),
    ] {
        let (mut from, mut to) = TcpStream::connect(address).await.unwrap().into_split();
        to.write_all(head.as_bytes()).await.unwrap();
        let trickle = tokio::spawn(async move {
            while to.write_all(b"a").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        });
        let mut answer = vec![];
        // The end may come as a reset, for bytes were still on their way.
        let _ = from.read_to_end(&mut answer).await;
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let is_answer = |status: &str| answer.starts_with(&format!("HTTP/1.1 {status}"));
        assert!(status.is_none_or(is_answer), "{answer}");
        trickle.await.unwrap();
    }
    // A head that broke off is nobody's request.
    assert!(server.records().is_empty());
    let quick = "GET /purchase/a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    assert!(talk(address, quick).await.contains("200"));
}

#[tokio::test]
async fn a_query_has_time_a_turn_and_groups() {
    let of = |change: fn(&mut Config)| Server::with(change);
    let slow = of(|config| config.server_limits.query_time_max = Duration::ZERO);
    let busy = of(|config| {
        config.server_limits.queries_max = 0;
        config.server_limits.query_wait_max = Duration::ZERO;
    });
    let one = of(|config| {
        config.server_limits.queries_max = 1;
        config.server_limits.query_wait_max = Duration::ZERO;
    });
    let groups = of(|config| config.limits.groups_max = 2);
    for (server, status, word) in [
        (&slow, 504, "took longer than 0 s"),
        (&busy, 503, "busy with other queries"),
        (&one, 200, ""),
        (&groups, 200, ""),
    ] {
        for item in ["a", "b"] {
            server.get(&format!("/purchase/{item}")).await;
        }
        let answer = server.get("/v1/query?group_by=event_type").await;
        assert_eq!(answer.status.as_u16(), status, "{}", answer.text());
        assert!(status == 200 || answer.problem().contains(word));
    }
    groups.get("/purchase/c").await;
    let answer = groups.get("/v1/query?group_by=event_type").await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.problem().contains('2'), "{}", answer.text());
    // The turn has been given back.
    assert_eq!(one.get("/v1/query").await.status, StatusCode::OK);
}
