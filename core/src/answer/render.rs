//! An answer as a table, JSON, CSV or Markdown.

use super::{Answer, Format, Run};
use crate::value::write_json_text;
use crate::{Value, printable};

/// How null looks where it must not be taken for an empty text.
const NULL: &str = "∅";

/// Characters of a table's cell; longer texts are cut.
const CELL_CHARACTERS_MAX: usize = 80;

impl Answer {
    /// The answer as text; ends with a line feed.
    pub fn render(&self, format: Format, run: &Run) -> String {
        match format {
            Format::Table => self.table(),
            Format::Json => {
                let mut json = self.to_json(run);
                json.push('\n');
                json
            }
            Format::Csv => self.csv(),
            Format::Markdown => self.markdown(),
        }
    }

    /// The one JSON object of `--format json` and of HTTP, without a line feed.
    pub fn to_json(&self, run: &Run) -> String {
        let mut out = String::from("{\"columns\":[");
        join(&mut out, &self.columns, |out, name| {
            write_json_text(out, name);
        });
        out.push_str("],\"rows\":[");
        join(&mut out, &self.rows, |out, row| {
            out.push('[');
            join(out, row, |out, value| value.write_json(out));
            out.push(']');
        });
        let scanned = &self.scanned;
        out.push_str(&format!(
            "],\"scanned\":{{\"files\":{},\"row_groups\":{},\"rows\":{},\"bytes_read\":{},\"bytes_total\":{}}},\"skipped\":[",
            scanned.files, scanned.row_groups, scanned.rows, scanned.bytes_read, scanned.bytes_total
        ));
        join(&mut out, &run.skipped, |out, skipped| {
            out.push_str("{\"file\":");
            write_json_text(out, &skipped.file);
            out.push_str(",\"reason\":");
            write_json_text(out, &skipped.reason);
            out.push('}');
        });
        let elapsed_ms = if run.elapsed_ms.is_finite() {
            (run.elapsed_ms * 1000.0).round() / 1000.0
        } else {
            0.0
        };
        out.push_str(&format!("],\"elapsed_ms\":{elapsed_ms}}}"));
        out
    }

    fn table(&self) -> String {
        let numbers: Vec<bool> = (0..self.columns.len())
            .map(|column| self.is_number(column))
            .collect();
        let header: Vec<String> = self
            .columns
            .iter()
            .map(|name| printable(name).into_owned())
            .collect();
        let cells: Vec<Vec<String>> = self
            .rows
            .iter()
            .map(|row| {
                row.iter()
                    .map(|value| {
                        if value.is_null() {
                            NULL.to_owned()
                        } else {
                            cut(&printable(&value.to_string()), value)
                        }
                    })
                    .collect()
            })
            .collect();
        let mut widths: Vec<usize> = header.iter().map(|name| width(name)).collect();
        for row in &cells {
            for (widest, cell) in widths.iter_mut().zip(row) {
                *widest = (*widest).max(width(cell));
            }
        }
        let mut out = String::new();
        let mut line = |cells: &[String]| {
            let mut text = String::new();
            for ((cell, width_max), number) in cells.iter().zip(&widths).zip(&numbers) {
                let padding = " ".repeat(width_max - width(cell));
                let padded = if *number {
                    format!("{padding}{cell}")
                } else {
                    format!("{cell}{padding}")
                };
                text.push_str(if text.is_empty() { "" } else { "  " });
                text.push_str(&padded);
            }
            out.push_str(text.trim_end());
            out.push('\n');
        };
        line(&header);
        line(
            &widths
                .iter()
                .map(|width| "─".repeat(*width))
                .collect::<Vec<_>>(),
        );
        cells.iter().for_each(|row| line(row));
        out
    }

    fn csv(&self) -> String {
        let mut out = String::new();
        let mut line = |write: &mut dyn FnMut(&mut String)| {
            let start = out.len();
            write(&mut out);
            // A line of one empty cell would look like no line at all.
            if out.len() == start {
                out.push_str("\"\"");
            }
            out.push('\n');
        };
        line(&mut |out| join(out, &self.columns, |out, name| csv_cell(out, name)));
        for row in &self.rows {
            line(&mut |out| join(out, row, csv_value));
        }
        out
    }

