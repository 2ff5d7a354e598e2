//! Analysis plugins: components that answer queries, run in wasmtime with a deadline and a memory limit.
//!
//! An analysis plugin is given nothing: no files, no clock, no network, no WASI. The host reads the byte ranges it asks for.

mod bindings;
mod budget;
mod compiled;
mod engine;
mod error;
mod host;
#[cfg(test)]
mod hostile;
mod instance;
mod limits;
mod run;
mod shape;
mod trouble;
mod watch;

pub use error::Error;
pub use host::AnalysisHost;
pub use instance::{
    AnalysisInstance, ByteRange, Chunk, File, FileProgress, Format, Run, SkippedFile, Step, Window,
};
pub use limits::PluginLimits;
pub use run::{PluginRun, RunOptions};

/// The interface that an analysis plugin has, and the world it lives in.
pub const INTERFACES: (&str, &str) = (shape::INTERFACE, shape::WORLD);
