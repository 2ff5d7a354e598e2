//! Promise: table, JSON, CSV and Markdown are the same answer.

use anyhow::{Context, Result, ensure};
use questlog_tests::{Table, peer, questlog};
use serde_json::Value;
use std::path::Path;

fn printed(file: &Path, format: &str) -> Result<String> {
    let words = [
        "analyze".as_ref(),
        file.as_os_str(),
        "--group-by".as_ref(),
        "event_type,provider(Host)".as_ref(),
        "--format".as_ref(),
        format.as_ref(),
    ];
    questlog(&words)?.succeeded()
}

/// A value as a person reads it: texts without quotes, numbers as in JSON.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn truth(file: &Path) -> Result<Vec<Vec<String>>> {
    let table = Table::analyze(&[file], &["--group-by", "event_type,provider(Host)"])?;
    let mut lines = vec![table.columns.clone()];
    lines.extend(table.rows.iter().map(|row| row.iter().map(plain).collect()));
    Ok(lines)
}

#[test]
fn csv_is_read_back_as_the_same_rows() -> Result<()> {
    let folder = peer::samples()?;
    for name in ["events.parquet", "awkward.parquet"] {
        let file = folder.path().join(name);
        // Python's reader of CSV is the judge of what was printed.
        let path = folder.path().join("answer.csv");
        std::fs::write(&path, printed(&file, "csv")?)?;
        let read = peer::python("read_csv.py", &[&path])?;
        let rows: Vec<Vec<String>> = read
            .as_array()
            .context("no rows")?
            .iter()
            .map(|row| row.as_array().into_iter().flatten().map(plain).collect())
            .collect();
        assert_eq!(rows, truth(&file)?, "{name}");
    }
    Ok(())
}

#[test]
fn markdown_has_a_line_for_each_row() -> Result<()> {
    let folder = peer::samples()?;
    for name in ["events.parquet", "awkward.parquet"] {
        let file = folder.path().join(name);
        let markdown = printed(&file, "markdown")?;
        let lines: Vec<&str> = markdown
            .lines()
            .filter(|line| line.starts_with('|'))
            .collect();
        let rows = truth(&file)?;
        // The head, the line under it, and the rows.
        assert_eq!(lines.len(), rows.len() + 1, "{markdown}");
        let cells = |line: &str| line.replace("\\|", "").matches('|').count();
        for line in &lines {
            assert_eq!(cells(line), rows[0].len() + 1, "{line}");
        }
        for (line, row) in lines[2..].iter().zip(&rows[1..]) {
            let count = row.last().context("no count")?;
            ensure!(
                line.trim_end_matches([' ', '|']).ends_with(count),
                "{line} is not {row:?}"
            );
        }
    }
    Ok(())
}

#[test]
fn a_table_has_every_value_in_order() -> Result<()> {
    let folder = peer::samples()?;
    let file = folder.path().join("events.parquet");
    let text = printed(&file, "table")?;
    let mut rest = text.as_str();
    for value in truth(&file)?.iter().flatten() {
        let at = rest.find(value.as_str());
        let at = at.with_context(|| format!("{value} is missing or out of order in {text}"))?;
        rest = &rest[at + value.len()..];
    }
    Ok(())
}

#[test]
fn a_pipe_gets_json() -> Result<()> {
    let folder = peer::samples()?;
    let file = folder.path().join("events.parquet");
    let words = [
        "analyze".as_ref(),
        file.as_os_str(),
        "--group-by".as_ref(),
        "event_type".as_ref(),
    ];
    let json = questlog(&words)?.json()?;
    for name in ["columns", "rows", "scanned", "skipped", "elapsed_ms"] {
        ensure!(json.get(name).is_some(), "no {name} in {json}");
    }
    assert_eq!(json["scanned"]["rows"], 600);
    assert_eq!(json["scanned"]["files"], 1);
    assert_eq!(json["scanned"]["row_groups"], 6);
    assert_eq!(
        json["scanned"]["bytes_total"],
        std::fs::metadata(&file)?.len()
    );
    Ok(())
}

#[test]
fn without_options_both_questions_are_answered() -> Result<()> {
    let folder = peer::samples()?;
    let file = folder.path().join("events.parquet");
    let both = questlog(&["analyze".as_ref(), file.as_os_str()])?.json()?;
    let popular = Table::read(&both["popular_events"])?;
    popular.expect(&Table::analyze(&[&file], &["--group-by", "event_type"])?)?;
    let providers = Table::read(&both["providers"])?;
    providers.expect(&Table::analyze(
        &[&file],
        &["--group-by", "provider(Host),event_type"],
    )?)?;
    assert_eq!((popular.total(), providers.total()), (600, 600));
    Ok(())
}
