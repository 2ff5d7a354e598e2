//! The long crash loop: the test that every run makes in short, with as many kills as one likes.

use anyhow::{Context, Result, bail};

use crate::place::Place;
use crate::server;
use crate::shell::run;

/// Kills, unless said otherwise.
const KILLS: u32 = 200;

/// `[--kills N]`: kills a server under load so often, also while it lands and merges, and compares what is there with what was
/// acknowledged.
pub(crate) fn soak(place: &Place, words: &[&str]) -> Result<()> {
    let kills = match words {
        [] => KILLS,
        ["--kills", number] => number
            .parse()
            .with_context(|| format!("--kills {number}: this is not a number"))?,
        _ => bail!("`cargo xtask soak [--kills N]` takes nothing else"),
    };
    server::build(place)?;
    run(place
        .cargo("test")
        .env("QUESTLOG_BIN", place.binary())
        .env("QUESTLOG_SOAK_KILLS", kills.to_string())
        .args(["--package", "questlog-tests", "--test", "durability"])
        .args(["--", "kill_after_kill", "--nocapture"]))
}
