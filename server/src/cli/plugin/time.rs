//! `questlog plugin time`: what a matcher or an enricher costs for a million rows, beside what is built in.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::anyhow;
use bytes::Bytes;
use questlog_core::{MatchRule, Providers};
use rustix::time::{ClockId, clock_gettime};

use super::reloads;
use crate::cli::query;
use crate::config::Config;
use crate::plugins::{Compiler, IngestLimits, Input, Kind, PluginKind, Registry};

/// Rows of one file, about as many as a landing has at once.
const FILE_ROWS: usize = 100_000;

/// Options of `questlog plugin time`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The plugin: a WebAssembly component
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Rows to answer
    #[arg(long, value_name = "N", default_value = "1000000")]
    rows: usize,
    /// Distinct ones among them
    #[arg(long, value_name = "N", default_value = "10000")]
    distinct: usize,
    /// Instead: how often it is loaded anew, as a server does when its files change, and what that costs
    #[arg(long, value_name = "N", conflicts_with_all = ["rows", "distinct"])]
    reloads: Option<usize>,
}

pub(super) fn time(args: &Args) -> anyhow::Result<ExitCode> {
    if let Some(count) = args.reloads {
        query::print(&reloads::run(&args.file, count)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let plugin = Registry::check(
        &args.file,
        &Config::default_headers(),
        Compiler::Apart,
        &IngestLimits::default(),
    )
    .map_err(|error| anyhow!("{} {error}", args.file.display()))?;
    let texts: Vec<String> = (0..args.distinct.max(1)).map(host).collect();
    let rows: Vec<usize> = (0..args.rows).map(|row| place(row, texts.len())).collect();
    let took = cpu_time(|| {
        for rows in rows.chunks(FILE_ROWS) {
            let fields = plugin.description.reads.iter();
            let inputs: Vec<Input<'_>> = fields
                .map(|field| match field.kind {
                    Kind::Text => {
                        Input::Text(rows.iter().map(|at| Some(texts[*at].as_bytes())).collect())
                    }
                    _ => Input::Integer(rows.iter().map(|at| i64::try_from(*at).ok()).collect()),
                })
                .collect();
            std::hint::black_box(plugin.enrich(&inputs, rows.len()));
        }
    });
    let mut said = format!(
        "rows       {}\ndistinct   {}\nplugin     {:.1} ms of CPU\n",
        args.rows,
        texts.len(),
        millis(took)
    );
    if plugin.description.kind == PluginKind::Matcher {
        for rule in [MatchRule::Contains, MatchRule::Domain] {
            let built_in = built_in(&rows, &texts, rule)?;
            let times = took.as_secs_f64() / built_in.as_secs_f64();
            said += &format!(
                "{:10} {:.1} ms of CPU, built in; the plugin takes {times:.2} times as long\n",
                rule.name(),
                millis(built_in)
            );
        }
    }
    query::print(&said)?;
    Ok(ExitCode::SUCCESS)
}

/// What landing does without a matcher: each row's host is looked through.
fn built_in(rows: &[usize], texts: &[String], rule: MatchRule) -> anyhow::Result<Duration> {
    let providers = Providers::new(None, rule)?;
    let names: Vec<Bytes> = providers
        .names()
        .iter()
        .map(|name| Bytes::from(name.clone()))
        .collect();
    Ok(cpu_time(|| {
        for rows in rows.chunks(FILE_ROWS) {
            let found = rows.iter().map(|at| {
                let provider = providers.find(texts[*at].as_bytes())?;
                Some(names[provider].clone())
            });
            std::hint::black_box(found.collect::<Vec<_>>());
        }
    }))
}

/// A host such as players have; every second one names a provider.
fn host(number: usize) -> String {
    let providers = [
        "comcast.net",
        "example.org",
        "cox.net",
        "example.com",
        "att.net",
        "example.de",
    ];
    format!("user{number}.{}", providers[number % providers.len()])
}

/// Which of `distinct` texts a row has: all of them, in no order.
fn place(row: usize, distinct: usize) -> usize {
    row.wrapping_mul(0x9e37_79b9_7f4a_7c15) / 64 % distinct
}

/// What this thread works for `work`, whatever else the machine does meanwhile.
fn cpu_time(work: impl FnOnce()) -> Duration {
    let now = || Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default();
    let start = now();
    work();
    now().saturating_sub(start)
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
