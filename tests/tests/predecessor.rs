//! Promise: the predecessor's whole journey, with a kill in its middle, ends in the same tables everywhere and with every acknowledged event once.

use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use questlog_tests::{Server, Table, peer, place, questlog, server};
use serde_json::Value;

const EVENTS: usize = 4_000;
const PATIENCE: Duration = Duration::from_secs(120);

/// Waits until `ready` says so; polling, because files and processes tell nobody.
fn wait(what: &str, mut ready: impl FnMut() -> Result<bool>) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    while !ready()? {
        ensure!(
            Instant::now() < deadline,
            "{what} took more than {PATIENCE:?}"
        );
        thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

/// The ids that `generate` noted as acknowledged.
fn ledger(path: &Path) -> Result<Vec<String>> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    // The last line may still be on its way.
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    whole
        .lines()
        .map(|line| {
            let event: Value = serde_json::from_str(line)?;
            let id = event["id"].as_str().context("a line without an id")?;
            Ok(id.to_owned())
        })
        .collect()
}

fn generate(url: &str, ledger: &Path) -> Result<Child> {
    let events = EVENTS.to_string();
    let args = [
        "generate",
        "--url",
        url,
        "--events",
        &events,
        "--users",
        "60",
        "--seed",
        "46",
        // Not so fast that they are done before the kill.
        "--rate",
        "4000",
        "--connections",
        "4",
        "--ledger",
    ];
    let child = questlog::command()?
        .args(args)
        .arg(ledger)
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .spawn();
    child.context("starting generate")
}

/// Plays the players against a server that is killed in the middle and comes back on the same port; gives the acknowledged ids.
fn play(data: &Path, ledger_path: &Path) -> Result<HashSet<String>> {
    let listen = format!("127.0.0.1:{}", server::free_port()?);
    let lands_often = ["--land-every", "300ms"];
    let first = Server::start_with(data, &listen, &lands_often)?;
    let mut players = generate(&first.url(), ledger_path)?;
    wait("a third of the events", || {
        Ok(ledger(ledger_path)?.len() > EVENTS / 3)
    })?;
    first.kill()?;
    if let Some(status) = players.try_wait()? {
        bail!("the players were done before the kill ({status}): there was no middle");
    }
    let _second = Server::start_with(data, &listen, &lands_often)?;
    wait("the rest of the events", || {
        Ok(players.try_wait()?.is_some())
    })?;
    ensure!(players.wait()?.success(), "generate failed");
    let ids = ledger(ledger_path)?;
    let distinct: HashSet<String> = ids.iter().cloned().collect();
    assert_eq!(distinct.len(), ids.len(), "an event was acknowledged twice");
    ensure!(
        distinct.len() == EVENTS,
        "only {} of {EVENTS} were acknowledged",
        distinct.len()
    );
    Ok(distinct)
}

fn is_purchase(value: &Value) -> bool {
    value
        .as_str()
        .is_some_and(|event_type| event_type.contains("purchase"))
}

/// The predecessor leaves out the hosts in which it finds no provider.
fn with_provider(table: Table) -> Table {
    table.filtered(|row| !row[0].is_null())
}

/// The two answers, from wherever.
struct Answers {
    popular: Table,
    providers: Table,
}

impl Answers {
    fn expect(&self, truth: &Self, whose: &str) -> Result<()> {
        // The predecessor leaves the order of equal counts open.
        self.popular
            .expect_unordered(&truth.popular)
            .with_context(|| format!("popular events of {whose}"))?;
        with_provider(self.providers.clone())
            .expect_unordered(&truth.providers)
            .with_context(|| format!("providers of {whose}"))?;
        assert_eq!(self.providers.total(), self.popular.total(), "{whose}");
        Ok(())
    }
}

fn over_http(server: &Server) -> Result<Answers> {
    let ask =
        |query: &str| -> Result<Table> { Table::read(&server.get(query)?.expect(200)?.json()?) };
    Ok(Answers {
        popular: ask("/v1/query?group_by=event_type")?.filtered(|row| is_purchase(&row[0])),
        providers: ask("/v1/query?group_by=provider(Host),event_type")?
            .filtered(|row| is_purchase(&row[1])),
    })
}

