//! The interfaces of components: hosts and plugins were built against them, so what a version said, it says for ever.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

/// Each interface, and where there is a file for each version that there was of it.
const INTERFACES: [(&str, &str); 2] = [
    (
        "wasm/plugin/wit/analysis.wit",
        "wasm/plugin/frozen/analysis",
    ),
    ("wasm/ingest/wit/plugin.wit", "wasm/ingest/frozen/plugin"),
];

/// Fails when an interface is not what its version was when it was frozen.
pub(super) fn check(root: &Path) -> Result<()> {
    for (interface, frozen) in INTERFACES {
        let text = fs::read_to_string(root.join(interface))
            .with_context(|| format!("{interface} could not be read"))?;
        let version = version_of(&text).with_context(|| format!("{interface} names no version"))?;
        let frozen = format!("{frozen}-{version}.wit");
        let Ok(promised) = fs::read_to_string(root.join(&frozen)) else {
            bail!("{interface} has the new version {version}; copy it to {frozen}");
        };
        if statements(&text) != statements(&promised) {
            bail!(
                "{interface} differs from {frozen}, against which others were built; give it a new version"
            );
        }
    }
    Ok(())
}

/// What follows the `@` of the package's name.
fn version_of(text: &str) -> Option<&str> {
    let package = text.lines().find(|line| line.starts_with("package "))?;
    Some(package.split_once('@')?.1.trim_end_matches(';'))
}

/// The lines that mean something to a program.
fn statements(text: &str) -> Vec<&str> {
    let lines = text
        .lines()
        .map(|line| line.split_once("//").map_or(line, |(before, _)| before));
    lines
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_words_of_comments_are_no_other_interface() {
        let one = "package a:b@1.2.3;\n\n/// Says it.\nworld w {\n  export say;\n}\n";
        let other = "package a:b@1.2.3;\n/// Tells it.\nworld w {\n    export say; // aloud\n}\n";
        assert_eq!(statements(one), statements(other));
        assert_eq!(version_of(one), Some("1.2.3"));
        assert_ne!(
            statements(one),
            statements(&one.replace("export say", "export say2"))
        );
    }
}
