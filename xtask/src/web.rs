//! The page: TypeScript and the browser module to `web/dist`, which the server carries inside it, and to one file that needs no server.

use std::process::Command;

use anyhow::{Context, Result};

use crate::place::Place;
use crate::shell::{command, run};
use crate::{setup, stamp, wasm};

/// Builds the page unless it is there from the same sources; answers with what it was made from.
pub(crate) fn build(place: &Place) -> Result<String> {
    let module = wasm::build(place)?;
    let hash = stamp::hash_of(&place.root, &["web"], &module)?;
    let stamp_file = place.root.join("target/wasm/page-stamp");
    let page = place.root.join("web/dist/server.html");
    if stamp::is_fresh(&stamp_file, &hash, &[&page, &place.page_alone()]) {
        return Ok(hash);
    }
    setup::need(place, &["web"])?;
    run(&mut npm(place, "build")).context("the page could not be built")?;
    stamp::write(&stamp_file, &hash)?;
    Ok(hash)
}

/// One of the scripts in `web/package.json`.
pub(crate) fn npm(place: &Place, script: &str) -> Command {
    npm_in(place, "web", script)
}

/// One of the scripts of a folder's package.
pub(crate) fn npm_in(place: &Place, folder: &str, script: &str) -> Command {
    let mut npm = command("npm");
    npm.current_dir(place.root.join(folder))
        .args(["run", "--silent", script]);
    npm
}