fn on_the_command_line(purchases: &Path, command: &[&OsStr]) -> Result<Answers> {
    let ask = |group_by: &str| -> Result<Table> {
        let mut words = command.to_vec();
        words.extend([
            purchases.as_os_str(),
            "--group-by".as_ref(),
            group_by.as_ref(),
            "--format".as_ref(),
            "json".as_ref(),
        ]);
        questlog(&words)?.table()
    };
    Ok(Answers {
        popular: ask("event_type")?,
        providers: ask("provider(Host),event_type")?,
    })
}

fn in_the_page(server: &Server, purchases: &Path) -> Result<Answers> {
    let answers = peer::node(
        "page.js",
        &[OsStr::new(&server.url()), purchases.as_os_str()],
    )?;
    Ok(Answers {
        popular: Table::read(&answers["popular_events"])?,
        providers: Table::read(&answers["providers"])?,
    })
}

#[test]
fn the_whole_journey() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let lake = data.join("lake");
    let purchases = lake.join("purchases");
    let acknowledged = play(&data, &folder.path().join("ledger"))?;

    // Some of it has landed while it came in, some has not: the server answers over both, before and after the daily job.
    let server = Server::start_with(&data, "127.0.0.1:0", &["--land-every", "1h"])?;
    let before = over_http(&server)?;
    ensure!(server.stop()?.success(), "the server did not stop well");
    questlog(&["land".as_ref(), "--data".as_ref(), data.as_os_str()])?.succeeded()?;
    questlog(&["verify".as_ref(), "--data".as_ref(), data.as_os_str()])?.succeeded()?;
    let server = Server::start_with(&data, "127.0.0.1:0", &["--land-every", "1h"])?;
    let after = over_http(&server)?;

    let seed = peer::python("seed.py", &[&lake])?;
    let truth = Answers {
        popular: Table::read(&seed["popular_events"])?,
        providers: Table::read(&seed["providers"])?,
    };
    ensure!(
        truth.popular.rows.len() >= 5 && truth.providers.rows.len() >= 10,
        "the players did too little: {seed}"
    );
    truth
        .providers
        .expect_unordered(&Table::read(&seed["providers_by_pandas"])?)?;

    let component = place::component()?;
    before.expect(&truth, "/v1/query before landing")?;
    after.expect(&truth, "/v1/query after landing")?;
    on_the_command_line(&purchases, &["analyze".as_ref()])?.expect(&truth, "analyze")?;
    on_the_command_line(
        &purchases,
        &["plugin".as_ref(), "run".as_ref(), component.as_ref()],
    )?
    .expect(&truth, "the component")?;
    in_the_page(&server, &purchases)?.expect(&truth, "the page in Chromium")?;

    // Each acknowledged event once, by the predecessor's count and by ours.
    let found: Vec<&str> = seed["ids"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    once(&acknowledged, found.iter().map(|id| (*id, 1)))?;
    let ours = Table::analyze(&[&lake], &["--group-by", "id"])?;
    once(
        &acknowledged,
        ours.rows
            .iter()
            .filter_map(|row| Some((row[0].as_str()?, row[1].as_u64()?))),
    )
}

fn once<'a>(
    acknowledged: &HashSet<String>,
    found: impl Iterator<Item = (&'a str, u64)>,
) -> Result<()> {
    let mut counts = HashMap::<&str, u64>::new();
    for (id, count) in found {
        *counts.entry(id).or_default() += count;
    }
    let lost = acknowledged
        .iter()
        .filter(|id| !counts.contains_key(id.as_str()))
        .count();
    ensure!(lost == 0, "{lost} acknowledged events are lost");
    let doubled: Vec<_> = counts.iter().filter(|(_, count)| **count > 1).collect();
    ensure!(doubled.is_empty(), "doubled: {doubled:?}");
    Ok(())
}
