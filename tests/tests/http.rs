//! Promise: the routes, their statuses and their bodies.

use std::collections::HashSet;

use anyhow::{Context, Result, ensure};
use questlog_tests::{Server, Table, http, questlog};
use serde_json::{Value, json};
use tempfile::TempDir;

fn started() -> Result<(TempDir, Server)> {
    let folder = tempfile::tempdir()?;
    let server = Server::start(&folder.path().join("data"))?;
    Ok((folder, server))
}

/// What is in the log, oldest first.
fn logged(server: &Server) -> Result<Vec<Value>> {
    let words = [
        "tail".as_ref(),
        "--data".as_ref(),
        server.data().as_os_str(),
    ];
    let lines = questlog(&words)?.succeeded()?;
    lines
        .lines()
        .map(|line| serde_json::from_str(line).with_context(|| format!("not JSON: {line}")))
        .collect()
}

#[test]
fn a_purchase_and_a_guild() -> Result<()> {
    let (_folder, server) = started()?;
    for (method, path, said, event_type) in [
        (
            "GET",
            "/purchase/sword",
            "sword Purchased!\n",
            "sword purchased",
        ),
        (
            "POST",
            "/purchase/sword",
            "sword Purchased!\n",
            "sword purchased",
        ),
        ("GET", "/join_a_guild", "Joined guild.\n", "join_guild"),
        ("POST", "/join_a_guild", "Joined guild.\n", "join_guild"),
        (
            "POST",
            "/purchase/gro%C3%9Fes%20Schwert%2F2",
            "großes Schwert/2 Purchased!\n",
            "großes Schwert/2 purchased",
        ),
        (
            "POST",
            "/purchase/100%25",
            "100% Purchased!\n",
            "100% purchased",
        ),
    ] {
        let headers = [
            ("Host", "user46.earthlink.com"),
            ("User-Agent", "ApacheBench/2.3"),
            ("Accept", "*/*"),
            ("Authorization", "Bearer secret"),
            ("Cookie", "session=secret"),
        ];
        let response = http::request(server.address(), method, path, &headers, b"")?.expect(200)?;
        assert_eq!(response.text()?, said, "{method} {path}");
        let last = logged(&server)?.pop().context("nothing is logged")?;
        assert_eq!(last["event_type"], event_type);
        assert_eq!(last["Host"], "user46.earthlink.com");
        assert_eq!(last["User-Agent"], "ApacheBench/2.3");
        assert_eq!(last["Accept"], "*/*");
        ensure!(
            last["id"].is_string() && last["timestamp"].is_string(),
            "{last}"
        );
        ensure!(
            !last.to_string().contains("secret"),
            "a credential was logged: {last}"
        );
    }
    Ok(())
}

#[test]
fn a_body_adds_its_fields() -> Result<()> {
    let (_folder, server) = started()?;
    let body = r#"{"id":"mine-1","price":12345678901234567890.5,"event_type":"not this one"}"#;
    server
        .post("/purchase/helmet", "application/json", body)?
        .expect(200)?;
    let last = logged(&server)?.pop().context("nothing is logged")?;
    assert_eq!(last["id"], "mine-1");
    assert_eq!(last["event_type"], "helmet purchased");
    ensure!(last.get("price").is_some(), "{last}");
    Ok(())
}

#[test]
fn items_that_are_none() -> Result<()> {
    let (_folder, server) = started()?;
    for path in [
        "/purchase/%2E",
        "/purchase/%2e%2e",
        "/purchase/%00",
        "/purchase/a%0Ab",
        "/purchase/%FF",
        "/purchase/%",
    ] {
        let response = server.get(path)?;
        assert_eq!(response.status, 400, "{path}");
    }
    // An empty item: the contract's 400, or no such route.
    let status = server.get("/purchase/")?.status;
    ensure!(matches!(status, 400 | 404), "/purchase/ is {status}");
    ensure!(
        logged(&server)?.is_empty(),
        "something was logged all the same"
    );
    Ok(())
}

