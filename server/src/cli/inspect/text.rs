//! A report for reading.

use std::fmt::Write;

use questlog_core::{Spared, printable};

use super::report::{Chunk, Report};
use crate::units::{bytes, thousands};

/// Characters of a bound that are shown.
const BOUND_CHARS_MAX: usize = 24;

/// The report of one file.
pub(super) fn table(report: &Report) -> String {
    let mut text = format!("{}\n", printable(&report.file));
    let mut line = |name: &str, value: &str| {
        let _ = writeln!(text, "  {name:<12}{}", printable(value));
    };
    line(
        "size",
        &format!(
            "{} ({} bytes)",
            bytes(report.size_bytes),
            thousands(report.size_bytes)
        ),
    );
    line("rows", &thousands(report.rows));
    line("row groups", &thousands(report.row_groups_total as u64));
    line(
        "written by",
        report.written_by.as_deref().unwrap_or("(it does not say)"),
    );
    for note in &report.key_values {
        line(
            "note",
            &format!("{} ({})", note.key, bytes(note.value_bytes as u64)),
        );
    }
    if let Some(query) = &report.query {
        let columns = match query.columns.as_slice() {
            [] => "no column".into(),
            columns => columns.join(", "),
        };
        let percent = query.bytes_read as f64 * 100.0 / report.size_bytes.max(1) as f64;
        line(
            "the query",
            &format!(
                "needs {columns}; reads {} ({percent:.1} %) in {} requests",
                bytes(query.bytes_read),
                thousands(query.requests as u64)
            ),
        );
        if let Some(spared) = spared(&query.spared) {
            line("it skips", &spared);
        }
    }
    text += "\nColumns\n";
    let columns = report.columns.iter().map(|column| {
        let nulls = match (column.repeated, column.nullable) {
            (true, _) => "repeated",
            (false, true) => "may be null",
            (false, false) => "never null",
        };
        vec![
            printable(&column.name).into_owned(),
            column.ty.clone(),
            column.stored.clone(),
            nulls.into(),
        ]
    });
    text += &aligned(
        &["name", "type", "stored as", "nulls"],
        &[],
        columns.collect(),
    );
    text += "\nColumn chunks\n";
    text += &chunks(report);
    if report.row_groups.len() < report.row_groups_total {
        let more = (report.row_groups_total - report.row_groups.len()) as u64;
        let _ = writeln!(
            text,
            "  … and {} more row groups; --format json has them all",
            thousands(more)
        );
    }
    text
}

/// What a query skips, and what for; nothing if it reads all of its columns.
fn spared(spared: &Spared) -> Option<String> {
    let reasons = [
        (spared.row_groups_by_statistics, "row groups by statistics"),
        (
            spared.row_groups_by_page_index,
            "row groups by the page index",
        ),
        (
            spared.row_groups_by_bloom_filter,
            "row groups by bloom filters",
        ),
        (
            spared.row_groups_by_dictionary,
            "row groups by dictionaries",
        ),
        (
            spared.rows_by_page_index,
            "rows of other row groups by the page index",
        ),
    ];
    let told = reasons
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{} {what}", thousands(count)));
    let told: Vec<String> = told.collect();
    (!told.is_empty()).then(|| told.join(", "))
}

fn chunks(report: &Report) -> String {
    let mut heads = vec![
        "row group",
        "column",
        "codec",
        "encodings",
        "values",
        "nulls",
        "distinct",
        "min",
        "max",
        "stored",
        "plain",
        "has",
    ];
    let mut right = vec![0, 4, 5, 6, 9, 10];
    if report.query.is_some() {
        heads.insert(11, "read");
        right.push(11);
    }
    let mut rows = Vec::new();
    for (index, group) in report.row_groups.iter().enumerate() {
        for chunk in &group.chunks {
            rows.push(chunk_row(index, chunk));
        }
    }
    aligned(&heads, &right, rows)
}

fn chunk_row(row_group: usize, chunk: &Chunk) -> Vec<String> {
    let told = &chunk.told;
    let number = |number: Option<u64>| number.map(thousands).unwrap_or_default();
    let bound = |bound: &Option<String>| shortened(bound.as_deref().unwrap_or_default());
    let has = [
        (told.encrypted, "encryption"),
        (told.dictionary, "dictionary"),
        (told.column_index, "column index"),
        (told.offset_index, "offset index"),
        (told.bloom_filter, "bloom filter"),
    ];
    let has: Vec<&str> = has
        .into_iter()
        .filter(|(there, _)| *there)
        .map(|(_, name)| name)
        .collect();
    let mut row = vec![
        row_group.to_string(),
        printable(&told.column).into_owned(),
        told.codec.clone(),
        told.encodings.join(" "),
        thousands(told.values),
        number(told.nulls),
        number(told.distinct),
        bound(&told.min),
        bound(&told.max),
        bytes(told.bytes_compressed),
        bytes(told.bytes_uncompressed),
    ];
    row.extend(chunk.bytes_read.map(bytes));
    row.push(has.join(", "));
    row
}

fn shortened(text: &str) -> String {
    let text = printable(text);
    match text.char_indices().nth(BOUND_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into_owned(),
    }
}

/// Columns of text side by side; those in `right` are numbers.
fn aligned(heads: &[&str], right: &[usize], rows: Vec<Vec<String>>) -> String {
    if rows.is_empty() {
        return "  none\n".into();
    }
    let heads = heads.iter().map(|head| (*head).to_owned()).collect();
    let lines: Vec<Vec<String>> = std::iter::once(heads).chain(rows).collect();
    let width = |column: usize| {
        lines
            .iter()
            .filter_map(|line| line.get(column))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..lines[0].len()).map(width).collect();
    // A column that says nothing is left out.
    let says: Vec<bool> = (0..widths.len())
        .map(|column| {
            lines[1..]
                .iter()
                .any(|line| line.get(column).is_some_and(|cell| !cell.is_empty()))
        })
        .collect();
    let mut text = String::new();
    for line in &lines {
        let cells = line
            .iter()
            .zip(&widths)
            .enumerate()
            .filter(|(column, _)| says[*column])
            .map(|(column, (cell, &width))| {
                if right.contains(&column) {
                    format!("{cell:>width$}")
                } else {
                    format!("{cell:<width$}")
                }
            });
        let joined = cells.collect::<Vec<_>>().join("  ");
        let _ = writeln!(text, "  {}", joined.trim_end());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_skipped_is_told_with_its_reason() {
        assert_eq!(spared(&Spared::default()), None);
        let some = Spared {
            row_groups_by_statistics: 1_200,
            rows_by_page_index: 5,
            ..Spared::default()
        };
        let told = "1,200 row groups by statistics, 5 rows of other row groups by the page index";
        assert_eq!(spared(&some).as_deref(), Some(told));
    }

    #[test]
    fn numbers_stand_to_the_right_and_lines_end_clean() {
        let rows = vec![
            vec!["ä".into(), "5".into()],
            vec!["long name".into(), "1,000".into()],
        ];
        assert_eq!(
            aligned(&["name", "rows"], &[1], rows),
            "  name        rows\n  ä              5\n  long name  1,000\n"
        );
        assert_eq!(shortened("a\nb"), "a\\nb");
        assert_eq!(shortened(&"x".repeat(30)), format!("{}…", "x".repeat(24)));
    }
}
