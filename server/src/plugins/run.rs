//! A plugin over files: the native skin's way of dealing out work, with instances of the plugin in the core's place.

use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::Arc;
use std::time::Instant;

use questlog_core::QueryOptions;

use super::instance::{AnalysisInstance, Chunk, File, Format, Run, SkippedFile, Step, Window};
use super::watch::Watch;
use super::{AnalysisHost, Error};
use crate::analyze::{Error as FileError, Gathered, Outcome, Queue, Reader, Source, Task, cut};

/// Rows that a plugin works on in one call.
const STEP_ROWS: u32 = 1 << 16;

/// Partials that a thread keeps before it has them merged.
const PARTIALS_MAX: usize = 64;

/// How a plugin is run over files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunOptions {
    /// Threads, each with an instance of its own. Default: as many as the machine runs at once.
    pub threads: usize,
    /// Leave files out that can't be read, and say so, instead of failing. Default no.
    pub skip_bad: bool,
}

impl Default for RunOptions {
    fn default() -> Self {
        let threads = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Self {
            threads,
            skip_bad: false,
        }
    }
}

/// What a plugin counted in a run.
#[derive(Clone, Debug)]
pub struct PluginRun {
    /// The partial's bytes; they merge with any others of the same query.
    pub partial: Vec<u8>,
    /// What only the host knows.
    pub run: questlog_core::Run,
}

impl AnalysisHost {
    /// Counts `sources`. The answer does not depend on the number of threads.
    ///
    /// # Errors
    /// A query that the plugin refuses, the first file that it refuses (unless it is to be left out), a plugin that
    /// leaves its limits.
    pub fn run(
        &self,
        query: &QueryOptions,
        sources: &[Source],
        options: &RunOptions,
    ) -> Result<PluginRun, Error> {
        let started = Instant::now();
        // The query is opened here first, so that a wrong one is told once.
        let mut instance = self.open_query(query)?;
        let pool = Pool {
            host: self,
            sources,
            options,
            started,
            queue: Queue::new(sources.len()),
            outcome: Outcome::new(),
        };
        std::thread::scope(|scope| {
            for _ in 1..options.threads.max(1) {
                scope.spawn(|| match self.open_query(query) {
                    Ok(mut instance) => pool.work(&mut instance),
                    Err(error) => pool.fail(0, error),
                });
            }
            pool.work(&mut instance);
        });
        let (partials, skipped) = pool.outcome.into_result()?;
        let partial = instance.merge(&partials)?;
        let elapsed_ms = started.elapsed().as_secs_f64() * 1e3;
        Ok(PluginRun {
            partial,
            run: questlog_core::Run {
                elapsed_ms,
                skipped,
            },
        })
    }

    /// What a run counted, as the plugin writes it.
    ///
    /// # Errors
    /// Columns that fit together in no way, or a plugin that leaves its limits.
    pub fn render(
        &self,
        query: &QueryOptions,
        counted: &PluginRun,
        format: questlog_core::Format,
    ) -> Result<String, Error> {
        let format = match format {
            questlog_core::Format::Table => Format::Table,
            questlog_core::Format::Json => Format::Json,
            questlog_core::Format::Csv => Format::Csv,
            questlog_core::Format::Markdown => Format::Markdown,
        };
        let skipped = counted.run.skipped.iter();
        let skipped: Vec<SkippedFile<'_>> = skipped
            .map(|file| SkippedFile {
                file: &file.file,
                reason: &file.reason,
            })
            .collect();
        let run = Run {
            elapsed_ms: counted.run.elapsed_ms,
            skipped: &skipped,
        };
        self.open_query(query)?
            .render(&counted.partial, format, run)
    }

    /// An instance with the query open.
    fn open_query(&self, query: &QueryOptions) -> Result<AnalysisInstance, Error> {
        let query = serde_json::to_string(query).map_err(|error| {
            Error::Plugin(format!("the query can't be written as JSON: {error}"))
        })?;
        let mut instance = self.instance()?;
        instance.open(&query)?;
        Ok(instance)
    }
}

/// A file whose row groups several instances count.
struct SharedFile {
    index: usize,
    reader: Reader,
    gathered: Gathered<Vec<u8>, Error>,
}

struct Pool<'a> {
    host: &'a AnalysisHost,
    sources: &'a [Source],
    options: &'a RunOptions,
    started: Instant,
    queue: Queue<(Arc<SharedFile>, Range<usize>)>,
    outcome: Outcome<Vec<u8>, Error>,
}

