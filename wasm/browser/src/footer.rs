//! What a file says of itself.

use std::ops::Range;
use std::sync::Arc;

use questlog_core::{ColumnDescription, ColumnTotals, Cutting, Leaf, Part, Type};
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;

use crate::error::Thrown;
use crate::query::Query;

/// A parsed footer, shared by all scans of a file in this worker.
#[wasm_bindgen]
pub struct Footer {
    pub(crate) inner: Arc<questlog_core::Footer>,
}

#[derive(Serialize)]
struct Column<'a> {
    name: &'a str,
    r#type: &'static str,
    usable: bool,
    /// Its name is a path into a struct.
    member: bool,
}

/// A column with all that its chunks say together.
#[derive(Serialize)]
struct Described {
    #[serde(flatten)]
    column: ColumnDescription,
    #[serde(flatten)]
    totals: ColumnTotals,
}

#[wasm_bindgen]
impl Footer {
    /// Rows of the file.
    pub fn rows(&self) -> f64 {
        self.inner.rows() as f64
    }

    /// Its row groups.
    #[wasm_bindgen(js_name = rowGroups)]
    pub fn row_groups(&self) -> usize {
        self.inner.row_groups().len()
    }

    /// Rows of the row groups from `first` up to, not including, `end`.
    #[wasm_bindgen(js_name = rowsOf)]
    pub fn rows_of(&self, first: usize, end: usize) -> f64 {
        let groups = self.inner.row_groups().get(first..end).unwrap_or_default();
        groups.iter().map(|group| group.rows as f64).sum()
    }

    /// Whether another file has the same columns, as the files of a folder mostly do: then they need not be told again.
    #[wasm_bindgen(js_name = hasColumnsOf)]
    pub fn has_columns_of(&self, other: &Footer) -> bool {
        let (here, there) = (&self.inner.schema().leaves, &other.inner.schema().leaves);
        let same = |(a, b): (&Leaf, &Leaf)| {
            (&a.name, a.ty, a.max_rep, a.top_level) == (&b.name, b.ty, b.max_rep, b.top_level)
        };
        here.len() == there.len() && here.iter().zip(there).all(same)
    }

    /// The names of the columns that the folders of a path make (`date=2026-11-23/…`), outermost first, with a NUL between
    /// them; each column is text.
    #[wasm_bindgen(js_name = folderColumns)]
    pub fn folder_columns(path: &str) -> String {
        let columns = questlog_core::partition_columns(path);
        let names: Vec<String> = columns.into_iter().map(|(name, _)| name).collect();
        names.join("\0")
    }

    /// `{ name, type, usable, member }` for each column.
    pub fn columns(&self) -> Result<JsValue, Thrown> {
        let leaves = &self.inner.schema().leaves;
        let columns: Vec<Column<'_>> = leaves
            .iter()
            .map(|leaf| Column {
                name: &leaf.name,
                r#type: word(leaf.ty),
                usable: leaf.max_rep == 0,
                member: !leaf.top_level,
            })
            .collect();
        Ok(serde_wasm_bindgen::to_value(&columns)?)
    }

    /// The smallest and the greatest value of a column as text, where the footer tells; empty where it does not.
    pub fn span(&self, column: &str) -> Result<Vec<String>, Thrown> {
        let leaves = &self.inner.schema().leaves;
        let Some(leaf) = leaves.iter().position(|leaf| leaf.name == column) else {
            return Ok(Vec::new());
        };
        let span = self.inner.span(leaf)?;
        Ok(span.map_or_else(Vec::new, |(min, max)| {
            vec![min.to_string(), max.to_string()]
        }))
    }

    /// Its columns, however many.
    #[wasm_bindgen(js_name = columnsTotal)]
    pub fn columns_total(&self) -> usize {
        self.inner.schema().leaves.len()
    }

