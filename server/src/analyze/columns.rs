//! Whether the query's columns are there at all, found out before anything is counted.

use std::sync::OnceLock;
use std::sync::atomic::Ordering;

use questlog_core::{FileInfo, Footer, Limits, Partial, Query};

use super::{Analysis, Error, Source, file_info, footer};

/// What was found out when the first file lacked a column.
#[derive(Default)]
pub(super) struct Columns {
    verdict: OnceLock<Result<(), questlog_core::Error>>,
}

impl Columns {
    /// An error for a column that neither this file has nor any other.
    ///
    /// A file that has all columns settles it for itself. Else the footers of the others are read, once, until every
    /// column was seen in one of them: little, beside counting files whose answer would be an error.
    pub(super) fn check(
        &self,
        analysis: &Analysis,
        index: usize,
        info: &FileInfo,
        footer: &Footer,
    ) -> Result<(), Error> {
        if analysis.query.has_columns(info, footer) {
            return Ok(());
        }
        let found = Partial::of_columns(&analysis.query, info, footer)?;
        let verdict = self
            .verdict
            .get_or_init(|| look_through(analysis, index, found));
        verdict.clone().map_err(Error::Core)
    }
}

/// Adds the columns of all files but the one at `index` to those that were `found` in it.
fn look_through(
    analysis: &Analysis,
    index: usize,
    mut found: Partial,
) -> Result<(), questlog_core::Error> {
    for (place, source) in analysis.sources.iter().enumerate() {
        if found.has_columns() || analysis.cancel.load(Ordering::Relaxed) {
            return Ok(());
        }
        // A file that can't be read is told of when its turn comes.
        if place != index
            && let Ok(columns) = columns_of(&analysis.query, source, &analysis.limits)
        {
            found.merge(columns)?;
        }
    }
    found.check_columns()
}

fn columns_of(query: &Query, source: &Source, limits: &Limits) -> Result<Partial, Error> {
    let info = file_info(source, &source.open()?);
    let footer = footer(source, limits)?;
    Ok(Partial::of_columns(query, &info, &footer)?)
}

/// Looks for the query's columns in the footers alone.
///
/// # Errors
/// A column that none of `sources` has; a source that can't be read.
pub fn check_columns(query: &Query, sources: &[Source], limits: &Limits) -> Result<(), Error> {
    let mut found = Partial::empty(query);
    for source in sources {
        if found.has_columns() {
            break;
        }
        found.merge(columns_of(query, source, limits)?)?;
    }
    Ok(found.check_columns()?)
}
