//! The game's routes.

use super::*;

#[tokio::test]
async fn a_purchase_is_logged_with_its_headers_before_it_is_answered() {
    let server = Server::new();
    let request = Request::get("/purchase/long%20sword?item=other")
        .header("host", "user46.earthlink.com")
        .header("user-agent", "ApacheBench/2.3")
        .header("accept", "*/*")
        .header("authorization", "Bearer secret")
        .header("cookie", "secret=1");
    let answer = server.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.text(), "long sword Purchased!\n");
    assert!(answer.header("content-type").starts_with("text/plain"));

    let records = server.records();
    let record = records[0].as_object().unwrap();
    assert_eq!(record["event_type"], "long sword purchased");
    assert_eq!(record["item"], "long sword");
    assert_eq!(record["Host"], "user46.earthlink.com");
    assert_eq!(record["User-Agent"], "ApacheBench/2.3");
    assert_eq!(record["Accept"], "*/*");
    assert_eq!(record["timestamp"], record["received_at"]);
    let mut names: Vec<_> = record.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "Accept",
            "Host",
            "User-Agent",
            "event_type",
            "id",
            "item",
            "received_at",
            "timestamp"
        ]
    );
}

#[tokio::test]
async fn joining_a_guild_is_answered_as_ever() {
    let server = Server::new();
    assert_eq!(server.get("/join_a_guild").await.text(), "Joined guild.\n");
    assert_eq!(
        server.post("/join_a_guild", "text/plain", "").await.text(),
        "Joined guild.\n"
    );
    assert!(
        server
            .records()
            .iter()
            .all(|record| record["event_type"] == "join_guild")
    );
}

#[tokio::test]
async fn a_json_body_adds_its_fields_and_its_id_counts_once() {
    let server = Server::new();
    for _ in 0..2 {
        let body = "\u{feff}{\"id\":\"order-7\",\"colour\":\"red\",\"n\":9007199254740993}";
        let answer = server
            .post("/purchase/knife", "application/json; charset=utf-8", body)
            .await;
        assert_eq!(
            (answer.status, answer.text()),
            (StatusCode::OK, "knife Purchased!\n")
        );
    }
    let records = server.records();
    assert_eq!(records.len(), 1);
    assert_eq!(records[0]["id"], "order-7");
    assert_eq!(records[0]["colour"], "red");
    assert_eq!(records[0]["n"].to_string(), "9007199254740993");
}

#[tokio::test]
async fn other_bodies_are_of_no_use_but_do_no_harm() {
    let server = Server::new();
    for (content_type, body) in [
        ("application/x-www-form-urlencoded", "hello=world"),
        ("text/plain", ""),
        ("text/plain", "{broken"),
    ] {
        assert_eq!(
            server
                .post("/purchase/knife", content_type, body)
                .await
                .status,
            StatusCode::OK
        );
    }
    // `curl -d` calls everything a form.
    server
        .post(
            "/purchase/knife",
            "application/x-www-form-urlencoded",
            "{\"colour\":\"red\"}",
        )
        .await;
    assert_eq!(server.records()[3]["colour"], "red");
}

#[tokio::test]
async fn what_is_said_to_be_json_must_be() {
    let server = Server::new();
    for body in ["{broken", "[]", "5"] {
        let answer = server
            .post("/purchase/knife", "application/json", body)
            .await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
        answer.problem();
    }
    assert!(server.records().is_empty());
}

#[tokio::test]
async fn what_is_no_item_is_no_purchase() {
    let server = Server::new();
    for (path, status) in [
        ("/purchase", 404),
        ("/purchase/", 404),
        ("/purchase/a/b", 404),
        ("/purchase/sword/", 404),
        ("/join_a_guild/x", 404),
        ("/purchase/..", 400),
        ("/purchase/%2e%2e", 400),
        ("/purchase/a%00b", 400),
        ("/purchase/%ff", 400),
        ("/purchase/100%", 400),
    ] {
        let answer = server.get(path).await;
        assert_eq!(answer.status.as_u16(), status, "{path}");
        answer.problem();
    }
    assert!(server.records().is_empty());
}
