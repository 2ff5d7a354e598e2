//! A coarser question's partial, made of a finer one's: both are answered by one reading.

use std::hash::{BuildHasher, Hash, Hasher};

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use super::partial::{Content, Partial, check_limits};
use super::state::State;
use crate::query::Lens;
use crate::{Error, ErrorKind, Query, Value};

impl Partial {
    /// The partial of `query`, which asks the same of the same rows but has only some of this one's keys.
    ///
    /// It equals what a scan for `query` finds, except that it says to have read what this one read. Fails for a query
    /// whose groups are not made of this one's.
    pub fn regrouped(&self, query: &Query) -> Result<Self, Error> {
        let coarser = Coarser::new(&self.query, query).ok_or_else(|| {
            Error::new(
                ErrorKind::Partial,
                "this partial is of another query, and its groups don't make up those that are asked for",
            )
        })?;
        let content = &self.content;
        let seen = coarser.columns.iter();
        let seen = seen.filter_map(|place| content.columns.get(*place));
        let mut made = Self {
            query: query.clone(),
            content: Content {
                scanned: content.scanned,
                first_file: content.first_file.clone(),
                columns: seen.cloned().collect(),
                ..Content::default()
            },
        };
        // Many groups make few: a group is only copied when it is the first of its sort.
        let mut sorts = Sorts::default();
        for (key, states) in &content.groups {
            let values = coarser.keys.iter().filter_map(|place| key.get(*place));
            let states = coarser
                .measures
                .iter()
                .filter_map(|place| states.get(*place));
            sorts.add(values, states, query);
        }
        let sorts = sorts.all.into_iter();
        made.content.groups = sorts
            .map(|(key, states)| (key.into_iter().cloned().collect(), states.into()))
            .collect();
        check_limits(query, &made.content.groups)?;
        Ok(made)
    }
}

impl Query {
    /// Whether the partial of `coarser` can be [regrouped](Partial::regrouped) out of one of this query.
    pub fn makes_up(&self, coarser: &Self) -> bool {
        Coarser::new(self, coarser).is_some()
    }
}

/// Coarser groups, by values that belong to the finer ones.
#[derive(Default)]
struct Sorts<'a> {
    all: Vec<(Vec<&'a Value>, Vec<State>)>,
    places: HashTable<usize>,
}

impl<'a> Sorts<'a> {
    fn add(
        &mut self,
        key: impl Iterator<Item = &'a Value> + Clone,
        states: impl Iterator<Item = &'a State>,
        query: &Query,
    ) {
        let Self { all, places } = self;
        let hash_of = hash(key.clone());
        let known = places.find(hash_of, |place| {
            all.get(*place)
                .is_some_and(|(known, _)| known.iter().copied().eq(key.clone()))
        });
        if let Some((_, sums)) = known.and_then(|place| all.get_mut(*place)) {
            for ((sum, state), measure) in sums.iter_mut().zip(states).zip(query.measures()) {
                sum.merge(state.clone(), measure.function);
            }
            return;
        }
        all.push((key.collect(), states.cloned().collect()));
        let rehash = |place: &usize| {
            let known = all.get(*place);
            known.map_or(0, |(known, _)| hash(known.iter().copied()))
        };
        places.insert_unique(hash_of, all.len() - 1, rehash);
    }
}

fn hash<'a>(key: impl Iterator<Item = &'a Value>) -> u64 {
    let mut hasher = FixedState::default().build_hasher();
    key.for_each(|value| value.hash(&mut hasher));
    hasher.finish()
}

/// Where a coarser query's parts are in a finer one.
struct Coarser {
    columns: Vec<usize>,
    keys: Vec<usize>,
    measures: Vec<usize>,
}

