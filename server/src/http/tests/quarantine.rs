//! What is refused at any door is in the quarantine, with its reason and its bytes.

use super::*;

async fn entries(server: &Server) -> Vec<Value> {
    let page = server.get("/v1/quarantine?limit=1000").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    page.json()["entries"].as_array().unwrap().clone()
}

#[tokio::test]
async fn whatever_is_refused_can_be_looked_at() {
    let server = Server::with(|config| config.server_limits.body_bytes_max = 2000);
    let json = "application/json";
    for (content_type, body, raw, word) in [
        (json, "{\"event_type\":", "{\"event_type\":", "not JSON"),
        (
            json,
            "[{\"event_type\":\"a\"},{\"type\":7}]",
            "{\"type\":7}",
            "event_type is missing",
        ),
        ("text/csv", "a,b", "a,b", "text/csv"),
        (
            "application/cloudevents+json",
            "{\"id\":\"1\"}",
            "{\"id\":\"1\"}",
            "CloudEvent",
        ),
    ] {
        server.post("/v1/events", content_type, body).await;
        let entry = entries(&server).await.pop().unwrap();
        assert_eq!(entry["text"], raw, "{entry}");
        assert!(entry["reason"].as_str().unwrap().contains(word), "{entry}");
        assert_eq!(entry["headers"]["Host"], "user46.earthlink.com");
        assert_eq!(entry["door"], "POST /v1/events");
    }
    server
        .post("/v1/events", json, "x".repeat(3000))
        .await
        .problem();
    let entry = entries(&server).await.pop().unwrap();
    assert!(entry["bytes"].as_u64().unwrap() > 0, "{entry}");
    server.get("/purchase/a%00b").await.problem();
    let entry = entries(&server).await.pop().unwrap();
    assert_eq!(entry["door"], "GET /purchase/a%00b");
    let sums = server.get("/v1/quarantine").await.json()["sums"].clone();
    assert_eq!(
        (&sums["received"], &sums["accepted"], &sums["rejected"]),
        (&7.into(), &1.into(), &6.into())
    );
}

#[tokio::test]
async fn a_body_that_does_not_unpack_is_kept_as_it_came() {
    let server = Server::new();
    let request = Request::post("/v1/events")
        .header("content-type", "application/x-ndjson")
        .header("content-encoding", "gzip");
    let answer = server
        .send(request.body(vec![0x1f, 0x8b, 0xff].into()).unwrap())
        .await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    let entry = entries(&server).await.pop().unwrap();
    assert_eq!(entry["base64"], "H4v/", "{entry}");
}

#[tokio::test]
async fn the_quarantine_can_be_asked_like_the_lake() {
    let server = Server::new();
    let lines = "{}\nnonsense\n{}\n";
    server
        .post("/v1/events", "application/x-ndjson", lines)
        .await;
    let answer = server
        .get("/v1/quarantine?group_by=reason,provider(Host)&where=bytes%3C5")
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(
        answer.json()["rows"],
        serde_json::json!([["event_type is missing", "earthlink", 2]])
    );
    let answer = server.get("/v1/quarantine?group_by=event_type").await;
    assert!(answer.problem().contains("event_type"));
    for path in ["/v1/quarantine?from=soon", "/v1/quarantine?limit=x"] {
        assert_eq!(server.get(path).await.status, StatusCode::BAD_REQUEST);
    }
}
