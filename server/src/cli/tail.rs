//! `questlog tail`: what is in the log, as JSON lines.

use std::io::{BufWriter, Write};
use std::process::ExitCode;
use std::time::Duration;

use crate::cli::Usage;
use crate::config::{Config, Settings};
use crate::log::{DiskLogReader, parse_position};

/// How often the log is looked at for news.
const FOLLOW_EVERY: Duration = Duration::from_millis(200);
/// Log bytes that are read at once.
const READ_BYTES: usize = 1 << 20;

/// Options of `questlog tail`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  questlog tail
  questlog tail --follow
  questlog tail --from 0/1000 --count 10 --data /var/lib/questlog

It may run beside a server. Landed events leave the log after a while; `questlog analyze` reads those.")]
pub(crate) struct Args {
    /// Go on printing what is added
    #[arg(long, short)]
    follow: bool,
    /// Position of the first event, such as 0/1234 [default: the oldest in the log; with --follow, the next one]
    #[arg(long, value_name = "POSITION")]
    from: Option<String>,
    /// Print so many events, then stop
    #[arg(long, value_name = "N")]
    count: Option<u64>,
    #[command(flatten)]
    settings: Settings,
}

pub(crate) fn run(args: Args) -> anyhow::Result<ExitCode> {
    let from = args.from.as_deref().map(parse_position).transpose();
    let from = from.map_err(|error| Usage::new(format!("--from: {error}")))?;
    let config = Config::resolve(args.settings)?;
    if !config.log_dir.is_dir() {
        anyhow::bail!(
            "{}: there is no log; has a server run with this --data folder?",
            config.log_dir.display()
        );
    }
    let mut log = DiskLogReader::open(&config.log_dir)?;
    let mut next = from.unwrap_or(if args.follow { log.end() } else { log.start() });
    let mut left = args.count.unwrap_or(u64::MAX);
    let mut out = BufWriter::new(std::io::stdout().lock());
    while left > 0 {
        let records = log.read(next, READ_BYTES)?;
        if records.is_empty() {
            out.flush()?;
            if !args.follow {
                break;
            }
            std::thread::sleep(FOLLOW_EVERY);
            log.refresh()?;
        }
        for (offset, record) in records {
            if left == 0 {
                break;
            }
            out.write_all(&record)?;
            out.write_all(b"\n")?;
            next = offset + 1;
            left -= 1;
        }
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}
