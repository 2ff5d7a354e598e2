//! The analysis interface as the host sees it, generated from `wasm/plugin/wit/`.
#![allow(
    missing_docs,
    unreachable_pub,
    reason = "generated; the interface is documented in wit/"
)]

wasmtime::component::bindgen!({ world: "analyzer", path: "../wasm/plugin/wit" });
