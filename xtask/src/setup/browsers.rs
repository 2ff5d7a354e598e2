//! Browsers for the tests of the page: Chromium for everything, Firefox and WebKit for the main path.

use std::fs;
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
const FIREFOX_NAMES: [&str; 2] = ["firefox-esr", "firefox"];
const FIREFOX_ON_MAC: &str = "/Applications/Firefox.app/Contents/MacOS/firefox";

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

/// The Firefox that one test drives; the variable `QUESTLOG_FIREFOX` names another.
pub(crate) fn firefox() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("QUESTLOG_FIREFOX") {
        return Some(PathBuf::from(path));
    }
    let on_mac = PathBuf::from(FIREFOX_ON_MAC);
    FIREFOX_NAMES
        .iter()
        .find_map(|name| which(name))
        .or_else(|| on_mac.exists().then_some(on_mac))
}

/// WebKit's driver and the browser that it drives.
pub(crate) struct WebKit {
    pub(crate) driver: PathBuf,
    pub(crate) browser: PathBuf,
    /// Gives the browser a screen where there is none.
    pub(crate) screen: PathBuf,
}

/// WebKitGTK, the engine of Safari on a Linux machine.
pub(crate) fn webkit() -> Option<WebKit> {
    Some(WebKit {
        driver: which("WebKitWebDriver")?,
        browser: mini_browser()?,
        screen: which("xvfb-run")?,
    })
}

/// The small browser that comes with the engine, under a folder that is named after processor and version.
fn mini_browser() -> Option<PathBuf> {
    let inside = |folder: PathBuf| fs::read_dir(folder).into_iter().flatten().flatten();
    ["/usr/lib", "/usr/libexec", "/usr/lib64"]
        .into_iter()
        .map(PathBuf::from)
        .flat_map(|lib| inside(lib.clone()).map(|entry| entry.path()).chain([lib]))
        .flat_map(inside)
        .filter(|entry| {
            entry
                .file_name()
                .to_string_lossy()
                .starts_with("webkit2gtk-4")
        })
        .map(|entry| entry.path().join("MiniBrowser"))
        .find(|browser| browser.exists())
}

/// Looks for a Firefox and brings Debian's when there is none.
pub(super) fn set_up_firefox(place: &Place) -> Result<String> {
    if firefox().is_none() {
        apt::install(place, &["firefox-esr"])?;
    }
    let path =
        firefox().context("no Firefox can be had; install one and name it in QUESTLOG_FIREFOX")?;
    Ok(path.display().to_string())
}

/// Looks for WebKitGTK with its driver and brings Debian's when there is none.
pub(super) fn set_up_webkit(place: &Place) -> Result<String> {
    if webkit().is_none() {
        apt::install(place, &["webkit2gtk-driver", "xvfb", "xauth"])?;
    }
    let webkit = webkit().context(
        "no WebKitGTK can be had, which exists for Linux alone; it needs WebKitWebDriver, its MiniBrowser and xvfb-run",
    )?;
    Ok(webkit.browser.display().to_string())
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
