//! The modules that travel: the browser's, the analysis component, and the plugins of `examples/`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::place::Place;
use crate::setup::{self, WasmToolchain};
use crate::shell::{command, run, run_quiet};
use crate::stamp;

/// What the modules are made from.
const SOURCES: [&str; 9] = [
    "core/Cargo.toml",
    "core/src",
    "wasm",
    "examples/plugin-domain-suffix",
    "examples/plugin-item-table",
    "Cargo.toml",
    "Cargo.lock",
    "xtask/src/wasm.rs",
    "xtask/src/setup/toolchain.rs",
];

/// The component's size: it is read, checked and compiled wherever it goes. (The page has a budget of its own.)
const COMPONENT_BYTES_MAX: u64 = 1_280 << 10;

/// The plugins of `examples/`, by their packages' names without `plugin-`.
const PLUGINS: [&str; 2] = ["domain-suffix", "item-table"];

/// Builds the modules unless they are there from the same sources; answers with what they were made from.
pub(crate) fn build(place: &Place) -> Result<String> {
    let tools = setup::wasm_tools(place)?;
    let hash = stamp::hash_of(&place.root, &SOURCES, &tools.to_string_lossy())?;
    let stamp_file = place.root.join("target/wasm/stamp");
    let component = place.component();
    let browser = place.browser_module_dir();
    let mut made = vec![
        component.clone(),
        browser.join("questlog_bg.wasm"),
        browser.join("questlog.js"),
    ];
    made.extend(PLUGINS.map(|name| place.plugin(name)));
    let made: Vec<&Path> = made.iter().map(PathBuf::as_path).collect();
    if stamp::is_fresh(&stamp_file, &hash, &made) {
        return Ok(hash);
    }
    setup::need(place, &["toolchain", "tools"])?;
    let toolchain =
        WasmToolchain::find().context("the wasm32 compiler that set-up found has gone")?;
    run(toolchain.cargo(place, "build").args([
        "--profile",
        "wasm",
        "--package",
        "questlog-browser",
        "--package",
        "questlog-plugin",
        "--package",
        "plugin-domain-suffix",
        "--package",
        "plugin-item-table",
    ]))?;
    let built = place.wasm_target().join("wasm32-unknown-unknown/wasm");
    let log = place.cache.join("logs/wasm-tools.log");
    run_quiet(
        command(&tools)
            .arg("browser")
            .arg(built.join("questlog_browser.wasm"))
            .arg(&browser),
        &log,
    )?;
    run_quiet(
        command(&tools)
            .arg("component")
            .arg(built.join("questlog_plugin.wasm"))
            .arg(&component),
        &log,
    )?;
    for name in PLUGINS {
        let module = format!("plugin_{}.wasm", name.replace('-', "_"));
        run_quiet(
            command(&tools)
                .arg("plugin")
                .arg(built.join(module))
                .arg(place.plugin(name)),
            &log,
        )?;
    }
    let component_bytes = fs::metadata(&component)?.len();
    ensure!(
        component_bytes <= COMPONENT_BYTES_MAX,
        "the component has {component_bytes} bytes, and it may have {COMPONENT_BYTES_MAX}"
    );
    stamp::write(&stamp_file, &hash)?;
    eprintln!(
        "wasm: {} for the page, {} as a component",
        size_of(&browser.join("questlog_bg.wasm")),
        size_of(&component)
    );
    Ok(hash)
}

fn size_of(path: &Path) -> String {
    let bytes = fs::metadata(path).map_or(0, |metadata| metadata.len());
    format!("{} KiB", bytes.div_ceil(1024))
}
