//! Browsers for the tests of the page. Chromium now; the others join it with their tests.

use std::path::PathBuf;

use anyhow::{Context, Result};

use super::apt;
use crate::place::Place;
use crate::shell::which;

/// Any of these is a Chromium; the variable `QUESTLOG_CHROMIUM` names another.
const CHROMIUM_NAMES: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];
const CHROMIUM_ON_MAC: &str = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";

/// The Chromium that the browser tests drive.
pub(crate) fn chromium() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("QUESTLOG_CHROMIUM") {
        return Some(PathBuf::from(path));
    }
    let on_mac = PathBuf::from(CHROMIUM_ON_MAC);
    CHROMIUM_NAMES
        .iter()
        .find_map(|name| which(name))
        .or_else(|| on_mac.exists().then_some(on_mac))
}

/// Looks for a Chromium and brings Debian's when there is none.
pub(super) fn set_up(place: &Place) -> Result<String> {
    if chromium().is_none() {
        // Without a font a page has no text to look at.
        apt::install(place, &["chromium", "fonts-liberation"])?;
    }
    let path = chromium()
        .context("no Chromium can be had; install one and name it in QUESTLOG_CHROMIUM")?;
    Ok(path.display().to_string())
}
