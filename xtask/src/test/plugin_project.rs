//! What `questlog plugin new` makes, built as its README says.

use std::fs;

use anyhow::{Context, Result};

use crate::place::Place;
use crate::setup::WasmToolchain;
use crate::shell::{command, run};

/// Makes a project of each kind, builds and packs it; the promises' tests look the components over.
pub(super) fn build(place: &Place) -> Result<()> {
    let toolchain =
        WasmToolchain::find().context("the wasm32 compiler has gone since the set-up")?;
    let folder = place.target.join("plugin-projects");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    for kind in ["matcher", "enricher"] {
        let name = format!("new-{kind}");
        run(command(place.binary())
            .current_dir(&folder)
            .args(["plugin", "new", &name, "--kind", kind]))?;
        let project = folder.join(&name);
        run(toolchain
            .cargo(place, "build")
            .current_dir(&project)
            .arg("--release"))?;
        let module = format!("wasm32-unknown-unknown/release/new_{kind}.wasm");
        run(command(place.binary())
            .args(["plugin", "pack"])
            .arg(place.wasm_target().join(module))
            .arg("--to")
            .arg(place.plugin(&name)))?;
        let settings = format!("{name}.toml");
        fs::copy(project.join(&settings), place.plugins_dir().join(&settings))?;
    }
    Ok(())
}
