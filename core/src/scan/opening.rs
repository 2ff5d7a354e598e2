//! A row group before its pages are read: what is said of it, and so which of its rows may meet the condition.
//!
//! First come the statistics, which the footer has. Where they leave a doubt, the page index and the bloom filters are
//! read, then the dictionaries of chunks that have no other values; each only if its best news would spare reading.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;

use super::column::Column;
use super::condition::Condition;
use super::evidence::{Evidence, Hope};
use super::fetch::{Fetch, joined};
use super::pages;
use super::truths::{Steps, only};
use crate::parquet::{
    BloomFilter, ColumnChunk, Leaf, PagePlace, Scratch, Store, WantedRows, Writer,
};
use crate::part::counts_row_group;
use crate::plan::Plan;
use crate::{Error, Footer, Limits, Providers};

/// Bytes between two ranges that are rather read along than asked for apart.
const GAP_BYTES: u64 = 1 << 10;

/// What all row groups of a scan have in common.
pub(super) struct Around<'a> {
    pub(super) plan: &'a Plan,
    /// The columns that are read, by their places in the plan.
    pub(super) leaves: Vec<&'a Leaf>,
    pub(super) providers: &'a Providers,
    pub(super) writer: Writer,
    pub(super) limits: &'a Limits,
    pub(super) file_bytes: u64,
    /// The file's end, as far as it is at hand.
    pub(super) tail: &'a Store,
}

/// A row group that is being looked at.
pub(super) struct Opening {
    pub(super) index: usize,
    rows: u64,
    /// The rows that this scan is for.
    own: Range<u64>,
    chunks: Vec<ColumnChunk>,
    /// What there is for each question of the condition, in their order.
    evidence: Vec<Evidence>,
    stage: Stage,
    fetch: Fetch,
    /// Where the pages of each chunk are, if that is known.
    places: Vec<Option<Vec<PagePlace>>>,
    columns: Vec<Column>,
    /// Bytes that were read to choose rows by, and are this scan's to count.
    bytes_counted: u64,
    /// The buffers of another row group's columns.
    scratch: Vec<Scratch>,
}

/// What is being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Nothing yet.
    Statistics,
    /// Page indexes and the headers of bloom filters.
    Indexes,
    /// Blocks of bloom filters.
    Blocks,
    Dictionaries,
    /// There is nothing more to be known.
    Known,
}

/// What became of looking at a row group.
pub(super) enum Opened {
    /// These bytes are missing for that.
    Need(Vec<Range<u64>>),
    /// No row can meet the condition.
    Skip(Reason),
    /// These rows may, as far as they are the scan's: there may be none.
    Read(Vec<Column>, Vec<Range<u64>>),
}

/// What says that a row group can be skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    Statistics,
    PageIndex,
    Bloom,
    Dictionary,
}

impl Opening {
    pub(super) fn new(
        index: usize,
        (rows, own): (u64, Range<u64>),
        chunks: Vec<ColumnChunk>,
        file_bytes: u64,
        scratch: Vec<Scratch>,
    ) -> Self {
        Self {
            index,
            rows,
            own,
            bytes_counted: 0,
            scratch,
            evidence: Vec::new(),
            stage: Stage::Statistics,
            fetch: Fetch::new(Footer::tail_need(file_bytes).start),
            places: vec![None; chunks.len()],
            columns: Vec::new(),
            chunks,
        }
    }

    /// The rows that this scan is for.
    pub(super) fn rows_own(&self) -> u64 {
        self.own.end - self.own.start
    }

    /// Whether this scan counts what belongs to the row group as a whole.
    pub(super) fn counts(&self) -> bool {
        counts_row_group(&self.own, self.rows)
    }

    /// Bytes that were read so far, but for those of the columns that are given away, and are this scan's to count.
    pub(super) fn bytes_counted(&self) -> u64 {
        let of_columns: u64 = self.columns.iter().map(Column::bytes_counted).sum();
        self.bytes_counted + of_columns
    }

    /// Takes bytes that were asked for; returns how many are to be counted as read.
    pub(super) fn feed(&mut self, start: u64, bytes: &Bytes) -> u64 {
        let columns = self.columns.iter_mut();
        let of_columns: u64 = columns.map(|column| column.feed(start, bytes)).sum();
        let evidence = self.fetch.feed(start, bytes);
        if self.counts() {
            self.bytes_counted += evidence;
        }
        of_columns + evidence
    }

