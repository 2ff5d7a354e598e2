//! The wasmtime engine: no WASI, no async, time told by epochs.

use std::path::Path;
use std::thread;
use std::time::Duration;

use wasmtime::{Config, Engine};

use super::compiled;

/// How long an epoch is; deadlines are met to within one.
const EPOCH_MS: u64 = 10;

/// An engine, and the thread that tells it the time for as long as somebody holds the engine. What it compiles it keeps in
/// the folder `compiled`, if there is one that can be used.
pub(crate) fn engine(stack_bytes_max: usize, compiled: Option<&Path>) -> wasmtime::Result<Engine> {
    let mut config = Config::new();
    config
        .cache(compiled.and_then(compiled::cache))
        .epoch_interruption(true)
        .max_wasm_stack(stack_bytes_max)
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

/// The epochs after which a call that began now has taken `deadline_ms`.
pub(crate) fn epochs(deadline_ms: u64) -> u64 {
    deadline_ms.div_ceil(EPOCH_MS).saturating_add(1)
}
