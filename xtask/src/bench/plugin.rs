//! What does it cost to run as a component? The analysis against the native program, the start with and without compiled
//! code, a matcher against the rule that is built in, 10,000 reloads, and a server with plugins against one without.
//!
//! CPU seconds are of user and system mode together; native and component take turns, and the middle of the rounds counts.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use super::analyze::{Meter, Used, median, middle};
use super::data;
use super::ingest::program::Program;
use crate::place::Place;
use crate::shell::{command, output_of};
use crate::{server, setup, wasm};

const OPTIONS: &str =
    "`bench plugin` takes --no-build (measure the programs that are there) and --rounds N";
const ROUNDS: usize = 5;

/// Files, whose hosts are from a dictionary or plain, and the part of native's speed that is to be reached.
const WORKS: [(&str, &str, f64); 4] = [
    ("dictionary hosts, snappy", "few-hosts-snappy.parquet", 0.75),
    ("dictionary hosts, zstd", "few-hosts-zstd.parquet", 0.75),
    ("plain hosts, snappy", "many-hosts-snappy.parquet", 0.65),
    ("plain hosts, zstd", "many-hosts-zstd.parquet", 0.65),
];
/// Events and connections of one run of the server.
const TRAFFIC: [&str; 4] = ["--events", "60000", "--connections", "64"];
const GAME_PLUGINS: [&str; 2] = ["domain-suffix", "item-table"];

struct Bench<'a> {
    place: &'a Place,
    meter: Meter,
    rounds: usize,
}

pub(super) fn run(place: &Place, options: &[&str]) -> Result<()> {
    let (mut build, mut rounds) = (true, ROUNDS);
    let mut rest = options.iter();
    while let Some(&option) = rest.next() {
        match option {
            "--no-build" => build = false,
            "--rounds" => {
                let number = rest.next().and_then(|number| number.parse().ok());
                rounds = number.filter(|&number| number > 0).context(OPTIONS)?;
            }
            _ => bail!("{OPTIONS}"),
        }
    }
    setup::need(place, &["data", "python"])?;
    if build {
        server::build(place)?;
        wasm::build(place)?;
    }
    let bench = Bench {
        place,
        meter: Meter {
            python: setup::python(place)?,
            script: place.root.join("xtask/bench/measured.py"),
            output: place.target.join("bench-answer.csv"),
        },
        rounds,
    };
    let data = data::made(place)?;
    bench.against_native(&data)?;
    bench.starts(&data.join("tiny.parquet"))?;
    bench.matcher()?;
    bench.reloads()?;
    bench.ingest()
}

