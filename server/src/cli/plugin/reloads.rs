//! What it costs to load a plugin anew, and whether anything is left of those that are gone.

use std::fs;
use std::path::Path;

use anyhow::{Context, anyhow, ensure};
use rustix::time::{ClockId, clock_gettime};

use crate::config::Config;
use crate::plugins::{Compiler, IngestLimits, Registry};

/// Reloads after which memory is what it stays.
const WARM: usize = 100;

/// Loads the plugin `count` times through a folder of its own; each time its settings and its code are others.
pub(super) fn run(file: &Path, count: usize) -> anyhow::Result<String> {
    let component = fs::read(file).with_context(|| format!("{}: can't read it", file.display()))?;
    let settings = fs::read_to_string(file.with_extension("toml")).unwrap_or_default();
    let folder = std::env::temp_dir().join(format!("questlog-reloads-{}", std::process::id()));
    fs::create_dir(&folder).with_context(|| format!("{}: can't make it", folder.display()))?;
    let told = reload(&folder, &component, &settings, count);
    fs::remove_dir_all(&folder)?;
    told
}

fn reload(folder: &Path, component: &[u8], settings: &str, count: usize) -> anyhow::Result<String> {
    // A custom section at the end makes another component of it that does the same.
    let variants = [*b"\x00\x02\x01a", *b"\x00\x02\x01b"].map(|end| [component, &end].concat());
    let registry = Registry::open(
        folder,
        &Config::default_headers(),
        Compiler::Apart,
        IngestLimits::default(),
    );
    let (mut started, mut resident) = (clock_gettime(ClockId::ProcessCPUTime), resident_kib());
    for n in 0..count + WARM {
        if n == WARM {
            (started, resident) = (clock_gettime(ClockId::ProcessCPUTime), resident_kib());
        }
        fs::write(folder.join("plugin.wasm"), &variants[n % 2])?;
        fs::write(folder.join("plugin.toml"), format!("# {n}\n{settings}"))?;
        registry.reload();
        if let Some(error) = registry
            .known()
            .get("plugin")
            .and_then(|known| known.error.clone())
        {
            return Err(anyhow!("the plugin {error}"));
        }
    }
    let generation = registry.current().generation;
    ensure!(
        generation == (count + WARM) as u64,
        "of {} reloads {generation} were taken",
        count + WARM
    );
    let took = clock_gettime(ClockId::ProcessCPUTime) - started;
    let took_ms = took.tv_sec as f64 * 1e3 + took.tv_nsec as f64 / 1e6;
    let mut said = format!(
        "reloads    {count}\neach       {:.2} ms of CPU\n",
        took_ms / count.max(1) as f64
    );
    if let (Some(before), Some(after)) = (resident, resident_kib()) {
        said += &format!("memory     {before} KiB before, {after} KiB after\n");
    }
    Ok(said)
}

/// The memory of this process, where the system says it.
fn resident_kib() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}
