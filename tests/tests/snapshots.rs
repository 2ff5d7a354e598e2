//! Promise: every answer of a busy server is of one moment: nothing acknowledged is missing, nothing is counted twice, while it lands all the time.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use questlog_tests::{Server, Table, http};
use serde_json::{Value, json};

const QUERIES: usize = 60;
const LANDINGS: usize = 5;
const PATIENCE: Duration = Duration::from_secs(60);
const SENDERS: usize = 3;

#[test]
fn answers_while_events_come_in_and_land() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let server = Server::start_with(&data, "127.0.0.1:0", &["--land-every", "20ms"])?;
    let (begun, acknowledged, over) = (
        AtomicUsize::new(0),
        AtomicUsize::new(0),
        AtomicBool::new(false),
    );
    let address = server.address();
    let send = |sender: usize| -> Result<()> {
        for number in 0.. {
            if over.load(Ordering::SeqCst) {
                break;
            }
            let event =
                json!({"id": format!("{sender}-{number}"), "event_type": "knife purchased"})
                    .to_string();
            begun.fetch_add(1, Ordering::SeqCst);
            let headers = [("Content-Type", "application/json")];
            http::request(address, "POST", "/v1/events", &headers, event.as_bytes())?
                .expect(200)?;
            acknowledged.fetch_add(1, Ordering::SeqCst);
        }
        Ok(())
    };
    // Until it was asked often and has landed often meanwhile.
    let ask = || -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        let (mut queries, mut landings, mut lake) = (0, 0, Value::Null);
        while queries < QUERIES || landings < LANDINGS {
            ensure!(
                Instant::now() < deadline,
                "only {landings} landings in {PATIENCE:?}"
            );
            let at_least = acknowledged.load(Ordering::SeqCst);
            let json = server.get("/v1/query?group_by=id")?.expect(200)?.json()?;
            let at_most = begun.load(Ordering::SeqCst);
            let ids = Table::read(&json)?;
            let found = ids.rows.len();
            ensure!(
                (at_least..=at_most).contains(&found),
                "{found} events, but {at_least} were acknowledged and {at_most} sent"
            );
            assert_eq!(ids.total(), found as u64, "an event is counted twice");
            queries += 1;
            let now = server.get("/v1/lake")?.expect(200)?.json()?;
            landings += usize::from(now != lake);
            lake = now;
        }
        Ok(())
    };
    thread::scope(|scope| {
        let send = &send;
        let senders: Vec<_> = (0..SENDERS)
            .map(|sender| scope.spawn(move || send(sender)))
            .collect();
        let asked = ask();
        over.store(true, Ordering::SeqCst);
        for sender in senders {
            sender.join().ok().context("a sender panicked")??;
        }
        asked
    })?;
    Ok(())
}
