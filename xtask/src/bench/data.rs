//! Files to count, made once and kept for as long as the script that makes them is the same.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::place::Place;
use crate::shell::{command, run_quiet, step};
use crate::{setup, stamp};

/// The folder of ten million rows with few hosts, as many with many hosts, and 500 small files.
pub(super) fn made(place: &Place) -> Result<PathBuf> {
    made_by(
        place,
        "xtask/bench/data.py",
        "bench",
        "making 40 million rows to count",
    )
}

/// The folder of ten million rows whose hosts are made of words.
pub(super) fn words(place: &Place) -> Result<PathBuf> {
    made_by(
        place,
        "xtask/bench/words.py",
        "bench-words",
        "making 20 million rows with words to count",
    )
}

/// The folder that a script fills.
fn made_by(place: &Place, script: &str, name: &str, doing: &str) -> Result<PathBuf> {
    let key = stamp::hash_of(&place.root, &[script], "")?;
    let data = place.cache.join(format!("{name}-{key}"));
    once(&data, |begun| {
        step(doing, || {
            let mut make = command(setup::python(place)?);
            make.arg("-I").arg(place.root.join(script)).arg(begun);
            run_quiet(&mut make, &place.cache.join("logs/bench.log"))
        })
    })?;
    Ok(data)
}

/// Makes a folder unless it is there; what was cut off is never taken for whole.
pub(super) fn once(folder: &Path, make: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    if folder.exists() {
        return Ok(());
    }
    let begun = folder.with_extension("begun");
    if begun.exists() {
        fs::remove_dir_all(&begun)
            .with_context(|| format!("{} could not be removed", begun.display()))?;
    }
    fs::create_dir_all(&begun).with_context(|| format!("{} could not be made", begun.display()))?;
    make(&begun)?;
    fs::rename(&begun, folder).with_context(|| format!("{} could not be named", folder.display()))
}
