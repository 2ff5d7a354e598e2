//! `POST /v1/events`.

use std::io::Write;

use super::*;

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

async fn post_coded(server: &Server, coding: &str, body: Vec<u8>) -> Answered {
    let request = Request::post("/v1/events")
        .header("content-type", "application/x-ndjson")
        .header("content-encoding", coding);
    server.send(request.body(body.into()).unwrap()).await
}

const TWO_LINES: &str = "{\"event_type\":\"a\"}\n{\"event_type\":\"b\"}\n";

#[tokio::test]
async fn the_answer_says_what_became_of_each_event() {
    let server = Server::new();
    let body = r#"[{"event_type":"x","id":"1"},{"type":"x"},{"event_type":"x","id":"1"},7,{"event_type":"y","timestamp":"2026-11-23T10:00:00+02:00"}]"#;
    let answer = server.post("/v1/events", "application/json", body).await;
    assert_eq!(answer.status, StatusCode::OK);
    let json = answer.json();
    assert_eq!(
        (
            &json["accepted"],
            &json["duplicate"],
            &json["durability"],
            &json["position"]
        ),
        (&2.into(), &1.into(), &"fsync".into(), &"0/1".into())
    );
    let rejected: Vec<_> = json["rejected"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["index"].as_u64().unwrap())
        .collect();
    assert_eq!(rejected, [1, 3]);
    assert_eq!(json["rejected"][0]["reason"], "event_type is missing");
    assert_eq!(server.records()[1]["timestamp"], "2026-11-23T08:00:00Z");
}

#[tokio::test]
async fn a_retry_that_brings_only_duplicates_is_fine() {
    let server = Server::new();
    for (accepted, duplicate) in [(1, 0), (0, 1)] {
        let answer = server
            .post(
                "/v1/events",
                "application/json",
                r#"{"event_type":"x","id":"1"}"#,
            )
            .await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(
            (
                answer.json()["accepted"].as_u64(),
                answer.json()["duplicate"].as_u64()
            ),
            (Some(accepted), Some(duplicate))
        );
        assert_eq!(answer.json()["position"], "0/0");
    }
}

