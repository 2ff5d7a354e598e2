//! What a scan counts: which rows the filter keeps, the groups they belong to, and each group's measures.

use super::condition::{Condition, TRUE};
use crate::aggregate::{Cell, Keys, Measured, Rows, View};
use crate::plan::Plan;
use crate::{Error, Limits, Query};

/// The filter, the groups and the measures of a scan.
pub(super) struct Counting {
    pub(super) condition: Option<Condition>,
    pub(super) keys: Keys,
    pub(super) measured: Vec<Measured>,
    /// Buffers: the groups of some rows, and those of the rows that the filter keeps.
    groups: Vec<u32>,
    chosen: Vec<u32>,
}

impl Counting {
    /// Nothing counted yet; an error when a column is not of a type that the query can ask for.
    pub(super) fn new(query: &Query, plan: &Plan, limits: &Limits) -> Result<Self, Error> {
        let measured = query
            .measures()
            .iter()
            .map(|measure| Measured::new(measure, &plan.classes, query.columns(), limits));
        Ok(Self {
            condition: query
                .filter()
                .map(|filter| Condition::new(filter, query, &plan.classes))
                .transpose()?,
            measured: measured.collect::<Result<_, _>>()?,
            keys: Keys::new(query, &plan.classes, limits),
            groups: Vec::new(),
            chosen: Vec::new(),
        })
    }

    /// Whether rows with the same values may be counted as one that stands for many.
    pub(super) fn counts_alike(&self) -> bool {
        self.measured.iter().all(Measured::counts_alike)
    }

    /// Counts some rows of all columns. With `times` each of them stands for so many.
    pub(super) fn count(
        &mut self,
        query: &Query,
        views: &[View<'_>],
        rows: usize,
        times: Option<&[u32]>,
    ) -> Result<(), Error> {
        let providers = query.matcher();
        let mut looked_at = Rows::All(rows);
        if let Some(condition) = &mut self.condition {
            let truths = condition.ask(views, rows, providers)?;
            // Each row is written down, and kept by moving on: there is no branch to guess wrong.
            self.chosen.resize(rows, 0);
            let mut kept = 0;
            for (truth, row) in truths.iter().zip(0..) {
                if let Some(place) = self.chosen.get_mut(kept) {
                    *place = row;
                }
                kept += usize::from(*truth == TRUE);
            }
            self.chosen.truncate(kept);
            if self.chosen.is_empty() {
                return Ok(());
            }
            if self.chosen.len() < rows {
                looked_at = Rows::Chosen(&self.chosen);
            }
        }
        self.keys
            .number(views, looked_at, providers, &mut self.groups)?;
        let groups_len = self.keys.count();
        for measured in &mut self.measured {
            match times {
                None => measured.update(views, looked_at, &self.groups, groups_len, providers)?,
                Some(times) => {
                    let groups = (self.groups.as_slice(), groups_len);
                    measured.update_alike(views, looked_at, times, groups, providers)?;
                }
            }
        }
        Ok(())
    }

    /// Counts rows of which nothing needs to be read.
    pub(super) fn count_same(
        &mut self,
        query: &Query,
        cells: &[Cell<'_>],
        rows: u64,
    ) -> Result<(), Error> {
        if rows == 0 {
            return Ok(());
        }
        let providers = query.matcher();
        let views: Vec<View<'_>> = cells.iter().map(|cell| View::Same(*cell)).collect();
        if let Some(condition) = &mut self.condition
            && condition.ask(&views, 1, providers)? != [TRUE]
        {
            return Ok(());
        }
        self.keys
            .number(&views, Rows::All(1), providers, &mut self.groups)?;
        let group = self.groups.first().map_or(0, |group| *group as usize);
        let groups_len = self.keys.count();
        for measured in &mut self.measured {
            measured.update_same(cells, (group, groups_len), rows, providers)?;
        }
        Ok(())
    }
}
