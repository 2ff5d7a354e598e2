//! `questlog serve`: opens the log and the lake, listens, lands now and then, and stops in good order.

mod lander;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use questlog_core::{MatchRule, Providers};
use tokio::net::{TcpListener, TcpSocket};
use tokio::signal::unix::{Signal, SignalKind, signal};

use self::lander::Lander;
use crate::config::{Config, ListenSettings, Settings};
use crate::http::{self, App, Tls};
use crate::ingest::Ingest;
use crate::keys::Keys;
use crate::lake::Lake;
use crate::landing::{Landing, Layout};
use crate::log::{DiskLog, Log};
use crate::plugins::{Compiler, Registry};
use crate::quarantine::Quarantine;
use crate::room;

/// Options of `questlog serve`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  questlog serve
  questlog serve --listen 127.0.0.1:9000 --data /var/lib/questlog --land-every 5m --retain 400d
  questlog serve --listen 0.0.0.0:8443 --keys keys.toml --tls-cert chain.pem --tls-key key.pem
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
    start_tracing(config.trace_json);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("can't start threads")?;
    let keys = config.keys.as_deref().map(Keys::open).transpose()?;
    let keys = keys.map(Arc::new);
    let tls = config
        .tls
        .as_ref()
        .map(|(certificate, key)| Tls::open(certificate, key));
    let tls = tls.transpose().map_err(anyhow::Error::msg)?.map(Arc::new);
    // The port first: whoever starts a second server by mistake is told so before anything is touched.
    let listener = runtime.block_on(listen(address))?;
    let Opened {
        log,
        landing,
        ingest,
        quarantine,
    } = open(&config)?;
    let app = Arc::new(App::new(
        &config,
        Arc::clone(&log) as Arc<dyn Log>,
        ingest,
        Arc::clone(&landing),
        Arc::clone(&quarantine),
        keys.clone(),
    ));
    let plugins = landing.registry().cloned();
    let lander = Lander::start(
        config.land_every,
        Arc::clone(&log),
        landing,
        Arc::clone(&app),
    )?;

    let bound = listener
        .local_addr()
        .context("can't tell the address that was bound")?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    // Before anyone knows of the server: a hang-up that nobody waits for would end it, also where there is nothing to read again.
    let hang_up = {
        let _in_runtime = runtime.enter();
        signal(SignalKind::hangup()).context("can't wait for SIGHUP")?
    };
    runtime.spawn(watch_files(keys, tls.clone(), hang_up));
    eprintln!("listening on {scheme}://{bound}");
    runtime.spawn(watch_plugins(plugins));
    runtime.spawn(watch_room(Arc::clone(&app), config.log_dir.clone()));
    runtime.block_on(http::serve(listener, tls, app, stop_signal()));
    lander.stop();
    // What is still queued belongs to requests whose clients have gone; it is made durable all the same.
    log.close();
    quarantine.close();
    // A query on a blocking thread must not keep the process: it only reads.
    runtime.shutdown_timeout(Duration::from_secs(1));
    Ok(ExitCode::SUCCESS)
}

/// Everything below the doors.
struct Opened {
    log: Arc<DiskLog>,
    landing: Arc<Landing>,
    ingest: Ingest,
    quarantine: Arc<Quarantine>,
}

fn open(config: &Config) -> anyhow::Result<Opened> {
    let log = Arc::new(DiskLog::open(&config.log_dir, config.log_options.clone())?);
    // Before anything is appended: it finishes an interrupted replay.
    let quarantine = Quarantine::open(&config.quarantine_dir, config.quarantine_bytes_max, &*log)?;
    let layout = Layout::new(&config.headers, Providers::new(None, MatchRule::Contains)?)?;
    let options = config.landing_options();
    let lake = Lake::open(&config.lake_dir)?;
    let landing = Landing::open(lake, Arc::clone(&log) as Arc<dyn Log>, layout, options)?
        .with_plugins(Arc::new(config.plugins(Compiler::Apart)));
    let ingest = Ingest::of(config, Arc::clone(&log) as Arc<dyn Log>, &landing)?;
    Ok(Opened {
        log,
        landing: Arc::new(landing),
        ingest,
        quarantine: Arc::new(quarantine),
    })
}

async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let error = match bind(address) {
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

fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    // A server that is started again need not wait until the last one's connections are forgotten.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(WAITING_MAX)
}

/// Connections that the system holds until the server takes them, as far as it allows. With the usual 128 a crowd of players who
/// come at once is turned away and tries again a second later, or several.
const WAITING_MAX: u32 = 4096;

/// Looks now and then whether plugins have come, gone or changed, and loads them.
async fn watch_plugins(plugins: Option<Arc<Registry>>) {
    let Some(plugins) = plugins else { return };
    loop {
        tokio::time::sleep(PLUGINS_LOOK_EVERY).await;
        let plugins = Arc::clone(&plugins);
        if let Err(error) = tokio::task::spawn_blocking(move || plugins.reload()).await {
            tracing::error!(%error, "the plugins stay as they were");
        }
    }
}

/// How often the folder of plugins is looked through.
const PLUGINS_LOOK_EVERY: Duration = Duration::from_secs(2);

/// Looks now and then whether there is room on the disk.
async fn watch_room(app: Arc<App>, folder: PathBuf) {
    let mut has_failed = false;
    loop {
        let (app, place) = (Arc::clone(&app), folder.clone());
        let look = move || room::free_bytes(&place).map(|free_bytes| app.note_room(free_bytes));
        match tokio::task::spawn_blocking(look).await {
            Ok(Ok(())) => has_failed = false,
            Ok(Err(error)) if !has_failed => {
                has_failed = true;
                tracing::error!(%error, "can't tell how much room the disk has");
            }
            _ => {}
        }
        tokio::time::sleep(ROOM_LOOK_EVERY).await;
    }
}

/// How often the disk is looked at: in this time a server writes less than the reserve.
const ROOM_LOOK_EVERY: Duration = Duration::from_millis(500);

/// Reads the keys and the certificate again at SIGHUP, the keys also when their file has changed.
async fn watch_files(keys: Option<Arc<Keys>>, tls: Option<Arc<Tls>>, mut hang_up: Signal) {
    loop {
        let is_asked = tokio::select! {
            _ = hang_up.recv() => true,
            () = tokio::time::sleep(KEYS_LOOK_EVERY) => false,
        };
        if let Some(keys) = &keys
            && (is_asked || keys.has_changed())
        {
            match keys.reload() {
                Ok(count) => tracing::info!(count, "read the keys again"),
                Err(error) => tracing::error!(%error, "the keys stay as they were"),
            }
        }
        if let Some(tls) = tls.as_ref().filter(|_| is_asked) {
            match tls.reload() {
                Ok(()) => tracing::info!("read the certificate again"),
                Err(error) => tracing::error!(%error, "the certificate stays as it was"),
            }
        }
    }
}

/// How often the file of keys is looked at.
const KEYS_LOOK_EVERY: Duration = Duration::from_secs(2);

/// Resolves at SIGTERM or Ctrl-C; a second one ends the process at once, as the shell's user expects.
async fn stop_signal() {
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

fn start_tracing(is_json: bool) {
    let filter = tracing_subscriber::EnvFilter::try_from_env("QUESTLOG_TRACE")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    if is_json {
        lines.json().init();
    } else {
        let is_terminal = std::io::IsTerminal::is_terminal(&std::io::stderr());
        lines.with_ansi(is_terminal).init();
    }
}