    /// Goes on until it is known which rows to read, or bytes are missing; `chunks_opened` numbers the scan's chunks.
    pub(super) fn advance(
        &mut self,
        condition: Option<&mut Condition>,
        around: &Around<'_>,
        chunks_opened: &mut u64,
    ) -> Result<Opened, Error> {
        let every_row = Range {
            start: 0,
            end: self.rows,
        };
        let mut rows = Vec::from([every_row]);
        if let Some(condition) = condition {
            while self.stage != Stage::Known {
                let missing = self.fetch.missing();
                if !missing.is_empty() {
                    return Ok(Opened::Need(missing));
                }
                let reason = match self.stage {
                    Stage::Statistics => {
                        self.look_at_statistics(condition, around);
                        Reason::Statistics
                    }
                    Stage::Indexes => {
                        self.look_at_indexes(condition, around);
                        Reason::PageIndex
                    }
                    Stage::Blocks => {
                        self.look_at_blocks(condition);
                        Reason::Bloom
                    }
                    Stage::Dictionaries | Stage::Known => {
                        self.open_columns(around, chunks_opened)?;
                        let missing = self.look_at_dictionaries(condition, around)?;
                        if !missing.is_empty() {
                            return Ok(Opened::Need(missing));
                        }
                        Reason::Dictionary
                    }
                };
                rows = self.rows_of(condition);
                if rows.is_empty() {
                    return Ok(Opened::Skip(reason));
                }
            }
        }
        self.open_columns(around, chunks_opened)?;
        Ok(self.read(rows, around))
    }

    /// The rows that may meet the condition, by all that is known.
    fn rows_of(&self, condition: &Condition) -> Vec<Range<u64>> {
        Steps::of(condition, self.rows, &|question, _| {
            question.possible.clone()
        })
        .rows()
    }

    /// Whether the best news of some evidence would spare rows that nothing spares yet.
    fn may_spare(&self, condition: &mut Condition, hope: impl Fn(&Evidence) -> Hope) -> bool {
        for (question, evidence) in condition.questions().into_iter().zip(&self.evidence) {
            question.hope = hope(evidence);
        }
        let hoped = Steps::of(condition, self.rows, &|question, negated| {
            let best = question.hope.best(self.rows, negated);
            question.possible.and(&best)
        });
        hoped.rows() != self.rows_of(condition)
    }

    fn look_at_statistics(&mut self, condition: &mut Condition, around: &Around<'_>) {
        for question in condition.questions() {
            let (evidence, truths) = Evidence::of(question, &self.chunks, self.rows, around);
            question.possible = Steps::same(self.rows, truths);
            self.evidence.push(evidence);
        }
        if !self.may_spare(condition, Evidence::hope) {
            self.stage = Stage::Known;
            return;
        }
        let tail = Footer::tail_need(around.file_bytes).start;
        let is_asked = |place: usize| {
            let mut evidence = self.evidence.iter();
            evidence.any(|evidence| evidence.has_pages && evidence.place == Some(place))
        };
        let mut ranges = pages::index_ranges(&self.chunks, is_asked, tail).unwrap_or_default();
        let with_bloom = self
            .evidence
            .iter()
            .filter(|evidence| evidence.hashes.is_some());
        let chunks = with_bloom.filter_map(|evidence| self.chunks.get(evidence.place?));
        ranges.extend(chunks.filter_map(BloomFilter::need));
        self.fetch.want(joined(ranges, GAP_BYTES), around.tail);
        self.stage = Stage::Indexes;
    }

    fn look_at_indexes(&mut self, condition: &mut Condition, around: &Around<'_>) {
        let places = self
            .chunks
            .iter()
            .map(|chunk| pages::places(chunk, &self.fetch));
        self.places = places.collect();
        let mut comparisons_left = pages::COMPARISONS_MAX;
        let questions = condition.questions();
        for (question, evidence) in questions.into_iter().zip(&mut self.evidence) {
            let Some(place) = evidence.place else {
                continue;
            };
            let chunk = around.leaves.get(place).zip(self.chunks.get(place));
            if let (Some((leaf, chunk)), Some(Some(places))) = (chunk, self.places.get(place)) {
                let left = &mut comparisons_left;
                let chunk = (*leaf, chunk);
                let answers = pages::answers(question, chunk, places, &self.fetch, around, left);
                if let Some(answers) = answers {
                    question.possible = question.possible.and(&answers);
                }
            }
            evidence.find_blocks(&self.chunks, &self.fetch);
        }
        let blocks = self.evidence.iter().flat_map(|evidence| &evidence.blocks);
        let ranges = blocks.map(|(_, block)| block.clone()).collect();
        self.fetch.want(joined(ranges, GAP_BYTES), around.tail);
        self.stage = Stage::Blocks;
    }

