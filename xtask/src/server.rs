//! The one binary, with the page inside it.

use std::process::Command;

use anyhow::Result;

use crate::place::Place;
use crate::shell::{cargo, run};
use crate::{setup, web};

/// Builds everything that a user runs.
pub(crate) fn build(place: &Place) -> Result<()> {
    // All at once, so that one part's download hides behind another's compilation.
    setup::set_up(place, &setup::FOR_SERVE)?;
    web::build(place)?;
    run(cargo()
        .current_dir(&place.root)
        .args(["build", "--release", "--package", "questlog"])
        .env("CARGO_TARGET_DIR", &place.target))
}

/// Builds, then becomes the server.
pub(crate) fn serve(place: &Place, options: &[&str]) -> Result<()> {
    build(place)?;
    let mut server = Command::new(place.binary());
    server.arg("serve").args(options);
    become_program(&mut server)
}

#[cfg(unix)]
fn become_program(program: &mut Command) -> Result<()> {
    use std::os::unix::process::CommandExt;
    // Signals then reach the server itself. `exec` only comes back when it failed.
    Err(program.exec().into())
}

#[cfg(not(unix))]
fn become_program(program: &mut Command) -> Result<()> {
    run(program)
}