impl Bench<'_> {
    /// The same query over the same files, in one thread.
    fn against_native(&self, data: &Path) -> Result<()> {
        println!(
            "**Component against native**, provider and event_type of 10 million rows, one thread, less what a start takes\n\n\
             | work | native CPU s | component CPU s | part of native speed | to reach | met |\n\
             | --- | ---: | ---: | ---: | ---: | --- |"
        );
        let tiny = data.join("tiny.parquet");
        for (name, file, to_reach) in WORKS {
            let file = data.join(file);
            let mut runs: [Vec<Used>; 4] = Default::default();
            for _ in 0..self.rounds {
                let (native, answer) = self.meter.run(&self.native(&file))?;
                let (inside, other) = self.meter.run(&self.component(&file))?;
                ensure!(
                    answer == other,
                    "{name}: the component's answer is another one"
                );
                let (native_start, _) = self.meter.run(&self.native(&tiny))?;
                let (inside_start, _) = self.meter.run(&self.component(&tiny))?;
                for (runs, used) in
                    runs.iter_mut()
                        .zip([native, inside, native_start, inside_start])
                {
                    runs.push(used);
                }
            }
            let [native, inside, native_start, inside_start] = runs.map(|runs| middle(&runs).cpu_s);
            let (native_s, inside_s) = (native - native_start, inside - inside_start);
            let part = native_s / inside_s;
            println!(
                "| {name} | {native_s:.4} | {inside_s:.4} | {:.0} % | {:.0} % | {} |",
                part * 100.0,
                to_reach * 100.0,
                if part >= to_reach { "yes" } else { "**no**" }
            );
        }
        Ok(())
    }

    /// What a process takes from its start to its answer of a file with 236 rows.
    fn starts(&self, tiny: &Path) -> Result<()> {
        let caches = self.place.target.join("bench-compiled");
        let (mut cold, mut cached) = (Vec::new(), Vec::new());
        for _ in 0..self.rounds {
            if caches.exists() {
                fs::remove_dir_all(&caches)?;
            }
            // The measured program inherits the folder from `env`.
            let words = self.component(tiny);
            let mut with_cache: Vec<OsString> = vec![program("env")?.into()];
            with_cache.push(format!("XDG_CACHE_HOME={}", caches.display()).into());
            with_cache.extend(words);
            cold.push(self.meter.run(&with_cache)?.0);
            cached.push(self.meter.run(&with_cache)?.0);
        }
        let native: Result<Vec<Used>> = (0..self.rounds)
            .map(|_| Ok(self.meter.run(&self.native(tiny))?.0))
            .collect();
        println!(
            "\n**Start and first answer**, 236 rows, whole process\n\n| | wall ms | CPU ms |\n| --- | ---: | ---: |"
        );
        for (name, used) in [
            ("component, nothing compiled yet", middle(&cold)),
            ("component, compiled before", middle(&cached)),
            ("native", middle(&native?)),
        ] {
            println!(
                "| {name} | {:.1} | {:.1} |",
                used.wall_s * 1e3,
                used.cpu_s * 1e3
            );
        }
        Ok(())
    }

    /// The matcher of `examples/` against the rules that are built in.
    fn matcher(&self) -> Result<()> {
        println!(
            "\n**A matcher for a million hosts**, CPU of the landing thread (to reach: 1.3 times at 1 % distinct)\n"
        );
        for distinct in ["100", "10000", "100000", "1000000"] {
            let timed = output_of(
                command(self.place.binary())
                    .args(["plugin", "time", "--distinct", distinct])
                    .arg(self.place.plugin("domain-suffix")),
            );
            println!(
                "{}\n",
                timed.context("`questlog plugin time` failed")?.trim_end()
            );
        }
        Ok(())
    }

    /// A plugin loaded anew, again and again.
    fn reloads(&self) -> Result<()> {
        let told = output_of(
            command(self.place.binary())
                .args(["plugin", "time", "--reloads", "10000"])
                .arg(self.place.plugin("item-table")),
        );
        let told = told.context("`questlog plugin time --reloads` failed")?;
        println!(
            "**A plugin loaded anew**, its settings and its code are others each time\n\n{told}"
        );
        Ok(())
    }

    /// Acknowledged events a second with and without plugins, taking turns.
    fn ingest(&self) -> Result<()> {
        let (mut without, mut with) = (Vec::new(), Vec::new());
        for _ in 0..self.rounds {
            without.push(self.throughput(&[])?);
            with.push(self.throughput(&GAME_PLUGINS)?);
        }
        let (without, with) = (median(without), median(with));
        println!(
            "**Ingest**, 64 connections, landing every second meanwhile, server and players on this machine\n\n\
             without plugins {without:.0} events/s, with both examples {with:.0} events/s: {:.0} %",
            with / without * 100.0
        );
        Ok(())
    }

    fn throughput(&self, plugins: &[&str]) -> Result<f64> {
        let data = self.place.target.join("bench-data");
        if data.exists() {
            fs::remove_dir_all(&data)?;
        }
        let folder = data.join("plugins");
        fs::create_dir_all(&folder)?;
        for name in plugins {
            fs::copy(self.place.plugin(name), folder.join(format!("{name}.wasm")))?;
            fs::write(folder.join(format!("{name}.toml")), "")?;
        }
        let server = Program::start(
            command(self.place.binary())
                .args([
                    "serve",
                    "--listen",
                    "127.0.0.1:0",
                    "--land-every",
                    "1s",
                    "--data",
                ])
                .arg(&data),
        )?;
        let said = output_of(
            command(self.place.binary())
                .args(["generate", "--url", &server.url()])
                .args(TRAFFIC),
        );
        server.stop()?;
        fs::remove_dir_all(&data)?;
        let said = said.context("`questlog generate` failed")?;
        rate(&said).with_context(|| format!("no rate in: {said}"))
    }

    fn native(&self, file: &Path) -> Vec<OsString> {
        self.words(&["analyze"], file)
    }

    fn component(&self, file: &Path) -> Vec<OsString> {
        let component = self.place.component();
        self.words(&["plugin", "run", &component.to_string_lossy()], file)
    }

    fn words(&self, command: &[&str], file: &Path) -> Vec<OsString> {
        let query = "--group-by provider(Host),event_type --format csv --threads 1";
        let mut words = vec![self.place.binary().into_os_string()];
        words.extend(command.iter().map(OsString::from));
        words.push(file.as_os_str().to_owned());
        words.extend(query.split(' ').map(OsString::from));
        words
    }
}

/// The number after `events/s`.
fn rate(said: &str) -> Option<f64> {
    let (_, after) = said.split_once("events/s")?;
    after.split_whitespace().next()?.parse().ok()
}

fn program(name: &str) -> Result<PathBuf> {
    crate::shell::which(name).with_context(|| format!("`{name}` is not on this machine"))
}
