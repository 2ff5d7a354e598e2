//! `questlog generate`: players for a server, as many and as fast as asked for.

mod client;
mod players;
mod report;
mod verify;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use tokio::time::Instant;

use self::client::{Client, Failure, Target};
use self::players::Players;
use self::report::Report;
use crate::cli::Usage;

/// Connections at most.
const CONNECTIONS_MAX: usize = 10_000;
/// Events that `--verify` compares at most: groups of one answer.
const VERIFIED_MAX: u64 = 1_000_000;
/// Pause before a failed event is sent again; doubles up to the maximum.
const PAUSE_MIN: Duration = Duration::from_millis(20);
/// See [`PAUSE_MIN`].
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// Options of `questlog generate`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  questlog generate --url http://127.0.0.1:8080
  questlog generate --url http://127.0.0.1:8080 --events 100000 --connections 64
  questlog generate --url http://127.0.0.1:8080 --rate 500 --seed 7 --ledger acknowledged.jsonl
  questlog generate --url http://127.0.0.1:8080 --events 50000 --connections 16 --verify

Every event has an id. One that was not acknowledged is sent again with the same id, so that it counts once.
With --rate, an event's latency runs from the moment at which it was due, not from when its turn came.")]
pub(crate) struct Args {
    /// The server, such as http://127.0.0.1:8080
    #[arg(long)]
    url: String,
    /// Events to send
    #[arg(long, default_value_t = 1000, value_name = "N")]
    events: u64,
    /// Players that take turns at random
    #[arg(long, default_value_t = 100, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    users: u64,
    /// Events a second [default: as fast as they are acknowledged]
    #[arg(long, value_name = "PER_SECOND")]
    rate: Option<f64>,
    /// Connections that are used at once
    #[arg(long, default_value_t = 1, value_name = "N")]
    connections: usize,
    /// The same seed makes the same players do the same things
    #[arg(long, default_value_t = 0, value_name = "N")]
    seed: u64,
    /// How long an event is tried again while the server is away, in seconds; then the run ends with exit code 1
    #[arg(long, default_value_t = 30, value_name = "SECONDS")]
    retry: u64,
    /// Write the id of every acknowledged event into this file, as JSON lines
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,
    /// Afterwards ask the server for every acknowledged event: none may be missing, none there twice
    #[arg(long)]
    verify: bool,
    /// Key of the server, if it wants one; it has to open sending, and for --verify reading
    #[arg(long, env = "QUESTLOG_KEY", hide_env_values = true, value_name = "KEY")]
    key: Option<String>,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let target =
        Target::parse(&args.url).map_err(|why| Usage::new(format!("--url {}: {why}", args.url)))?;
    if args.connections == 0 || args.connections > CONNECTIONS_MAX {
        return Err(Usage::new(format!(
            "--connections {}: from 1 to {CONNECTIONS_MAX}",
            args.connections
        ))
        .into());
    }
    if args
        .rate
        .is_some_and(|rate| !(rate.is_finite() && rate > 0.0))
    {
        return Err(Usage::new("--rate: a number of events a second, greater than 0").into());
    }
    if args.verify && args.events > VERIFIED_MAX {
        return Err(Usage::new(format!(
            "--verify compares at most {VERIFIED_MAX} events; leave it out, or say --events {VERIFIED_MAX}"
        ))
        .into());
    }
    let ledger = args.ledger.as_deref().map(|path| {
        let file = File::create(path)
            .with_context(|| format!("{}: can't write the ledger", path.display()))?;
        Ok::<_, anyhow::Error>(Mutex::new(BufWriter::new(file)))
    });
    let ledger = ledger.transpose()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("can't start threads")?;
    let game = Arc::new(Game::new(args, ledger));
    let report = runtime.block_on(play(args, target.clone(), &game))?;
    std::io::stdout().write_all(report.to_string().as_bytes())?;
    let mut is_right = true;
    if args.verify {
        let mut client = Client::new(target, args.key.clone());
        let found = runtime.block_on(verify::compare(&mut client, &game.players, &report))?;
        println!("{found}");
        is_right = found.is_right();
    }
    Ok(if report.is_complete() && is_right {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// What all connections share.
struct Game {
    players: Players,
    events: u64,
    /// The number of the next event.
    next: AtomicU64,
    started: Instant,
    rate: Option<f64>,
    retry: Duration,
    is_over: AtomicBool,
    ledger: Option<Mutex<BufWriter<File>>>,
}

async fn play(args: &Args, target: Target, game: &Arc<Game>) -> anyhow::Result<Report> {
    let connections: Vec<_> = (0..args.connections)
        .map(|_| {
            let client = Client::new(target.clone(), args.key.clone());
            tokio::spawn(Arc::clone(game).play_connection(client))
        })
        .collect();
    let interrupted = Arc::clone(game);
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            interrupted.is_over.store(true, Ordering::Relaxed);
        }
    });
    let mut report = Report::default();
    for connection in connections {
        report.add(
            connection
                .await
                .context("a connection's task broke off")??,
        );
    }
    report.elapsed = game.started.elapsed();
    if let Some(ledger) = &game.ledger {
        ledger
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .flush()
            .context("can't write the ledger")?;
    }
    Ok(report)
}

