//! Java, which Spark runs on.

use anyhow::{Result, bail};

use super::apt;
use crate::place::Place;
use crate::shell::{command, output_of};

/// Looks for a Java and brings Debian's when there is none.
pub(super) fn set_up(place: &Place) -> Result<String> {
    if version().is_none() {
        apt::install(place, &["openjdk-17-jre-headless"])?;
    }
    match version() {
        Some(version) => Ok(version),
        None => bail!("no Java can be had; install Java 17 or newer, which Spark runs on"),
    }
}

fn version() -> Option<String> {
    let text = output_of(command("java").arg("--version"))?;
    text.lines().next().map(str::to_owned)
}
