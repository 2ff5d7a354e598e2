//! Promise: SIGHUP makes a running server read its keys again and never ends it; what can't be read leaves the keys as they were.

use std::fs;

use anyhow::{Result, ensure};
use questlog_tests::{Server, http, questlog};

#[test]
fn a_hangup_signal_reads_the_keys_again() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let keys = folder.path().join("keys.toml").display().to_string();
    let new = |name: &str| -> Result<String> {
        let words = [
            "key", "new", "--name", name, "--scopes", "read", "--keys", &keys,
        ];
        Ok(questlog(&words)?.succeeded()?.trim().to_owned())
    };
    let first = new("first")?;
    let server = Server::start_with(
        &folder.path().join("data"),
        "127.0.0.1:0",
        &["--keys", &keys],
    )?;
    let status = |key: &str| -> Result<u16> {
        let headers = [("Authorization", format!("Bearer {key}"))];
        let headers = headers
            .each_ref()
            .map(|(name, value)| (*name, value.as_str()));
        let answer = http::request(server.address(), "GET", "/v1/lake", &headers, b"")?;
        Ok(answer.status)
    };
    assert_eq!((status(&first)?, status("nobody's")?), (200, 401));

    // The file is as it was: only the signal can be the reason.
    server.signal("HUP")?;
    server.hear("read the keys again")?;
    assert_eq!(status(&first)?, 200);

    let second = new("second")?;
    server.signal("HUP")?;
    server.hear("read the keys again")?;
    assert_eq!((status(&first)?, status(&second)?), (200, 200));

    fs::write(&keys, "these are no keys")?;
    server.signal("HUP")?;
    server.hear("the keys stay as they were")?;
    assert_eq!((status(&first)?, status(&second)?), (200, 200));
    ensure!(server.stop()?.success(), "the server did not stop well");
    Ok(())
}

#[test]
fn a_server_with_nothing_to_read_again_outlives_the_signal() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let server = Server::start(&folder.path().join("data"))?;
    server.signal("HUP")?;
    server.get("/healthz")?.expect(200)?;
    ensure!(server.stop()?.success(), "the server did not stop well");
    Ok(())
}
