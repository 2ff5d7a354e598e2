//! The wasmtime engine: no WASI, no async; every component gets one of its own.

use std::sync::Arc;

use wasmtime::component::Component;
use wasmtime::{Config, Engine};

use super::IngestLimits;
use super::budget::Pool;
use super::clock;
use super::compiled::Compiled;

/// How components are compiled and run.
#[derive(Clone, Debug)]
pub(crate) struct Runtime {
    /// A component's call stack, in bytes.
    pub(crate) stack_bytes_max: usize,
    /// Whether one core compiles, so that the others go on with their work.
    pub(crate) is_in_background: bool,
    /// Whether code looks at the clock in every loop, so that a call can be stopped and the program goes on.
    pub(crate) is_interruptible: bool,
    /// The memory that all instances have together.
    pub(crate) memory: Arc<Pool>,
}

impl Runtime {
    /// For ingest plugins.
    pub(crate) fn of(limits: &IngestLimits, is_in_background: bool) -> Self {
        Self {
            stack_bytes_max: limits.stack_bytes_max,
            is_in_background,
            is_interruptible: true,
            memory: Pool::new(limits.memory_bytes_max_of_all),
        }
    }

    /// Compiles a component that is known to be valid, unless that was done before and kept in `compiled`.
    pub(crate) fn compile(
        &self,
        bytes: &[u8],
        compiled: Option<&Compiled>,
    ) -> wasmtime::Result<(Engine, Component)> {
        let mut config = Config::new();
        config
            .cache(compiled.map(Compiled::cache))
            .parallel_compilation(!self.is_in_background)
            .epoch_interruption(self.is_interruptible)
            .max_wasm_stack(self.stack_bytes_max)
            // Nobody reads where in a plugin it broke off; without it there is less to load.
            .wasm_backtrace_max_frames(None)
            .generate_address_map(false)
            .native_unwind_info(false)
            .wasm_relaxed_simd(false)
            .wasm_memory64(false)
            .concurrency_support(false);
        let engine = Engine::new(&config)?;
        if self.is_interruptible {
            clock::tell(&engine)?;
        }
        let component = Component::from_binary(&engine, bytes)?;
        if let Some(compiled) = compiled {
            compiled.keep();
        }
        Ok((engine, component))
    }
}
