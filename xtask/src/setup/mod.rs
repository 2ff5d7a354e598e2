//! What the machine needs: looks first whether each thing is there, brings what is missing, says what it does.

mod apt;
mod browsers;
mod deny;
mod flights;
mod java;
mod node;
mod python;
mod toolchain;
mod tools;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Result, bail};

use crate::place::Place;
use crate::shell::which;

pub(crate) use browsers::{chromium, firefox, webkit};
pub(crate) use deny::cargo_deny;
pub(crate) use flights::path as flights_path;
pub(crate) use python::{bench_python, python};
pub(crate) use toolchain::WasmToolchain;
pub(crate) use tools::path as wasm_tools;

/// One thing that can be set up.
struct Part {
    /// Its name on the command line.
    name: &'static str,
    /// What it is for.
    about: &'static str,
    /// Parts of one lane wait for each other; lanes run side by side.
    lane: usize,
    work: fn(&Place) -> Result<String>,
}

/// Waiting for a network in one lane and compiling in another cost each other little.
const LANES: usize = 3;

/// Every part, in the order in which a lane takes them.
static PARTS: [Part; 11] = [
    Part {
        name: "toolchain",
        about: "a compiler for wasm32",
        lane: 0,
        work: toolchain::set_up,
    },
    Part {
        name: "browsers",
        about: "Chromium for the tests of the page",
        lane: 0,
        work: browsers::set_up,
    },
    Part {
        name: "firefox",
        about: "Firefox for the page's main path",
        lane: 0,
        work: browsers::set_up_firefox,
    },
    Part {
        name: "webkit",
        about: "WebKitGTK for the page's main path",
        lane: 0,
        work: browsers::set_up_webkit,
    },
    Part {
        name: "java",
        about: "Java for Spark",
        lane: 0,
        work: java::set_up,
    },
    Part {
        name: "tools",
        about: "wasm-bindgen and the component encoder",
        lane: 1,
        work: tools::set_up,
    },
    Part {
        name: "web",
        about: "node modules of the page",
        lane: 2,
        work: |place| node::set_up(place, "web"),
    },
    Part {
        name: "web-tests",
        about: "node modules of the browser tests",
        lane: 2,
        work: |place| node::set_up(place, "tests/browser"),
    },
    Part {
        name: "deny",
        about: "cargo-deny",
        lane: 1,
        work: deny::set_up,
    },
    Part {
        name: "data",
        about: "public data: flights-3m.parquet",
        lane: 2,
        work: flights::set_up,
    },
    Part {
        name: "python",
        about: "pandas, DuckDB, Polars, Spark",
        lane: 2,
        work: python::set_up,
    },
];

/// wrk, the load generator, if it is there or Debian's packages can be had.
pub(crate) fn wrk(place: &Place) -> Option<PathBuf> {
    which("wrk").or_else(|| {
        apt::install(place, &["wrk"]).ok()?;
        which("wrk")
    })
}

/// What a running server with its page needs, and no more.
pub(crate) const FOR_SERVE: [&str; 3] = ["toolchain", "tools", "web"];

/// `cargo xtask setup`: the named parts, all of them when none is named; says what it found of each.
pub(crate) fn run(place: &Place, names: &[&str]) -> Result<()> {
    for name in names {
        if !PARTS.iter().any(|part| part.name == *name) {
            bail!(
                "`{name}` is no part of the set-up; the parts are:\n{}",
                listing()
            );
        }
    }
    let all: Vec<&str> = PARTS.iter().map(|part| part.name).collect();
    let start = Instant::now();
    let had = bring(place, if names.is_empty() { &all } else { names });
    for (name, result) in &had {
        match result {
            Ok(found) => eprintln!("set-up {name:<10} {found}"),
            Err(_) => eprintln!("set-up {name:<10} can't be had"),
        }
    }
    fail_on_missing(&had)?;
    eprintln!(
        "set-up: all of it is here ({:.1} s)",
        start.elapsed().as_secs_f64()
    );
    Ok(())
}

/// Makes sure that these parts are there; silent when they are.
pub(crate) fn need(place: &Place, names: &[&str]) -> Result<()> {
    fail_on_missing(&bring(place, names))
}

/// What came of each part: what is there, or why it can't be had.
pub(crate) type Had = BTreeMap<&'static str, Result<String>>;

/// Sets up these parts, lanes side by side.
pub(crate) fn bring(place: &Place, names: &[&str]) -> Had {
    std::thread::scope(|scope| {
        let lanes: Vec<_> = (0..LANES)
            .map(|lane| {
                let parts = PARTS
                    .iter()
                    .filter(move |part| part.lane == lane && names.contains(&part.name));
                scope.spawn(move || {
                    parts
                        .map(|part| (part.name, (part.work)(place)))
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        lanes
            .into_iter()
            .flat_map(|lane| lane.join().unwrap_or_default())
            .collect()
    })
}

fn fail_on_missing(had: &Had) -> Result<()> {
    let problems: Vec<String> = PARTS
        .iter()
        .filter_map(|part| match had.get(part.name) {
            Some(Err(error)) => Some(format!("- {} ({}): {error:#}", part.name, part.about)),
            _ => None,
        })
        .collect();
    if problems.is_empty() {
        return Ok(());
    }
    bail!(
        "set-up could not bring everything:\n{}",
        problems.join("\n")
    );
}

/// The parts, a line each.
fn listing() -> String {
    PARTS
        .iter()
        .map(|part| format!("  {:<10} {}", part.name, part.about))
        .collect::<Vec<_>>()
        .join("\n")
}
