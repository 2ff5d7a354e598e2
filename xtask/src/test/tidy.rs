//! House rules as a test: what no linter knows.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::interface;
use crate::place::Place;
use crate::shell::{command, output_of};

/// A file in the repository is text that a person wrote, or small.
const FILE_BYTES_MAX: u64 = 1 << 20;
/// Past this a file is asked whether it is still one idea.
const LINES_ASKED: usize = 500;
/// Files that tools write, with words of their own.
const WRITTEN_BY_TOOLS: [&str; 2] = ["Cargo.lock", "package-lock.json"];

/// Words that have no place in the sources, with the reason. Put together here, so that this file doesn't hold them.
fn unwanted() -> Vec<(String, &'static str)> {
    let mut words = Vec::new();
    for folder in ["work", "root", "home", "Users", "farm"] {
        words.push((format!("{}{folder}/", '/'), "a path of one machine"));
    }
    for host in [
        ["registry.", "npmjs"],
        ["pypi.", "org/simple"],
        ["index.", "crates.io"],
        ["deb.", "debian.org"],
    ] {
        words.push((host.concat(), "a registry's host; the tools know theirs"));
    }
    for word in [
        ["TO", "DO"],
        ["FIX", "ME"],
        ["todo", "!("],
        ["unimplemented", "!("],
        ["#[ig", "nore"],
        [".only", "("],
    ] {
        words.push((word.concat(), "something unfinished or left out"));
    }
    words
}

/// Fails with a line for each breach.
pub(super) fn run(place: &Place) -> Result<()> {
    let listing = output_of(command("git").current_dir(&place.root).args([
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
    ]))
    .context("the files can't be listed, because this is no git work tree")?;
    let unwanted = unwanted();
    let mut breaches = Vec::new();
    for name in listing.lines() {
        let path = place.root.join(name);
        // A file can be listed and deleted.
        if let Ok(metadata) = fs::metadata(&path) {
            if metadata.len() > FILE_BYTES_MAX {
                breaches.push(format!(
                    "{name}: {} bytes; a repository is no place for more than {FILE_BYTES_MAX}",
                    metadata.len()
                ));
            } else if let Ok(text) = fs::read_to_string(&path) {
                look_over(name, &text, &unwanted, &mut breaches);
            }
        }
    }
    breaches.extend(
        interface::check(&place.root)
            .err()
            .map(|breach| breach.to_string()),
    );
    if breaches.is_empty() {
        return Ok(());
    }
    bail!(
        "{} breaches of the house rules:\n{}",
        breaches.len(),
        breaches.join("\n")
    );
}

fn look_over(name: &str, text: &str, unwanted: &[(String, &str)], breaches: &mut Vec<String>) {
    let file = Path::new(name);
    if WRITTEN_BY_TOOLS.iter().any(|tool| file.ends_with(tool)) {
        return;
    }
    let lines = text.lines().count();
    let is_code = file.extension().is_some_and(|end| {
        ["rs", "ts", "css", "py", "js"]
            .iter()
            .any(|code| end == *code)
    });
    if is_code && lines > LINES_ASKED {
        println!("{name}: {lines} lines; is it still one idea?");
    }
    for (number, line) in text.lines().enumerate() {
        for (word, reason) in unwanted {
            if line.contains(word.as_str()) && stands_alone(line, word) {
                breaches.push(format!("{name}:{}: `{word}` is {reason}", number + 1));
            }
        }
    }
    if file.ends_with("Cargo.toml")
        && text.contains("[package]")
        && text.contains(".workspace = true")
        && !has_lints(text)
    {
        breaches.push(format!("{name}: `[lints] workspace = true` is missing"));
    }
}

/// Whether a path begins the word, rather than being inside a longer one such as `network/`.
fn stands_alone(line: &str, word: &str) -> bool {
    !word.starts_with('/')
        || line.match_indices(word).any(|(at, _)| {
            !line[..at]
                .ends_with(|before: char| before.is_alphanumeric() || "._-/}>".contains(before))
        })
}

/// The workspace's lints, or all of them spelled out where one has to differ.
fn has_lints(manifest: &str) -> bool {
    let follows = manifest
        .lines()
        .skip_while(|line| line.trim() != "[lints]")
        .nth(1);
    follows.is_some_and(|line| line.trim() == "workspace = true")
        || (manifest.contains("[lints.rust]\nunsafe_code = ")
            && manifest.contains("[lints.clippy]"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn breaches_of(name: &str, text: &str) -> Vec<String> {
        let mut breaches = Vec::new();
        look_over(name, text, &unwanted(), &mut breaches);
        breaches
    }

    #[test]
    fn a_path_of_one_machine_is_a_breach_and_a_relative_one_is_not() {
        let absolute = format!("let data = \"{}root/data\";", '/');
        assert_eq!(breaches_of("a.rs", &absolute).len(), 1);
        assert!(
            breaches_of(
                "a.rs",
                "use crate::network::work; // see docs/root/data and work/x"
            )
            .is_empty()
        );
    }

    #[test]
    fn a_manifest_without_the_shared_lints_is_a_breach() {
        let manifest = "[package]\nversion.workspace = true\n";
        assert_eq!(breaches_of("x/Cargo.toml", manifest).len(), 1);
        assert!(
            breaches_of(
                "x/Cargo.toml",
                &format!("{manifest}\n[lints]\nworkspace = true\n")
            )
            .is_empty()
        );
    }

    #[test]
    fn unfinished_places_are_breaches_except_in_what_tools_write() {
        let unfinished = format!("// {}{} later", "TO", "DO");
        assert_eq!(breaches_of("a.ts", &unfinished).len(), 1);
        assert!(breaches_of("Cargo.lock", &unfinished).is_empty());
    }
}
