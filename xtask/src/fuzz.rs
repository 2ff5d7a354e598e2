//! Fuzzing for as long as one likes; the bounded run over the committed corpus is one of the core's unit tests.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::place::Place;
use crate::shell::{command, output_of, run};

/// How long each target is looked at, unless said otherwise.
const SECONDS: u64 = 60;
/// Memory that a target may use; far above what any input should need.
const MEMORY_MIB_MAX: u64 = 2048;

/// `[target] [--seconds N]`: one target, or all of them one after the other.
pub(crate) fn fuzz(place: &Place, words: &[&str]) -> Result<()> {
    let (wanted, seconds) = match words {
        [] => (None, SECONDS),
        ["--seconds", number] => (None, read_seconds(number)?),
        [target] => (Some(*target), SECONDS),
        [target, "--seconds", number] => (Some(*target), read_seconds(number)?),
        _ => bail!("`cargo xtask fuzz [TARGET] [--seconds N]` takes nothing else"),
    };
    let folder = place.root.join("fuzz");
    let targets = targets(&folder)?;
    if let Some(wanted) = wanted {
        ensure!(
            targets.iter().any(|target| target == wanted),
            "`{wanted}` is no fuzz target; there are: {}",
            targets.join(", ")
        );
    }
    ensure!(
        output_of(nightly_cargo().arg("--version")).is_some(),
        "fuzzing needs a nightly compiler: `rustup toolchain install nightly` brings it"
    );
    ensure!(
        output_of(nightly_cargo().args(["fuzz", "--version"])).is_some(),
        "fuzzing needs cargo-fuzz: `cargo install cargo-fuzz` brings it"
    );
    for target in targets {
        if wanted.is_none_or(|wanted| wanted == target) {
            // What is found new goes beside the committed corpus, not into it.
            let found = folder.join("found").join(&target);
            fs::create_dir_all(&found)
                .with_context(|| format!("folder {} could not be made", found.display()))?;
            println!("fuzzing {target} for {seconds} s");
            run(nightly_cargo()
                .current_dir(&place.root)
                .args(["fuzz", "run", &target])
                .arg(&found)
                .arg(folder.join("corpus").join(&target))
                .args(["--", "-timeout=10"])
                .arg(format!("-max_total_time={seconds}"))
                .arg(format!("-rss_limit_mb={MEMORY_MIB_MAX}"))
                .env("CARGO_TARGET_DIR", place.target.join("fuzz")))
            .with_context(|| {
                format!("{target} found something; the input is in fuzz/artifacts/{target}/")
            })?;
        }
    }
    Ok(())
}

fn nightly_cargo() -> Command {
    let mut rustup = command("rustup");
    rustup.args(["run", "nightly", "cargo"]);
    rustup
}

fn read_seconds(number: &str) -> Result<u64> {
    number
        .parse()
        .with_context(|| format!("`--seconds {number}` is no whole number of seconds"))
}

/// The names of the programs in `fuzz_targets/`.
fn targets(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder.join("fuzz_targets")).context("fuzz_targets/ can't be read")? {
        let path = entry?.path();
        if let Some(name) = path.file_stem() {
            names.push(name.to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}
