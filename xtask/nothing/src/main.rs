//! `questlog-nothing`: `GET /purchase/knife` answers the same bytes as Questlog does, and nothing has happened.
//!
//! Served in the same way, by the same libraries: what is left is what taking an event costs.

use anyhow::Result;
use axum::Router;
use axum::response::IntoResponse;
use axum::routing::get;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;

/// The headers of Questlog's answer that its libraries don't add anyway.
const HEADERS: [(&str, &str); 5] = [
    ("x-content-type-options", "nosniff"),
    (
        "content-security-policy",
        "default-src 'none'; frame-ancestors 'none'",
    ),
    ("cross-origin-resource-policy", "same-origin"),
    ("referrer-policy", "no-referrer"),
    ("x-request-id", "0123456789abcdef0123456789abcdef"),
];

async fn purchase() -> impl IntoResponse {
    (HEADERS, "knife Purchased!\n")
}

#[tokio::main]
async fn main() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    eprintln!("listening on http://{}", listener.local_addr()?);
    let router = Router::new().route("/purchase/{item}", get(purchase));
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let service = TowerToHyperService::new(router.clone());
        tokio::spawn(async move {
            let mut builder = Builder::new(TokioExecutor::new());
            builder.http1().timer(TokioTimer::new());
            // A client that breaks off is none of our business.
            let _ = builder
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}
