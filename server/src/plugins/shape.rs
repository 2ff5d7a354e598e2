//! What a plugin's file is, read from its outside before anything in it is compiled.

use wasmparser::{Encoding, Parser, Payload, Validator, WasmFeatures};

use super::IngestLimits;

/// The interface that an analysis plugin exports.
pub(crate) const INTERFACE: &str = "questlog:analysis/task@1.0.0";

/// The world that it lives in.
pub(crate) const WORLD: &str = "questlog:analysis/analyzer@1.0.0";

/// The interface that a matcher exports.
pub(crate) const MATCHER: &str = "questlog:plugin/matcher@1.0.0";

/// The interface that an enricher exports.
pub(crate) const ENRICHER: &str = "questlog:plugin/enricher@1.0.0";

/// All that an ingest plugin may import.
const LOG: &str = "questlog:plugin/log@1.0.0";

/// Checks that `bytes` are a valid component that imports nothing and exports [`INTERFACE`]; if not, says what is wrong,
/// as the end of a sentence that begins with the file's name. What `is_known` to be valid is looked at from outside only.
pub(crate) fn check(bytes: &[u8], is_known: bool) -> Result<(), String> {
    let outside = look(bytes, is_known)?;
    if !outside.imports.is_empty() {
        return Err(format!(
            "imports {}; a plugin imports nothing, because it is given nothing",
            outside.imports.join(", ")
        ));
    }
    outside
        .exported(&[INTERFACE], "an analysis plugin exports")
        .map(|_| ())
}

/// Checks that `bytes` are a valid component that imports at most a log and exports [`MATCHER`] or [`ENRICHER`], and says
/// which; that no part of it is so large that compiling it could take long. What `is_known` to be valid is looked at from
/// outside only.
pub(crate) fn check_ingest(
    bytes: &[u8],
    is_known: bool,
    limits: &IngestLimits,
) -> Result<&'static str, String> {
    let outside = look(bytes, is_known)?;
    let mut strangers = outside.imports.clone();
    strangers.retain(|name| name != LOG);
    if !strangers.is_empty() {
        return Err(format!(
            "imports {}; a plugin may import {LOG} and nothing else, because it is given nothing else (build it for wasm32-unknown-unknown, without WASI)",
            strangers.join(", ")
        ));
    }
    let interface = outside.exported(&[MATCHER, ENRICHER], "a plugin of this version exports")?;
    let (functions, function_bytes) = outside.functions;
    if functions > limits.functions_max {
        return Err(format!(
            "has {functions} functions, and a plugin may have {}",
            limits.functions_max
        ));
    }
    if function_bytes > limits.function_bytes_max {
        return Err(format!(
            "has a function of {function_bytes} bytes, and one may have {}",
            limits.function_bytes_max
        ));
    }
    Ok(interface)
}

/// Whether a component exports, or imports, anything of ingest plugins, in whatever version: then what is wrong with it is
/// told as of one.
pub(crate) fn is_ingest(bytes: &[u8]) -> bool {
    let is_ours = |name: &String| name.starts_with("questlog:plugin/");
    look(bytes, true)
        .is_ok_and(|outside| outside.imports.iter().chain(&outside.exports).any(is_ours))
}

/// A valid component, from its outside.
struct Outside {
    imports: Vec<String>,
    exports: Vec<String>,
    /// How many there are, in all modules, and the bytes of the largest.
    functions: (usize, usize),
}

impl Outside {
    /// Which of the interfaces it exports.
    fn exported(&self, wanted: &[&'static str], should: &str) -> Result<&'static str, String> {
        let found = wanted
            .iter()
            .find(|wanted| self.exports.iter().any(|name| name == *wanted));
        if let Some(found) = found {
            return Ok(found);
        }
        let wanted = wanted.join(" or ");
        Err(match self.exports.as_slice() {
            [] => format!("exports nothing; {should} {wanted}"),
            others => format!("exports {}, but {should} {wanted}", others.join(", ")),
        })
    }
}

fn look(bytes: &[u8], is_known: bool) -> Result<Outside, String> {
    match bytes {
        [] => return Err("is empty".into()),
        [b'\0', b'a', b's', b'm', ..] => {}
        [b'(', ..] => {
            return Err("is text, not WebAssembly; a plugin is the component built from it".into());
        }
        _ => return Err("is not WebAssembly".into()),
    }
    if !Parser::is_component(bytes) {
        return Err(if Parser::is_core_wasm(bytes) {
            "is a core module, not a component; make a component of it with `questlog plugin pack`"
                .into()
        } else {
            "is WebAssembly of a version that is not known here".into()
        });
    }
    // Types and functions are checked here, so that the compiler only ever sees what is valid.
    if !is_known {
        Validator::new_with_features(features())
            .validate_all(bytes)
            .map_err(|error| {
                format!(
                    "is no valid component: {} (at byte {})",
                    error.message(),
                    error.offset()
                )
            })?;
    }
    outside(bytes).map_err(|error| format!("is no valid component: {}", error.message()))
}

/// What a plugin may be made of: what compilers emit today, and nothing that needs more from the host.
fn features() -> WasmFeatures {
    WasmFeatures::WASM2
        | WasmFeatures::COMPONENT_MODEL
        | WasmFeatures::TAIL_CALL
        | WasmFeatures::EXTENDED_CONST
        | WasmFeatures::MULTI_MEMORY
}

/// The names of the outermost component's imports and exports, and the functions of all modules in it.
fn outside(bytes: &[u8]) -> wasmparser::Result<Outside> {
    let mut outside = Outside {
        imports: Vec::new(),
        exports: Vec::new(),
        functions: (0, 0),
    };
    let mut depth = 0_u32;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload? {
            Payload::Version {
                encoding: Encoding::Component | Encoding::Module,
                ..
            } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::CodeSectionEntry(body) => {
                outside.functions.0 += 1;
                outside.functions.1 = outside.functions.1.max(body.range().len());
            }
            Payload::ComponentImportSection(section) if depth == 1 => {
                for import in section {
                    outside.imports.push(import?.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(section) if depth == 1 => {
                for export in section {
                    outside.exports.push(export?.name.name.to_owned());
                }
            }
            _ => {}
        }
    }
    Ok(outside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_analysis_plugin_is_told_apart() {
        let core = b"\0asm\x01\0\0\0".to_vec();
        let component = b"\0asm\x0d\0\x01\0".to_vec();
        let of_the_future = b"\0asm\x0e\0\x01\0".to_vec();
        let cut = b"\0asm\x0d\0\x01\0\x01\xff\x7f".to_vec();
        let greedy =
            wat::parse_str(r#"(component (import "wasi:cli/environment@0.2.0" (instance)))"#)
                .unwrap();
        let other = wat::parse_str(
            r#"(component (instance $i) (export "some:thing/else@1.0.0" (instance $i)))"#,
        )
        .unwrap();
        for (bytes, what) in [
            (Vec::new(), "is empty"),
            (b"(module)".to_vec(), "is text"),
            (vec![0; 1 << 20], "is not WebAssembly"),
            (core, "is a core module"),
            (component, "exports nothing"),
            (of_the_future, "of a version that is not known"),
            (cut, "is no valid component"),
            (greedy, "imports wasi:cli/environment@0.2.0;"),
            (other, "exports some:thing/else@1.0.0, but"),
        ] {
            let sentence = check(&bytes, false).unwrap_err();
            assert!(
                sentence.starts_with(what) || sentence.contains(what),
                "{what}: {sentence}"
            );
        }
    }
}
