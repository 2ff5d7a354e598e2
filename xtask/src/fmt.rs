//! Mends what a formatter can mend.

use anyhow::{Context, Result};

use crate::place::Place;
use crate::setup;
use crate::shell::{cargo, command, run};
use crate::web;

/// Formats the Rust, the page and the browser tests.
pub(crate) fn mend(place: &Place) -> Result<()> {
    rust(place, &[])?;
    setup::need(place, &["web", "web-tests"])?;
    run(command("npx").current_dir(place.root.join("web")).args([
        "--no-install",
        "eslint",
        "--fix",
        ".",
    ]))?;
    for folder in ["web", "tests/browser"] {
        run(&mut web::npm_in(place, folder, "format"))
            .with_context(|| format!("`npm run format` in {folder}/ failed"))?;
    }
    Ok(())
}

/// Formats the workspace and the package outside it.
pub(crate) fn rust(place: &Place, rustfmt_options: &[&str]) -> Result<()> {
    run(cargo()
        .current_dir(&place.root)
        .args(["fmt", "--all", "--"])
        .args(rustfmt_options))?;
    let apart = place.root.join("tests/interop-arrow2");
    run(cargo()
        .current_dir(apart)
        .args(["fmt", "--"])
        .args(rustfmt_options))
}
