//! From rows to groups: each key's values become small numbers, and those of several keys one.

use super::class::Class;
use super::key::KeyNumbers;
use super::pairs::Pairs;
use super::partial::too_many_groups;
use super::view::{Rows, View};
use crate::{Error, Limits, Providers, Query, Value};

/// The groups that a scan has met.
pub(crate) struct Keys {
    keys: Vec<KeyNumbers>,
    /// The n-th one joins the numbers of the first n+1 keys with those of the next.
    pairs: Vec<Pairs>,
    scratch: [Vec<u32>; 2],
    groups_max: usize,
}

impl Keys {
    /// For the keys of a query over columns of these classes.
    pub(crate) fn new(query: &Query, classes: &[Option<Class>], limits: &Limits) -> Self {
        let keys: Vec<_> = query
            .keys()
            .iter()
            .map(|key| KeyNumbers::new(key.lens, classes, limits.value_bytes_max))
            .collect();
        let pairs = keys
            .iter()
            .skip(1)
            .map(|_| Pairs::new(limits.groups_max, too_many_groups))
            .collect();
        Self {
            keys,
            pairs,
            scratch: Default::default(),
            groups_max: limits.groups_max,
        }
    }

    /// The group of each row that is looked at. Without keys all rows are group 0.
    pub(crate) fn number(
        &mut self,
        views: &[View<'_>],
        rows: Rows<'_>,
        providers: &Providers,
        groups: &mut Vec<u32>,
    ) -> Result<(), Error> {
        groups.clear();
        let Some((first, rest)) = self.keys.split_first_mut() else {
            groups.resize(rows.count(), 0);
            return Ok(());
        };
        first.number(views, rows, providers, groups)?;
        let [more, joined] = &mut self.scratch;
        for (key, pairs) in rest.iter_mut().zip(&mut self.pairs) {
            more.clear();
            key.number(views, rows, providers, more)?;
            joined.clear();
            pairs.number(groups, more, joined)?;
            std::mem::swap(groups, joined);
        }
        if self.count() > self.groups_max {
            Err(too_many_groups(self.groups_max))
        } else {
            Ok(())
        }
    }

    /// How many groups there are.
    pub(crate) fn count(&self) -> usize {
        match (self.pairs.last(), self.keys.first()) {
            (Some(pairs), _) => pairs.met.len(),
            (None, Some(key)) => key.count(),
            (None, None) => 1,
        }
    }

    /// A group's values.
    pub(crate) fn values(&self, group: usize) -> Box<[Value]> {
        let mut values = Vec::with_capacity(self.keys.len());
        let mut number = group;
        for (key, pairs) in self.keys.iter().skip(1).zip(&self.pairs).rev() {
            let (before, last) = pairs.met.get(number).copied().unwrap_or_default();
            values.push(key.value(last as usize));
            number = before as usize;
        }
        values.extend(self.keys.first().map(|key| key.value(number)));
        values.reverse();
        values.into()
    }
}
