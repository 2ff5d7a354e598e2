//! The core's errors as JavaScript exceptions.

use questlog_core::{Error, ErrorKind};
use wasm_bindgen::JsValue;

/// An `Error` with the sentence as its `message`, and a `kind` that the page can tell apart.
pub(crate) fn thrown(error: Error) -> JsValue {
    let thrown = js_sys::Error::new(error.message());
    // Setting a plain property on a fresh object can't fail.
    let _ = js_sys::Reflect::set(&thrown, &"kind".into(), &word(error.kind()).into());
    thrown.into()
}

fn word(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Query => "query",
        ErrorKind::Column => "column",
        ErrorKind::NotParquet => "not-parquet",
        ErrorKind::Corrupt => "corrupt",
        ErrorKind::Unsupported => "unsupported",
        ErrorKind::Encrypted => "encrypted",
        ErrorKind::Limit => "limit",
        ErrorKind::Misuse => "misuse",
        _ => "other",
    }
}
