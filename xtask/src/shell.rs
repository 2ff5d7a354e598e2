//! Running other programs: quietly into a log that is shown when they fail, or in the open.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};

/// The last lines of a failed program's output that are shown; the whole stays in its log.
const SHOWN_LINES_MAX: usize = 40;

/// A program by name, without arguments yet.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.stdin(Stdio::null());
    command
}

/// The cargo that runs this task.
pub(crate) fn cargo() -> Command {
    command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Runs a program whose output is the user's to see.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let shown = shown(command);
    let status = command
        .status()
        .with_context(|| format!("`{shown}` could not be started"))?;
    if !status.success() {
        bail!("`{shown}` failed ({status})");
    }
    Ok(())
}

/// Runs a program whose output only matters when it fails; `log` keeps all of it.
pub(crate) fn run_quiet(command: &mut Command, log: &Path) -> Result<()> {
    if let Some(folder) = log.parent() {
        fs::create_dir_all(folder)
            .with_context(|| format!("folder {} could not be made", folder.display()))?;
    }
    let file = File::options()
        .create(true)
        .append(true)
        .open(log)
        .with_context(|| format!("log {} could not be written", log.display()))?;
    let size_before = file.metadata().map_or(0, |metadata| metadata.len());
    let shown = shown(command);
    let status = command
        .stdout(file.try_clone()?)
        .stderr(file)
        .status()
        .with_context(|| format!("`{shown}` could not be started"))?;
    if status.success() {
        return Ok(());
    }
    let written = fs::read(log).unwrap_or_default();
    let from = usize::try_from(size_before).unwrap_or(0).min(written.len());
    let text = String::from_utf8_lossy(&written[from..]).into_owned();
    let lines: Vec<&str> = text.lines().collect();
    let tail = lines[lines.len().saturating_sub(SHOWN_LINES_MAX)..].join("\n");
    bail!(
        "`{shown}` failed ({status}); its last words were:\n{tail}\n(all of it: {})",
        log.display()
    );
}

/// What a program prints, trimmed; `None` when it is not there or fails.
pub(crate) fn output_of(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// A program on the search path.
pub(crate) fn which(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(format!("{program}{}", std::env::consts::EXE_SUFFIX)))
        .find(|candidate| candidate.is_file())
}

/// Says what is being done and, at its end, how long it took.
pub(crate) fn step<T>(what: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    eprintln!("  {what} …");
    let start = Instant::now();
    let result = work();
    let seconds = start.elapsed().as_secs_f64();
    match &result {
        Ok(_) => eprintln!("  {what}: done in {seconds:.1} s"),
        Err(_) => eprintln!("  {what}: failed after {seconds:.1} s"),
    }
    result
}

fn shown(command: &Command) -> String {
    let mut text = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        text.push(' ');
        text.push_str(&argument.to_string_lossy());
    }
    text
}
