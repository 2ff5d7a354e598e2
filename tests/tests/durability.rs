//! Promise: an acknowledged event is never lost and never doubled, wherever SIGKILL strikes; a torn tail is cut; worse damage is a clear error.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use questlog_tests::{Server, Table, http, questlog, server};
use serde_json::json;

/// Kills, unless `cargo xtask soak` wants more.
const KILLS: usize = 15;
const SENDERS: usize = 4;

/// Every id that `/v1/query` counts, with its count.
fn ids_asked(server: &Server) -> Result<HashMap<String, u64>> {
    let json = server.get("/v1/query?group_by=id")?.expect(200)?.json()?;
    ids(&Table::read(&json)?)
}

/// Every id in the lake's files, with its count.
fn ids_landed(data: &Path) -> Result<HashMap<String, u64>> {
    ids(&Table::analyze(
        &[data.join("lake")],
        &["--group-by", "id"],
    )?)
}

fn ids(table: &Table) -> Result<HashMap<String, u64>> {
    let pairs = table.rows.iter().map(|row| {
        let id = row[0].as_str().context("an event without an id")?;
        Ok((id.to_owned(), row[1].as_u64().context("no count")?))
    });
    pairs.collect()
}

/// What was answered to all senders.
#[derive(Default)]
struct Ledger {
    answered: Mutex<Answered>,
}

#[derive(Default)]
struct Answered {
    /// Ids of acknowledged events.
    ids: Vec<String>,
    /// Events that the server said it had taken before.
    duplicate: u64,
    /// Events that the server said it could not take.
    rejected: u64,
}

fn len(ledger: &Ledger) -> usize {
    ledger
        .answered
        .lock()
        .map_or(0, |answered| answered.ids.len())
}

fn kills() -> usize {
    let wanted = std::env::var("QUESTLOG_SOAK_KILLS").ok();
    wanted.and_then(|kills| kills.parse().ok()).unwrap_or(KILLS)
}

/// Sends events until the server is gone, and notes what it acknowledged.
fn send(address: SocketAddr, sender: &str, ledger: &Ledger) {
    for number in 0.. {
        let event_type = if number % 4 == 0 {
            "join_guild"
        } else {
            "knife purchased"
        };
        // Alone and in batches, each id once in the whole test: nothing here leans on retries being recognised.
        let batch: Vec<String> = (0..=number % 3)
            .map(|part| format!("{sender}-{number}-{part}"))
            .collect();
        let mut lines: Vec<String> = batch
            .iter()
            .map(|id| json!({"id": id, "event_type": event_type}).to_string())
            .collect();
        // Now and then something comes twice in a request, and something that is no event.
        if number % 5 == 0 {
            lines.push(lines[0].clone());
            lines.push(r#"{"no":"event"}"#.to_owned());
        }
        let headers = [("Content-Type", "application/x-ndjson")];
        match http::request(
            address,
            "POST",
            "/v1/events",
            &headers,
            lines.join("\n").as_bytes(),
        ) {
            Ok(response) if response.status == 200 => {
                if let Ok(mut answered) = ledger.answered.lock() {
                    answered.ids.extend(batch);
                    if number % 5 == 0 {
                        answered.duplicate += 1;
                        answered.rejected += 1;
                    }
                }
            }
            _ => return,
        }
    }
}

/// Lets senders at the server and kills it after `enough` acknowledgements, in the middle of whatever it does.
fn send_and_kill(server: Server, round: usize, enough: usize, ledger: &Ledger) -> Result<()> {
    let (address, wanted) = (server.address(), len(ledger) + enough);
    thread::scope(|scope| {
        for sender in 0..SENDERS {
            scope.spawn(move || send(address, &format!("{round}-{sender}"), ledger));
        }
        let deadline = Instant::now() + Duration::from_secs(60);
        while len(ledger) < wanted && Instant::now() < deadline {
            thread::sleep(Duration::from_micros(200));
        }
        server.kill()
    })?;
    ensure!(
        len(ledger) >= wanted,
        "the server acknowledged too little in a minute"
    );
    Ok(())
}

#[test]
fn kill_after_kill_nothing_acknowledged_is_lost_or_doubled() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let ledger = Ledger::default();
    let kills = kills();
    for round in 0..kills {
        // It lands all the time, so that some of the kills strike a landing.
        let server = Server::start_with(&data, "127.0.0.1:0", &["--land-every", "100ms"])?;
        send_and_kill(server, round, 10 + 37 * (round % 4), &ledger)?;
    }
    let answered = ledger.answered.into_inner().unwrap_or_default();
    let ledger = &answered.ids;
    let acknowledged: HashSet<&str> = ledger.iter().map(String::as_str).collect();
    assert_eq!(acknowledged.len(), ledger.len());

    let check = |found: &HashMap<String, u64>| -> Result<()> {
        let lost: Vec<_> = acknowledged
            .iter()
            .filter(|id| !found.contains_key(**id))
            .collect();
        ensure!(
            lost.is_empty(),
            "{} of {} are lost: {lost:?}",
            lost.len(),
            ledger.len()
        );
        let doubled: Vec<_> = found.iter().filter(|(_, count)| **count != 1).collect();
        ensure!(doubled.is_empty(), "doubled: {doubled:?}");
        Ok(())
    };
    let server = Server::start(&data)?;
    check(&ids_asked(&server)?)?;
    ensure!(server.stop()?.success(), "the server did not stop well");
    questlog(&["land".as_ref(), "--data".as_ref(), data.as_os_str()])?.succeeded()?;
    check(&ids_landed(&data)?)?;
    let books = questlog(&["verify".as_ref(), "--data".as_ref(), data.as_os_str()])?.succeeded()?;
    let books: serde_json::Value = serde_json::from_str(&books)?;
    // What was answered is on disk; of what was not, at most the requests under way at each kill.
    let under_way = (kills * SENDERS) as u64;
    for (name, answered) in [
        ("duplicate", answered.duplicate),
        ("rejected", answered.rejected),
    ] {
        let counted = books[name].as_u64().context("a sum is missing")?;
        ensure!(
            (answered..=answered + under_way).contains(&counted),
            "{answered} were answered as {name}, and {counted} are counted"
        );
    }
    println!(
        "{kills} crashes, {} acknowledged, 0 lost, 0 duplicated",
        ledger.len()
    );
    Ok(())
}

