//! Compiling strangers' code in a process of its own.
//!
//! A few kilobytes of WebAssembly can keep a compiler busy for hours, or make it take all the memory there is, and it can't be
//! stopped half-way. A process can: this program starts itself as the compiler, with limits that the system keeps.

use std::io::{self, Read as _, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use rustix::process::{Resource, Rlimit, Signal, setrlimit};
use sha2::{Digest as _, Sha256};

use super::IngestLimits;
use super::compiled::Compiled;
use super::engine::Runtime;
use super::host::one_line;
use crate::landing::hex;
use crate::units;

/// Where components are compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compiler {
    /// In this process: for components that are trusted, or few.
    Here,
    /// In a process of their own, which is the `questlog` program again: only that program can say so.
    Apart,
}

/// Set for the other process, which never starts one more, whichever program it is.
const MARK: &str = "QUESTLOG_COMPILES";

/// What the other process may say of why it failed, in bytes.
const REASON_BYTES_MAX: u64 = 1 << 10;

/// Has a component compiled into `folder` by another process; says why that can't be, as the end of a sentence that begins
/// with the component's name.
pub(super) fn compile(bytes: &[u8], folder: &Path, limits: &IngestLimits) -> Result<(), String> {
    let (status, reason) =
        run(bytes, folder, limits).map_err(|error| format!("can't be compiled: {error}"))?;
    if status.success() {
        return Ok(());
    }
    let by = |signal: Signal| status.signal() == Some(signal.as_raw());
    Err(if by(Signal::XCPU) || by(Signal::KILL) {
        format!(
            "takes longer than {} s to compile; make its functions smaller",
            limits.compile_s_max
        )
    } else if status.signal().is_some() {
        format!(
            "takes more than {} of memory to compile; make its functions smaller",
            units::bytes(limits.compile_memory_bytes_max)
        )
    } else if reason.trim().is_empty() {
        format!("can't be compiled: the compiler gave up ({status})")
    } else {
        format!("can't be compiled: {}", reason.trim())
    })
}

fn run(bytes: &[u8], folder: &Path, limits: &IngestLimits) -> io::Result<(ExitStatus, String)> {
    if std::env::var_os(MARK).is_some() {
        return Err(io::Error::other("this process is the compiler itself"));
    }
    let mut child = Command::new(program()?)
        .env(MARK, "1")
        .args(["plugin", "compile"])
        .arg(folder)
        .arg(limits.compile_s_max.to_string())
        .arg(limits.compile_memory_bytes_max.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        // Should it have ended before it has read all, its status says why.
        let _ = stdin.write_all(bytes);
    }
    let mut reason = String::new();
    if let Some(stdout) = child.stdout.take() {
        stdout.take(REASON_BYTES_MAX).read_to_string(&mut reason)?;
    }
    Ok((child.wait()?, reason))
}

/// This program, also when its file was replaced by a newer one.
fn program() -> io::Result<PathBuf> {
    let running = Path::new("/proc/self/exe");
    if running.exists() {
        return Ok(running.to_owned());
    }
    std::env::current_exe()
}

/// What the other process does: compiles what it is given on its standard input, within these limits, into `folder`.
///
/// # Errors
/// The reason, as one line.
pub fn serve(folder: &Path, seconds_max: u64, memory_bytes_max: u64) -> Result<(), String> {
    let limit = |resource, most| {
        let most = Rlimit {
            current: Some(most),
            maximum: Some(most),
        };
        setrlimit(resource, most).map_err(|error| error.to_string())
    };
    limit(Resource::Cpu, seconds_max)?;
    limit(Resource::As, memory_bytes_max)?;
    let limits = IngestLimits::default();
    let mut bytes = Vec::new();
    io::stdin()
        .take(limits.file_bytes_max)
        .read_to_end(&mut bytes)
        .map_err(|error| error.to_string())?;
    let compiled = Compiled::open(folder, &hex(&Sha256::digest(&bytes)))
        .ok_or_else(|| format!("{} can't be written to", folder.display()))?;
    Runtime::of(&limits, true)
        .compile(&bytes, Some(&compiled))
        .map_err(|error| one_line(&error))?;
    Ok(())
}
