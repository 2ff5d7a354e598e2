//! The analysis interface as the host sees it, generated from `wasm/plugin/wit/`.
#![allow(
    missing_docs,
    unreachable_pub,
    reason = "generated; the interface is documented in wit/"
)]

wasmtime::component::bindgen!({
    world: "analyzer",
    path: "../wasm/plugin/wit",
    // Bytes of files go from where they were read into the plugin's memory, without a stop.
    ownership: Borrowing { duplicate_if_necessary: false },
});
