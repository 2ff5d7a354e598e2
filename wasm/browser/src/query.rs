//! A query, made from the page's words.

use questlog_core::{Limits, QueryOptions};
use wasm_bindgen::prelude::*;

use crate::error::thrown;

/// A checked query.
#[wasm_bindgen]
pub struct Query {
    pub(crate) inner: questlog_core::Query,
}

#[wasm_bindgen]
impl Query {
    /// Checks the words: an object with the names of the command line, `_` for `-`.
    #[wasm_bindgen(constructor)]
    pub fn new(words: JsValue) -> Result<Query, JsValue> {
        let options: QueryOptions = serde_wasm_bindgen::from_value(words)?;
        let inner = questlog_core::Query::new(&options, &Limits::default()).map_err(thrown)?;
        Ok(Query { inner })
    }
}