#[test]
fn events_alone_in_arrays_and_in_lines() -> Result<()> {
    let (_folder, server) = started()?;
    let one = r#"{"event_type":"knife purchased","id":"a"}"#;
    let array = r#"[{"event_type":"knife purchased","id":"b"},{"item":"no type"},{"event_type":"join_guild","id":"a"}]"#;
    let lines =
        "\u{feff}{\"event_type\":\"respawn\",\"id\":\"c\"}\r\n\r\n{\"event_type\":\"respawn\"}\n";
    for (kind, body, accepted, duplicate, rejected) in [
        ("application/json", one, 1, 0, 0),
        ("application/json", array, 1, 1, 1),
        ("application/x-ndjson", lines, 2, 0, 0),
        ("application/json; charset=utf-8", one, 0, 1, 0),
    ] {
        let answer = server.post("/v1/events", kind, body)?.expect(200)?.json()?;
        assert_eq!(answer["accepted"], accepted, "{body}: {answer}");
        assert_eq!(answer["duplicate"], duplicate, "{body}: {answer}");
        let refused = answer["rejected"]
            .as_array()
            .context("no list of rejected events")?;
        assert_eq!(refused.len(), rejected, "{body}: {answer}");
        assert_eq!(answer["durability"], "fsync");
        ensure!(answer["position"].is_string(), "{answer}");
    }
    let types: Vec<_> = logged(&server)?
        .iter()
        .map(|event| event["event_type"].clone())
        .collect();
    assert_eq!(
        types,
        ["knife purchased", "knife purchased", "respawn", "respawn"]
    );

    let answer = server
        .post("/v1/events", "application/json", r#"[{"id":"x"}]"#)?
        .expect(422)?
        .json()?;
    assert_eq!(answer["rejected"][0]["index"], 0);
    let reason = answer["rejected"][0]["reason"].as_str().unwrap_or_default();
    questlog_tests::questlog::sentence(reason, &["event_type"])
}

#[test]
fn bodies_that_are_too_large() -> Result<()> {
    let (_folder, server) = started()?;
    let large = format!(
        r#"{{"event_type":"x","padding":"{}"}}"#,
        "a".repeat(17 << 20)
    );
    let response = server.post("/v1/events", "application/json", large)?;
    assert_eq!(response.status, 413);
    // One event of 300 KiB: small enough as a body, too large as an event.
    let event = format!(
        r#"{{"event_type":"x","padding":"{}"}}"#,
        "a".repeat(300 << 10)
    );
    let response = server.post("/v1/events", "application/json", event)?;
    ensure!(matches!(response.status, 413 | 422), "{}", response.status);
    ensure!(
        logged(&server)?.is_empty(),
        "something was logged all the same"
    );
    Ok(())
}

#[test]
fn what_was_acknowledged_is_in_the_next_answer() -> Result<()> {
    let (_folder, server) = started()?;
    let ask =
        |query: &str| -> Result<Table> { Table::read(&server.get(query)?.expect(200)?.json()?) };
    ensure!(
        ask("/v1/query?group_by=event_type")?.rows.is_empty(),
        "an empty lake has rows"
    );
    for bought in 1..=3 {
        let headers = [("Host", "user7.cox.com")];
        http::request(server.address(), "POST", "/purchase/knife", &headers, b"")?.expect(200)?;
        let table = ask("/v1/query?group_by=provider(Host),event_type&match=domain")?;
        assert_eq!(table.columns, ["provider", "event_type", "count"]);
        assert_eq!(
            table.rows,
            [[json!("cox"), json!("knife purchased"), json!(bought)]]
        );
    }
    let body = r#"{"group-by":"event_type","measure":"count"}"#;
    let posted = server
        .post("/v1/query", "application/json", body)?
        .expect(200)?
        .json()?;
    assert_eq!(
        Table::read(&posted)?.rows,
        [[json!("knife purchased"), json!(3)]]
    );
    let wrong = server
        .get("/v1/query?group_by=event_typ")?
        .expect(400)?
        .json()?;
    questlog_tests::questlog::sentence(
        wrong["detail"].as_str().unwrap_or_default(),
        &["event_type"],
    )
}

#[test]
fn the_lake_and_its_files() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let server = Server::start(&data)?;
    for item in ["knife", "sword"] {
        server
            .post(&format!("/purchase/{item}"), "application/json", "")?
            .expect(200)?;
    }
    server
        .post("/join_a_guild", "application/json", "")?
        .expect(200)?;
    server
        .post(
            "/v1/events",
            "application/json",
            r#"{"event_type":"respawn"}"#,
        )?
        .expect(200)?;
    ensure!(server.stop()?.success(), "the server did not stop well");
    let words = ["land".as_ref(), "--data".as_ref(), data.as_os_str()];
    questlog(&words)?.succeeded()?;

    let server = Server::start(&data)?;
    let lake = server.get("/v1/lake")?.expect(200)?.json()?;
    let files = lake["files"].as_array().context("no files")?;
    let paths: HashSet<&str> = files
        .iter()
        .filter_map(|file| file["path"].as_str())
        .collect();
    for set in ["purchases/date=", "join_guild/date=", "other/date="] {
        ensure!(
            paths.iter().any(|path| path.contains(set)),
            "no {set} in {lake}"
        );
    }
    for path in paths {
        let whole = server.get(&format!("/v1/lake/{path}"))?.expect(200)?.body;
        ensure!(
            whole.starts_with(b"PAR1") && whole.ends_with(b"PAR1"),
            "{path} is not Parquet"
        );
        let route = format!("/v1/lake/{path}");
        let range = [("Range", "bytes=-8")];
        let part = http::request(server.address(), "GET", &route, &range, b"")?.expect(206)?;
        assert_eq!(part.body, whole[whole.len() - 8..]);
    }
    assert_eq!(server.get("/v1/lake/../log/")?.status / 100, 4);
    assert_eq!(server.get("/v1/lake/%2e%2e%2flog")?.status / 100, 4);
    Ok(())
}

