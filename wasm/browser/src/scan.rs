//! One file, or a part of it, being counted.

use std::ops::Range;

use questlog_core::{FileInfo, Limits, Part, partition_columns};
use wasm_bindgen::prelude::*;

use crate::error::Thrown;
use crate::footer::Footer;
use crate::partial::Partial;
use crate::query::Query;

/// A scan; it reads nothing itself.
#[wasm_bindgen]
pub struct Scan {
    inner: questlog_core::Scan,
    needs: Vec<f64>,
}

/// What a scan wants next.
#[wasm_bindgen]
pub enum Step {
    /// The ranges that `needs` names, through `feed`.
    Need,
    /// Only to be called again.
    More,
    /// Nothing: `finish` has the result.
    Done,
}

#[wasm_bindgen]
impl Scan {
    /// A scan of a whole file; `path` may hold Hive folders.
    #[wasm_bindgen(constructor)]
    pub fn new(query: &Query, path: String, size_bytes: f64) -> Scan {
        let file = file_info(path, size_bytes);
        Self::begun(questlog_core::Scan::new(
            &query.inner,
            file,
            &Limits::default(),
        ))
    }

    /// A scan of the row groups from `first` up to, not including, `end`.
    pub fn within(
        query: &Query,
        path: String,
        size_bytes: f64,
        footer: &Footer,
        first: usize,
        end: usize,
    ) -> Scan {
        Self::of_part(query, path, size_bytes, footer, (first..end).into())
    }

    /// A scan of a row group's rows from `first` up to, not including, `end`.
    #[wasm_bindgen(js_name = withinRows)]
    pub fn within_rows(
        query: &Query,
        path: String,
        size_bytes: f64,
        footer: &Footer,
        row_group: usize,
        first: f64,
        end: f64,
    ) -> Scan {
        let rows = Part::of_rows(row_group, first as u64..end as u64);
        Self::of_part(query, path, size_bytes, footer, rows)
    }

    /// Works on about `rows_max` rows at most.
    pub fn advance(&mut self, rows_max: usize) -> Result<Step, Thrown> {
        self.needs.clear();
        match self.inner.advance(rows_max)? {
            questlog_core::Step::Need(ranges) => {
                self.needs = ends(&ranges);
                Ok(Step::Need)
            }
            questlog_core::Step::More => Ok(Step::More),
            questlog_core::Step::Done => Ok(Step::Done),
        }
    }

    /// The ranges that the last `advance` asked for: start, end, start, end, …
    pub fn needs(&self) -> Vec<f64> {
        self.needs.clone()
    }

    /// Takes bytes of the file from `start` on; also other ones than were asked for.
    pub fn feed(&mut self, start: f64, bytes: Vec<u8>) -> Result<(), Thrown> {
        Ok(self.inner.feed(start as u64, bytes.into())?)
    }

    /// Rows counted or skipped so far.
    #[wasm_bindgen(js_name = rowsDone)]
    pub fn rows_done(&self) -> f64 {
        self.inner.progress().rows_done as f64
    }

    /// The footer, once it was read.
    pub fn footer(&self) -> Option<Footer> {
        let inner = self.inner.footer()?.clone();
        Some(Footer { inner })
    }

    /// What was counted, after `Step.Done`.
    pub fn finish(self) -> Result<Partial, Thrown> {
        let inner = self.inner.finish()?;
        Ok(Partial { inner })
    }

    fn of_part(query: &Query, path: String, size_bytes: f64, footer: &Footer, part: Part) -> Scan {
        Self::begun(questlog_core::Scan::with_footer(
            &query.inner,
            file_info(path, size_bytes),
            footer.inner.clone(),
            part,
            &Limits::default(),
        ))
    }

    fn begun(inner: questlog_core::Scan) -> Scan {
        let needs = Vec::new();
        Scan { inner, needs }
    }
}

/// Start, end, start, end, …
pub(crate) fn ends(ranges: &[Range<u64>]) -> Vec<f64> {
    let ends = ranges
        .iter()
        .flat_map(|range| [range.start as f64, range.end as f64]);
    ends.collect()
}

pub(crate) fn file_info(path: String, size_bytes: f64) -> FileInfo {
    let partition = partition_columns(&path);
    FileInfo {
        name: path,
        size_bytes: size_bytes as u64,
        partition,
    }
}
