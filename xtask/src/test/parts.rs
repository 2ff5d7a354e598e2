//! The parts of the test run, cheap ones first, so that a slip shows within seconds.

use std::process::Command;

use anyhow::{Context, Result};

use super::{Part, plugin_project, tidy};
use crate::place::Place;
use crate::setup::{self, WasmToolchain};
use crate::shell::{cargo, command, run, run_quiet};
use crate::{fmt, server, wasm, web};

/// In the order in which they run.
pub(super) static PARTS: [Part; 14] = [
    Part {
        name: "tidy",
        about: "the house rules that no linter knows",
        needs: &[],
        work: tidy::run,
    },
    Part {
        name: "fmt",
        about: "Rust's formatting",
        needs: &[],
        work: fmt_check,
    },
    Part {
        name: "deny",
        about: "licences, sources and advisories of what we depend on",
        needs: &["deny"],
        work: deny,
    },
    Part {
        name: "clippy",
        about: "lints, warnings as errors",
        needs: &[],
        work: clippy,
    },
    Part {
        name: "doc",
        about: "the documentation builds without a warning",
        needs: &[],
        work: doc,
    },
    Part {
        name: "unit",
        about: "tests beside the code",
        needs: &[],
        work: unit,
    },
    Part {
        name: "wasm",
        about: "the browser module and the component are built",
        needs: &["toolchain", "tools"],
        work: wasm,
    },
    Part {
        name: "web",
        about: "the page's types, lints, formatting and unit tests",
        needs: &["toolchain", "tools", "web", "web-tests"],
        work: web,
    },
    Part {
        name: "build",
        about: "the binary with the page inside",
        needs: &setup::FOR_SERVE,
        work: server::build,
    },
    Part {
        name: "promises",
        about: "what crosses crates, one file a promise",
        needs: &[
            "toolchain",
            "tools",
            "web",
            "web-tests",
            "browsers",
            "python",
            "java",
            "data",
        ],
        work: promises,
    },
    Part {
        name: "browser",
        about: "the page in Chromium, in each of its deliveries",
        needs: &[
            "toolchain",
            "tools",
            "web",
            "web-tests",
            "browsers",
            "python",
        ],
        work: chromium,
    },
    Part {
        name: "firefox",
        about: "the page's main path in Firefox",
        needs: &[
            "toolchain",
            "tools",
            "web",
            "web-tests",
            "firefox",
            "python",
        ],
        work: firefox,
    },
    Part {
        name: "webkit",
        about: "the page's main path in WebKit",
        needs: &["toolchain", "tools", "web", "web-tests", "webkit", "python"],
        work: webkit,
    },
    Part {
        name: "interop-arrow2",
        about: "arrow2 and parquet2 read what we write, and we what they write",
        needs: &["toolchain", "tools", "web"],
        work: interop_arrow2,
    },
];

fn fmt_check(place: &Place) -> Result<()> {
    fmt::rust(place, &["--check"]).context("`cargo xtask fmt` mends this")
}

fn deny(place: &Place) -> Result<()> {
    let deny = || setup::cargo_deny(place).context("cargo-deny has gone since the set-up");
    let log = place.cache.join("logs/cargo-deny.log");
    let fetched = run_quiet(deny()?.current_dir(&place.root).args(["fetch", "db"]), &log);
    if fetched.is_ok() {
        return run(deny()?.current_dir(&place.root).arg("check"));
    }
    println!(
        "The advisory database can't be fetched here, so advisories are not checked; licences, bans and sources are."
    );
    run(deny()?
        .current_dir(&place.root)
        .args(["check", "bans", "licenses", "sources"]))
}

fn clippy(place: &Place) -> Result<()> {
    run(place
        .cargo("clippy")
        .args(["--workspace", "--all-targets", "--", "-D", "warnings"]))?;
    match WasmToolchain::find() {
        Some(rustup @ WasmToolchain::Rustup) => {
            let skins = [
                "--package",
                "questlog-browser",
                "--package",
                "questlog-plugin",
                "--package",
                "plugin-domain-suffix",
                "--package",
                "plugin-item-table",
                "--",
                "-D",
                "warnings",
            ];
            run(rustup.cargo(place, "clippy").args(skins))
        }
        _ => {
            println!(
                "clippy has no std for wasm32 here; the skins were linted as native code only."
            );
            Ok(())
        }
    }
}

