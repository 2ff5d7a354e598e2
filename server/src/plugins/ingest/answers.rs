//! Answers by distinct row: what was asked once is not asked again.

use std::collections::BTreeMap;
use std::sync::Arc;

use foldhash::fast::RandomState;
use hashbrown::HashMap;

use super::description::Description;
use super::values::{Input, Output};
use crate::plugins::IngestLimits;

/// Answers, and which of them each row of the present batch has.
#[derive(Default)]
pub(super) struct Answers {
    /// The number of the answer to each distinct row.
    numbers: HashMap<Box<[u8]>, u32, RandomState>,
    /// The answers, column by column.
    columns: Vec<Output>,
    count: usize,
    /// Why some answers are blank.
    reasons: BTreeMap<u32, Arc<str>>,
    /// Of each row of the batch, the number of its answer.
    rows: Vec<u32>,
    /// The bytes of the distinct rows.
    keys_bytes: usize,
    /// Answers that count for this batch only, in order.
    passing: Vec<u32>,
}

impl Answers {
    /// Gets ready for a batch.
    pub(super) fn begin(
        &mut self,
        description: &Description,
        is_remembered: bool,
        limits: &IngestLimits,
    ) {
        let columns_bytes: usize = self.columns.iter().map(Output::size_bytes).sum();
        if !is_remembered || self.keys_bytes + columns_bytes > limits.answers_bytes_max {
            *self = Self::default();
        }
        if self.columns.is_empty() {
            let fields = description.writes.iter();
            self.columns = fields.map(|field| Output::new(field.kind)).collect();
        }
    }

    /// Numbers the rows' answers, and gives those rows for which there is none yet: their answers are to be added in this order.
    pub(super) fn number(
        &mut self,
        inputs: &[Input<'_>],
        rows: usize,
        is_remembered: bool,
    ) -> Vec<u32> {
        // A file has far fewer rows than that.
        let last = u32::try_from(rows).unwrap_or(u32::MAX);
        if !is_remembered {
            self.rows = (0..last).collect();
            return self.rows.clone();
        }
        let mut fresh = Vec::new();
        let mut key = Vec::new();
        self.rows = Vec::with_capacity(rows);
        for row in 0..last {
            key.clear();
            for input in inputs {
                input.add_to_key(row as usize, &mut key);
            }
            let number = match self.numbers.get(key.as_slice()) {
                Some(number) => *number,
                None => {
                    let number = u32::try_from(self.count + fresh.len()).unwrap_or(u32::MAX);
                    self.keys_bytes += key.len() + size_of::<(Box<[u8]>, u32)>();
                    self.numbers.insert(key.as_slice().into(), number);
                    fresh.push(row);
                    number
                }
            };
            self.rows.push(number);
        }
        fresh
    }

    pub(super) fn add(&mut self, columns: Vec<Output>) {
        let rows = columns.first().map_or(0, Output::len);
        for (column, more) in self.columns.iter_mut().zip(columns) {
            column.append(more);
        }
        self.count += rows;
    }

    /// Blanks for rows that can't be answered.
    pub(super) fn add_blank(&mut self, rows: usize, reason: &str) {
        for column in &mut self.columns {
            column.push_nulls(rows);
        }
        let reason: Arc<str> = reason.into();
        for number in self.count..self.count + rows {
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            self.reasons.insert(number, Arc::clone(&reason));
        }
        self.count += rows;
    }

    /// The same for rows that may well be answered another time.
    pub(super) fn add_passing_blank(&mut self, rows: usize, reason: &str) {
        let from = u32::try_from(self.count).unwrap_or(u32::MAX);
        self.add_blank(rows, reason);
        let to = u32::try_from(self.count).unwrap_or(u32::MAX);
        self.passing.extend(from..to);
    }

    /// The rows' answers.
    pub(super) fn columns(&self) -> Vec<Output> {
        self.columns
            .iter()
            .map(|column| column.pick(&self.rows))
            .collect()
    }

    /// How many rows are blank for want of an answer, and the first reason.
    pub(super) fn blank(&self) -> (u64, Option<String>) {
        if self.reasons.is_empty() {
            return (0, None);
        }
        let mut blank = self.rows.iter().filter_map(|row| self.reasons.get(row));
        let first = blank.next().map(ToString::to_string);
        (u64::from(first.is_some()) + blank.count() as u64, first)
    }

    pub(super) fn end(&mut self, is_remembered: bool) {
        self.rows = Vec::new();
        if !is_remembered {
            *self = Self::default();
        } else if !self.passing.is_empty() {
            let passing = std::mem::take(&mut self.passing);
            let is_passing = |number: &u32| passing.binary_search(number).is_ok();
            self.numbers.retain(|_, number| !is_passing(number));
            self.reasons.retain(|number, _| !is_passing(number));
        }
    }
}
