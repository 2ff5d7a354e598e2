//! Promise: the running server answers as its description says, whatever is sent.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use questlog_tests::{Server, place};

/// Requests for each operation.
const EXAMPLES: &str = "25";

/// Doors that never end (the live tail) or that are the page's own.
const LEFT_OUT: &str = "^(/v1/events/tail|/)$";

#[test]
fn the_server_keeps_to_its_description() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let server = Server::start(&folder.path().join("data"))?;
    let output = Command::new(place::python()?)
        .args(["-m", "schemathesis.cli", "run"])
        .arg(format!("{}/openapi.json", server.url()))
        .args(["--max-examples", EXAMPLES, "--seed", "7", "--no-color"])
        .args(["--exclude-path-regex", LEFT_OUT])
        // What it checks: no 5xx, and only described statuses, types, headers and bodies.
        .args(["--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"])
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .output()
        .context("running schemathesis")?;
    let said = String::from_utf8_lossy(&output.stdout);
    ensure!(
        output.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    ensure!(server.stop()?.success(), "the server did not stop well");
    Ok(())
}