    fn look_at_blocks(&mut self, condition: &mut Condition) {
        for (question, evidence) in condition.questions().into_iter().zip(&self.evidence) {
            let answers = Steps::same(self.rows, evidence.bloom(&self.fetch));
            question.possible = question.possible.and(&answers);
        }
        self.stage = if self.may_spare(condition, Evidence::hope_of_dictionary) {
            Stage::Dictionaries
        } else {
            Stage::Known
        };
    }

    /// Returns the bytes that are missing for it.
    fn look_at_dictionaries(
        &mut self,
        condition: &mut Condition,
        around: &Around<'_>,
    ) -> Result<Vec<Range<u64>>, Error> {
        let (mut missing, counts) = (Vec::new(), self.counts());
        let told = |evidence: &&Evidence| evidence.hope_of_dictionary() != Hope::None;
        for evidence in self.evidence.iter().filter(told) {
            let column = evidence.place.and_then(|place| self.columns.get_mut(place));
            if let (Some(column), Some(place)) = (column, &evidence.dictionary)
                && column.read_dictionary(place, counts, around.tail)?
            {
                missing.extend(column.missing());
            }
        }
        if !missing.is_empty() {
            return Ok(joined(missing, 0));
        }
        for (question, evidence) in condition.questions().into_iter().zip(&self.evidence) {
            if !told(&evidence) {
                continue;
            }
            let column = evidence.place.and_then(|place| self.columns.get(place));
            if let Some((dictionary, form, chunk)) = column.and_then(Column::dictionary) {
                let truths = question.look_up(chunk, dictionary, form, around.providers)?;
                let truths = truths.iter().fold(0, |all, truth| all | only(*truth));
                let answers = Steps::same(self.rows, truths);
                question.possible = question.possible.and(&answers);
            }
        }
        self.stage = Stage::Known;
        Ok(missing)
    }

    fn open_columns(&mut self, around: &Around<'_>, chunks_opened: &mut u64) -> Result<(), Error> {
        if !self.columns.is_empty() {
            return Ok(());
        }
        let mut scratch = std::mem::take(&mut self.scratch).into_iter();
        for (leaf, chunk) in around.leaves.iter().zip(&self.chunks) {
            *chunks_opened += 1;
            let (file_bytes, limits) = (around.file_bytes, around.limits);
            let mut column = Column::new(leaf, chunk, *chunks_opened, file_bytes, limits)?;
            if let Some(scratch) = scratch.next() {
                column.reuse(scratch);
            }
            self.columns.push(column);
        }
        Ok(())
    }

    /// Ends looking at it; returns the buffers.
    pub(super) fn into_scratch(self) -> Vec<Scratch> {
        let columns = self.columns.into_iter().map(Column::into_scratch);
        columns.chain(self.scratch).collect()
    }

    /// Makes the columns ready to read just the pages that have some of the rows that are needed, by this scan.
    fn read(&mut self, needed: Vec<Range<u64>>, around: &Around<'_>) -> Opened {
        let wanted = Arc::new(WantedRows::new(needed, self.own.clone()));
        let rows = wanted.to_read();
        if rows.is_empty() {
            return Opened::Read(Vec::new(), rows);
        }
        let mut columns = std::mem::take(&mut self.columns);
        for (column, places) in columns.iter_mut().zip(&self.places) {
            column.want_rows(Arc::clone(&wanted));
            let Some((places, first)) = places.as_ref().and_then(|all| Some((all, all.first()?)))
            else {
                continue;
            };
            // Where all pages are needed by somebody, what the index says of their places is of no use to anybody.
            if pages::selected(places, wanted.needed()).len() < places.len() {
                column.select(first.bytes.start, pages::selected(places, &rows));
            }
        }
        let bytes: u64 = columns.iter().map(Column::bytes).sum();
        if bytes <= around.limits.fetch_bytes_max {
            columns
                .iter_mut()
                .for_each(|column| column.want_all(around.tail));
        }
        Opened::Read(columns, rows)
    }
}
