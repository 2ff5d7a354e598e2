//! A matcher for Questlog: which provider a host belongs to, by a list in the style of the public suffix list.
//!
//! The list in `suffixes.txt` is built in; `list = "…"` under `[config]` in the plugin's TOML file takes its place.

mod bindings;
mod suffixes;

use std::cell::RefCell;

use bindings::exports::questlog::plugin::matcher::{Failure, Guest, Hit, Manifest, Text};
use bindings::questlog::plugin::log::{Level, log};
use serde::Deserialize;
use suffixes::Suffixes;

/// What is used where the TOML file has no list.
const BUILT_IN: &str = include_str!("suffixes.txt");

thread_local! {
    static SUFFIXES: RefCell<Suffixes> = RefCell::default();
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    list: Option<String>,
}

/// What the component exports.
pub(crate) struct Plugin;

impl Guest for Plugin {
    fn configure(json: String) -> Result<(), String> {
        let config: Config = serde_json::from_str(&json).map_err(|error| error.to_string())?;
        let suffixes = Suffixes::parse(config.list.as_deref().unwrap_or(BUILT_IN))?;
        let counts = (suffixes.rules(), suffixes.providers().len());
        log(
            Level::Debug,
            &format!("{} rules for {} providers", counts.0, counts.1),
        );
        SUFFIXES.set(suffixes);
        Ok(())
    }

    fn describe() -> Manifest {
        Manifest {
            name: "domain-suffix".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            rules: SUFFIXES.with_borrow(|suffixes| suffixes.providers().to_vec()),
        }
    }

    fn match_hosts(hosts: Text) -> Result<Vec<Hit>, Failure> {
        let mut hits = Vec::new();
        SUFFIXES.with_borrow(|suffixes| {
            for (host, ends) in (0..).zip(hosts.offsets.windows(2)) {
                let name = hosts.bytes.get(ends[0] as usize..ends[1] as usize);
                if let Some(rule) = name.and_then(|name| suffixes.find(name)) {
                    hits.push(Hit { host, rule });
                }
            }
        });
        Ok(hits)
    }
}
