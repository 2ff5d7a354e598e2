//! What a run of a program takes, as the kernel counts it.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::shell::command;

/// What one run took, or the middle of several.
#[derive(Clone, Copy)]
pub(crate) struct Used {
    /// Of all its threads, in user and system mode.
    pub(crate) cpu_s: f64,
    pub(crate) wall_s: f64,
    pub(crate) peak_mb: f64,
}

/// Runs programs and measures them.
pub(crate) struct Meter {
    pub(crate) python: PathBuf,
    /// The script that asks the kernel.
    pub(crate) script: PathBuf,
    /// Where the program's output goes meanwhile.
    pub(crate) output: PathBuf,
}

impl Meter {
    /// What the run took and what the program printed.
    pub(crate) fn run(&self, words: &[OsString]) -> Result<(Used, String)> {
        let outcome = command(&self.python)
            .args(["-I", "-S"])
            .arg(&self.script)
            .arg(&self.output)
            .args(words)
            .output()
            .with_context(|| format!("{} could not be started", self.python.display()))?;
        if !outcome.status.success() {
            let program: Vec<_> = words.iter().map(|word| word.to_string_lossy()).collect();
            bail!(
                "`{}` failed: {}",
                program.join(" "),
                String::from_utf8_lossy(&outcome.stderr).trim()
            );
        }
        let printed = String::from_utf8_lossy(&outcome.stdout).into_owned();
        let numbers: Vec<f64> = printed
            .split_whitespace()
            .filter_map(|word| word.parse().ok())
            .collect();
        let &[cpu_s, wall_s, peak_kib] = numbers.as_slice() else {
            bail!("the measuring script printed `{}`", printed.trim());
        };
        let used = Used {
            cpu_s,
            wall_s,
            peak_mb: peak_kib * 1024.0 / 1e6,
        };
        let answer = fs::read_to_string(&self.output)
            .with_context(|| format!("{} could not be read", self.output.display()))?;
        Ok((used, answer))
    }
}

/// The middle of each number; of an even count the higher of the two in the middle.
pub(crate) fn middle(runs: &[Used]) -> Used {
    let of = |number: fn(&Used) -> f64| median(runs.iter().map(number).collect());
    Used {
        cpu_s: of(|used| used.cpu_s),
        wall_s: of(|used| used.wall_s),
        peak_mb: of(|used| used.peak_mb),
    }
}

/// The middle one, which a hiccup of the machine doesn't move.
pub(crate) fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
}
