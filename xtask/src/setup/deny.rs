//! cargo-deny, which checks the licences, sources and advisories of every dependency.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::place::Place;
use crate::shell::{cargo, command, output_of, run_quiet, step};

/// The version that is built where there is none.
const VERSION: &str = "0.20.2";

/// It runs for a second: the time to build it matters more than its speed.
const BUILD_FAST: [(&str, &str); 3] = [
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0"),
    ("CARGO_PROFILE_RELEASE_LTO", "off"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
];

/// `cargo deny`, the user's own or the one that set-up brought.
pub(crate) fn cargo_deny(place: &Place) -> Option<Command> {
    let ours = binary(place);
    if ours.exists() {
        let mut ours = command(ours);
        // A cargo subcommand is told its own name first.
        ours.arg("deny");
        return Some(ours);
    }
    output_of(cargo().args(["deny", "--version"])).map(|_| {
        let mut own = cargo();
        own.arg("deny");
        own
    })
}

/// Looks for cargo-deny, else builds it.
pub(super) fn set_up(place: &Place) -> Result<String> {
    if cargo_deny(place).is_none() {
        step(
            &format!("building cargo-deny {VERSION} (once; two or three minutes)"),
            || {
                run_quiet(
                    cargo()
                        .args([
                            "install",
                            "--locked",
                            &format!("cargo-deny@{VERSION}"),
                            "--root",
                        ])
                        .arg(folder(place))
                        .env("CARGO_TARGET_DIR", place.cache.join("cargo-deny-build"))
                        .envs(BUILD_FAST),
                    &place.cache.join("logs/cargo-deny.log"),
                )
            },
        )?;
        // Only the binary is of use from here on.
        let _ = std::fs::remove_dir_all(place.cache.join("cargo-deny-build"));
    }
    Ok("here".to_owned())
}

fn folder(place: &Place) -> PathBuf {
    place.cache.join(format!("cargo-deny-{VERSION}"))
}

fn binary(place: &Place) -> PathBuf {
    folder(place).join(format!("bin/cargo-deny{}", std::env::consts::EXE_SUFFIX))
}
