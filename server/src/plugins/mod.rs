//! Plugins: WebAssembly components, run in wasmtime with deadlines and memory limits. Analysis plugins answer queries;
//! ingest plugins (`ingest`) tell providers and add columns while events land.
//!
//! An analysis plugin is given nothing: no files, no clock, no network, no WASI. The host reads the byte ranges it asks for.

mod apart;
mod bindings;
mod budget;
mod clock;
mod compiled;
mod engine;
mod error;
mod host;
#[cfg(test)]
mod hostile;
mod ingest;
mod instance;
mod limits;
mod run;
mod shape;
mod trouble;
mod watch;
mod watchdog;

pub use apart::{Compiler, serve as compile_within};
pub use error::Error;
pub use host::AnalysisHost;
#[cfg(test)]
pub(crate) use ingest::tests::guests;
pub use ingest::{
    Batch, Counts, Description, Field, Kind, Known, Outcome, Plugin, PluginKind, PluginRecord,
    PluginSet, Registry,
};
pub(crate) use ingest::{Input, Output, PROVIDER};
pub use instance::{
    AnalysisInstance, ByteRange, Chunk, File, FileProgress, Format, Run, SkippedFile, Step, Window,
};
pub use limits::{IngestLimits, PluginLimits};
pub use run::{PluginRun, RunOptions};
pub use watchdog::Stop;

/// Whether a file is an ingest plugin, good or bad, rather than an analysis plugin or something else.
pub fn is_ingest(file: &std::path::Path) -> bool {
    let bytes = ingest::read(file, IngestLimits::default().file_bytes_max);
    bytes.is_ok_and(|bytes| shape::is_ingest(&bytes))
}

/// Checks that a component has an ingest plugin's imports, exports and size; says what is wrong, as the end of a sentence
/// that begins with its name.
///
/// # Errors
/// Any other bytes.
pub fn check_shape(component: &[u8], limits: &IngestLimits) -> Result<(), String> {
    if component.len() as u64 > limits.file_bytes_max {
        return Err(format!(
            "becomes {} bytes, and a plugin may have {}",
            component.len(),
            limits.file_bytes_max
        ));
    }
    shape::check_ingest(component, false, limits).map(|_| ())
}

/// The interface that an analysis plugin has, and the world it lives in.
pub const INTERFACES: (&str, &str) = (shape::INTERFACE, shape::WORLD);
