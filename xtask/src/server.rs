//! The one binary, with the page inside it.

use std::process::Command;

use anyhow::Result;

use crate::place::Place;
use crate::shell::{run, run_quiet};
use crate::{setup, stamp, web};

/// Builds everything that a user runs.
pub(crate) fn build(place: &Place) -> Result<()> {
    // All at once, so that one part's download hides behind another's compilation.
    setup::need(place, &setup::FOR_SERVE)?;
    let page = web::build(place)?;
    let stamp_file = place.target.join("page-in-binary");
    if !stamp::is_fresh(&stamp_file, &page, &[]) {
        // Cargo can't see that a page has come to where none was: the crate that carries it is made anew.
        run_quiet(
            place
                .cargo("clean")
                .args(["--release", "--package", "questlog"]),
            &place.cache.join("logs/cargo.log"),
        )?;
    }
    run(place
        .cargo("build")
        .args(["--release", "--package", "questlog"]))?;
    stamp::write(&stamp_file, &page)
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
