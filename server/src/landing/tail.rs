//! The unlanded end of the log as Parquet in memory, made by the landing's own function and kept for the next query.

use std::sync::Arc;

use bytes::Bytes;

use super::batch::{NewFile, to_parquet};
use super::{LandingError, Layout};
use crate::log::Log;

/// Log bytes of a part.
const PART_BYTES_MAX: usize = 8 << 20;

/// Consecutive parts of the log, from where the lake ends.
#[derive(Debug)]
pub(super) struct Tail {
    /// Records of a part.
    records_max: u64,
    parts: Vec<Arc<Part>>,
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

impl Tail {
    pub(super) fn new(records_max: u64) -> Self {
        Self {
            records_max,
            parts: vec![],
        }
    }

    /// The files that hold the records `from..to`; what was made before is used again.
    pub(super) fn files(
        &mut self,
        log: &dyn Log,
        from: u64,
        to: u64,
        layout: &Layout,
    ) -> Result<Vec<Arc<NewFile>>, LandingError> {
        match self.parts.iter().position(|part| part.from == from) {
            Some(landed) => drop(self.parts.drain(..landed)),
            None => self.parts.clear(),
        }
        if self
            .parts
            .last()
            .is_some_and(|part| !part.is_full && part.to != to)
        {
            self.parts.pop();
        }
        let mut reached = self.parts.last().map_or(from, |part| part.to);
        while reached < to {
            let part = Part::read(log, reached, to, self.records_max, layout)?;
            reached = part.to;
            self.parts.push(Arc::new(part));
        }
        Ok(self
            .parts
            .iter()
            .flat_map(|part| part.files.iter().cloned())
            .collect())
    }
}

impl Part {
    fn read(
        log: &dyn Log,
        from: u64,
        to: u64,
        records_max: u64,
        layout: &Layout,
    ) -> Result<Self, LandingError> {
        let to_max = to.min(from.saturating_add(records_max));
        let records = read_range(log, from, to_max, PART_BYTES_MAX)?;
        let batch = to_parquet(&records, layout)?;
        Ok(Self {
            from,
            to: batch.to,
            is_full: batch.to < to || batch.to - from == records_max,
            files: batch.files.into_iter().map(Arc::new).collect(),
        })
    }
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
