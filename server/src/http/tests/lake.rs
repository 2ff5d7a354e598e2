//! The lake's files.

use super::*;

#[tokio::test]
async fn landed_files_are_listed_and_sent_whole_or_in_part() {
    let server = Server::new();
    for _ in 0..100 {
        server.get("/purchase/knife").await;
    }
    assert_eq!(server.get("/v1/lake").await.json()["unlanded"], 100);
    server.landing.land().unwrap();
    let list = server.get("/v1/lake").await.json();
    assert_eq!(
        (&list["unlanded"], &list["files"][0]["rows"]),
        (&0.into(), &100.into())
    );
    let path = format!("/v1/lake/{}", list["files"][0]["path"].as_str().unwrap());

    let whole = server.get(&path).await;
    assert_eq!(whole.status, StatusCode::OK);
    assert!(whole.body.starts_with(b"PAR1") && whole.body.ends_with(b"PAR1"));
    assert_eq!(whole.header("accept-ranges"), "bytes");
    assert_eq!(whole.header("content-length"), whole.body.len().to_string());

    let part = server
        .send(
            Request::get(&path)
                .header("range", "bytes=-8")
                .body(Body::empty())
                .unwrap(),
        )
        .await;
    assert_eq!(part.status, StatusCode::PARTIAL_CONTENT);
    assert_eq!(part.body, whole.body.slice(whole.body.len() - 8..));
    let total = whole.body.len();
    assert_eq!(
        part.header("content-range"),
        format!("bytes {}-{}/{total}", total - 8, total - 1)
    );

    let behind = Request::get(&path)
        .header("range", format!("bytes={total}-"))
        .body(Body::empty())
        .unwrap();
    let behind = server.send(behind).await;
    assert_eq!(behind.status, StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(behind.header("content-range"), format!("bytes */{total}"));

    let head = server
        .send(Request::head(&path).body(Body::empty()).unwrap())
        .await;
    assert_eq!(
        (head.header("content-length"), head.body.len()),
        (total.to_string().as_str(), 0)
    );
    let known = Request::get(&path)
        .header("if-none-match", whole.header("etag"))
        .body(Body::empty())
        .unwrap();
    assert_eq!(server.send(known).await.status, StatusCode::NOT_MODIFIED);
}

#[tokio::test]
async fn no_path_leads_out_of_the_lake() {
    let server = Server::new();
    for path in [
        "/v1/lake/../log/lock",
        "/v1/lake/..%2flog%2flock",
        "/v1/lake/_manifest/lock",
        "/v1/lake//etc/passwd",
    ] {
        assert_eq!(
            server.get(path).await.status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_file_that_was_merged_can_be_had_until_the_next_landing() {
    let server = Server::new();
    let buy_and_land = async || {
        server.get("/purchase/knife").await;
        server.landing.land().unwrap();
        let list = server.get("/v1/lake").await.json();
        list["files"].as_array().unwrap().clone()
    };
    let mut listed = buy_and_land().await;
    loop {
        let files = buy_and_land().await;
        if files.len() < listed.len() {
            break;
        }
        listed = files;
    }
    let path = |file: &Value| format!("/v1/lake/{}", file["path"].as_str().unwrap());
    for file in &listed {
        let answer = server.get(&path(file)).await;
        assert_eq!(answer.status, StatusCode::OK, "{file}");
        assert!(
            answer
                .header("etag")
                .contains(file["sha256"].as_str().unwrap())
        );
        assert_eq!(answer.body.len() as u64, file["bytes"].as_u64().unwrap());
    }
    buy_and_land().await;
    let gone = server.get(&path(&listed[0])).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
}
