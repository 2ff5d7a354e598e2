//! `questlog land`: one batch, now.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use questlog_core::{MatchRule, Providers, printable};

use crate::config::{Config, Settings};
use crate::ingest::Ingest;
use crate::lake::Lake;
use crate::landing::{Landing, Layout};
use crate::log::{DiskLog, Log, LogError};
use crate::plugins::{Compiler, Registry};
use crate::quarantine::Quarantine;

/// Options of `questlog land`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  questlog land
  questlog land --data /var/lib/questlog
  questlog land --retain 400d
  questlog land --lake /srv/lake --headers Host,User-Agent,Accept
  questlog land --replay-quarantine --event-bytes 500000
  questlog land --reenrich

A running server lands by itself, as often as --land-every says; this is for a data folder that no server has open.
It does the work of --reenrich at POST /v1/plugins/reenrich.")]
pub(crate) struct Args {
    /// Try once more what was refused; what can be taken now is landed too, the rest stays in the quarantine
    #[arg(long)]
    replay_quarantine: bool,
    /// Have the plugins of now answer for the files of the lake that other versions, or none, have answered for
    #[arg(long)]
    reenrich: bool,
    #[command(flatten)]
    settings: Settings,
}

pub(crate) fn run(args: Args) -> anyhow::Result<ExitCode> {
    let config = Config::resolve(args.settings)?;
    if !config.log_dir.is_dir() {
        anyhow::bail!(
            "{}: there is no log; has a server run with this --data folder?",
            config.log_dir.display()
        );
    }
    let log = match DiskLog::open(&config.log_dir, config.log_options.clone()) {
        Err(LogError::InUse(_)) if args.reenrich => anyhow::bail!(
            "{}: a server is running on this data folder; have it do the work itself: curl -X POST http://ADDRESS/v1/plugins/reenrich",
            config.data_dir.display()
        ),
        Err(LogError::InUse(_)) => anyhow::bail!(
            "{}: a server is running on this data folder and lands by itself (see --land-every); stop it to land by hand",
            config.data_dir.display()
        ),
        log => Arc::new(log?),
    };
    let quarantine = Quarantine::open(&config.quarantine_dir, config.quarantine_bytes_max, &*log)?;
    let layout = Layout::new(&config.headers, Providers::new(None, MatchRule::Contains)?)?;
    let lake = Lake::open(&config.lake_dir)?;
    let plugins = Arc::new(config.plugins(Compiler::Apart));
    tell_plugins(&plugins);
    let landing = Landing::open(
        lake,
        Arc::clone(&log) as Arc<dyn Log>,
        layout,
        config.landing_options(),
    )?
    .with_plugins(plugins);
    if args.replay_quarantine {
        let ingest = Ingest::of(&config, Arc::clone(&log) as Arc<dyn Log>, &landing)?;
        let replay = quarantine.replay(&ingest, &*log, &config.limits)?;
        println!(
            "replayed the quarantine: {} events were taken, {} had been taken before, {} entries stay",
            replay.accepted, replay.duplicate, replay.left
        );
    }
    let started = Instant::now();
    let landed = landing.land()?;
    if landed.to == landed.from {
        println!(
            "nothing to land: the lake has all {} records of the log",
            landed.to
        );
    } else {
        println!(
            "landed {} events in {} files ({} records of the log, {:.2} s)",
            landed.rows,
            landed.files,
            landed.to - landed.from,
            started.elapsed().as_secs_f64()
        );
    }
    if args.reenrich {
        let done = landing.reenrich()?;
        println!(
            "enriched {} files with {} events anew; {} files had it all, {} were left as they were; {} answers stay blank",
            done.files, done.rows, done.unchanged, done.left, done.blank
        );
    }
    if landed.unreadable > 0 {
        eprintln!(
            "questlog: {} records are no events and went to {}",
            landed.unreadable,
            config.quarantine_dir.display()
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// Says which plugins can't be used; events land without them.
fn tell_plugins(plugins: &Registry) {
    for (name, known) in plugins.known() {
        if let Some(error) = known.error {
            eprintln!("questlog: plugin {name} {}", printable(&error));
        }
    }
}