#[tokio::test]
async fn when_all_are_rejected_it_is_a_problem_with_reasons() {
    let server = Server::new();
    let answer = server
        .post("/v1/events", "application/x-ndjson", "{}\nnonsense\n")
        .await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    answer.problem();
    assert_eq!(answer.json()["rejected"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn lines_come_as_windows_sends_them() {
    let server = Server::new();
    let body = "\u{feff}\r\n{\"event_type\":\"a\"}\r\n\r\n  \r\n{\"event_type\":\"b\"}";
    let answer = server
        .post("/v1/events", "Application/X-NDJSON;charset=UTF-8", body)
        .await;
    assert_eq!(answer.json()["accepted"], 2);
}

#[tokio::test]
async fn what_is_not_understood_is_said_with_its_status() {
    let server = Server::new();
    for (content_type, body, status) in [
        ("application/json", "{\"event_type\":", 400),
        ("application/json", "", 400),
        ("text/csv", "a,b", 415),
        ("application/json; charset=utf-16", "{}", 415),
        ("application/cloudevents+avro", "x", 415),
    ] {
        let answer = server.post("/v1/events", content_type, body).await;
        assert_eq!(answer.status.as_u16(), status, "{content_type} {body}");
        answer.problem();
    }
}

#[tokio::test]
async fn compressed_bodies_are_read_to_their_end() {
    let server = Server::new();
    let mut members = gzip("{\"event_type\":\"a\"}\n");
    members.extend(gzip("{\"event_type\":\"b\"}\n"));
    for (coding, body) in [
        ("gzip", members),
        ("GZIP", gzip(TWO_LINES)),
        ("identity", TWO_LINES.as_bytes().to_vec()),
        ("zstd", zstd::encode_all(TWO_LINES.as_bytes(), 1).unwrap()),
    ] {
        let answer = post_coded(&server, coding, body).await;
        assert_eq!(answer.json()["accepted"], 2, "{coding}: {}", answer.text());
    }
}

#[tokio::test]
async fn broken_and_unknown_codings_leave_nothing_behind() {
    let server = Server::new();
    let whole = gzip(TWO_LINES);
    let zstd = zstd::encode_all(TWO_LINES.as_bytes(), 1).unwrap();
    for (coding, body, status) in [
        ("gzip", whole[..whole.len() - 9].to_vec(), 400),
        ("gzip", TWO_LINES.as_bytes().to_vec(), 400),
        ("zstd", zstd[..zstd.len() - 5].to_vec(), 400),
        ("zstd", whole.clone(), 400),
        ("br", whole.clone(), 415),
        ("gzip, gzip", gzip(TWO_LINES), 415),
    ] {
        let answer = post_coded(&server, coding, body).await;
        assert_eq!(
            answer.status.as_u16(),
            status,
            "{coding}: {}",
            answer.text()
        );
        answer.problem();
    }
    assert!(server.records().is_empty());
}

#[tokio::test]
async fn sizes_are_limited_on_the_wire_and_unpacked() {
    let server = Server::with(|config| {
        config.server_limits.body_bytes_max = 2000;
        config.server_limits.body_decoded_bytes_max = 10_000;
    });
    let zstd_bomb = zstd::encode_all(" ".repeat(1_000_000).as_bytes(), 19).unwrap();
    let bomb = gzip(&" ".repeat(1_000_000));
    assert!(bomb.len() < 2000);
    for (coding, body) in [
        ("gzip", gzip(&" ".repeat(20_000))),
        ("identity", vec![b' '; 2001]),
        ("gzip", bomb),
        ("zstd", zstd_bomb),
    ] {
        let answer = post_coded(&server, coding, body).await;
        assert_eq!(
            answer.status,
            StatusCode::PAYLOAD_TOO_LARGE,
            "{}",
            answer.text()
        );
        answer.problem();
    }
}

#[tokio::test]
async fn large_requests_share_a_budget() {
    let server = Server::with(|config| config.server_limits.bodies_bytes_max = 200 << 10);
    let line = "{\"event_type\":\"a\"}\n";
    let answer = server
        .post("/v1/events", "application/x-ndjson", line.repeat(20_000))
        .await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.header("retry-after"), "1");
    answer.problem();
    // What it held has been given back.
    let answer = server
        .post("/v1/events", "application/x-ndjson", line.repeat(500))
        .await;
    assert_eq!(answer.json()["accepted"], 500);
}

#[tokio::test]
async fn cloud_events_come_in_all_three_modes() {
    let server = Server::new();
    let one = r#"{"specversion":"1.0","id":"1","source":"/game","type":"boss slain","data":{"boss":"hydra"}}"#;
    let answer = server
        .post(
            "/v1/events",
            "application/cloudevents+json; charset=utf-8",
            one,
        )
        .await;
    assert_eq!(answer.json()["accepted"], 1, "{}", answer.text());
    let batch = format!("[{one},{}]", one.replace("\"1\"", "\"2\""));
    let answer = server
        .post("/v1/events", "application/cloudevents-batch+json", batch)
        .await;
    assert_eq!(
        (&answer.json()["accepted"], &answer.json()["duplicate"]),
        (&1.into(), &1.into())
    );
    let binary = Request::post("/v1/events")
        .header("ce-specversion", "1.0")
        .header("ce-id", "3")
        .header("ce-source", "/game")
        .header("ce-type", "boss slain")
        .header("ce-time", "2026-11-23T10:00:00Z")
        .header("content-type", "application/json");
    let answer = server
        .send(binary.body(r#"{"boss":"hydra"}"#.into()).unwrap())
        .await;
    assert_eq!(answer.json()["accepted"], 1, "{}", answer.text());

    let records = server.records();
    assert_eq!(records.len(), 3);
    assert!(records.iter().all(|record| record["event_type"] == "boss slain" && record["data"]["boss"] == "hydra"));
    assert_eq!(records[2]["timestamp"], "2026-11-23T10:00:00Z");
    let answer = server
        .post(
            "/v1/events",
            "application/cloudevents+json",
            r#"{"id":"1"}"#,
        )
        .await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn an_idempotency_key_stands_in_for_missing_ids() {
    let server = Server::new();
    for (accepted, duplicate) in [(2, 0), (0, 2)] {
        let request = Request::post("/v1/events")
            .header("content-type", "application/json")
            .header("idempotency-key", "k");
        let answer = server
            .send(
                request
                    .body(r#"[{"event_type":"x"},{"event_type":"x"}]"#.into())
                    .unwrap(),
            )
            .await;
        assert_eq!(
            (
                answer.json()["accepted"].as_u64(),
                answer.json()["duplicate"].as_u64()
            ),
            (Some(accepted), Some(duplicate))
        );
    }
}
