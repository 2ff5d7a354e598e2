//! A public file as somebody else wrote it: three million flights, out of the npm package `vega-datasets`.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::place::Place;
use crate::shell::{command, run_quiet, step};

const PACKAGE: &str = "vega-datasets";
const VERSION: &str = "3.2.1";
const FILE: &str = "flights-3m.parquet";

/// Where the file is, or will be.
pub(crate) fn path(place: &Place) -> PathBuf {
    place.cache.join(format!("{PACKAGE}-{VERSION}")).join(FILE)
}

/// Fetches the package and keeps the one file.
pub(super) fn set_up(place: &Place) -> Result<String> {
    let path = path(place);
    if !path.exists() {
        let folder = path.parent().context("the cache folder has no parent")?;
        fs::create_dir_all(folder)?;
        step(&format!("npm pack {PACKAGE}@{VERSION}"), || {
            let log = place.cache.join("logs/npm.log");
            let inside = format!("package/data/{FILE}");
            let archive = format!("{PACKAGE}-{VERSION}.tgz");
            run_quiet(
                command("npm").current_dir(folder).args([
                    "pack",
                    "--silent",
                    &format!("{PACKAGE}@{VERSION}"),
                ]),
                &log,
            )?;
            run_quiet(
                command("tar")
                    .current_dir(folder)
                    .args(["-xzf", &archive, &inside]),
                &log,
            )?;
            // Renamed last, so that the file is there whole or not at all.
            fs::rename(folder.join(&inside), &path)?;
            fs::remove_dir_all(folder.join("package"))?;
            Ok(fs::remove_file(folder.join(archive))?)
        })?;
    }
    Ok(path.display().to_string())
}
