//! What a file says of itself.

use std::ops::Range;
use std::sync::Arc;

use questlog_core::Type;
use serde::Serialize;
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

    /// `{ name, type, usable }` for each column.
    pub fn columns(&self) -> Result<JsValue, Thrown> {
        let leaves = &self.inner.schema().leaves;
        let columns: Vec<Column<'_>> = leaves
            .iter()
            .map(|leaf| Column {
                name: &leaf.name,
                r#type: word(leaf.ty),
                usable: leaf.max_rep == 0,
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

    /// Bytes that the query reads of each row group: what dealing out the work goes by.
    #[wasm_bindgen(js_name = costBytes)]
    pub fn cost_bytes(&self, query: &Query) -> Vec<f64> {
        let groups: Range<usize> = 0..self.inner.row_groups().len();
        groups
            .map(|group| query.inner.cost_bytes(&self.inner, group) as f64)
            .collect()
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
