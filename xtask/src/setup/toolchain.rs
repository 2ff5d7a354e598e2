//! A compiler for wasm32: rustup's target where it can be had, else Debian's rustc-web with std built from source.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::apt;
use crate::place::Place;
use crate::shell::{cargo, command, output_of, run_quiet, step, which};

const TARGET: &str = "wasm32-unknown-unknown";

/// Which compiler builds the wasm skins.
pub(crate) enum WasmToolchain {
    /// The toolchain that also builds the server; its std for wasm32 is installed.
    Rustup,
    /// Debian's compiler and std sources, driven by our cargo with `-Zbuild-std`.
    Debian { rustc: PathBuf, linker: PathBuf },
}

impl WasmToolchain {
    /// The one that is here already.
    pub(crate) fn find() -> Option<WasmToolchain> {
        let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        if has_std(Path::new(&rustc)) {
            return Some(WasmToolchain::Rustup);
        }
        let rustc = PathBuf::from("/usr/bin/rustc");
        let linker = which("wasm-ld-19").or_else(|| which("wasm-ld"))?;
        let sysroot = output_of(command(&rustc).args(["--print", "sysroot"]))?;
        let has_sources = Path::new(&sysroot)
            .join("lib/rustlib/src/rust/library/Cargo.lock")
            .exists();
        has_sources.then_some(WasmToolchain::Debian { rustc, linker })
    }

    /// `cargo VERB` for wasm32, with SIMD, into a folder of its own.
    pub(crate) fn cargo(&self, place: &Place, verb: &str) -> Command {
        let mut cargo = cargo();
        // Panic messages name source files; the part of their path that is this machine's own stays out of the modules.
        let cargo_home = std::env::var("CARGO_HOME").ok().map(PathBuf::from);
        let cargo_home = cargo_home
            .or_else(|| std::env::home_dir().map(|home| home.join(".cargo")))
            .unwrap_or_default();
        // Inlined less eagerly, the page's module is a seventh smaller, no slower once it is tuned, and tuned sooner.
        let flags = format!(
            "-Ctarget-feature=+simd128 -Cllvm-args=-inline-threshold=100 --remap-path-prefix={}=cargo",
            cargo_home.display()
        );
        cargo
            .current_dir(&place.root)
            .args([verb, "--target", TARGET])
            .env("CARGO_TARGET_DIR", place.wasm_target())
            .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", flags)
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS");
        if let WasmToolchain::Debian { rustc, linker } = self {
            cargo
                .arg("-Zbuild-std=std,panic_abort")
                .env("RUSTC", rustc)
                // `-Zbuild-std` is unstable in cargo; this lets a stable cargo take it.
                .env("RUSTC_BOOTSTRAP", "1")
                .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
        }
        cargo
    }
}

/// Looks for a wasm32 compiler and brings one when there is none.
pub(super) fn set_up(place: &Place) -> Result<String> {
    if WasmToolchain::find().is_none() && which("rustup").is_some() {
        let log = place.cache.join("logs/rustup.log");
        // A failure here is no failure yet: there is a second way.
        let _ = step(&format!("rustup target add {TARGET}"), || {
            run_quiet(command("rustup").args(["target", "add", TARGET]), &log)
        });
    }
    if WasmToolchain::find().is_none() {
        apt::install(place, &["rustc-web", "rust-web-src", "lld-19"])?;
    }
    match WasmToolchain::find().with_context(|| {
        format!("no compiler for wasm32 can be had; run `rustup target add {TARGET}` where there is a network, then try again")
    })? {
        WasmToolchain::Rustup => Ok(format!("rustup's {TARGET}")),
        WasmToolchain::Debian { .. } => Ok("Debian's rustc-web, std from source".to_owned()),
    }
}

fn has_std(rustc: &Path) -> bool {
    output_of(command(rustc).args(["--print", "target-libdir", "--target", TARGET]))
        .and_then(|folder| std::fs::read_dir(folder).ok())
        .is_some_and(|mut entries| {
            entries.any(|entry| {
                entry.is_ok_and(|entry| entry.file_name().to_string_lossy().starts_with("libcore-"))
            })
        })
}
