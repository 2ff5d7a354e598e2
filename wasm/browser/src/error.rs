//! The core's errors as JavaScript exceptions.

use questlog_core::{Error, ErrorKind};
use wasm_bindgen::JsValue;

/// What JavaScript catches: an `Error` with the sentence as its `message`, and a `kind` that the page can tell apart.
pub struct Thrown(JsValue);

impl From<Error> for Thrown {
    fn from(error: Error) -> Self {
        let thrown = js_sys::Error::new(error.message());
        // Setting a plain property on a fresh object can't fail.
        let _ = js_sys::Reflect::set(&thrown, &"kind".into(), &word(error.kind()).into());
        Self(thrown.into())
    }
}

impl From<serde_wasm_bindgen::Error> for Thrown {
    fn from(error: serde_wasm_bindgen::Error) -> Self {
        Self(error.into())
    }
}

impl From<JsValue> for Thrown {
    fn from(value: JsValue) -> Self {
        Self(value)
    }
}

impl From<Thrown> for JsValue {
    fn from(thrown: Thrown) -> Self {
        thrown.0
    }
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
