//! How much less does `questlog analyze` need than the best engines for the same answer?

mod answer;
mod compare;
mod intro;
mod measure;
mod profile;
mod table;
mod wasm;
mod who;
mod work;

use std::path::PathBuf;

use anyhow::{Result, bail};

use super::data;
use super::options::Options;
use crate::place::Place;
use crate::shell::run_quiet;
use crate::{server, setup};
use intro::Starts;
pub(super) use measure::{Meter, Used, median, middle};
use table::PEAK_MB_MAX;
use work::{Data, WORKS, Work};

const ROUNDS: usize = 5;
const OPTIONS: &str = "`bench analyze` takes --no-build (measure the programs that are there), --rounds N, and words that the names of the works have to hold";

/// What all measurements share.
struct Bench<'a> {
    place: &'a Place,
    meter: Meter,
    data: PathBuf,
    words: PathBuf,
    rounds: usize,
}

/// Measures all works, or those whose names hold one of the words.
pub(super) fn run(place: &Place, options: &[&str]) -> Result<()> {
    let Options {
        build,
        rounds,
        words,
    } = Options::parse(options, ROUNDS, OPTIONS)?;
    let works: Vec<&Work> = WORKS
        .iter()
        .filter(|work| words.is_empty() || words.iter().any(|word| work.name.contains(word)))
        .collect();
    if works.is_empty() {
        bail!("no work's name holds any of these words; {OPTIONS}");
    }
    setup::need(place, &["data", "python"])?;
    if build {
        server::build(place)?;
        build_floor(place)?;
    }
    measure(&Bench::new(place, rounds)?, &works)
}

/// Prints both tables.
fn measure(bench: &Bench, works: &[&Work]) -> Result<()> {
    let starts = Starts::measure(bench)?;
    intro::print(bench, &starts);
    let mut compared = Vec::new();
    println!("\n{}", table::HEAD);
    for work in works {
        compared.push(compare::compare(bench, work, &starts)?);
    }
    let rows = compared.iter().flat_map(|compared| &compared.rows);
    let unmet = rows.clone().filter(|row| !row.is_met()).count();
    let peak_mb = rows.map(|row| row.ours.peak_mb).fold(0.0, f64::max);
    let met = if peak_mb < PEAK_MB_MAX {
        "met"
    } else {
        "**not met**"
    };
    println!(
        "\nRows that don't reach what they are to: {unmet}. Highest memory of ours: {peak_mb:.0} MB (to reach: under {PEAK_MB_MAX:.0} MB, {met})."
    );
    wasm::print(bench, &compared, &starts)?;
    profile::print(bench, works)
}

fn build_floor(place: &Place) -> Result<()> {
    run_quiet(
        place
            .cargo("build")
            .args(["--release", "--package", "questlog-floor"]),
        &place.cache.join("logs/cargo.log"),
    )
}

impl<'a> Bench<'a> {
    fn new(place: &'a Place, rounds: usize) -> Result<Bench<'a>> {
        let (data, words) = (data::made(place)?, data::words(place)?);
        let python = setup::python(place)?;
        let meter = Meter {
            python,
            script: place.root.join("xtask/bench/measured.py"),
            output: place.target.join("bench-answer.csv"),
        };
        Ok(Bench {
            place,
            meter,
            data,
            words,
            rounds,
        })
    }

    fn data_of(&self, work: &Work) -> PathBuf {
        match work.data {
            Data::Made(name) => self.data.join(name),
            Data::Words(name) => self.words.join(name),
            Data::Flights => setup::flights_path(self.place),
        }
    }

    fn script(&self, name: &str) -> PathBuf {
        self.place.root.join("xtask/bench").join(name)
    }
}
