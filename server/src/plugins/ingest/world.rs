//! The plugin interface as the host sees it, generated from `wasm/ingest/wit/`.
#![allow(
    missing_docs,
    unreachable_pub,
    reason = "generated; the interface is documented in wit/"
)]

pub(super) mod enrich {
    wasmtime::component::bindgen!({ world: "enrich", path: "../wasm/ingest/wit" });
}

pub(super) mod hosts {
    wasmtime::component::bindgen!({
        world: "match",
        path: "../wasm/ingest/wit",
        with: { "questlog:plugin/log@1.0.0": super::enrich::questlog::plugin::log },
    });
}
