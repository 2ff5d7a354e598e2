//! Where the things are that a test needs.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};

/// The repository.
pub fn repository() -> &'static Path {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap_or(tests)
}

/// The binary under test: `QUESTLOG_BIN`, else `target/release/questlog`.
pub fn binary() -> Result<PathBuf> {
    found("QUESTLOG_BIN", "target/release/questlog")
}

/// The analysis component: `QUESTLOG_COMPONENT`, else `target/wasm/questlog_analysis.wasm`.
pub fn component() -> Result<PathBuf> {
    found("QUESTLOG_COMPONENT", "target/wasm/questlog_analysis.wasm")
}

/// A built ingest plugin; its folder is `QUESTLOG_PLUGINS`, else `target/wasm/plugins`.
pub fn plugin(name: &str) -> Result<PathBuf> {
    let folder = env::var_os("QUESTLOG_PLUGINS").map(PathBuf::from);
    let folder = folder.unwrap_or_else(|| repository().join("target/wasm/plugins"));
    let path = folder.join(format!("{name}.wasm"));
    ensure!(
        path.is_file(),
        "{} is not there; run `cargo xtask test`, which builds it",
        path.display()
    );
    Ok(path)
}

/// The example in Rust, built: `QUESTLOG_EMBED_RUST`, else `target/release/embed-rust`.
pub fn embed_rust() -> Result<PathBuf> {
    found("QUESTLOG_EMBED_RUST", "target/release/embed-rust")
}

/// The browser's module, with the wasm file beside it.
pub fn browser_module() -> Result<PathBuf> {
    found("QUESTLOG_BROWSER_MODULE", "web/src/wasm/questlog.js")
}

/// A Python with the packages of `tests/peers/requirements.txt`: `QUESTLOG_PYTHON`.
pub fn python() -> Result<PathBuf> {
    found("QUESTLOG_PYTHON", "")
}

/// `flights-3m.parquet` of the npm package `vega-datasets`: `QUESTLOG_FLIGHTS`.
pub fn flights() -> Result<PathBuf> {
    found("QUESTLOG_FLIGHTS", "")
}

fn found(variable: &str, otherwise: &str) -> Result<PathBuf> {
    let path = match env::var_os(variable) {
        Some(value) => PathBuf::from(value),
        None => {
            ensure!(
                !otherwise.is_empty(),
                "{variable} is not set; run these tests with `cargo xtask test`, which makes what they need"
            );
            repository().join(otherwise)
        }
    };
    ensure!(
        path.is_file(),
        "{} is not there; run `cargo xtask test`, which builds it, or set {variable}",
        path.display()
    );
    Ok(path)
}
