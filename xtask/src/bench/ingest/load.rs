//! Who sends: wrk where it can be had, else `questlog generate`, to the game's route; threads of our own for large batches.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::Bench;
use super::program::Program;
use crate::setup;
use crate::shell::{command, output_of};

/// How long wrk sends, in seconds.
const WRK_TIME_S: u32 = 4;
/// Events that `questlog generate` sends over each connection instead.
const GENERATED: u32 = 1_000;
/// Events of a request.
pub(super) const BATCH: usize = 1_000;
/// Connections that send batches.
const BATCH_CONNECTIONS: usize = 8;
/// How long an answer to a batch may take.
const TIMEOUT: Duration = Duration::from_secs(60);

/// What a load brought.
#[derive(Clone, Copy)]
pub(super) struct Loaded {
    pub(super) per_s: f64,
    pub(super) p99_ms: f64,
}

/// Sends to the game's route over so many connections.
pub(super) enum Sender {
    Wrk(PathBuf),
    Generate,
}

impl Sender {
    pub(super) fn find(bench: &Bench) -> Self {
        setup::wrk(bench.place).map_or(Self::Generate, Self::Wrk)
    }

    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Wrk(_) => "wrk",
            Self::Generate => "questlog generate, because wrk can't be had",
        }
    }

    pub(super) fn send(&self, bench: &Bench, server: &Program, connections: u32) -> Result<Loaded> {
        let (printed, rate, p99) = match self {
            Self::Wrk(wrk) => {
                let mut load = command(wrk);
                load.args(["--latency", "--threads", "1"])
                    .args(["--connections", &connections.to_string()])
                    .args(["--duration", &format!("{WRK_TIME_S}s")])
                    .arg(format!("{}/purchase/knife", server.url()));
                let printed = output_of(&mut load).context("wrk failed")?;
                let errors = printed
                    .lines()
                    .find(|line| line.contains("Non-2xx") || line.contains("Socket errors"));
                ensure!(errors.is_none(), "wrk met errors: {printed}");
                (printed, "Requests/sec:", "99%")
            }
            Self::Generate => {
                let mut load = command(bench.place.binary());
                load.args(["generate", "--url", &server.url()])
                    .args(["--connections", &connections.to_string()])
                    .args(["--events", &(connections * GENERATED).to_string()]);
                let printed = output_of(&mut load).context("`questlog generate` failed")?;
                (printed, "events/s", "p99")
            }
        };
        let word = |name: &str| {
            let mut words = printed.split_whitespace().skip_while(|word| *word != name);
            words.nth(1).map(str::to_owned)
        };
        Ok(Loaded {
            per_s: word(rate)
                .and_then(|word| word.parse().ok())
                .with_context(|| format!("no rate in {printed}"))?,
            p99_ms: word(p99)
                .and_then(|word| milliseconds(&word))
                .with_context(|| format!("no p99 in {printed}"))?,
        })
    }
}

/// `1.20ms`, `850us` or `1.1s`; without a unit it is milliseconds.
fn milliseconds(text: &str) -> Option<f64> {
    let at = text.find(|c: char| !(c.is_ascii_digit() || c == '.'));
    let (number, unit) = text.split_at(at.unwrap_or(text.len()));
    let factor = match unit {
        "us" | "µs" => 1e-3,
        "ms" | "" => 1.0,
        "s" => 1e3,
        _ => return None,
    };
    Some(number.parse::<f64>().ok()? * factor)
}

