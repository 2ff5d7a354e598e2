//! How many events a second does one server take from 1 and from 64 connections, each synced before it is answered?
//!
//! Player and server share this machine, so the server alone is faster than this. After each run the books must balance.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

use anyhow::{Context, Result};

use crate::place::Place;
use crate::server;
use crate::shell::{self, command, output_of};

/// Connections and how many events they send, so that each run takes some seconds.
const RUNS: [(u32, u32); 2] = [(1, 2_000), (64, 50_000)];

/// Prints what `questlog generate` reports for each number of connections.
pub(super) fn run(place: &Place) -> Result<()> {
    server::build(place)?;
    for (connections, events) in RUNS {
        let data = place.target.join("bench-data");
        if data.exists() {
            fs::remove_dir_all(&data)?;
        }
        let mut server = Server::start(&place.binary(), &data)?;
        println!("── {connections} connections, {events} events");
        shell::run(command(place.binary()).arg("generate").args([
            "--url",
            &server.url,
            "--events",
            &events.to_string(),
            "--connections",
            &connections.to_string(),
        ]))?;
        server.stop()?;
        shell::run(
            command(place.binary())
                .arg("verify")
                .arg("--data")
                .arg(&data),
        )?;
        fs::remove_dir_all(&data)?;
    }
    Ok(())
}

/// A server on a port that the system chose; it goes when this goes.
struct Server {
    child: Child,
    url: String,
}

impl Server {
    fn start(binary: &Path, data: &Path) -> Result<Server> {
        let mut child = command(binary)
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("{} could not be started", binary.display()))?;
        let stderr = child.stderr.take().context("the server has no stderr")?;
        let mut lines = BufReader::new(stderr).lines();
        let url = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| line.strip_prefix("listening on ").map(str::to_owned))
            .context("the server ended before it listened")?;
        // Read on, so that the server never waits for us.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(Server { child, url })
    }

    /// Asks it to stop in good order and waits until it has.
    fn stop(&mut self) -> Result<()> {
        output_of(command("kill").args(["-TERM", &self.child.id().to_string()]))
            .context("the server could not be asked to stop")?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have gone already; then there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
