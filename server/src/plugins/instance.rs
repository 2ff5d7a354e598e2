//! One running instance of an analysis plugin; every call of it goes through a deadline.

use std::sync::Arc;

use wasmtime::{Engine, Store};

use super::bindings::exports::questlog::analysis::task;
use super::bindings::{Analyzer, AnalyzerPre};
use super::budget::{Budget, Pool};
use super::clock::epochs;
use super::trouble::{Trouble, TroubleKind};
use super::watchdog::Watchdog;
use super::{Error, PluginLimits};

/// The types of the interface.
pub use super::bindings::exports::questlog::analysis::task::{
    ByteRange, Chunk, File, FileProgress, Format, Run, SkippedFile, Step, Window,
};

/// An instance works on one query, one file after the other. After an error that is not the plugin's own answer (a trap,
/// a deadline), throw it away.
pub struct AnalysisInstance {
    name: String,
    limits: PluginLimits,
    watchdog: Option<Arc<Watchdog>>,
    store: Store<Budget>,
    plugin: Analyzer,
}

type Answer<T> = Result<T, task::Error>;

impl AnalysisInstance {
    pub(super) fn start(
        name: &str,
        engine: &Engine,
        memory: &Arc<Pool>,
        watchdog: Option<Arc<Watchdog>>,
        plugin: &AnalyzerPre<Budget>,
        limits: &PluginLimits,
    ) -> Result<Self, Error> {
        let budget = Budget::new(
            memory,
            limits.memory_bytes_max,
            limits.table_elements_max,
            limits.parts_max,
        );
        let mut store = Store::new(engine, budget);
        store.limiter(|budget| budget);
        store.epoch_deadline_trap();
        store.set_epoch_deadline(epochs(limits.start_deadline_ms));
        let watched = watchdog
            .as_ref()
            .map(|watchdog| watchdog.watch(name, "its start", limits.start_deadline_ms));
        let plugin = plugin.instantiate(&mut store).map_err(|error| {
            failure(
                name,
                limits.start_deadline_ms,
                limits,
                &store,
                "its start",
                &error,
            )
        })?;
        drop(watched);
        Ok(Self {
            name: name.to_owned(),
            limits: limits.clone(),
            watchdog,
            store,
            plugin,
        })
    }

    /// The version of Questlog inside.
    pub fn version(&mut self) -> Result<String, Error> {
        let deadline_ms = self.limits.start_deadline_ms;
        let version = self.call("`version`", deadline_ms, |task, store| {
            task.call_version(store)
        })?;
        self.bounded("version", version.len()).map(|()| version)
    }

    /// Opens a query: the JSON object of its options.
    pub fn open(&mut self, query: &str) -> Result<(), Error> {
        self.answer("`open`", |task, store| task.call_open(store, query))
    }

    /// The columns that the open query reads.
    pub fn columns(&mut self) -> Result<Vec<String>, Error> {
        self.answer("`columns`", |task, store| task.call_columns(store))
    }

    /// Begins a file.
    pub fn begin_file(&mut self, file: File<'_>) -> Result<(), Error> {
        self.answer("`begin-file`", |task, store| {
            task.call_begin_file(store, file)
        })
    }

    /// Gives bytes of the file.
    pub fn feed(&mut self, chunks: &[Chunk<'_>]) -> Result<(), Error> {
        self.answer("`feed`", |task, store| task.call_feed(store, chunks))
    }

    /// Works on at most about `rows_max` rows.
    pub fn advance(&mut self, rows_max: u32) -> Result<Step, Error> {
        self.answer("`advance`", |task, store| {
            task.call_advance(store, rows_max)
        })
    }

    /// How far the file is.
    pub fn progress(&mut self) -> Result<FileProgress, Error> {
        let deadline_ms = self.limits.call_deadline_ms;
        self.call("`progress`", deadline_ms, |task, store| {
            task.call_progress(store)
        })
    }

    /// Takes what was counted.
    pub fn partial(&mut self) -> Result<Vec<u8>, Error> {
        let partial = self.answer("`partial`", |task, store| task.call_partial(store))?;
        self.bounded("partial", partial.len()).map(|()| partial)
    }

    /// Merges partials of the open query.
    pub fn merge<P: AsRef<[u8]>>(&mut self, partials: &[P]) -> Result<Vec<u8>, Error> {
        let partials: Vec<&[u8]> = partials.iter().map(AsRef::as_ref).collect();
        let merged = self.answer("`merge`", |task, store| task.call_merge(store, &partials))?;
        self.bounded("merge", merged.len()).map(|()| merged)
    }

    /// Turns a partial into text.
    pub fn render(
        &mut self,
        partial: &[u8],
        format: Format,
        run: Run<'_>,
    ) -> Result<String, Error> {
        let text = self.answer("`render`", |task, store| {
            task.call_render(store, partial, format, run)
        })?;
        self.bounded("render", text.len()).map(|()| text)
    }

    /// A call that has a result of its own.
    fn answer<T>(
        &mut self,
        what: &'static str,
        call: impl FnOnce(&task::Guest, &mut Store<Budget>) -> wasmtime::Result<Answer<T>>,
    ) -> Result<T, Error> {
        let deadline_ms = self.limits.call_deadline_ms;
        self.call(what, deadline_ms, call)?.map_err(Error::from)
    }

    /// The only way into the plugin: the deadline begins anew with each call.
    fn call<T>(
        &mut self,
        what: &'static str,
        deadline_ms: u64,
        call: impl FnOnce(&task::Guest, &mut Store<Budget>) -> wasmtime::Result<T>,
    ) -> Result<T, Error> {
        self.store.set_epoch_deadline(epochs(deadline_ms));
        let watchdog = self.watchdog.as_ref();
        let _watched = watchdog.map(|watchdog| watchdog.watch(&self.name, what, deadline_ms));
        let task = self.plugin.questlog_analysis_task();
        call(task, &mut self.store).map_err(|error| {
            failure(
                &self.name,
                deadline_ms,
                &self.limits,
                &self.store,
                what,
                &error,
            )
        })
    }

    fn bounded(&self, what: &str, length: usize) -> Result<(), Error> {
        if length <= self.limits.output_bytes_max {
            return Ok(());
        }
        Err(Error::Plugin(format!(
            "{} gave {length} bytes in `{what}`; it may give {}",
            self.name, self.limits.output_bytes_max
        )))
    }
}

/// What the plugin did, as a sentence.
fn failure(
    name: &str,
    deadline_ms: u64,
    limits: &PluginLimits,
    store: &Store<Budget>,
    what: &str,
    error: &wasmtime::Error,
) -> Error {
    let trouble = Trouble::of(
        error,
        what,
        deadline_ms,
        limits.stack_bytes_max,
        store.data(),
    );
    let sentence = format!("{name} {}", trouble.sentence);
    match trouble.kind {
        TroubleKind::Memory => Error::Memory(sentence),
        _ => Error::Plugin(sentence),
    }
}
