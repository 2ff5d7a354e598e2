//! How much sooner does the page answer than the best readers of Parquet in a browser?
//!
//! The measuring is `xtask/bench/page/`, a program of Node; here is what it needs.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::data;
use super::options::Options;
use crate::place::Place;
use crate::shell::{command, run, run_quiet, step};
use crate::{setup, stamp, web};

/// Rounds, unless said otherwise: what is slow gets one.
const ROUNDS: usize = 3;
const OPTIONS: &str = "`bench page` takes --no-build (measure the page that is there), --rounds N, and words that the names of the works have to hold";

/// The peers' own files that their pages load.
const PEERS_FILES: [&str; 3] = [
    "parquet-wasm/esm/parquet_wasm_bg.wasm",
    "@duckdb/duckdb-wasm/dist/duckdb-eh.wasm",
    "@duckdb/duckdb-wasm/dist/duckdb-browser-eh.worker.js",
];
const PEERS_PAGES: [&str; 3] = ["hyparquet", "parquet-wasm", "duckdb"];

/// Measures all works, or those whose names hold one of the words.
pub(super) fn run_all(place: &Place, options: &[&str]) -> Result<()> {
    let Options {
        build,
        rounds,
        words,
    } = Options::parse(options, ROUNDS, OPTIONS)?;
    setup::need(place, &["web-tests", "browsers", "python"])?;
    if build {
        web::build(place)?;
    }
    let data = data::made(place)?;
    let chromium = setup::chromium().context("the Chromium that set-up found has gone")?;
    run(command("node")
        .arg(folder(place).join("main.mjs"))
        .arg("--dist")
        .arg(place.root.join("web/dist"))
        .arg("--peers")
        .arg(peers(place)?)
        .arg("--million")
        .arg(million(place, &data)?)
        .arg("--data")
        .arg(data)
        .arg("--chromium")
        .arg(chromium)
        .arg("--playwright")
        .arg(place.root.join("tests/browser/package.json"))
        .args(["--rounds", &rounds.to_string()])
        .args(words))
}

fn folder(place: &Place) -> PathBuf {
    place.root.join("xtask/bench/page")
}

/// The peers with their pages, bundled; none of them is ever a part of ours.
fn peers(place: &Place) -> Result<PathBuf> {
    let source = "xtask/bench/page/peers";
    let key = stamp::hash_of(&place.root, &[source], "")?;
    let made = place.cache.join(format!("page-peers-{key}"));
    let log = place.cache.join("logs/npm.log");
    data::once(&made, |begun| {
        for entry in fs::read_dir(place.root.join(source))? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default();
            if path.is_file() {
                fs::copy(&path, begun.join(name))?;
            }
        }
        step(
            "npm ci: DuckDB-Wasm, hyparquet, parquet-wasm (about 200 MB)",
            || run_quiet(command("npm").current_dir(begun).arg("ci"), &log),
        )?;
        let bundler = begun.join("node_modules/.bin/esbuild");
        run_quiet(
            command(bundler)
                .current_dir(begun)
                .args(PEERS_PAGES.map(|name| format!("{name}.js")))
                .args(["--bundle", "--minify", "--format=esm", "--outdir=pages"]),
            &log,
        )?;
        let pages = begun.join("pages");
        for file in PEERS_FILES {
            let from = begun.join("node_modules").join(file);
            fs::copy(&from, pages.join(from.file_name().unwrap_or_default()))
                .with_context(|| format!("{} could not be copied", from.display()))?;
        }
        for name in PEERS_PAGES {
            let page = format!(
                "<!doctype html>\n<title>{name}</title>\n<body><script type=\"module\" src=\"./{name}.js\"></script></body>\n"
            );
            fs::write(pages.join(format!("{name}.html")), page)?;
        }
        Ok(())
    })?;
    Ok(made.join("pages"))
}

/// A file of a million rows: the first ones of the ten million.
fn million(place: &Place, data: &Path) -> Result<PathBuf> {
    let script = "xtask/bench/page/million.py";
    let key = stamp::hash_of(&place.root, &[script], &data.to_string_lossy())?;
    let made = place.cache.join(format!("bench-million-{key}"));
    data::once(&made, |begun| {
        let mut make = command(setup::python(place)?);
        make.arg("-I")
            .arg(place.root.join(script))
            .arg(data.join("few-hosts-snappy.parquet"))
            .arg(begun.join("million.parquet"));
        run_quiet(&mut make, &place.cache.join("logs/bench.log"))
    })?;
    Ok(made.join("million.parquet"))
}
