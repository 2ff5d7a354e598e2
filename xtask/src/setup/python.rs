//! Python with pandas, DuckDB, Polars and Spark: the peers whose files we read and who read ours.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use super::apt;
use crate::place::Place;
use crate::shell::{command, output_of, run_quiet, step};
use crate::stamp;

const REQUIREMENTS: &str = "tests/peers/requirements.txt";
const BENCH_REQUIREMENTS: &str = "tests/peers/requirements-bench.txt";
/// The oldest Python that has wheels of every peer.
const MINOR_MIN: u32 = 11;

/// The interpreter of the environment for today's requirements, installed or not.
pub(crate) fn python(place: &Place) -> Result<PathBuf> {
    Ok(folder(place, REQUIREMENTS)?.join("bin/python"))
}

/// The interpreter of the environment with the servers that `bench ingest` measures; it is made if it isn't there.
pub(crate) fn bench_python(place: &Place) -> Result<PathBuf> {
    let folder = make(place, BENCH_REQUIREMENTS, "Flask and gunicorn")?;
    Ok(folder.join("bin/python"))
}

/// Makes the environment when there is none for these requirements.
pub(super) fn set_up(place: &Place) -> Result<String> {
    let what = "pandas, DuckDB, Polars, Spark (about 900 MB)";
    Ok(make(place, REQUIREMENTS, what)?.display().to_string())
}

fn make(place: &Place, requirements: &str, what: &str) -> Result<PathBuf> {
    let folder = folder(place, requirements)?;
    let complete = folder.join("complete");
    if !complete.exists() {
        let base = base_python()?;
        let log = place.cache.join("logs/python.log");
        step("making a Python environment", || {
            let mut make = command(base);
            make.args(["-m", "venv", "--clear"]).arg(&folder);
            if run_quiet(&mut make, &log).is_err() {
                apt::install(place, &["python3-venv"])?;
                run_quiet(&mut make, &log)?;
            }
            Ok(())
        })?;
        step(&format!("pip install {what}"), || {
            run_quiet(
                command(folder.join("bin/python"))
                    .args([
                        "-m",
                        "pip",
                        "install",
                        "--quiet",
                        "--disable-pip-version-check",
                        "--requirement",
                    ])
                    .arg(place.root.join(requirements)),
                &log,
            )
        })?;
        fs::write(&complete, "")
            .with_context(|| format!("{} could not be written", complete.display()))?;
    }
    Ok(folder)
}

fn folder(place: &Place, requirements: &str) -> Result<PathBuf> {
    if !place.root.join(requirements).exists() {
        bail!("{requirements} is not there; it names the Python packages that are needed");
    }
    Ok(place.cache.join(format!(
        "python-{}",
        stamp::hash_of(&place.root, &[requirements], "")?
    )))
}

fn base_python() -> Result<&'static str> {
    let version = "import sys; print(sys.version_info[1] if sys.version_info[0] == 3 else 0)";
    let minor = output_of(command("python3").args(["-c", version]))
        .and_then(|text| text.parse::<u32>().ok());
    match minor {
        Some(minor) if minor >= MINOR_MIN => Ok("python3"),
        Some(minor) => bail!(
            "python3 is 3.{minor}; the peers want 3.{MINOR_MIN} or newer first on the search path"
        ),
        None => bail!("python3 is not installed; the peers want 3.{MINOR_MIN} or newer"),
    }
}