impl Pool<'_> {
    /// What each thread does with its instance.
    fn work(&self, instance: &mut AnalysisInstance) {
        let mut partials = Vec::new();
        while let Some(taken) = self.queue.take() {
            let finished = match &taken.task {
                Task::File(index) => self
                    .file(instance, *index)
                    .transpose()
                    .map(|outcome| (*index, outcome)),
                Task::Part((file, window)) => self
                    .window(instance, file, window)
                    .map(|outcome| (file.index, outcome)),
            };
            let Some((index, outcome)) = finished else {
                continue;
            };
            match outcome {
                Ok(partial) => partials.push(partial),
                Err(Error::Analysis(error)) if self.options.skip_bad && error.is_of_one_file() => {
                    let file = self.sources[index].name();
                    self.outcome.skip(index, file, error.to_string());
                }
                Err(error) => self.fail(index, error),
            }
            if partials.len() >= PARTIALS_MAX {
                match instance.merge(&partials) {
                    Ok(merged) => partials = vec![merged],
                    Err(error) => self.fail(index, error),
                }
            }
        }
        self.outcome.counted(partials);
    }

    /// Counts a file, or looks how many row groups it has and leaves them to whoever comes next.
    fn file(
        &self,
        instance: &mut AnalysisInstance,
        index: usize,
    ) -> Result<Option<Vec<u8>>, Error> {
        let source = &self.sources[index];
        let reader = source.open()?;
        let threads = self.options.threads;
        let windows = self.drive(instance, &reader, None, index, |row_groups| {
            let row_groups = usize::try_from(row_groups).unwrap_or(usize::MAX);
            let cost_bytes = reader.size_bytes() / (row_groups as u64).max(1);
            cut(&vec![cost_bytes; row_groups], threads)
        })?;
        let Some(windows) = windows else {
            return instance.partial().map(Some);
        };
        let gathered = Gathered::new(windows.len());
        let file = Arc::new(SharedFile {
            index,
            reader,
            gathered,
        });
        self.queue.add(
            windows
                .into_iter()
                .map(|window| (Arc::clone(&file), window)),
        );
        Ok(None)
    }

    /// Counts some row groups of a file; the file's outcome if they were the last.
    fn window(
        &self,
        instance: &mut AnalysisInstance,
        shared: &SharedFile,
        window: &Range<usize>,
    ) -> Option<Result<Vec<u8>, Error>> {
        let outcome = if shared.gathered.has_failed_before(window.start) {
            // Whatever this would have been, the file's error is that of the window before.
            instance.merge::<Vec<u8>>(&[])
        } else {
            let edge = |place: usize| u32::try_from(place).unwrap_or(u32::MAX);
            let row_groups = Window {
                first: edge(window.start),
                end: edge(window.end),
            };
            let (reader, index) = (&shared.reader, shared.index);
            self.drive(instance, reader, Some(row_groups), index, |_| Vec::new())
                .and_then(|_| instance.partial())
        };
        shared
            .gathered
            .finish(window.start, outcome, |mine, other| {
                instance.merge(&[&mine, &other])
            })
    }

    /// Brings a file to its end, or gives the windows that it is to be cut into, once the plugin knows its row groups.
    fn drive(
        &self,
        instance: &mut AnalysisInstance,
        reader: &Reader,
        row_groups: Option<Window>,
        index: usize,
        cut: impl Fn(u32) -> Vec<Range<usize>>,
    ) -> Result<Option<Vec<Range<usize>>>, Error> {
        let source = &self.sources[index];
        let partition = source.partition().iter();
        let partition: Vec<(&str, Option<&str>)> = partition
            .map(|(name, value)| (name.as_str(), value.as_deref()))
            .collect();
        instance.begin_file(File {
            name: source.name(),
            size_bytes: reader.size_bytes(),
            partition: &partition,
            row_groups,
        })?;
        let mut watch = Watch::new(self.host, reader, self.started);
        let mut undecided = true;
        loop {
            if self.outcome.has_failed_before(index) {
                return Err(FileError::Cancelled.into());
            }
            let step = instance.advance(STEP_ROWS)?;
            watch.time()?;
            if let Step::Done = step {
                return Ok(None);
            }
            let progress = instance.progress()?;
            watch.look(&progress)?;
            if undecided && progress.row_groups_total > 0 {
                undecided = false;
                let windows = cut(progress.row_groups_total);
                if windows.len() > 1 {
                    return Ok(Some(windows));
                }
            }
            if let Step::Need(ranges) = step {
                watch.allow_ranges(ranges.len())?;
                for range in ranges.iter().map(|range| range.start..range.end) {
                    watch.allow(&range)?;
                    // Into a buffer that is used again and again, and from there into the plugin's memory.
                    let data = &reader.read(range.clone())?;
                    instance.feed(&[Chunk {
                        start: range.start,
                        data,
                    }])?;
                }
            }
        }
    }

    fn fail(&self, index: usize, error: Error) {
        self.outcome.fail(index, error);
        self.queue.drop_files();
    }
}
