//! `questlog plugin list`: the plugins of a data folder.

use std::process::ExitCode;

use clap::ValueEnum;
use serde_json::json;

use super::check::fields;
use crate::cli::query;
use crate::config::{Config, Settings};
use crate::plugins::{Compiler, Known};

/// Options of `questlog plugin list`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// How they are printed
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Table,
    Json,
}

pub(super) fn list(args: Args) -> anyhow::Result<ExitCode> {
    let config = Config::resolve(args.settings)?;
    let known = config.plugins(Compiler::Apart).known();
    let text = match args.format {
        Format::Json => {
            let plugins = known.iter().map(|(name, known)| {
                let description = known.plugin.as_ref().map(|plugin| &plugin.description);
                json!({
                    "name": name,
                    "state": known.state(),
                    "error": known.error,
                    "kind": description.map(|description| description.kind),
                    "version": description.map(|description| &description.version),
                    "reads": description.map(|description| &description.reads),
                    "writes": description.map(|description| &description.writes),
                    "sha256": known.plugin.as_ref().map(|plugin| plugin.sha256()),
                })
            });
            let plugins: Vec<_> = plugins.collect();
            format!("{}\n", serde_json::to_string(&plugins)?)
        }
        Format::Table if known.is_empty() => {
            format!("no plugins in {}\n", config.plugins_dir.display())
        }
        Format::Table => {
            let width = known.keys().map(String::len).max().unwrap_or(0);
            let lines = known.iter().map(|(name, known)| {
                format!("{name:width$}  {:7}  {}\n", known.state(), said(known))
            });
            lines.collect()
        }
    };
    query::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn said(known: &Known) -> String {
    match (&known.error, &known.plugin) {
        (Some(error), _) => questlog_core::printable(error).into_owned(),
        (None, Some(plugin)) => {
            let description = &plugin.description;
            format!(
                "version {}, {} to {}",
                description.version,
                fields(&description.reads),
                fields(&description.writes)
            )
        }
        (None, None) => "enabled = false".to_owned(),
    }
}
