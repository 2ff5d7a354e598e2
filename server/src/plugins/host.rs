//! A compiled analysis plugin, ready to be instantiated any number of times.

use std::path::Path;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use wasmtime::Engine;
use wasmtime::component::Linker;

use super::bindings::AnalyzerPre;
use super::budget::{Budget, Pool};
use super::compiled::{self, Compiled};
use super::engine::Runtime;
use super::instance::AnalysisInstance;
use super::watchdog::{Stop, Watchdog};
use super::{Error, PluginLimits, shape};
use crate::analyze::Source;
use crate::landing::hex;

/// An analysis plugin in this process. Cheap to clone; instances of it share nothing but the compiled code.
///
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use questlog::analyze::discover;
/// use questlog::plugins::{AnalysisHost, PluginLimits, RunOptions};
/// use questlog_core::{Format, QueryOptions};
///
/// let host = AnalysisHost::open("questlog_analysis.wasm".as_ref(), PluginLimits::default())?;
/// let query = QueryOptions { group_by: Some("event_type".into()), ..QueryOptions::default() };
/// let run = host.run(&query, &discover(&["lake"])?, &RunOptions::default())?;
/// print!("{}", host.render(&query, &run, Format::Table)?);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct AnalysisHost {
    name: String,
    size_bytes: u64,
    pub(super) limits: PluginLimits,
    engine: Engine,
    memory: Arc<Pool>,
    watchdog: Option<Arc<Watchdog>>,
    plugin: AnalyzerPre<Budget>,
}

impl AnalysisHost {
    /// Reads, checks and compiles the component in the file `path`. The compiled code is kept in the user's cache folder
    /// (`~/.cache/questlog`), so that the next start is quick.
    ///
    /// # Errors
    /// A file that can't be read, is too large, or is no analysis plugin.
    pub fn open(path: &Path, limits: PluginLimits) -> Result<Self, Error> {
        Self::open_with(path, limits, &Stop::Call)
    }

    /// The same with a choice of what becomes of a plugin that works too long.
    ///
    /// # Errors
    /// A file that can't be read, is too large, or is no analysis plugin.
    pub fn open_with(path: &Path, limits: PluginLimits, stop: &Stop) -> Result<Self, Error> {
        let source = Source::file(path);
        let reader = source.open()?;
        let name = source.name();
        // Nothing is read of a file that is too large, however large it is.
        check_size(name, reader.size_bytes(), &limits)?;
        let bytes = reader.read(0..reader.size_bytes())?;
        Self::new(
            name,
            &bytes,
            limits,
            stop,
            compiled::user_folder().as_deref(),
        )
    }

    /// The same from bytes; `name` is what errors call it. Nothing is kept.
    ///
    /// # Errors
    /// Bytes that are too many, or no analysis plugin.
    pub fn from_bytes(name: &str, bytes: &[u8], limits: PluginLimits) -> Result<Self, Error> {
        Self::new(name, bytes, limits, &Stop::Call, None)
    }

    fn new(
        name: &str,
        bytes: &[u8],
        limits: PluginLimits,
        stop: &Stop,
        folder: Option<&Path>,
    ) -> Result<Self, Error> {
        let refused = |what: String| Error::Plugin(format!("{name} {what}"));
        let size_bytes = bytes.len() as u64;
        check_size(name, size_bytes, &limits)?;
        let compiled = folder.and_then(|folder| {
            let sha256 = hex(&Sha256::digest(bytes));
            Compiled::open(folder, &sha256)
        });
        let compiled = compiled.as_ref();
        shape::check(bytes, compiled.is_some_and(Compiled::is_known)).map_err(refused)?;
        let unfit = |error: wasmtime::Error| {
            refused(format!(
                "does not fit {}: {}",
                shape::WORLD,
                one_line(&error)
            ))
        };
        let runtime = Runtime {
            stack_bytes_max: limits.stack_bytes_max,
            is_in_background: false,
            is_interruptible: matches!(stop, Stop::Call),
            memory: Pool::new(limits.memory_bytes_max_of_all),
        };
        let (engine, component) = runtime.compile(bytes, compiled).map_err(unfit)?;
        let watchdog = match stop {
            Stop::Call => None,
            Stop::Process(end) => Some(Watchdog::start(Arc::clone(end)).map_err(|error| {
                Error::Plugin(format!("{name} can't be watched over: {error}"))
            })?),
        };
        let linked = Linker::new(&engine)
            .instantiate_pre(&component)
            .map_err(unfit)?;
        let plugin = AnalyzerPre::new(linked).map_err(unfit)?;
        Ok(Self {
            name: name.to_owned(),
            size_bytes,
            limits,
            engine,
            memory: runtime.memory,
            watchdog,
            plugin,
        })
    }

    /// What errors call it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The size of its file.
    pub fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// A new instance, with memory of its own.
    ///
    /// # Errors
    /// A plugin that does not start within its limits.
    pub fn instance(&self) -> Result<AnalysisInstance, Error> {
        AnalysisInstance::start(
            &self.name,
            &self.engine,
            &self.memory,
            self.watchdog.clone(),
            &self.plugin,
            &self.limits,
        )
    }
}

fn check_size(name: &str, size_bytes: u64, limits: &PluginLimits) -> Result<(), Error> {
    if size_bytes <= limits.file_bytes_max {
        return Ok(());
    }
    Err(Error::Plugin(format!(
        "{name} has {size_bytes} bytes, and a plugin may have {}",
        limits.file_bytes_max
    )))
}

/// The innermost reason, without the backtrace that may follow it.
pub(super) fn one_line(error: &wasmtime::Error) -> String {
    let reason = error.root_cause().to_string();
    reason
        .lines()
        .next()
        .unwrap_or_default()
        .trim_end_matches('.')
        .to_owned()
}
