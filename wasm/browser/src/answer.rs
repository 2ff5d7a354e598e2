//! An answer, as values for the page and as text to take away.

use std::collections::HashSet;

use js_sys::{Array, Object, Reflect};
use questlog_core::{Explanation, Format, MatchRule, Run, Skipped, Value};
use serde::{Deserialize, Serialize};
use serde_wasm_bindgen::Serializer;
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
        let rows = self.rows(0, rows_max);
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

    /// At most `rows_max` rows from `first` on, for a table that shows a window of them.
    pub fn rows(&self, first: usize, rows_max: usize) -> Array {
        let rows = self.inner.rows.iter().skip(first).take(rows_max);
        rows.map(|row| row.iter().map(value).collect::<Array>())
            .collect()
    }

    /// The rows whose value in this column is one of these, as `rows` shows them: text, or null.
    #[wasm_bindgen(js_name = rowsWith)]
    pub fn rows_with(&self, column: usize, cells: Vec<JsValue>) -> Array {
        let wanted: HashSet<Option<String>> = cells.iter().map(JsValue::as_string).collect();
        let is_wanted = |row: &&Vec<Value>| {
            let cell = row.get(column).filter(|cell| !cell.is_null());
            wanted.contains(&cell.map(ToString::to_string))
        };
        let rows = self.inner.rows.iter().filter(is_wanted);
        rows.map(|row| row.iter().map(value).collect::<Array>())
            .collect()
    }

    /// Why each host is that provider's, of an answer whose first column is a host and whose last one counts rows:
    /// [`questlog_core::Explanation`] with at most `top_max` hosts of each sort; counts are BigInt.
    pub fn explain(
        &self,
        providers: Option<String>,
        rule: &str,
        top_max: usize,
    ) -> Result<JsValue, Thrown> {
        let hosts = self.inner.rows.iter().filter_map(|row| {
            let rows = match row.last()? {
                Value::Int(rows) => u64::try_from(*rows).unwrap_or_default(),
                _ => 0,
            };
            Some((row.first()?, rows))
        });
        explained(hosts, providers, rule, top_max)
    }

    /// The same for hosts that come from elsewhere, each with its rows.
    #[wasm_bindgen(js_name = explainHosts)]
    pub fn explain_hosts(
        hosts: Vec<JsValue>,
        rows: Vec<u64>,
        providers: Option<String>,
        rule: &str,
        top_max: usize,
    ) -> Result<JsValue, Thrown> {
        let hosts: Vec<Value> = hosts
            .iter()
            .map(|host| {
                host.as_string()
                    .map_or(Value::Null, |text| Value::text(&text))
            })
            .collect();
        explained(hosts.iter().zip(rows), providers, rule, top_max)
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

fn explained<'a>(
    hosts: impl IntoIterator<Item = (&'a Value, u64)>,
    providers: Option<String>,
    rule: &str,
    top_max: usize,
) -> Result<JsValue, Thrown> {
    let rule = MatchRule::parse(rule)?;
    let told = Explanation::of(hosts, providers.as_deref(), rule, top_max)?;
    let big = Serializer::new().serialize_large_number_types_as_bigints(true);
    Ok(told.serialize(&big)?)
}

pub(crate) fn value(value: &Value) -> JsValue {
    match value {
        Value::Null => JsValue::NULL,
        Value::Bool(value) => JsValue::from(*value),
        Value::Int(value) => JsValue::from(*value),
        Value::Float(value) => JsValue::from(*value),
        other => JsValue::from(other.to_string()),
    }
}

/// Sizes and counts of things read; exact up to 2^53.
pub(crate) fn number(value: u64) -> JsValue {
    JsValue::from(value as f64)
}

pub(crate) fn object(members: &[(&str, JsValue)]) -> Result<JsValue, JsValue> {
    let object = Object::new();
    for (name, member) in members {
        Reflect::set(&object, &JsValue::from(*name), member)?;
    }
    Ok(object.into())
}
