//! The unlanded end of the log as Parquet in memory, made by the landing's own function and kept for the next query.
//!
//! Only the columns that queries have asked for are in it, and several threads make it: a query over a million events that have
//! not landed waits for much less than their landing would take.

use std::num::NonZero;
use std::ops::Range;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use bytes::Bytes;

use super::batch::{NewFile, to_parquet_in_memory};
use super::chosen::Chosen;
use super::{LandingError, LandingOptions, Layout};
use crate::log::Log;
use crate::plugins::Field;

/// Log bytes of a part.
const PART_BYTES_MAX: usize = 8 << 20;
/// Where there are many records, so many times as many make a part: few parts are read faster than many.
const LARGE: u64 = 4;

/// Consecutive parts of the log, from where the lake ends.
#[derive(Debug)]
pub(super) struct Tail {
    /// Records of the last parts, which are made anew when more has come.
    records_max: u64,
    /// Bytes of all parts.
    bytes_max: usize,
    /// The columns that every part has.
    chosen: Chosen,
    parts: Vec<Part>,
}

/// A range of the log as Parquet files.
#[derive(Debug)]
struct Part {
    from: u64,
    to: u64,
    /// It will not grow any more.
    is_full: bool,
    files: Vec<Arc<NewFile>>,
}

/// A range of the log that becomes parts.
struct Gap {
    range: Range<u64>,
    /// Whether more records can follow.
    is_last: bool,
}

impl Tail {
    pub(super) fn new(layout: &Layout, options: &LandingOptions) -> Self {
        Self {
            records_max: options.tail_records_max,
            bytes_max: options.tail_bytes_max,
            chosen: Chosen::of(layout, &[], &[]),
            parts: vec![],
        }
    }

    /// The files that hold the records `from..to`, with at least the columns `chosen`; what was made before is used again. With
    /// a matcher the provider stays null, and of the columns of plugins only those in `extras` are there still.
    ///
    /// `None` if they would take more memory than they may.
    pub(super) fn files(
        &mut self,
        log: &dyn Log,
        range: Range<u64>,
        layout: &Layout,
        chosen: &Chosen,
        extras: &[Field],
        has_matcher: bool,
    ) -> Result<Option<Vec<Arc<NewFile>>>, LandingError> {
        let mut all = self.chosen.with(chosen);
        all.extras.retain(|field| extras.contains(field));
        all.provider &= !has_matcher;
        if all != self.chosen {
            self.parts.clear();
            self.chosen = all;
        }
        // What has landed meanwhile need not end where a part does.
        self.parts.retain(|part| part.from >= range.start);
        if self
            .parts
            .last()
            .is_some_and(|part| !part.is_full && part.to != range.end)
        {
            self.parts.pop();
        }
        let ends = (
            self.parts.first().map_or(range.end, |part| part.from),
            self.parts.last().map_or(range.end, |part| part.to),
        );
        let mut gaps = self.gaps(range.start..ends.0, self.parts.is_empty());
        gaps.extend(self.gaps(ends.1..range.end, true));
        let bytes = AtomicUsize::new(self.bytes());
        let is_too_much = || bytes.load(Ordering::Relaxed) > self.bytes_max;
        let made = on_all_threads(&gaps, |gap| {
            Part::all_of(gap, log, layout, &self.chosen, |made| {
                bytes.fetch_add(made, Ordering::Relaxed);
                !is_too_much()
            })
        })?;
        if is_too_much() {
            // The next one, which asks for less perhaps, begins anew.
            *self = Self {
                chosen: Chosen::of(layout, &[], &[]),
                parts: vec![],
                ..*self
            };
            return Ok(None);
        }
        self.parts.extend(made.into_iter().flatten());
        self.parts.sort_by_key(|part| part.from);
        let files = self
            .parts
            .iter()
            .flat_map(|part| part.files.iter().cloned());
        Ok(Some(files.collect()))
    }

    /// Cuts a range into what is made at once.
    fn gaps(&self, range: Range<u64>, is_last: bool) -> Vec<Gap> {
        let mut gaps = vec![];
        let mut from = range.start;
        while from < range.end {
            let left = range.end - from;
            let large = LARGE.saturating_mul(self.records_max);
            let records = if left >= large {
                large
            } else {
                left.min(self.records_max)
            };
            gaps.push(Gap {
                range: from..from + records,
                is_last: is_last && records == left && records < self.records_max,
            });
            from += records;
        }
        gaps
    }

    fn bytes(&self) -> usize {
        let files = self.parts.iter().flat_map(|part| &part.files);
        files.map(|file| file.bytes.len()).sum()
    }
}

impl Part {
    /// The parts of a gap, several if its records are large; fewer if `go_on` says no to the bytes of one.
    fn all_of(
        gap: &Gap,
        log: &dyn Log,
        layout: &Layout,
        chosen: &Chosen,
        go_on: impl Fn(usize) -> bool,
    ) -> Result<Vec<Self>, LandingError> {
        let Range { mut start, end } = gap.range;
        let mut parts = vec![];
        while start < end && go_on(0) {
            let records = read_range(log, start, end, PART_BYTES_MAX)?;
            let batch = to_parquet_in_memory(&records, layout, chosen)?;
            go_on(batch.files.iter().map(|file| file.bytes.len()).sum());
            parts.push(Self {
                from: start,
                to: batch.to,
                is_full: batch.to < end || !gap.is_last,
                files: batch.files.into_iter().map(Arc::new).collect(),
            });
            start = batch.to;
        }
        Ok(parts)
    }
}

/// Calls `make` with each gap, on as many threads as the machine runs at once; gives the results in the gaps' order.
fn on_all_threads<T: Send>(
    gaps: &[Gap],
    make: impl Fn(&Gap) -> Result<T, LandingError> + Sync,
) -> Result<Vec<T>, LandingError> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let next = AtomicUsize::new(0);
    let take = || {
        let at = next.fetch_add(1, Ordering::Relaxed);
        gaps.get(at).map(|gap| (at, gap))
    };
    let work = || -> Result<Vec<_>, LandingError> {
        std::iter::from_fn(take)
            .map(|(at, gap)| Ok((at, make(gap)?)))
            .collect()
    };
    let mut made = thread::scope(|scope| {
        let others: Vec<_> = (1..threads.min(gaps.len()))
            .map(|_| scope.spawn(work))
            .collect();
        let mut made = work()?;
        for other in others {
            made.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic))?);
        }
        Ok::<_, LandingError>(made)
    })?;
    made.sort_by_key(|(at, _)| *at);
    Ok(made.into_iter().map(|(_, made)| made).collect())
}

/// Records from `from` on and below `to`, at least one; they must still be there.
pub(super) fn read_range(
    log: &dyn Log,
    from: u64,
    to: u64,
    bytes_max: usize,
) -> Result<Vec<(u64, Bytes)>, LandingError> {
    let mut records = log.read(from, bytes_max)?;
    let first = records.first().map_or(to, |(offset, _)| *offset);
    if first != from {
        return Err(LandingError::Missing { from, to: first });
    }
    records.truncate(records.partition_point(|(offset, _)| *offset < to));
    Ok(records)
}
