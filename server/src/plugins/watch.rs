//! Sees to it that a plugin keeps to what a run allows.

use std::ops::Range;
use std::time::Instant;

use super::instance::FileProgress;
use super::{AnalysisHost, Error};
use crate::analyze::Reader;

/// Sees to it that a plugin neither works nor reads for ever, nor turns in circles.
pub(super) struct Watch<'a> {
    host: &'a AnalysisHost,
    started: Instant,
    size_bytes: u64,
    fetched_bytes: u64,
    idle_calls: u32,
    before: (u64, u64, u32),
}

impl<'a> Watch<'a> {
    pub(super) fn new(host: &'a AnalysisHost, reader: &Reader, started: Instant) -> Self {
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
    pub(super) fn time(&self) -> Result<(), Error> {
        match self.host.limits.run_deadline_ms {
            Some(ms) if self.started.elapsed().as_millis() > u128::from(ms) => {
                let name = self.host.name();
                Err(Error::Deadline(format!(
                    "{name} was stopped: it worked longer than {ms} ms"
                )))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn allow_ranges(&self, ranges: usize) -> Result<(), Error> {
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

    pub(super) fn allow(&mut self, range: &Range<u64>) -> Result<(), Error> {
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

    pub(super) fn look(&mut self, progress: &FileProgress) -> Result<(), Error> {
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