    /// What `questlog inspect` tells of the columns from `first` up to, not including, `end`: each with the sums of its chunks.
    pub fn describe(&self, first: usize, end: usize) -> Result<JsValue, Thrown> {
        let columns = self.inner.describe_columns();
        let totals = self.inner.describe_totals(first..end.min(columns.len()))?;
        let described: Vec<Described> = columns
            .into_iter()
            .skip(first)
            .zip(totals)
            .map(|(column, totals)| Described { column, totals })
            .collect();
        Ok(described.serialize(&whole_numbers())?)
    }

    /// The chunks of a row group, of those columns.
    #[wasm_bindgen(js_name = describeChunks)]
    pub fn describe_chunks(
        &self,
        row_group: usize,
        first: usize,
        end: usize,
    ) -> Result<JsValue, Thrown> {
        let end = end.min(self.inner.schema().leaves.len());
        let chunks = self.inner.describe_chunks(row_group, first..end)?;
        Ok(chunks.serialize(&whole_numbers())?)
    }

    /// The program that wrote the file, in its own words.
    #[wasm_bindgen(js_name = writtenBy)]
    pub fn written_by(&self) -> Option<String> {
        self.inner.created_by().map(str::to_owned)
    }

    /// `[key, bytes]` for what the writer added for itself.
    pub fn notes(&self) -> Result<JsValue, Thrown> {
        let notes = self.inner.key_values().iter();
        let notes: Vec<(&str, usize)> = notes
            .map(|(key, value)| (key.as_str(), value.as_ref().map_or(0, String::len)))
            .collect();
        Ok(serde_wasm_bindgen::to_value(&notes)?)
    }

    /// Bytes that the query reads of each row group: what dealing out the work goes by.
    #[wasm_bindgen(js_name = costBytes)]
    pub fn cost_bytes(&self, query: &Query) -> Vec<f64> {
        let groups: Range<usize> = 0..self.inner.row_groups().len();
        groups
            .map(|group| query.inner.cost_bytes(&self.inner, group) as f64)
            .collect()
    }

    /// `{ first, end, rows }` for each part that the row groups from `first` up to, not including, `end` are cut into:
    /// whole row groups that are worth `part_bytes` together, or the `rows` of one that is worth several, unless so many
    /// parts are enough.
    pub fn parts(
        &self,
        query: &Query,
        first: usize,
        end: usize,
        part_bytes: f64,
        parts_enough: f64,
    ) -> Result<JsValue, Thrown> {
        let cutting = Cutting {
            part_bytes: part_bytes as u64,
            parts_enough: parts_enough as u64,
        };
        let parts = query.inner.parts(&self.inner, first..end, cutting);
        let windows: Vec<Window> = parts.iter().map(Window::of).collect();
        Ok(serde_wasm_bindgen::to_value(&windows)?)
    }
}

/// A part of a file, as the page deals it out.
#[derive(Serialize)]
struct Window {
    first: usize,
    end: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<Rows>,
}

#[derive(Serialize)]
struct Rows {
    first: f64,
    end: f64,
}

impl Window {
    fn of(part: &Part) -> Self {
        let rows = part.rows().map(|rows| Rows {
            first: rows.start as f64,
            end: rows.end as f64,
        });
        let Range { start: first, end } = part.row_groups();
        Self { first, end, rows }
    }
}

fn word(ty: Type) -> &'static str {
    match ty {
        Type::Bool => "bool",
        Type::Int { .. } => "int",
        Type::Float { .. } => "float",
        Type::Text => "text",
        Type::Bytes => "bytes",
        Type::Decimal { .. } => "decimal",
        Type::Date => "date",
        Type::Time { .. } => "time",
        Type::Timestamp { .. } => "timestamp",
        Type::Uuid => "uuid",
        Type::Interval => "interval",
        Type::Null => "null",
    }
}

/// Sizes and counts as BigInt, for a writer may claim anything; structs as objects.
fn whole_numbers() -> Serializer {
    Serializer::new()
        .serialize_maps_as_objects(true)
        .serialize_large_number_types_as_bigints(true)
}
