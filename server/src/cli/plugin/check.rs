//! `questlog plugin check`: what a plugin is, or why it is none.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::anyhow;

use super::run::or_end;
use crate::cli::query;
use crate::config::Config;
use crate::plugins::{
    self, AnalysisHost, Compiler, Description, Field, INTERFACES, IngestLimits, PluginKind,
    PluginLimits, Registry, RunOptions,
};
use crate::units;

/// Options of `questlog plugin check`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The plugin: a WebAssembly component
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

pub(super) fn check(args: &Args) -> anyhow::Result<ExitCode> {
    if plugins::is_ingest(&args.file) {
        check_ingest(&args.file)
    } else {
        check_analysis(&args.file)
    }
}

fn check_analysis(file: &Path) -> anyhow::Result<ExitCode> {
    let host = AnalysisHost::open_with(file, PluginLimits::default(), &or_end())?;
    // Starting it and having it answer from no files shows that it does more than look right.
    let version = host.instance()?.version()?;
    host.run(
        &questlog_core::QueryOptions::default(),
        &[],
        &RunOptions::default(),
    )?;
    let (interface, world) = INTERFACES;
    query::print(&format!(
        "{}: a good analysis plugin\n\
         world    {world}\n\
         exports  {interface}\n\
         imports  none\n\
         version  {version}\n\
         size     {}\n",
        host.name(),
        units::bytes(host.size_bytes())
    ))?;
    Ok(ExitCode::SUCCESS)
}

fn check_ingest(file: &Path) -> anyhow::Result<ExitCode> {
    let headers = Config::default_headers();
    let limits = IngestLimits::default();
    let plugin = Registry::check(file, &headers, Compiler::Apart, &limits)
        .map_err(|error| anyhow!("{} {error}", file.display()))?;
    let Description {
        kind,
        name,
        version,
        reads,
        writes,
        deterministic,
        ..
    } = &plugin.description;
    let kind = match kind {
        PluginKind::Matcher => "matcher",
        PluginKind::Enricher => "enricher",
    };
    let asked = if *deterministic {
        "distinct rows, once"
    } else {
        "every row"
    };
    query::print(&format!(
        "{}: a good {kind}\n\
         name     {name}\n\
         version  {version}\n\
         reads    {}\n\
         writes   {}\n\
         asked    {asked}\n\
         sha256   {}\n\
         size     {}\n",
        file.display(),
        fields(reads),
        fields(writes),
        plugin.sha256(),
        units::bytes(plugin.size_bytes())
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// Columns and what their values are.
pub(super) fn fields(fields: &[Field]) -> String {
    let fields = fields.iter();
    let texts: Vec<String> = fields
        .map(|field| format!("{} ({})", field.name, field.kind.name()))
        .collect();
    texts.join(", ")
}
