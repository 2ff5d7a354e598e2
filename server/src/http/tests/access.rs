//! Closed to strangers: keys and their scopes, limits, other origins, https, and what a request must not smuggle in.

use std::path::PathBuf;

use super::*;
use crate::keys::{Entry, Scope, add_key, make_key};

/// A server that wants keys, and a key of each scope.
struct Closed {
    server: Server,
    write: String,
    read: String,
    admin: String,
    _dir: tempfile::TempDir,
}

fn closed(events_per_second: Option<u64>) -> Closed {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("keys.toml");
    let add = |name: &str, scope| {
        let (key, sha256) = make_key().unwrap();
        let entry = Entry {
            name: name.to_owned(),
            sha256,
            scopes: vec![scope],
            events_per_second,
            bytes_per_second: None,
        };
        add_key(&path, &entry).unwrap();
        key
    };
    let write = add("game", Scope::Write);
    let read = add("grafana", Scope::Read);
    let admin = add("ops", Scope::Admin);
    let server = Server::with(|config| config.keys = Some(PathBuf::from(&path)));
    Closed {
        server,
        write,
        read,
        admin,
        _dir: dir,
    }
}

fn get(path: &str, authorization: &str) -> Request<Body> {
    let request = Request::get(path).header("authorization", authorization);
    request.body(Body::empty()).unwrap()
}

