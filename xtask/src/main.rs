//! `cargo xtask`: set-up, builds, the whole test run. Without arguments it says what it can do.

#[path = "../../tests/src/address.rs"]
mod address;
mod bench;
mod fmt;
mod fuzz;
mod place;
mod server;
mod setup;
mod shell;
mod soak;
mod stamp;
mod test;
mod wasm;
mod web;

use std::process::ExitCode;

use anyhow::{Result, bail};

use place::Place;

const HELP: &str = "\
cargo xtask setup [PART…]     bring what the machine lacks (all of it, or the parts named)
cargo xtask wasm              build the browser module and the component
cargo xtask web               build the page
cargo xtask package           build the npm package, for `npm install` or `npm publish`
cargo xtask build             build all of it, and the server in release
cargo xtask serve [OPTION…]   build, then `questlog serve` with these options
cargo xtask test [PART…]      every test there is (or the parts named); what CI runs
cargo xtask fmt               mend what a formatter can mend
cargo xtask bench NAME        measure: analyze (against DuckDB and Polars), page (against DuckDB-Wasm, hyparquet, parquet-wasm), ingest, plugin (against native)
cargo xtask soak [--kills N]  kill a server under load, 200 times, and count what is lost
cargo xtask fuzz [TARGET]     look for inputs that the core can't take; --seconds N for each target";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&words) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Does the task; false when it ran and found failures, which it has reported itself.
fn run(words: &[&str]) -> Result<bool> {
    let place = Place::find()?;
    match words {
        ["setup", parts @ ..] => setup::run(&place, parts)?,
        ["wasm"] => drop(wasm::build(&place)?),
        ["web"] => drop(web::build(&place)?),
        ["package"] => web::package(&place)?,
        ["build"] => server::build(&place)?,
        ["serve", options @ ..] => server::serve(&place, options)?,
        ["test", parts @ ..] => return test::run(&place, parts),
        ["fmt"] => fmt::mend(&place)?,
        ["bench", name, options @ ..] => bench::run(&place, name, options)?,
        ["soak", words @ ..] => soak::soak(&place, words)?,
        ["fuzz", words @ ..] => fuzz::fuzz(&place, words)?,
        [] | ["help" | "--help" | "-h"] => println!("{HELP}"),
        [other, ..] => bail!("`{other}` is no task; `cargo xtask help` lists them"),
    }
    Ok(true)
}
