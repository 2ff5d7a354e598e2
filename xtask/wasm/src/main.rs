//! Turns the compiled wasm skins into what travels: a browser module with its JavaScript, and a component.
//!
//! A program of its own, because the libraries it stands on take minutes to build and `xtask` must start at once.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::Bindgen;
use wasmparser::{Parser, Payload};
use wit_component::ComponentEncoder;

/// The stem of the browser module's files.
const BROWSER_NAME: &str = "questlog";

/// All that an ingest plugin may import.
const PLUGIN_LOG: &str = "questlog:plugin/log@1.0.0";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
        ["browser", module, folder] => browser(Path::new(module), Path::new(folder)),
        ["component", module, file] => component(Path::new(module), Path::new(file), &[]),
        ["plugin", module, file] => component(Path::new(module), Path::new(file), &[PLUGIN_LOG]),
        _ => Err(anyhow::anyhow!(
            "use: browser MODULE FOLDER, or: component MODULE COMPONENT, or: plugin MODULE COMPONENT"
        )),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("wasm tools: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// An ES module with its wasm and its types, for `import init from "./questlog.js"`.
fn browser(module: &Path, folder: &Path) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(module)
        .out_name(BROWSER_NAME)
        .typescript(true)
        .web(true)?
        .remove_name_section(true)
        .remove_producers_section(true);
    bindgen
        .generate(folder)
        .with_context(|| format!("{} is no module that wasm-bindgen takes", module.display()))
}

/// A component whose interface is the one that the module carries in its custom section.
fn component(module: &Path, component: &Path, may_import: &[&str]) -> Result<()> {
    let bytes =
        fs::read(module).with_context(|| format!("{} could not be read", module.display()))?;
    let encoded = ComponentEncoder::default()
        .validate(true)
        .module(&bytes)
        .with_context(|| format!("{} has no interface in it", module.display()))?
        .encode()
        .with_context(|| {
            format!(
                "{} does not fit the interface that it carries",
                module.display()
            )
        })?;
    let mut imports = imports_of(&encoded)?;
    imports.retain(|name| !may_import.contains(&name.as_str()));
    if !imports.is_empty() {
        bail!(
            "the component would import {}; its host gives it nothing of the kind",
            imports.join(", ")
        );
    }
    if let Some(folder) = component.parent() {
        fs::create_dir_all(folder)
            .with_context(|| format!("folder {} could not be made", folder.display()))?;
    }
    fs::write(component, &encoded)
        .with_context(|| format!("{} could not be written", component.display()))
}

/// What the outermost component asks its host for.
fn imports_of(component: &[u8]) -> Result<Vec<String>> {
    let mut depth = 0_u32;
    let mut imports = Vec::new();
    for payload in Parser::new(0).parse_all(component) {
        match payload? {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 0 => {
                for import in section {
                    imports.push(import?.name.name.to_owned());
                }
            }
            _ => {}
        }
    }
    Ok(imports)
}