/// A log of `count` events, each committed alone, of a server that was killed; gives its newest segment.
fn killed_log(data: &Path, count: usize) -> Result<PathBuf> {
    let server = Server::start_with(data, "127.0.0.1:0", &["--land-every", "1h"])?;
    for number in 0..count {
        let event =
            json!({"id": format!("e{number}"), "event_type": "knife purchased"}).to_string();
        server
            .post("/v1/events", "application/json", event)?
            .expect(200)?;
    }
    server.kill()?;
    let mut segments: Vec<PathBuf> = fs::read_dir(data.join("log"))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| fs::metadata(path).is_ok_and(|file| file.is_file() && file.len() > 0))
        .collect();
    segments.sort_by_key(|path| {
        fs::metadata(path)
            .map(|file| file.len())
            .unwrap_or_default()
    });
    segments.pop().context("the log is empty")
}

#[test]
fn a_torn_tail_is_cut_and_the_rest_is_there() -> Result<()> {
    const EVENTS: usize = 20;
    for torn_bytes in [1, 7, 40] {
        let folder = tempfile::tempdir()?;
        let data = folder.path().join("data");
        let segment = killed_log(&data, EVENTS)?;
        // As if the last write had not reached the disk in full before the power went.
        let file = fs::OpenOptions::new().write(true).open(&segment)?;
        file.set_len(file.metadata()?.len() - torn_bytes)?;

        let server = Server::start(&data)?;
        let found = ids_asked(&server)?;
        assert_eq!(found.len(), EVENTS - 1, "{torn_bytes} bytes torn");
        ensure!(
            !found.contains_key(&format!("e{}", EVENTS - 1)),
            "the torn event is there"
        );
        // What comes next takes its place, and lasts.
        let event = json!({"id": "next", "event_type": "knife purchased"}).to_string();
        server
            .post("/v1/events", "application/json", event)?
            .expect(200)?;
        server.kill()?;
        let server = Server::start(&data)?;
        assert_eq!(ids_asked(&server)?.len(), EVENTS);
    }
    Ok(())
}

#[test]
fn garbage_after_the_last_commit_is_cut() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let segment = killed_log(&data, 5)?;
    let mut bytes = fs::read(&segment)?;
    bytes.extend([0xab; 33]);
    fs::write(&segment, bytes)?;
    let server = Server::start(&data)?;
    assert_eq!(ids_asked(&server)?.len(), 5);
    Ok(())
}

#[test]
fn a_flipped_bit_in_the_middle_is_a_clear_error() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let segment = killed_log(&data, 20)?;
    let good = fs::read(&segment)?;
    for place in [good.len() / 3, good.len() / 2] {
        let mut bad = good.clone();
        bad[place] ^= 0x10;
        fs::write(&segment, &bad)?;
        let name = segment.file_name().unwrap_or_default().to_string_lossy();
        let said = server::refused(&data, "127.0.0.1:0", &[])?;
        said.failed(1, &[&name, "byte"])?;
        let verified = questlog(&["verify".as_ref(), "--data".as_ref(), data.as_os_str()])?;
        ensure!(
            verified.code == Some(1),
            "verify did not notice: {verified:?}"
        );
        // It was not "repaired" on the way.
        ensure!(
            fs::read(&segment)? == bad,
            "the damaged segment was changed"
        );
    }
    fs::write(&segment, &good)?;
    let server = Server::start(&data)?;
    assert_eq!(ids_asked(&server)?.len(), 20);
    Ok(())
}