#[test]
fn life_signs_and_the_page() -> Result<()> {
    let (_folder, server) = started()?;
    server.get("/healthz")?.expect(200)?;
    let page = server.get("/")?.expect(200)?;
    ensure!(page.text()?.contains("<html"), "the page is no page");
    let policy = page
        .header("content-security-policy")
        .context("no Content-Security-Policy")?;
    ensure!(
        policy.contains("default-src 'none'") || policy.contains("default-src 'self'"),
        "{policy}"
    );
    let refused = http::request(server.address(), "DELETE", "/purchase/knife", &[], b"")?;
    assert_eq!(refused.status, 405);
    Ok(())
}

#[test]
fn the_page_may_read_files_of_the_origins_that_the_operator_names() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let reads = ["--page-reads", "https://data.example"];
    let server = Server::start_with(&data, "127.0.0.1:0", &reads)?;
    let page = server.get("/")?.expect(200)?;
    let policy = page
        .header("content-security-policy")
        .context("no Content-Security-Policy")?;
    ensure!(
        policy.contains("connect-src 'self' https://data.example;"),
        "{policy}"
    );
    // The page itself says the same: of two policies the stricter one holds.
    ensure!(
        page.text()?
            .contains("connect-src &#39;self&#39; https://data.example;"),
        "the page forbids it"
    );
    Ok(())
}

#[test]
fn a_server_that_is_asked_to_stop_keeps_everything() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let server = Server::start(&data)?;
    for _ in 0..20 {
        server
            .post("/purchase/shield", "application/json", "")?
            .expect(200)?;
    }
    ensure!(server.stop()?.success(), "the server did not stop well");
    let server = Server::start(&data)?;
    let table = Table::read(
        &server
            .get("/v1/query?group_by=event_type")?
            .expect(200)?
            .json()?,
    )?;
    assert_eq!(table.total(), 20);
    Ok(())
}
