//! The glue between the interface and Rust, written by wit-bindgen.
#![expect(
    unsafe_code,
    reason = "the canonical ABI hands over pointers and lengths; the code that takes them is generated"
)]
#![allow(
    missing_docs,
    unreachable_pub,
    reason = "generated; the interface itself is documented in wit/"
)]

wit_bindgen::generate!({ world: "enrich", path: "../../wasm/ingest/wit" });

export!(Plugin with_types_in self);

use crate::Plugin;
