//! An answer, as values for the page and as text to take away.

use js_sys::{Array, Object, Reflect};
use questlog_core::{Format, Run, Skipped, Value};
use serde::Deserialize;
use wasm_bindgen::prelude::*;

use crate::error::Thrown;

/// The rows of an answer.
#[wasm_bindgen]
pub struct Answer {
    pub(crate) inner: questlog_core::Answer,
}

/// What only the page knows of a run.
#[derive(Deserialize)]
struct Notes {
    elapsed_ms: f64,
    skipped: Vec<Note>,
}

#[derive(Deserialize)]
struct Note {
    file: String,
    reason: String,
}

#[wasm_bindgen]
impl Answer {
    /// `{ columns, rows, rowsTotal, scanned }` with the first `rows_max` rows; whole numbers are BigInt.
    pub fn table(&self, rows_max: usize) -> Result<JsValue, Thrown> {
        let columns: Array = self.inner.columns.iter().map(JsValue::from).collect();
        let rows: Array = self
            .inner
            .rows
            .iter()
            .take(rows_max)
            .map(|row| row.iter().map(value).collect::<Array>())
            .collect();
        let scanned = &self.inner.scanned;
        let rows_total = self.inner.rows.len() as u64;
        let table = object(&[
            ("columns", columns.into()),
            ("rows", rows.into()),
            ("rowsTotal", number(rows_total)),
            (
                "scanned",
                object(&[
                    ("files", number(scanned.files)),
                    ("rowGroups", number(scanned.row_groups)),
                    ("rows", number(scanned.rows)),
                    ("bytesRead", number(scanned.bytes_read)),
                    ("bytesTotal", number(scanned.bytes_total)),
                ])?,
            ),
        ])?;
        Ok(table)
    }

    /// The answer as the command line writes it: `json`, `csv` or `markdown`.
    pub fn render(&self, format: &str, notes: JsValue) -> Result<String, Thrown> {
        let format = match format {
            "csv" => Format::Csv,
            "markdown" => Format::Markdown,
            _ => Format::Json,
        };
        let notes: Notes = serde_wasm_bindgen::from_value(notes)?;
        let skipped = notes.skipped.into_iter().map(|note| Skipped {
            file: note.file,
            reason: note.reason,
        });
        let run = Run {
            elapsed_ms: notes.elapsed_ms,
            skipped: skipped.collect(),
        };
        Ok(self.inner.render(format, &run))
    }
}

fn value(value: &Value) -> JsValue {
    match value {
        Value::Null => JsValue::NULL,
        Value::Bool(value) => JsValue::from(*value),
        Value::Int(value) => JsValue::from(*value),
        Value::Float(value) => JsValue::from(*value),
        other => JsValue::from(other.to_string()),
    }
}

// Sizes and counts of things read; exact up to 2^53.
fn number(value: u64) -> JsValue {
    JsValue::from(value as f64)
}

fn object(members: &[(&str, JsValue)]) -> Result<JsValue, JsValue> {
    let object = Object::new();
    for (name, member) in members {
        Reflect::set(&object, &JsValue::from(*name), member)?;
    }
    Ok(object.into())
}
