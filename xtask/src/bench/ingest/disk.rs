//! How long a sync of this disk takes: what no durable answer can be faster than.

use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};

use super::median;

const SYNCS: u64 = 300;
/// Bytes of a small commit.
const BYTES: usize = 400;

/// The middle of many syncs of a growing file in this folder, in milliseconds.
pub(super) fn sync_ms(folder: &Path) -> Result<f64> {
    fs::create_dir_all(folder)?;
    let path = folder.join("sync-probe");
    let file = File::create(&path).with_context(|| format!("{} can't be made", path.display()))?;
    let times: Result<Vec<f64>> = (0..SYNCS)
        .map(|at| {
            file.write_all_at(&[b'x'; BYTES], at * BYTES as u64)?;
            let started = Instant::now();
            file.sync_data()?;
            Ok(started.elapsed().as_secs_f64() * 1e3)
        })
        .collect();
    fs::remove_file(&path)?;
    Ok(median(times?))
}