#[tokio::test]
async fn each_door_wants_its_scope() {
    let closed = closed(None);
    let keys = [
        ("", 0),
        (&closed.write, 1),
        (&closed.read, 2),
        (&closed.admin, 3),
    ];
    // For nobody, the writer, the reader and the operator.
    for (path, statuses) in [
        ("/purchase/knife", [401, 200, 403, 200]),
        ("/join_a_guild", [401, 200, 403, 200]),
        ("/v1/query", [401, 403, 200, 200]),
        ("/v1/lake", [401, 403, 200, 200]),
        ("/v1/events/tail", [401, 403, 200, 200]),
        ("/v1/lake/../log", [401, 403, 404, 404]),
        ("/metrics", [401, 403, 200, 200]),
        ("/nothing", [401, 403, 404, 404]),
        ("/v1/quarantine", [401, 403, 403, 200]),
        ("/healthz", [200, 200, 200, 200]),
        ("/readyz", [200, 200, 200, 200]),
        ("/openapi.json", [200, 200, 200, 200]),
    ] {
        for (key, at) in keys {
            let request = get(path, &format!("Bearer {key}"));
            let status = closed.server.send_head(request).await;
            assert_eq!(status.as_u16(), statuses[at], "{path} with key {at}");
        }
    }
    // The page is for readers; whether it is there depends on the build.
    let page = closed.server.send_head(get("/", "")).await;
    assert_eq!(page, StatusCode::UNAUTHORIZED);
    let page = get("/", &format!("Bearer {}", closed.read));
    assert_ne!(
        closed.server.send_head(page).await,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn keys_are_shown_in_the_usual_ways_and_in_no_others() {
    let closed = closed(None);
    let key = &closed.admin;
    let basic = base64::Engine::encode(
        &base64::prelude::BASE64_STANDARD,
        format!("anyone:{key}").as_bytes(),
    );
    for (authorization, status) in [
        (format!("Bearer {key}"), 200),
        (format!("bearer  {key} "), 200),
        (format!("Basic {basic}"), 200),
        (key.clone(), 401),
        (format!("Digest {key}"), 401),
        (format!("Bearer {key}x"), 401),
        (format!("Basic {key}"), 401),
        ("Bearer".to_owned(), 401),
        ("Bearer ".to_owned(), 401),
    ] {
        let answer = closed.server.send(get("/metrics", &authorization)).await;
        assert_eq!(answer.status.as_u16(), status, "{authorization}");
        if status == 401 {
            assert!(answer.problem().contains("Bearer"));
            assert!(answer.header("www-authenticate").contains("Bearer"));
            assert!(!answer.text().contains(key.as_str()));
        }
    }
    // A beacon can set no headers; for anything but events the address is no place for a key.
    let path = format!("/v1/events?ack=fsync&key={}", closed.write);
    let beacon = closed
        .server
        .post(&path, "text/plain;charset=UTF-8", r#"{"event_type":"x"}"#)
        .await;
    assert_eq!(beacon.status, StatusCode::OK, "{}", beacon.text());
    let path = format!("/metrics?key={key}");
    assert_eq!(
        closed.server.get(&path).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn credentials_are_in_no_record_and_in_no_quarantine() {
    let closed = closed(None);
    let key = &closed.admin;
    for (path, body) in [
        ("/purchase/knife", ""),
        ("/purchase/a%00b", ""),
        ("/v1/events", "{broken"),
        ("/v1/events", r#"{"event_type":"x"}"#),
    ] {
        let request = Request::post(format!("{path}?key={key}"))
            .header("authorization", format!("Bearer {key}"))
            .header("cookie", format!("session={key}"))
            .header("content-type", "application/json");
        closed.server.send(request.body(body.into()).unwrap()).await;
    }
    assert_eq!(closed.server.records().len(), 2);
    let page = closed
        .server
        .send(get("/v1/quarantine", &format!("Bearer {key}")))
        .await;
    assert_eq!(page.json()["entries"].as_array().unwrap().len(), 2);
    let secret = &key["questlog_".len()..];
    assert!(!page.text().contains(secret));
    assert!(
        closed
            .server
            .records()
            .iter()
            .all(|record| !record.to_string().contains(secret))
    );
}

#[tokio::test]
async fn a_key_that_sent_too_much_has_to_wait() {
    let closed = closed(Some(1));
    let body = "{\"event_type\":\"x\"}\n".repeat(100);
    let post = || {
        let request = Request::post("/v1/events")
            .header("authorization", format!("Bearer {}", closed.write))
            .header("content-type", "application/x-ndjson");
        closed
            .server
            .send(request.body(body.clone().into()).unwrap())
    };
    // A batch larger than the limit passes, or it never could.
    assert_eq!(post().await.json()["accepted"], 100);
    let refused = post().await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    refused.problem();
    let seconds: u32 = refused.header("retry-after").parse().unwrap();
    assert!((90..=99).contains(&seconds), "{seconds}");
    // Another key has a limit of its own.
    let other = get("/purchase/x", &format!("Bearer {}", closed.admin));
    assert_eq!(closed.server.send_head(other).await, StatusCode::OK);
    assert_eq!(closed.server.records().len(), 101);
}

#[tokio::test]
async fn pages_of_listed_origins_may_send_events_and_others_may_not() {
    let server = Server::with(|config| {
        config.origins.allowed = vec!["https://game.example".to_owned()];
    });
    let request = |method: &str, path: &str, origin: &str| {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("origin", origin)
            .header("content-type", "text/plain;charset=UTF-8");
        request.body(r#"{"event_type":"x"}"#.into()).unwrap()
    };
    let allowed = server
        .send(request("POST", "/v1/events", "https://game.example"))
        .await;
    assert_eq!(allowed.status, StatusCode::OK);
    assert_eq!(
        allowed.header("access-control-allow-origin"),
        "https://game.example"
    );
    assert_eq!(allowed.header("vary"), "Origin");
    let asked = server
        .send(request("OPTIONS", "/v1/events", "https://game.example"))
        .await;
    assert_eq!(asked.status, StatusCode::NO_CONTENT);
    assert!(
        asked
            .header("access-control-allow-headers")
            .contains("authorization")
    );
    for (method, path, origin, status) in [
        ("POST", "/v1/events", "https://evil.example", 403),
        ("POST", "/v1/events", "null", 403),
        ("OPTIONS", "/v1/events", "https://evil.example", 403),
        ("POST", "/purchase/x", "https://evil.example", 403),
        ("POST", "/v1/events", "http://user46.earthlink.com", 200),
        ("GET", "/v1/lake", "https://game.example", 200),
    ] {
        let answer = server.send(request(method, path, origin)).await;
        assert_eq!(answer.status.as_u16(), status, "{method} {path} {origin}");
        assert_eq!(answer.header("access-control-allow-origin"), "");
    }
    assert_eq!(server.records().len(), 2);
}

#[tokio::test]
async fn an_answer_that_does_not_wait_for_the_disk_says_so() {
    let server = Server::new();
    let body = r#"[{"event_type":"x","id":"1"},{"event_type":"y"},{"no":1}]"#;
    let answer = server
        .post("/v1/events?ack=memory", "application/json", body)
        .await;
    let json = answer.json();
    assert_eq!(
        (&json["accepted"], &json["durability"]),
        (&2.into(), &"memory".into())
    );
    let again = server
        .post("/v1/events?ack=memory", "application/json", body)
        .await;
    assert_eq!(again.json()["duplicate"], 1);
    let durable = server.post("/v1/events", "application/json", body).await;
    assert_eq!(durable.json()["durability"], "fsync");
    // That one came after the others in the same log, so they are there too.
    assert_eq!(server.records().len(), 4);
    let wrong = server
        .post("/v1/events?ack=maybe", "application/json", body)
        .await;
    assert!(wrong.problem().contains("maybe"));
}

#[tokio::test]
async fn every_answer_carries_what_keeps_browsers_in_check() {
    let server = Server::new();
    for path in ["/healthz", "/v1/lake", "/nothing", "/purchase/x"] {
        let answer = server.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert!(
            answer
                .header("content-security-policy")
                .contains("frame-ancestors 'none'")
        );
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("access-control-allow-origin"), "");
    }
}

#[tokio::test]
async fn no_path_leads_out_of_the_lake() {
    let server = Server::new();
    let secret = server._dir.path().join("secret.parquet");
    std::fs::write(&secret, "secret").unwrap();
    let absolute = format!("/v1/lake/{}", secret.display());
    for path in [
        "/v1/lake/../secret.parquet",
        "/v1/lake/..%2fsecret.parquet",
        "/v1/lake/%2e%2e/secret.parquet",
        "/v1/lake/purchases/../../secret.parquet",
        "/v1/lake/_manifest/manifest.json",
        "/v1/lake/%00",
        "/assets/../Cargo.toml",
        "/assets/..%2f..%2fCargo.toml",
        "/..%2fCargo.toml",
        &absolute,
    ] {
        let answer = server.get(path).await;
        assert!(
            matches!(answer.status.as_u16(), 400 | 404),
            "{path}: {}",
            answer.status
        );
        assert!(!answer.text().contains("secret\n") && answer.text() != "secret");
    }
}
