//! The page: TypeScript and the browser module to `web/dist`, which the server carries inside it, to one file that needs no server, and to an npm package.

use std::process::Command;

use anyhow::{Context, Result};

use crate::place::Place;
use crate::shell::{command, output_of, run};
use crate::{setup, stamp, wasm};

/// Builds the page unless it is there from the same sources; answers with what it was made from.
pub(crate) fn build(place: &Place) -> Result<String> {
    let module = wasm::build(place)?;
    let hash = stamp::hash_of(&place.root, &["web"], &module)?;
    let stamp_file = place.root.join("target/wasm/page-stamp");
    let page = place.root.join("web/dist/server.html");
    let others = [place.page_alone(), place.package_dir().join("index.js")];
    if stamp::is_fresh(&stamp_file, &hash, &[&page, &others[0], &others[1]]) {
        return Ok(hash);
    }
    setup::need(place, &["web"])?;
    run(&mut npm(place, "build")).context("the page could not be built")?;
    stamp::write(&stamp_file, &hash)?;
    Ok(hash)
}

/// Packs the npm package, and says where it is.
pub(crate) fn package(place: &Place) -> Result<()> {
    build(place)?;
    let packed = output_of(
        command("npm")
            .current_dir(place.root.join("target"))
            .args(["pack", "--silent"])
            .arg(place.package_dir()),
    )
    .context("`npm pack` failed")?;
    println!("target/{packed}");
    Ok(())
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
