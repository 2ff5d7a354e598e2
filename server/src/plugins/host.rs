//! A compiled analysis plugin, ready to be instantiated any number of times.

use std::path::Path;

use wasmtime::Engine;
use wasmtime::component::{Component, Linker};

use super::bindings::AnalyzerPre;
use super::budget::Budget;
use super::instance::AnalysisInstance;
use super::{Error, PluginLimits, compiled, engine, shape};
use crate::analyze::Source;

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
    plugin: AnalyzerPre<Budget>,
}

impl AnalysisHost {
    /// Reads, checks and compiles the component in the file `path`. The compiled code is kept in the user's cache folder
    /// (`~/.cache/questlog`), so that the next start is quick.
    ///
    /// # Errors
    /// A file that can't be read, is too large, or is no analysis plugin.
    pub fn open(path: &Path, limits: PluginLimits) -> Result<Self, Error> {
        let source = Source::file(path);
        let reader = source.open()?;
        let name = source.name();
        // Nothing is read of a file that is too large, however large it is.
        check_size(name, reader.size_bytes(), &limits)?;
        let bytes = reader.read(0..reader.size_bytes())?;
        Self::new(name, &bytes, limits, compiled::user_folder().as_deref())
    }

    /// The same from bytes; `name` is what errors call it. Nothing is kept.
    ///
    /// # Errors
    /// Bytes that are too many, or no analysis plugin.
    pub fn from_bytes(name: &str, bytes: &[u8], limits: PluginLimits) -> Result<Self, Error> {
        Self::new(name, bytes, limits, None)
    }

    fn new(
        name: &str,
        bytes: &[u8],
        limits: PluginLimits,
        compiled: Option<&Path>,
    ) -> Result<Self, Error> {
        let refused = |what: String| Error::Plugin(format!("{name} {what}"));
        let size_bytes = bytes.len() as u64;
        check_size(name, size_bytes, &limits)?;
        shape::check(bytes).map_err(refused)?;
        let unfit = |error: wasmtime::Error| {
            refused(format!(
                "does not fit {}: {}",
                shape::WORLD,
                one_line(&error)
            ))
        };
        let engine = engine::engine(limits.stack_bytes_max, compiled).map_err(|error| {
            Error::Plugin(format!(
                "wasmtime can't be started here: {}",
                one_line(&error)
            ))
        })?;
        let component = Component::from_binary(&engine, bytes).map_err(unfit)?;
        let linked = Linker::new(&engine)
            .instantiate_pre(&component)
            .map_err(unfit)?;
        let plugin = AnalyzerPre::new(linked).map_err(unfit)?;
        Ok(Self {
            name: name.to_owned(),
            size_bytes,
            limits,
            engine,
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
        AnalysisInstance::start(&self.name, &self.engine, &self.plugin, &self.limits)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_compiled_is_not_compiled_again() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("a/b");
        let component = wat::parse_str("(component (core module (func (export \"f\"))))").unwrap();
        for hits in [0, 1] {
            let cache = compiled::cache(&place).unwrap();
            let mut config = wasmtime::Config::new();
            let engine = Engine::new(config.cache(Some(cache.clone()))).unwrap();
            Component::from_binary(&engine, &component).unwrap();
            assert_eq!((cache.cache_hits(), cache.cache_misses()), (hits, 1 - hits));
        }
        use std::os::unix::fs::PermissionsExt as _;
        let mode = place.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        // A folder that can't be had is no reason to fail.
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        assert!(compiled::cache(&file.join("c")).is_none());
        assert!(engine::engine(1 << 19, Some(&file.join("c"))).is_ok());
    }
}