fn doc(place: &Place) -> Result<()> {
    // These pages are for those who work on the house, so its private rooms are in them and may be pointed at.
    run(place
        .cargo("doc")
        .args(["--workspace", "--no-deps", "--document-private-items"])
        .env(
            "RUSTDOCFLAGS",
            "-D warnings -A rustdoc::private_intra_doc_links",
        ))
}

fn unit(place: &Place) -> Result<()> {
    let packages = [
        "--package",
        "questlog-core",
        "--package",
        "questlog",
        "--package",
        "xtask",
        "--package",
        "plugin-domain-suffix",
        "--package",
        "plugin-item-table",
    ];
    run(place.cargo("test").arg("--no-fail-fast").args(packages))
}

fn wasm(place: &Place) -> Result<()> {
    wasm::build(place).map(|_| ())
}

fn web(place: &Place) -> Result<()> {
    // The page's types include those of the browser module.
    wasm::build(place)?;
    for script in ["check", "lint", "format:check", "test"] {
        run(&mut web::npm(place, script))
            .with_context(|| format!("`npm run {script}` in web/ failed"))?;
    }
    run(&mut web::npm_in(place, "tests/browser", "format:check"))
        .context("`cargo xtask fmt` mends this")
}

fn promises(place: &Place) -> Result<()> {
    server::build(place)?;
    // Named together, so that what both stand on is built once.
    let packages = ["--package", "questlog", "--package", "embed-rust"];
    run(place.cargo("build").arg("--release").args(packages))?;
    plugin_project::build(place)?;
    run(with_built(
        place,
        place
            .cargo("test")
            .args(["--no-fail-fast", "--package", "questlog-tests"]),
    )?)
}

fn chromium(place: &Place) -> Result<()> {
    browser(place, command("npm"), "test")
}

fn firefox(place: &Place) -> Result<()> {
    let mut npm = command("npm");
    npm.envs(setup::firefox().map(|path| ("QUESTLOG_FIREFOX", path)));
    browser(place, npm, "test:firefox")
}

fn webkit(place: &Place) -> Result<()> {
    let webkit = setup::webkit().context("WebKitGTK has gone since the set-up")?;
    let mut npm = command(webkit.screen);
    npm.args(["--auto-servernum", "npm"])
        .env("QUESTLOG_WEBKIT", webkit.browser)
        .env("QUESTLOG_WEBKIT_DRIVER", webkit.driver);
    browser(place, npm, "test:webkit")
}

/// Runs one of the scripts in `tests/browser/package.json`.
fn browser(place: &Place, mut npm: Command, script: &str) -> Result<()> {
    server::build(place)?;
    npm.current_dir(place.root.join("tests/browser"))
        .args(["run", "--silent", script]);
    run(with_built(place, &mut npm)?)
}

fn interop_arrow2(place: &Place) -> Result<()> {
    server::build(place)?;
    // A workspace of its own, with a lock file of its own: nothing of it is in what we ship.
    let mut test = cargo();
    test.current_dir(place.root.join("tests/interop-arrow2"))
        .args(["test", "--locked", "--no-fail-fast"])
        .env("CARGO_TARGET_DIR", place.target.join("interop-arrow2"));
    run(with_built(place, &mut test)?)
}

/// Tells a test where the things are that it drives.
fn with_built<'a>(place: &Place, command: &'a mut Command) -> Result<&'a mut Command> {
    if let Some(chromium) = setup::chromium() {
        command.env("QUESTLOG_CHROMIUM", chromium);
    }
    Ok(command
        .env("QUESTLOG_BIN", place.binary())
        .env("QUESTLOG_COMPONENT", place.component())
        .env("QUESTLOG_PLUGINS", place.plugins_dir())
        .env("QUESTLOG_EMBED_RUST", place.program("embed-rust"))
        .env("QUESTLOG_FLIGHTS", setup::flights_path(place))
        .env("QUESTLOG_PYTHON", setup::python(place)?))
}
