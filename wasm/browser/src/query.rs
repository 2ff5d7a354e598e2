//! A query, made from the page's words.

use questlog_core::{Limits, QueryOptions};
use wasm_bindgen::prelude::*;

use crate::error::Thrown;

/// A checked query.
#[wasm_bindgen]
pub struct Query {
    pub(crate) inner: questlog_core::Query,
}

#[wasm_bindgen]
impl Query {
    /// Checks the words: an object with the names of the command line, `_` for `-`.
    #[wasm_bindgen(constructor)]
    pub fn new(words: JsValue) -> Result<Query, Thrown> {
        let options: QueryOptions = serde_wasm_bindgen::from_value(words)?;
        let inner = questlog_core::Query::new(&options, &Limits::default())?;
        Ok(Query { inner })
    }

    /// The columns it reads.
    pub fn columns(&self) -> Vec<String> {
        self.inner.columns_needed()
    }

    /// Whether a partial of the coarser query can be made out of one of this.
    #[wasm_bindgen(js_name = makesUp)]
    pub fn makes_up(&self, coarser: &Query) -> bool {
        self.inner.makes_up(&coarser.inner)
    }

    /// The same query for DuckDB, over files or globs; `members` are the columns whose names are paths into a struct.
    #[wasm_bindgen(js_name = toDuckdb)]
    pub fn to_duckdb(&self, paths: Vec<String>, members: Vec<String>) -> String {
        self.inner.to_duckdb(&paths, &members)
    }
}
