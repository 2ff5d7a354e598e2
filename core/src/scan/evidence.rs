//! What there is in a row group that tells how one question may be answered there.

use std::ops::Range;

use super::blooms;
use super::condition::{Asked, FALSE, Question, TRUE, UNKNOWN};
use super::fetch::Fetch;
use super::opening::Around;
use super::prune::Described;
use super::truths::{ANY, Steps, Truths, only};
use super::work::same_cell;
use crate::parquet::{BloomFilter, Bounds, ColumnChunk, Leaf, Statistics};
use crate::plan::Source;
use crate::query::{Comparison, Of};

/// What may be read to answer a question about one chunk, beside its pages.
pub(super) struct Evidence {
    /// The chunk's place in the plan; none if the answer is the same in every row of the file.
    pub(super) place: Option<usize>,
    /// Whether the page index says what is in each page.
    pub(super) has_pages: bool,
    /// The hashes of all values that would make it true, if there is a bloom filter.
    pub(super) hashes: Option<Vec<u64>>,
    /// The filter's blocks that tell of them, once they are known.
    pub(super) blocks: Vec<(u64, Range<u64>)>,
    /// Where the dictionary is, if it has all values of the chunk.
    pub(super) dictionary: Option<Range<u64>>,
}

/// The best that may come of reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hope {
    /// Nothing more.
    None,
    /// That no row is one that it is true of.
    Absence,
    /// That of some rows, whatever it says of them, nothing has to be read.
    Pages,
}

impl Evidence {
    /// What there is for a question, and what the footer itself says.
    pub(super) fn of(
        question: &Question,
        chunks: &[ColumnChunk],
        rows: u64,
        around: &Around<'_>,
    ) -> (Self, Truths) {
        let mut evidence = Self {
            place: None,
            has_pages: false,
            hashes: None,
            blocks: Vec::new(),
            dictionary: None,
        };
        let place = match around.plan.columns.get(question.lens.column) {
            Some(Source::Leaf(place)) => *place,
            Some(same) => {
                let truth = question.truth(same_cell(same), around.providers);
                return (evidence, only(truth));
            }
            None => return (evidence, ANY),
        };
        let (Some(leaf), Some(chunk)) = (around.leaves.get(place), chunks.get(place)) else {
            return (evidence, ANY);
        };
        evidence.place = Some(place);
        evidence.has_pages = chunk.column_index.is_some()
            && chunk.offset_index.is_some()
            && bounds_may_tell(question, leaf);
        if chunk.bloom_filter.is_some() && around.writer.fills_blooms() {
            evidence.hashes = blooms::hashes(question, leaf);
        }
        if asks_for_values(&question.asked) {
            evidence.dictionary = chunk.whole_dictionary();
        }
        let none = Statistics::default();
        let believed = chunk
            .statistics
            .as_ref()
            .filter(|_| around.writer.describes(leaf, chunk));
        let described = Described {
            leaf,
            rows,
            statistics: believed.unwrap_or(&none),
            counts_nulls: around.writer.counts_nulls(),
        };
        (evidence, described.answers(question, around.providers))
    }

    /// The best that may come of reading all there is.
    pub(super) fn hope(&self) -> Hope {
        if self.has_pages {
            Hope::Pages
        } else if self.hashes.is_some() || self.dictionary.is_some() {
            Hope::Absence
        } else {
            Hope::None
        }
    }

    /// The best that may come of the dictionary. Where a bloom filter found a value, most likely it is there.
    pub(super) fn hope_of_dictionary(&self) -> Hope {
        match self.dictionary {
            Some(_) if self.blocks.is_empty() => Hope::Absence,
            _ => Hope::None,
        }
    }

    /// Finds the blocks to look into, by the filter's header.
    pub(super) fn find_blocks(&mut self, chunks: &[ColumnChunk], fetch: &Fetch) {
        let filter = || {
            let chunk = chunks.get(self.place?)?;
            let header = fetch.store().get(BloomFilter::need(chunk)?)?;
            BloomFilter::read(chunk, &header)
        };
        match (filter(), &self.hashes) {
            (Some(filter), Some(hashes)) => {
                let block = |hash: &u64| (*hash, filter.block(*hash));
                self.blocks = hashes.iter().map(block).collect();
            }
            _ => self.hashes = None,
        }
    }

    /// What the bloom filter says.
    pub(super) fn bloom(&self, fetch: &Fetch) -> Truths {
        let may_hold = |(hash, place): &(u64, Range<u64>)| {
            let block = fetch.store().get(place.clone());
            block.is_none_or(|block| BloomFilter::may_hold(&block, *hash))
        };
        match &self.hashes {
            Some(_) if !self.blocks.iter().any(may_hold) => only(FALSE) | only(UNKNOWN),
            _ => ANY,
        }
    }
}

impl Hope {
    /// The answers that it is a hope for.
    pub(super) fn best(self, rows: u64, negated: bool) -> Steps {
        let truths = match (self, negated) {
            (Self::None, _) | (Self::Absence, true) => ANY,
            (Self::Absence, false) => only(FALSE) | only(UNKNOWN),
            (Self::Pages, false) => only(FALSE),
            (Self::Pages, true) => only(TRUE),
        };
        Steps::same(rows, truths)
    }
}

/// Whether bounds of a page's values may answer a question, or its count of nulls.
fn bounds_may_tell(question: &Question, leaf: &Leaf) -> bool {
    let of_bounds = question.lens.of != Of::Provider && Bounds::are_known_of(leaf);
    match &question.asked {
        Asked::IsNull => true,
        Asked::Like(like) => of_bounds && !like.prefix().is_empty(),
        _ => of_bounds,
    }
}

/// Whether a question is true of a few values only, so that a dictionary may well have none of them.
fn asks_for_values(asked: &Asked) -> bool {
    match asked {
        Asked::Compare(comparison, _) => *comparison == Comparison::Equal,
        Asked::In(..) | Asked::InTexts(..) | Asked::Like(_) => true,
        Asked::IsNull | Asked::IsTrue => false,
    }
}
