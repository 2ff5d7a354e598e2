//! Promise: the examples are short, run, and print the two tables that `questlog analyze` prints.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Output};

use anyhow::{Context, Result, ensure};
use questlog_tests::{peer, place, questlog};

const LINES_MAX: usize = 60;

const QUESTIONS: [&str; 2] = ["event_type", "provider(Host),event_type"];

fn example(path: &str) -> Result<std::path::PathBuf> {
    let path = place::repository().join("examples").join(path);
    let lines = std::fs::read_to_string(&path)?.lines().count();
    ensure!(lines <= LINES_MAX, "{} has {lines} lines", path.display());
    Ok(path)
}

/// An example ready to be given files, the way its first lines say.
fn program(name: &str) -> Result<Command> {
    let component = place::component()?;
    let mut program;
    match name {
        "rust" => {
            example("embed-rust/src/main.rs")?;
            program = Command::new(place::embed_rust()?);
            program.arg(component);
        }
        "python" => {
            program = Command::new(place::python()?);
            program
                .arg(example("embed-python/two_tables.py")?)
                .arg(component);
        }
        _ => {
            let module = place::repository().join("web/src/wasm/questlog.js");
            program = Command::new("node");
            program
                .arg(example("embed-node/two-tables.mjs")?)
                .arg(module);
        }
    }
    program.env("PYTHONDONTWRITEBYTECODE", "1");
    program.env("PYTHONIOENCODING", "utf-8");
    Ok(program)
}

fn ran<S: AsRef<OsStr>>(name: &str, files: &[S]) -> Result<Output> {
    let mut program = program(name)?;
    program.args(files);
    program
        .output()
        .with_context(|| format!("running {program:?}"))
}

fn check(name: &str, format: &str) -> Result<()> {
    let folder = peer::samples()?;
    let files = ["events.parquet", "hostless.parquet"].map(|file| folder.path().join(file));
    let output = ran(name, &files)?;
    let printed = String::from_utf8(output.stdout)?;
    ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    for question in QUESTIONS {
        let mut words: Vec<&OsStr> = vec!["analyze".as_ref()];
        words.extend(files.iter().map(|file| file.as_os_str()));
        words.extend(["--group-by", question, "--format", format].map(OsStr::new));
        let native = questlog(&words)?.succeeded()?;
        // What follows the table tells of the run: how long it took is never the same.
        let table = native.split("\n\n").next().unwrap_or_default();
        ensure!(
            printed.contains(table),
            "{question}: {printed}\nhas not\n{table}"
        );
    }
    Ok(())
}

fn refuses(name: &str) -> Result<()> {
    let no_parquet = example("embed-python/two_tables.py")?;
    let output = ran(name, &[Path::new(&no_parquet)])?;
    ensure!(
        !output.status.success(),
        "{name} took a file that is no Parquet"
    );
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(said.contains("two_tables.py"), "{said}");
    Ok(())
}

#[test]
fn rust_prints_the_two_tables() -> Result<()> {
    check("rust", "table")?;
    refuses("rust")
}

#[test]
fn python_prints_the_two_tables() -> Result<()> {
    check("python", "table")?;
    refuses("python")
}

#[test]
fn node_prints_the_two_tables() -> Result<()> {
    check("node", "markdown")?;
    refuses("node")
}
