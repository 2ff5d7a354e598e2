//! The wasmtime engine: no WASI, no async, time told by epochs.

use std::thread;
use std::time::Duration;

use wasmtime::{Config, Engine};

use super::PluginLimits;

/// How long an epoch is; deadlines are met to within one.
pub(crate) const EPOCH_MS: u64 = 10;

/// An engine, and the thread that tells it the time for as long as somebody holds the engine.
pub(crate) fn engine(limits: &PluginLimits) -> wasmtime::Result<Engine> {
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        .max_wasm_stack(limits.stack_bytes_max)
        .wasm_relaxed_simd(false)
        .wasm_memory64(false)
        .concurrency_support(false);
    let engine = Engine::new(&config)?;
    let clock = engine.weak();
    thread::Builder::new()
        .name("plugin clock".into())
        .spawn(move || {
            while let Some(engine) = clock.upgrade() {
                engine.increment_epoch();
                drop(engine);
                thread::sleep(Duration::from_millis(EPOCH_MS));
            }
        })?;
    Ok(engine)
}
