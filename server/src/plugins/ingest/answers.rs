//! Answers by distinct row: what was asked once is not asked again.

use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, Hasher as _};
use std::sync::Arc;

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use super::description::Description;
use super::values::{Input, Output};
use crate::plugins::IngestLimits;

/// Answers, and which of them each row of the present batch has.
#[derive(Default)]
pub(super) struct Answers {
    /// The distinct rows.
    distinct: Distinct,
    /// The answers, column by column.
    columns: Vec<Output>,
    count: usize,
    /// Why some answers are blank.
    reasons: BTreeMap<u32, Arc<str>>,
    /// Of each row of the batch, the number of its answer.
    rows: Vec<u32>,
    /// Answers that count for this batch only, in order.
    passing: Vec<u32>,
}

/// Rows that differ, each with the number of its answer. What tells them apart stands in one piece of memory: a batch asks for
/// each of its rows, and most are known.
#[derive(Default)]
struct Distinct {
    hasher: RandomState,
    table: HashTable<Row>,
    bytes: Vec<u8>,
}

struct Row {
    hash: u64,
    start: usize,
    length: usize,
    /// A null alone: its bytes are those of an empty text.
    is_null: bool,
    number: u32,
}

impl Distinct {
    /// The number of a row, which is `next` if there was none like it.
    fn number(&mut self, key: &[u8], is_null: bool, next: u32) -> u32 {
        let mut hasher = self.hasher.build_hasher();
        hasher.write(key);
        let hash = hasher.finish();
        let bytes = &self.bytes;
        let is_same = |row: &Row| {
            row.hash == hash
                && row.is_null == is_null
                && &bytes[row.start..row.start + row.length] == key
        };
        match self.table.entry(hash, is_same, |row| row.hash) {
            Entry::Occupied(row) => row.get().number,
            Entry::Vacant(place) => {
                place.insert(Row {
                    hash,
                    start: self.bytes.len(),
                    length: key.len(),
                    is_null,
                    number: next,
                });
                self.bytes.extend_from_slice(key);
                next
            }
        }
    }

    fn size_bytes(&self) -> usize {
        self.bytes.len() + self.table.len() * size_of::<Row>()
    }
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
        if !is_remembered || self.distinct.size_bytes() + columns_bytes > limits.answers_bytes_max {
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
        self.rows = Vec::with_capacity(rows);
        let mut fresh = Vec::new();
        let mut next = u32::try_from(self.count).unwrap_or(u32::MAX);
        let mut add = |row: u32, key: &[u8], is_null: bool| {
            let number = self.distinct.number(key, is_null, next);
            if number == next {
                next += 1;
                fresh.push(row);
            }
            self.rows.push(number);
        };
        match inputs {
            // What a matcher reads, and many an enricher: the text itself tells rows apart.
            [Input::Text(texts)] => {
                for (row, text) in (0..last).zip(texts) {
                    add(row, text.unwrap_or_default(), text.is_none());
                }
            }
            _ => {
                let mut key = Vec::new();
                for row in 0..last {
                    key.clear();
                    for input in inputs {
                        input.add_to_key(row as usize, &mut key);
                    }
                    add(row, &key, false);
                }
            }
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
            self.distinct.table.retain(|row| !is_passing(&row.number));
            self.reasons.retain(|number, _| !is_passing(number));
        }
    }
}
