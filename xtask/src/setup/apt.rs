//! Debian's packages, where there is an apt-get; elsewhere a sentence that says what to install.

use std::env;
use std::io::IsTerminal;
use std::process::Command;
use std::sync::Mutex;

use anyhow::{Result, bail};

use crate::place::Place;
use crate::shell::{command, output_of, run_quiet, step, which};

/// Seconds to wait for another apt-get to end.
const LOCK_TIMEOUT_S: u32 = 900;

/// apt works one at a time, and its package lists are brought up to date once a run.
static LISTS_UPDATED: Mutex<bool> = Mutex::new(false);

/// Installs packages; the caller has looked before that what they bring is missing.
pub(super) fn install(place: &Place, packages: &[&str]) -> Result<()> {
    let wanted = packages.join(" ");
    if which("apt-get").is_none() {
        bail!(
            "there is no apt-get here; please install what Debian calls `{wanted}` in your system's way, then run this again"
        );
    }
    let mut updated = LISTS_UPDATED
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    let log = place.cache.join("logs/apt.log");
    if !*updated {
        step("apt-get update", || {
            run_quiet(apt_get()?.arg("update"), &log)
        })?;
        *updated = true;
    }
    step(&format!("apt-get install {wanted}"), || {
        run_quiet(
            apt_get()?
                .args(["install", "--yes", "--quiet", "--no-install-recommends"])
                .args(packages),
            &log,
        )
    })
}

fn apt_get() -> Result<Command> {
    let is_root = output_of(command("id").arg("-u")).is_some_and(|id| id == "0");
    let mut apt = if is_root {
        command("apt-get")
    } else if which("sudo").is_some() {
        let mut sudo = Command::new("sudo");
        if !std::io::stdin().is_terminal() {
            sudo.arg("--non-interactive");
        }
        sudo.arg("apt-get");
        sudo
    } else {
        bail!("apt-get needs root, and there is no sudo; run this as root once");
    };
    apt.args(["-o", &format!("DPkg::Lock::Timeout={LOCK_TIMEOUT_S}")]);
    if env::var_os("DEBIAN_FRONTEND").is_none() {
        apt.env("DEBIAN_FRONTEND", "noninteractive");
    }
    Ok(apt)
}
