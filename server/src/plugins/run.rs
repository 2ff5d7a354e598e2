//! A plugin over files: the same loop as the native skin's, with the plugin in the core's place.

use std::time::Instant;

use questlog_core::{QueryOptions, Skipped};

use super::instance::{
    AnalysisInstance, Chunk, File, FileProgress, Format, Run, SkippedFile, Step,
};
use super::{AnalysisHost, Error};
use crate::analyze::{self, Reader, Source};

/// Rows that a plugin works on in one call.
const STEP_ROWS: u32 = 1 << 16;

/// What a plugin counted in a run.
#[derive(Clone, Debug)]
pub struct PluginRun {
    /// The partial's bytes; they merge with any others of the same query.
    pub partial: Vec<u8>,
    /// What only the host knows.
    pub run: questlog_core::Run,
}

impl AnalysisHost {
    /// Counts `sources` in one instance.
    ///
    /// # Errors
    /// A query or file that the plugin refuses (with `skip_bad`, files are left out instead), a plugin that leaves its
    /// limits.
    pub fn run(
        &self,
        query: &QueryOptions,
        sources: &[Source],
        skip_bad: bool,
    ) -> Result<PluginRun, Error> {
        let started = Instant::now();
        let mut instance = self.open_query(query)?;
        let mut skipped = Vec::new();
        for source in sources {
            match self.file(&mut instance, source, started) {
                Ok(()) => {}
                Err(Error::Analysis(error)) if skip_bad && error.is_of_one_file() => {
                    let file = source.name().to_owned();
                    skipped.push(Skipped {
                        file,
                        reason: error.to_string(),
                    });
                }
                Err(error) => return Err(error),
            }
        }
        let partial = instance.partial()?;
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
        let skipped = skipped.map(|file| SkippedFile {
            file: file.file.clone(),
            reason: file.reason.clone(),
        });
        let run = Run {
            elapsed_ms: counted.run.elapsed_ms,
            skipped: skipped.collect(),
        };
        self.open_query(query)?
            .render(&counted.partial, format, &run)
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

    fn file(
        &self,
        instance: &mut AnalysisInstance,
        source: &Source,
        started: Instant,
    ) -> Result<(), Error> {
        let reader = source.open()?;
        let file = File {
            name: source.name().to_owned(),
            size_bytes: reader.size_bytes(),
            partition: source.partition().to_vec(),
            row_groups: None,
        };
        instance.begin_file(&file)?;
        let mut watch = Watch::new(self, &reader, started);
        loop {
            let step = instance.advance(STEP_ROWS)?;
            watch.time()?;
            match step {
                Step::Done => return Ok(()),
                Step::More => {}
                Step::Need(ranges) => {
                    watch.allow_ranges(ranges.len())?;
                    for range in ranges.iter().map(|range| range.start..range.end) {
                        watch.allow(&range)?;
                        let data = reader.read(range.clone())?.to_vec();
                        instance.feed(&[Chunk {
                            start: range.start,
                            data,
                        }])?;
                    }
                }
            }
            watch.look(&instance.progress()?)?;
        }
    }
}

/// Sees to it that a plugin neither works nor reads for ever, nor turns in circles.
struct Watch<'a> {
    host: &'a AnalysisHost,
    started: Instant,
    size_bytes: u64,
    fetched_bytes: u64,
    idle_calls: u32,
    before: (u64, u64, u32),
}

impl<'a> Watch<'a> {
    fn new(host: &'a AnalysisHost, reader: &Reader, started: Instant) -> Self {
        Self {
            host,
            started,
            size_bytes: reader.size_bytes(),
            fetched_bytes: 0,
            idle_calls: 0,
            before: (0, 0, 0),
        }
    }

    /// The run's own deadline; that of each call is the instance's.
    fn time(&self) -> Result<(), Error> {
        match self.host.limits.run_deadline_ms {
            Some(ms) if self.started.elapsed().as_millis() > u128::from(ms) => {
                Err(self.refused(&format!("it worked longer than {ms} ms")))
            }
            _ => Ok(()),
        }
    }

    fn allow_ranges(&self, ranges: usize) -> Result<(), Error> {
        let ranges_max = self.host.limits.fetch_ranges_max;
        if ranges > ranges_max {
            return Err(self.refused(&format!(
                "it asked for {ranges} ranges at once, and it may ask for {ranges_max}"
            )));
        }
        Ok(())
    }

    fn refused(&self, what: &str) -> Error {
        Error::Plugin(format!("{} was stopped: {what}", self.host.name()))
    }

    fn allow(&mut self, range: &std::ops::Range<u64>) -> Result<(), Error> {
        let limits = &self.host.limits;
        if range.start > range.end || range.end > self.size_bytes {
            return Err(self.refused(&format!(
                "it asked for bytes {} to {} of a file of {}",
                range.start, range.end, self.size_bytes
            )));
        }
        let length = range.end - range.start;
        if length > limits.fetch_bytes_max {
            return Err(self.refused(&format!(
                "it asked for {length} bytes at once, and it may ask for {}",
                limits.fetch_bytes_max
            )));
        }
        self.fetched_bytes = self.fetched_bytes.saturating_add(length);
        if self.fetched_bytes / limits.fetch_times_max.max(1) > self.size_bytes {
            return Err(self.refused(&format!(
                "it asked for a file more than {} times over",
                limits.fetch_times_max
            )));
        }
        Ok(())
    }

    fn look(&mut self, progress: &FileProgress) -> Result<(), Error> {
        let now = (
            progress.rows_done,
            progress.bytes_read,
            progress.row_groups_done,
        );
        self.idle_calls = if now == self.before {
            self.idle_calls + 1
        } else {
            0
        };
        self.before = now;
        if self.idle_calls > self.host.limits.idle_calls_max {
            return Err(self.refused(&format!("it got nowhere in {} calls", self.idle_calls)));
        }
        Ok(())
    }
}

impl From<questlog_core::Error> for Error {
    fn from(error: questlog_core::Error) -> Self {
        Self::Analysis(analyze::Error::Core(error))
    }
}
