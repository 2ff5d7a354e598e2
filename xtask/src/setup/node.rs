//! Node modules, by each folder's own lock file.

use std::fs;
use std::path::Path;

use anyhow::{Result, bail};

use crate::place::Place;
use crate::shell::{command, output_of, run_quiet, step, which};

/// The oldest Node that the page's tools run on.
const NODE_MAJOR_MIN: u32 = 20;

/// Runs `npm ci` in a folder of the work tree when its lock file is newer than what is installed.
pub(super) fn set_up(place: &Place, folder: &str) -> Result<String> {
    let folder_path = place.root.join(folder);
    let lock = folder_path.join("package-lock.json");
    if !lock.exists() {
        bail!(
            "{folder}/package-lock.json is not there; without it node modules would be other ones each day"
        );
    }
    check_node()?;
    if !is_installed(&folder_path) {
        step(&format!("npm ci in {folder}/"), || {
            run_quiet(
                command("npm")
                    .current_dir(&folder_path)
                    .args(["ci", "--no-audit", "--no-fund"]),
                &place.cache.join("logs/npm.log"),
            )
        })?;
    }
    Ok("as in the lock file".to_owned())
}

fn is_installed(folder: &Path) -> bool {
    // npm writes this file last, so it also tells an installation that was cut off.
    let installed = fs::metadata(folder.join("node_modules/.package-lock.json"))
        .and_then(|file| file.modified());
    let lock = fs::metadata(folder.join("package-lock.json")).and_then(|file| file.modified());
    matches!((installed, lock), (Ok(installed), Ok(lock)) if installed >= lock)
}

fn check_node() -> Result<()> {
    let version = output_of(command("node").arg("--version"));
    let major = version.as_deref().and_then(|text| {
        text.trim_start_matches('v')
            .split('.')
            .next()?
            .parse::<u32>()
            .ok()
    });
    match (version, major) {
        (_, Some(major)) if major >= NODE_MAJOR_MIN && which("npm").is_some() => Ok(()),
        (Some(version), _) => {
            bail!("Node is {version}; the page's tools want {NODE_MAJOR_MIN} or newer, with npm")
        }
        (None, _) => {
            bail!("Node is not installed; the page needs Node {NODE_MAJOR_MIN} or newer, with npm")
        }
    }
}