    fn markdown(&self) -> String {
        let mut out = String::new();
        let mut line = |cells: Vec<String>| out.push_str(&format!("| {} |\n", cells.join(" | ")));
        line(
            self.columns
                .iter()
                .map(|name| markdown_cell(name))
                .collect(),
        );
        line(
            (0..self.columns.len())
                .map(|column| {
                    if self.is_number(column) {
                        "---:"
                    } else {
                        "---"
                    }
                    .to_owned()
                })
                .collect(),
        );
        for row in &self.rows {
            line(
                row.iter()
                    .map(|value| {
                        if value.is_null() {
                            "*null*".to_owned()
                        } else {
                            markdown_cell(&value.to_string())
                        }
                    })
                    .collect(),
            );
        }
        out
    }

    /// Whether a column holds numbers: those are aligned to the right.
    fn is_number(&self, column: usize) -> bool {
        let mut values = self
            .rows
            .iter()
            .filter_map(|row| row.get(column))
            .filter(|value| !value.is_null())
            .peekable();
        values.peek().is_some() && values.all(Value::is_number)
    }
}

fn join<T>(out: &mut String, items: &[T], mut write: impl FnMut(&mut String, &T)) {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write(out, item);
    }
}

/// Cuts a long text; numbers keep all their digits.
fn cut(text: &str, value: &Value) -> String {
    if value.is_number() || text.chars().count() <= CELL_CHARACTERS_MAX {
        return text.to_owned();
    }
    text.chars()
        .take(CELL_CHARACTERS_MAX - 1)
        .chain(['…'])
        .collect()
}

fn width(text: &str) -> usize {
    text.chars().count()
}

fn csv_value(out: &mut String, value: &Value) {
    match value.as_text() {
        // An empty text is quoted, so that it is not taken for null.
        Some("") => out.push_str("\"\""),
        Some(text) => csv_cell(out, text),
        // Nothing else is written with what would have to be quoted.
        None => value.append_to(out),
    }
}

fn csv_cell(out: &mut String, text: &str) {
    if text.contains([',', '"', '\n', '\r']) || text.starts_with(' ') || text.ends_with(' ') {
        out.push('"');
        out.push_str(&text.replace('"', "\"\""));
        out.push('"');
    } else {
        out.push_str(text);
    }
}

/// What would begin a tag, a link, code or emphasis, or end the cell, stands for itself.
fn markdown_cell(text: &str) -> String {
    let mut cell = String::new();
    for sign in printable(text).chars() {
        if matches!(sign, '\\' | '|' | '<' | '[' | '`' | '*') {
            cell.push('\\');
        }
        cell.push(sign);
    }
    cell
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Scanned, Skipped};

    fn answer() -> Answer {
        Answer {
            columns: vec!["provider".into(), "count".into()],
            rows: vec![
                vec![Value::text("cox, \"inc\"|\n"), Value::Int(12)],
                vec![Value::text(""), Value::Int(3)],
                vec![Value::Null, Value::Int(1)],
            ],
            scanned: Scanned {
                files: 2,
                row_groups: 2,
                rows: 16,
                bytes_read: 4096,
                bytes_total: 12345,
            },
        }
    }

    #[test]
    fn json_is_one_object_with_what_was_scanned_and_skipped() {
        let skipped = vec![Skipped {
            file: "x.parquet".into(),
            reason: "not a Parquet file".into(),
        }];
        let json = answer().render(
            Format::Json,
            &Run {
                elapsed_ms: 1.9,
                skipped,
            },
        );
        assert_eq!(
            json,
            concat!(
                r#"{"columns":["provider","count"],"rows":[["cox, \"inc\"|\n",12],["",3],[null,1]],"#,
                r#""scanned":{"files":2,"row_groups":2,"rows":16,"bytes_read":4096,"bytes_total":12345},"#,
                r#""skipped":[{"file":"x.parquet","reason":"not a Parquet file"}],"elapsed_ms":1.9}"#,
                "\n"
            )
        );
    }

    #[test]
    fn a_table_aligns_numbers_to_the_right_and_marks_null() {
        let expected = "\
provider       count
─────────────  ─────
cox, \"inc\"|\\n     12
                   3
∅                  1
";
        assert_eq!(answer().render(Format::Table, &Run::default()), expected);
    }

    #[test]
    fn csv_and_markdown_quote_what_would_break_them() {
        let csv = "provider,count\n\"cox, \"\"inc\"\"|\n\",12\n\"\",3\n,1\n";
        assert_eq!(answer().render(Format::Csv, &Run::default()), csv);
        let markdown = "| provider | count |\n| --- | ---: |\n| cox, \"inc\"\\|\\\\n | 12 |\n|  | 3 |\n| *null* | 1 |\n";
        assert_eq!(answer().render(Format::Markdown, &Run::default()), markdown);
        assert_eq!(markdown_cell("<b>*[x](y)`"), "\\<b>\\*\\[x](y)\\`");
    }
}
