//! `questlog serve`: opens the log and the lake, listens, lands now and then, and stops in good order.

mod lander;

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context;
use questlog_core::{MatchRule, Providers};
use tokio::net::TcpListener;

use self::lander::Lander;
use crate::config::{Config, ListenSettings, Settings};
use crate::http::{self, App};
use crate::ingest::Ingest;
use crate::lake::Lake;
use crate::landing::{Landing, Layout};
use crate::log::{DiskLog, Log};

/// Options of `questlog serve`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  questlog serve
  questlog serve --listen 127.0.0.1:9000 --data /var/lib/questlog --land-every 5m --retain 400d
  questlog serve --listen 0.0.0.0:8080 --open
  QUESTLOG_DATA=/var/lib/questlog questlog serve

Then, from another terminal:
  curl http://127.0.0.1:8080/purchase/knife
  curl 'http://127.0.0.1:8080/v1/query?group_by=event_type'

How much is told of what happens is set by QUESTLOG_TRACE: error, warn, info (the default), debug or trace.")]
pub(crate) struct Args {
    #[command(flatten)]
    listen: ListenSettings,
    #[command(flatten)]
    settings: Settings,
}

pub(crate) fn run(args: Args) -> anyhow::Result<ExitCode> {
    let (config, address) = Config::resolve_listening(args.settings, args.listen)?;
    start_tracing();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("can't start threads")?;
    // The port first: whoever starts a second server by mistake is told so before anything is touched.
    let listener = runtime.block_on(listen(address))?;
    let (log, landing, ingest) = open(&config)?;
    let app = Arc::new(App::new(
        &config,
        Arc::clone(&log) as Arc<dyn Log>,
        ingest,
        Arc::clone(&landing),
    ));
    let lander = Lander::start(
        config.land_every,
        Arc::clone(&log),
        landing,
        Arc::clone(&app),
    )?;

    let bound = listener
        .local_addr()
        .context("can't tell the address that was bound")?;
    eprintln!("listening on http://{bound}");
    runtime.block_on(http::serve(listener, app, stop_signal()));
    lander.stop();
    // What is still queued belongs to requests whose clients have gone; it is made durable all the same.
    log.close();
    // A query on a blocking thread must not keep the process: it only reads.
    runtime.shutdown_timeout(Duration::from_secs(1));
    Ok(ExitCode::SUCCESS)
}

fn open(config: &Config) -> anyhow::Result<(Arc<DiskLog>, Arc<Landing>, Ingest)> {
    let log = Arc::new(DiskLog::open(&config.log_dir, config.log_options.clone())?);
    let layout = Layout::new(&config.headers, Providers::new(None, MatchRule::Contains)?)?;
    let options = config.landing_options();
    let lake = Lake::open(&config.lake_dir)?;
    let landing = Landing::open(lake, Arc::clone(&log) as Arc<dyn Log>, layout, options)?;
    let window_us = i64::try_from(config.server_limits.dedup_time.as_micros()).unwrap_or(i64::MAX);
    let now_us = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_micros();
    let now_us = i64::try_from(now_us).unwrap_or(i64::MAX);
    let ids_max = config.server_limits.dedup_ids_max;
    let ingest = Ingest::open(Arc::clone(&log) as Arc<dyn Log>, ids_max, window_us, now_us)?;
    Ok((log, Arc::new(landing), ingest))
}

async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let error = match TcpListener::bind(address).await {
        Ok(listener) => return Ok(listener),
        Err(error) => error,
    };
    match error.kind() {
        std::io::ErrorKind::AddrInUse => anyhow::bail!(
            "{address} is in use by another program; stop it, or choose another address with --listen (port 0 finds a free one)"
        ),
        std::io::ErrorKind::PermissionDenied => {
            anyhow::bail!(
                "{address}: this user may not listen there; choose a port above 1023 with --listen"
            )
        }
        std::io::ErrorKind::AddrNotAvailable => {
            anyhow::bail!(
                "{address} is not an address of this machine; choose another with --listen"
            )
        }
        _ => Err(anyhow::Error::new(error).context(format!("{address}: can't listen there"))),
    }
}

/// Resolves at SIGTERM or Ctrl-C; a second one ends the process at once, as the shell's user expects.
async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut terminate), Ok(mut interrupt)) = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
    ) else {
        tracing::warn!(
            "signals can't be handled; the server can only be killed, which is safe too"
        );
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    eprintln!("stopping: requests under way are finished first");
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        eprintln!("stopped at once");
        std::process::exit(1);
    });
}

fn start_tracing() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("QUESTLOG_TRACE")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    let is_terminal = std::io::IsTerminal::is_terminal(&std::io::stderr());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(is_terminal)
        .init();
}