impl Coarser {
    /// `None` when the one query's groups are not made of the other's.
    fn new(finer: &Query, query: &Query) -> Option<Self> {
        let filter = |query: &Query| query.options().filter.clone().unwrap_or_default();
        let (ours, theirs) = (query.matcher(), finer.matcher());
        let matches_alike = (ours.names(), ours.rule()) == (theirs.names(), theirs.rule());
        if filter(finer).trim() != filter(query).trim()
            || (query.looks_for_providers() && !matches_alike)
        {
            return None;
        }
        let column = |name: &String| finer.columns().iter().position(|known| known == name);
        let same = |lens: Lens, known: Lens| {
            lens.of == known.of
                && query.columns().get(lens.column) == finer.columns().get(known.column)
        };
        let key = |lens: Lens| finer.keys().iter().position(|known| same(lens, known.lens));
        let measures = query.measures().iter().map(|measure| {
            finer.measures().iter().position(|known| {
                known.function == measure.function
                    && match (measure.lens, known.lens) {
                        (Some(lens), Some(known)) => same(lens, known),
                        (lens, known) => lens.is_none() && known.is_none(),
                    }
            })
        });
        Some(Self {
            columns: query.columns().iter().map(column).collect::<Option<_>>()?,
            keys: query
                .keys()
                .iter()
                .map(|asked| key(asked.lens))
                .collect::<Option<_>>()?,
            measures: measures.collect::<Option<_>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use parquet::file::properties::WriterProperties;

    use super::*;
    use crate::testing::{file, info, ints, query, run, texts};
    use crate::{Limits, QueryOptions, Scan};

    #[test]
    fn a_coarser_question_is_answered_by_the_finer_ones_groups() {
        let schema =
            "optional binary Host (UTF8); optional binary event_type (UTF8); optional int64 n;";
        let columns = |from: i64| {
            vec![
                texts(&["a.cox.net", "null", "b.att.com", "c.cox.net", "elsewhere"]),
                texts(&["knife", "knife", "null", "sword", "knife"]),
                ints(from..from + 5),
            ]
        };
        let bytes = file(
            schema,
            WriterProperties::default(),
            &[columns(0), columns(7)],
        );
        let scan = |query: &Query| {
            let scan = Scan::new(query, info("f", &bytes), &Limits::default());
            run(scan, &bytes, Default::default()).unwrap()
        };
        let measures = "distinct(n),count,sum(n),min(n),max(Host),mean(n),count(n)";
        let finer = scan(&query("provider(Host),event_type,n", measures, "n != 3"));
        for (keys, measures) in [
            ("event_type", "count"),
            ("provider(Host)", measures),
            ("event_type,provider(Host)", "mean(n),distinct(n)"),
            ("", measures),
        ] {
            let coarser = query(keys, measures, "n != 3");
            let made = finer.regrouped(&coarser).unwrap();
            let scanned = scan(&coarser);
            assert_eq!(
                made.answer(&coarser).unwrap().rows,
                scanned.answer(&coarser).unwrap().rows
            );
            let mut both = made.clone();
            both.merge(scanned).unwrap();
            assert_eq!(both.answer(&coarser).unwrap().scanned.rows, 20);
        }
        for other in [
            query("Host", "count", "n != 3"),
            query("event_type", "count(Host)", "n != 3"),
            query("event_type", "count", "n != 4"),
            query("day(n)", "count", "n != 3"),
        ] {
            assert!(finer.regrouped(&other).is_err());
            assert!(!finer.query.makes_up(&other));
        }
    }

    #[test]
    fn how_hosts_are_matched_matters_only_where_providers_are_asked_for() {
        let asked = |group_by: &str, filter: &str, providers: &str| {
            let options = QueryOptions {
                group_by: Some(group_by.into()),
                filter: Some(filter.into()),
                providers: Some(providers.into()),
                ..QueryOptions::default()
            };
            Query::new(&options, &Limits::default()).unwrap()
        };
        let both = "provider(Host),event_type";
        for (filter, group_by, makes_up) in [
            ("", "event_type", true),
            ("n = 1 or not n = 2", "event_type", true),
            ("", "provider(Host)", false),
            ("n = 1 or not provider(Host) = 'cox'", "event_type", false),
        ] {
            let finer = asked(both, filter, "cox");
            assert!(finer.makes_up(&asked(group_by, filter, "cox")));
            let other = asked(group_by, filter, "cox,att");
            assert_eq!(finer.makes_up(&other), makes_up, "{group_by} {filter}");
        }
    }
}