/// Sends `events` as lines of JSON, [`BATCH`] a request, and waits for every answer.
pub(super) fn send_batches(address: SocketAddr, events: usize) -> Result<Loaded> {
    let requests = events.div_ceil(BATCH);
    let next = AtomicUsize::new(0);
    let started = Instant::now();
    let times = thread::scope(|scope| {
        let senders: Vec<_> = (0..BATCH_CONNECTIONS)
            .map(|_| {
                scope.spawn(|| -> Result<Vec<f64>> {
                    let mut connection = Connection::open(address)?;
                    let mut times = vec![];
                    loop {
                        let at = next.fetch_add(1, Ordering::Relaxed);
                        if at >= requests {
                            return Ok(times);
                        }
                        let body = batch(at);
                        let started = Instant::now();
                        connection.post(at, body.as_bytes())?;
                        times.push(started.elapsed().as_secs_f64() * 1e3);
                    }
                })
            })
            .collect();
        let mut all = vec![];
        for sender in senders {
            all.extend(sender.join().unwrap_or_else(|_| Ok(vec![]))?);
        }
        Ok::<_, anyhow::Error>(all)
    })?;
    let seconds = started.elapsed().as_secs_f64();
    ensure!(times.len() == requests, "not every batch was sent");
    let mut times = times;
    times.sort_by(f64::total_cmp);
    Ok(Loaded {
        per_s: (requests * BATCH) as f64 / seconds,
        p99_ms: times[times.len() * 99 / 100],
    })
}

/// Events such as a game sends, different in each batch, the same in every run.
fn batch(number: usize) -> String {
    const TYPES: [&str; 6] = [
        "sword purchased",
        "knife purchased",
        "helmet purchased",
        "join_guild",
        "level up",
        "login",
    ];
    let mut body = String::with_capacity(BATCH * 100);
    for at in 0..BATCH {
        let chance = (number * BATCH + at).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
        let event_type = TYPES[chance % TYPES.len()];
        let (level, price) = (chance % 97, chance % 9973);
        body += &format!(
            "{{\"event_type\":\"{event_type}\",\"player\":\"player {}\",\"level\":{level},\"price\":{}.{:02}}}\n",
            chance % 5003,
            price / 100,
            price % 100
        );
    }
    body
}

/// A connection that is kept.
struct Connection {
    reader: BufReader<TcpStream>,
}

impl Connection {
    fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        Ok(Self {
            reader: BufReader::new(stream),
        })
    }

    /// Sends a batch and waits until all of it is durable.
    fn post(&mut self, number: usize, body: &[u8]) -> Result<()> {
        const PROVIDERS: [&str; 4] = ["comcast", "att", "cox", "example"];
        let host = format!("user{}.{}.com", number % 311, PROVIDERS[number % 4]);
        let head = format!(
            "POST /v1/events HTTP/1.1\r\nHost: {host}\r\nUser-Agent: bench\r\nContent-Type: application/x-ndjson\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let stream = self.reader.get_mut();
        stream.write_all(head.as_bytes())?;
        stream.write_all(body)?;
        let mut status = String::new();
        self.reader.read_line(&mut status)?;
        let mut answer_bytes = 0;
        loop {
            let mut line = String::new();
            self.reader.read_line(&mut line)?;
            let line = line.trim_end().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(length) = line.strip_prefix("content-length:") {
                answer_bytes = length.trim().parse()?;
            }
        }
        let mut answer = vec![0; answer_bytes];
        self.reader.read_exact(&mut answer)?;
        let answer = String::from_utf8_lossy(&answer);
        ensure!(
            status.contains(" 200 ") && answer.contains(&format!("\"accepted\":{BATCH},")),
            "a batch was answered with {status}{answer}"
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_every_unit() {
        assert_eq!(milliseconds("850us"), Some(0.85));
        assert_eq!(milliseconds("1.20ms"), Some(1.2));
        assert_eq!(milliseconds("1.1s"), Some(1100.0));
        assert_eq!(milliseconds("0.48"), Some(0.48));
        assert_eq!(milliseconds("fast"), None);
    }

    #[test]
    fn a_batch_is_lines_of_json() {
        assert_eq!(batch(3).lines().count(), BATCH);
        assert_eq!(batch(3), batch(3));
        assert_ne!(batch(3), batch(4));
    }
}