impl Game {
    fn new(args: &Args, ledger: Option<Mutex<BufWriter<File>>>) -> Self {
        Self {
            players: Players::new(args.seed, args.users),
            events: args.events,
            next: AtomicU64::new(0),
            started: Instant::now(),
            rate: args.rate,
            retry: Duration::from_secs(args.retry),
            is_over: AtomicBool::new(false),
            ledger,
        }
    }

    /// Takes events one after the other until there are no more.
    async fn play_connection(self: Arc<Self>, mut client: Client) -> anyhow::Result<Report> {
        let mut report = Report::default();
        while !self.is_over.load(Ordering::Relaxed) {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            if number >= self.events {
                break;
            }
            let mut due = Instant::now();
            if let Some(rate) = self.rate {
                due = self.started + Duration::from_secs_f64(number as f64 / rate);
                tokio::time::sleep_until(due).await;
            }
            self.send(number, due, &mut client, &mut report).await?;
        }
        Ok(report)
    }

    /// Sends one event until it is acknowledged, refused, or the time for that is over.
    async fn send(
        &self,
        number: u64,
        due: Instant,
        client: &mut Client,
        report: &mut Report,
    ) -> anyhow::Result<()> {
        let event = self.players.event(number);
        let give_up = Instant::now() + self.retry;
        let mut pause = PAUSE_MIN;
        report.sent += 1;
        loop {
            match client.send(&event).await {
                Ok(()) => break,
                Err(Failure::Refused(why)) => {
                    report.fail(why);
                    return Ok(());
                }
                Err(Failure::Passing(why))
                    if Instant::now() > give_up || self.is_over.load(Ordering::Relaxed) =>
                {
                    // The server stays away: the events that are left would only wait as long, one by one.
                    self.is_over.store(true, Ordering::Relaxed);
                    report.fail(why);
                    return Ok(());
                }
                Err(Failure::Passing(_)) => {
                    report.retried += 1;
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(PAUSE_MAX);
                }
            }
        }
        report.acknowledge(number, due.elapsed());
        if let Some(ledger) = &self.ledger {
            let mut ledger = ledger.lock().unwrap_or_else(PoisonError::into_inner);
            let line = serde_json::json!({ "id": event.id, "event_type": event.event_type(), "Host": event.host });
            writeln!(ledger, "{line}").context("can't write the ledger")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_server_that_stays_away_ends_the_run() {
        // The port was free a moment ago, so nobody answers there.
        let port = {
            let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            listener.local_addr().unwrap().port()
        };
        let args = Args {
            url: format!("http://127.0.0.1:{port}"),
            events: 1_000_000,
            users: 10,
            rate: None,
            connections: 3,
            seed: 0,
            retry: 0,
            ledger: None,
            verify: false,
            key: None,
        };
        let game = Arc::new(Game::new(&args, None));
        let report = play(&args, Target::parse(&args.url).unwrap(), &game).await;
        let report = report.unwrap();
        assert!(!report.is_complete());
        assert!(report.sent <= 3, "{report}");
    }
}
