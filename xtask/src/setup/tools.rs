//! The wasm tools: built once from `xtask/wasm`, kept by the versions they were built from.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::place::Place;
use crate::shell::{cargo, run_quiet, step};
use crate::stamp;

/// What decides that the tools are the same: their source, and the versions of these in the lock file.
const PINNED: [&str; 3] = ["wasm-bindgen-cli-support", "wit-component", "wasmparser"];
const NAME: &str = "questlog-wasm-tools";

/// Where the tools are, or will be once they are built.
pub(crate) fn path(place: &Place) -> Result<PathBuf> {
    let lock = fs::read_to_string(place.root.join("Cargo.lock"))
        .context("Cargo.lock could not be read")?;
    let versions: Vec<String> = PINNED
        .iter()
        .flat_map(|name| versions_of(&lock, name))
        .collect();
    let key = stamp::hash_of(
        &place.root.join("xtask/wasm"),
        &["Cargo.toml", "src"],
        &versions.join(" "),
    )?;
    Ok(place
        .cache
        .join("wasm-tools")
        .join(key)
        .join(format!("{NAME}{}", std::env::consts::EXE_SUFFIX)))
}

/// Builds the tools when these versions are not there yet.
pub(super) fn set_up(place: &Place) -> Result<String> {
    let path = path(place)?;
    if !path.exists() {
        let build = place.cache.join("wasm-tools/build");
        step(
            "building the wasm tools (once for these versions; some minutes)",
            || {
                run_quiet(
                    cargo()
                        .current_dir(&place.root)
                        .args(["build", "--package", NAME, "--profile", "tools"])
                        .env("CARGO_TARGET_DIR", &build),
                    &place.cache.join("logs/wasm-tools.log"),
                )
            },
        )?;
        let folder = path.parent().context("the cache folder has no parent")?;
        fs::create_dir_all(folder)?;
        let built = build
            .join("tools")
            .join(path.file_name().unwrap_or_default());
        fs::copy(&built, &path)
            .with_context(|| format!("{} could not be copied into the cache", built.display()))?;
    }
    Ok("built".to_owned())
}

fn versions_of(lock: &str, package: &str) -> Vec<String> {
    let name_line = format!("name = \"{package}\"");
    let mut lines = lock.lines();
    let mut versions = Vec::new();
    while lines.by_ref().any(|line| line == name_line) {
        versions.extend(lines.next().map(|version| format!("{package} {version}")));
    }
    versions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_by_the_whole_name() {
        let lock = "[[package]]\nname = \"wasmparser\"\nversion = \"1\"\n\n[[package]]\nname = \"wasmparser-x\"\nversion = \"2\"\n\n[[package]]\nname = \"wasmparser\"\nversion = \"3\"\n";
        assert_eq!(
            versions_of(lock, "wasmparser"),
            ["wasmparser version = \"1\"", "wasmparser version = \"3\""]
        );
        assert!(versions_of(lock, "wit-component").is_empty());
    }
}
