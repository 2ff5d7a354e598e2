//! How fast does one server take events, each durable before it is answered, against a route that does nothing and the
//! predecessor's kind of server; and how fast do its events land, come back after a kill, and answer a query?
//!
//! Senders and servers share this machine. After each load the books must balance, or the run fails.

mod disk;
mod game;
mod load;
mod million;
pub(super) mod program;
mod row;

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use self::program::Program;
use super::analyze::{Meter, Used, median};
use crate::place::Place;
use crate::shell::{command, run_quiet};
use crate::{server, setup};

const ROUNDS: usize = 5;
const OPTIONS: &str = "`bench ingest` takes --no-build (measure the programs that are there), --rounds N, and the parts to run: game, million, restart";

/// What all measurements share.
struct Bench<'a> {
    place: &'a Place,
    rounds: usize,
    meter: Meter,
}

/// Prints the whole table, or the parts that are named.
pub(super) fn run(place: &Place, options: &[&str]) -> Result<()> {
    let (mut build, mut rounds, mut parts) = (true, ROUNDS, Vec::new());
    let mut rest = options.iter();
    while let Some(&option) = rest.next() {
        match option {
            "--no-build" => build = false,
            "--rounds" => {
                let number = rest.next().and_then(|number| number.parse().ok());
                rounds = number.filter(|&number| number > 0).context(OPTIONS)?;
            }
            "game" | "million" | "restart" => parts.push(option),
            _ => bail!("{OPTIONS}"),
        }
    }
    setup::need(place, &["python"])?;
    if build {
        server::build(place)?;
        let nothing = ["--release", "--package", "questlog-nothing"];
        let log = place.cache.join("logs/cargo.log");
        run_quiet(place.cargo("build").args(nothing), &log)?;
    }
    let bench = Bench {
        place,
        rounds,
        meter: Meter {
            python: setup::python(place)?,
            script: place.root.join("xtask/bench/measured.py"),
            output: place.target.join("bench-answer.csv"),
        },
    };
    let is_wanted = |part| parts.is_empty() || parts.contains(&part);
    let mut rows = Vec::new();
    if is_wanted("game") {
        rows.extend(game::measure(&bench)?);
    }
    if is_wanted("million") {
        rows.extend(million::measure(&bench)?);
    }
    if is_wanted("restart") {
        rows.extend(million::measure_restart(&bench)?);
    }
    println!("\nMiddle of {rounds} rounds.\n\n{}", row::HEAD);
    rows.iter().for_each(|row| println!("{row}"));
    let unmet = rows
        .iter()
        .filter(|row| row.is_met() == Some(false))
        .count();
    println!("\nRows that don't reach what they are to: {unmet}.");
    fs::remove_dir_all(bench.data()).context("the data of the bench could not be removed")
}

impl Bench<'_> {
    /// The data folder of the server that is measured.
    fn data(&self) -> PathBuf {
        self.place.target.join("bench-data")
    }

    /// A server over an empty data folder.
    fn fresh_server(&self) -> Result<Program> {
        let data = self.data();
        if data.exists() {
            fs::remove_dir_all(&data)?;
        }
        self.server()
    }

    /// A server over the data that is there. It lands when much has come in, not by time.
    fn server(&self) -> Result<Program> {
        let mut serve = command(self.place.binary());
        serve.args(["serve", "--listen", "127.0.0.1:0", "--land-every", "1h"]);
        Program::start(serve.arg("--data").arg(self.data()))
    }

    /// The books of the data folder; fails if they don't balance.
    fn verify(&self) -> Result<Used> {
        let words = ["verify".into(), "--data".into(), self.data().into()];
        Ok(self.questlog(words)?.0)
    }

    /// Runs `questlog` with these words and measures it.
    fn questlog<const N: usize>(&self, words: [std::ffi::OsString; N]) -> Result<(Used, String)> {
        let mut all = vec![self.place.binary().into_os_string()];
        all.extend(words);
        self.meter.run(&all)
    }

    /// The middle of what `measure` gives in each round.
    fn middle(&self, mut measure: impl FnMut() -> Result<f64>) -> Result<f64> {
        let numbers: Result<Vec<f64>> = (0..self.rounds).map(|_| measure()).collect();
        Ok(median(numbers?))
    }
}
