//! What was counted so far, in a form that merges: identity, commutative, associative.

use std::ops::Deref;

use hashbrown::HashMap;

use super::bytes;
use super::class::{Class, Seen};
use super::state::{State, shown, to_float};
use crate::answer::{Scanned, ordered};
use crate::query::{Function, Lens, Of, nearest};
use crate::{Answer, Error, ErrorKind, Query, Value};

/// The groups of a part of the data. Partials of the same query merge, in any order, to the same answer.
#[derive(Clone, Debug)]
pub struct Partial {
    pub(crate) query: Query,
    pub(crate) content: Content,
}

/// What a partial holds, apart from the query it belongs to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Content {
    pub(crate) scanned: Scanned,
    /// The file with the smallest name, and the names of its columns: what an unknown column's error suggests from.
    pub(crate) first_file: Option<FileColumns>,
    /// What was seen of each of the query's columns.
    pub(crate) columns: Vec<Seen>,
    pub(crate) groups: Groups,
}

/// The columns of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FileColumns {
    pub(crate) file: String,
    pub(crate) names: Vec<String>,
}

impl FileColumns {
    /// Names that are kept of a file.
    pub(crate) const NAMES_MAX: usize = 1000;
}

/// A group's values, and its measures.
pub(crate) type Groups = HashMap<Box<[Value]>, Box<[State]>, foldhash::fast::FixedState>;

impl Partial {
    /// Nothing counted: the identity of [`Partial::merge`].
    pub fn empty(query: &Query) -> Self {
        let columns = vec![Seen::default(); query.columns().len()];
        Self {
            query: query.clone(),
            content: Content {
                columns,
                ..Content::default()
            },
        }
    }

    /// Adds what another counted. Fails for another query's partial and for columns whose types don't go together;
    /// this partial is of no more use then.
    pub fn merge(&mut self, other: Self) -> Result<(), Error> {
        if self.query.fingerprint() != other.query.fingerprint() {
            return Err(Error::new(
                ErrorKind::Partial,
                "this partial is of another query; only partials of the same query can be merged",
            ));
        }
        let mut other = other.content;
        for (index, name) in self.query.columns().iter().enumerate() {
            let (Some(here), Some(there)) = (
                self.content.columns.get_mut(index),
                other.columns.get(index),
            ) else {
                continue;
            };
            let joined = here.join(there, name)?;
            let widens = |seen: &Seen| {
                seen.class == Some(Class::Int) && matches!(joined.class, Some(Class::Float { .. }))
            };
            let (widen_here, widen_there) = (widens(here), widens(there));
            *here = joined;
            if widen_here {
                widen(&self.query, &mut self.content.groups, index);
            }
            if widen_there {
                widen(&self.query, &mut other.groups, index);
            }
        }
        self.content.first_file = match (self.content.first_file.take(), other.first_file.take()) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        self.content.scanned.add(&other.scanned);
        self.add_groups(other.groups)
    }

    fn add_groups(&mut self, mut other: Groups) -> Result<(), Error> {
        if other.len() > self.content.groups.len() {
            std::mem::swap(&mut self.content.groups, &mut other);
        }
        for (key, states) in other {
            add_group(&self.query, &mut self.content.groups, key, states);
        }
        check_limits(&self.query, &self.content.groups)
    }

    /// Its bytes: versioned, the same for the same content, however the work was split.
    pub fn to_bytes(&self) -> Vec<u8> {
        bytes::write(&self.query, &self.content)
    }

    /// A partial from its bytes. Fails for bytes of another query or version, and for damaged ones.
    pub fn from_bytes(bytes: &[u8], query: &Query) -> Result<Self, Error> {
        let content = bytes::read(bytes, query)?;
        check_limits(query, &content.groups)?;
        Ok(Self {
            query: query.clone(),
            content,
        })
    }

    /// The bytes of a partial with any content, valid or not.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) fn sealed(content: &[u8], query: &Query) -> Vec<u8> {
        bytes::seal(content, query)
    }

    /// Whether every column of the query was seen in some file.
    pub fn has_columns(&self) -> bool {
        self.content.columns.iter().all(|seen| seen.file.is_some())
    }

    /// A column that no file has is an error; one that only some files lack is null there.
    pub fn check_columns(&self) -> Result<(), Error> {
        let columns = self.query.columns().iter().zip(&self.content.columns);
        let unknown = columns.into_iter().find(|(_, seen)| seen.file.is_none());
        match (unknown, &self.content.first_file) {
            (Some((name, _)), Some(first)) => Err(unknown_column(name, first)),
            _ => Ok(()),
        }
    }

    /// The answer: named, ordered, limited. `query` may order and limit otherwise than the one that was scanned with.
    pub fn answer(&self, query: &Query) -> Result<Answer, Error> {
        self.check_query(query)?;
        let groups = &self.content.groups;
        let groups = groups.iter().map(|(key, states)| (&**key, &**states));
        Ok(answer(query, &self.content, groups, <[Value]>::to_vec))
    }

    /// The same for a partial that is of no more use, whose values need not be copied.
    pub fn into_answer(mut self, query: &Query) -> Result<Answer, Error> {
        self.check_query(query)?;
        let groups = std::mem::take(&mut self.content.groups).into_iter();
        Ok(answer(query, &self.content, groups, Vec::from))
    }

    fn check_query(&self, query: &Query) -> Result<(), Error> {
        if query.fingerprint() != self.query.fingerprint() {
            return Err(Error::new(
                ErrorKind::Partial,
                "this partial is of another query, so it can't answer this one",
            ));
        }
        self.check_columns()
    }
}

/// The answer of these groups, whose values `into_values` gives away.
fn answer<K, S>(
    query: &Query,
    content: &Content,
    groups: impl ExactSizeIterator<Item = (K, S)>,
    into_values: impl Fn(K) -> Vec<Value>,
) -> Answer
where
    K: Deref<Target = [Value]> + Default,
    S: Deref<Target = [State]>,
{
    let (keys, measures) = (query.keys(), query.measures());
    let class = |lens: Lens| {
        let seen = content.columns.get(lens.column);
        seen.and_then(|seen| seen.class)
            .filter(|_| lens.of == Of::Value)
    };
    let mut groups_keys: Vec<K> = Vec::with_capacity(groups.len());
    let mut measured: Vec<Value> = Vec::with_capacity(groups.len() * measures.len());
    for (key, states) in groups {
        groups_keys.push(key);
        let states = measures.iter().zip(states.iter());
        measured.extend(
            states.map(|(measure, state)| {
                state.value(measure.function, measure.lens.and_then(class))
            }),
        );
    }
    if keys.is_empty() && groups_keys.is_empty() {
        groups_keys.push(K::default());
        let functions = measures.iter().map(|measure| measure.function);
        measured.extend(functions.map(|function| State::empty(function).value(function, None)));
    }
    let value = |row: usize, column: usize| {
        let value = match column.checked_sub(keys.len()) {
            None => groups_keys.get(row).and_then(|key| key.get(column)),
            Some(measure) => measured.get(row * measures.len() + measure),
        };
        value.unwrap_or(&Value::Null)
    };
    let limit = query.options().limit;
    let order = ordered(groups_keys.len(), query.order(), keys.len(), limit, value);
    let rows = order.into_iter().map(|row| {
        let key = groups_keys.get_mut(row).map(std::mem::take);
        let mut values = key.map(&into_values).unwrap_or_default();
        for (value, key) in values.iter_mut().zip(keys) {
            if let Some(class @ Class::Float { .. }) = class(key.lens) {
                *value = shown(value, Some(class));
            }
        }
        values.reserve_exact(measures.len());
        let first = row * measures.len();
        let measured = measured.get_mut(first..first + measures.len());
        values.extend(measured.into_iter().flatten().map(std::mem::take));
        values
    });
    let rows = rows.collect();
    let names = keys.iter().map(|key| key.name.clone());
    Answer {
        columns: names
            .chain(measures.iter().map(|measure| measure.written.clone()))
            .collect(),
        rows,
        scanned: content.scanned,
    }
}

/// The error for a column that no file has; `first` is one of them.
fn unknown_column(name: &str, first: &FileColumns) -> Error {
    let names = first.names.iter().map(String::as_str);
    let advice = match nearest(name, names.clone()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None if first.names.is_empty() => format!("{} has no columns at all", first.file),
        None => format!("{} has {}", first.file, list(&first.names)),
    };
    Error::new(
        ErrorKind::Column,
        format!("there is no column `{name}`: {advice}"),
    )
}

/// Names in a sentence; not more than a reader wants to see.
fn list(names: &[String]) -> String {
    const SHOWN_MAX: usize = 20;
    let shown = &names[..names.len().min(SHOWN_MAX)];
    let rest = match names.len() - shown.len() {
        0 => String::new(),
        // How many others the file has is not known any more.
        _ if names.len() >= FileColumns::NAMES_MAX => " and many more".to_owned(),
        more => format!(" and {more} more"),
    };
    format!("{}{rest}", shown.join(", "))
}

/// Adds a group that may be there already.
pub(crate) fn add_group(
    query: &Query,
    groups: &mut Groups,
    key: Box<[Value]>,
    states: Box<[State]>,
) {
    match groups.entry(key) {
        hashbrown::hash_map::Entry::Vacant(entry) => {
            entry.insert(states);
        }
        hashbrown::hash_map::Entry::Occupied(mut entry) => {
            let added = entry.get_mut().iter_mut().zip(states).zip(query.measures());
            added.for_each(|((state, more), measure)| state.merge(more, measure.function));
        }
    }
}

/// Turns the whole numbers of a column into floats wherever they are kept.
fn widen(query: &Query, groups: &mut Groups, column: usize) {
    let of_column = |lens: &Lens| lens.column == column && lens.of == Of::Value;
    let in_keys = query.keys().iter().any(|key| of_column(&key.lens));
    let in_measures = query
        .measures()
        .iter()
        .any(|measure| measure.lens.as_ref().is_some_and(of_column));
    if !in_keys && !in_measures {
        return;
    }
    let widened = std::mem::take(groups);
    for (key, states) in widened {
        let values = key.into_iter().zip(query.keys());
        let key = values
            .map(|(value, key)| {
                if of_column(&key.lens) {
                    to_float(value)
                } else {
                    value
                }
            })
            .collect();
        let measured = states.into_iter().zip(query.measures());
        let states = measured.map(|(state, measure)| {
            if measure.lens.as_ref().is_some_and(of_column) {
                state.into_float()
            } else {
                state
            }
        });
        add_group(query, groups, key, states.collect());
    }
}

/// Whether the groups and their distinct values keep within their limits.
pub(crate) fn check_limits(query: &Query, groups: &Groups) -> Result<(), Error> {
    let limits = query.limits();
    if groups.len() > limits.groups_max {
        return Err(too_many_groups(limits.groups_max));
    }
    let distinct: Vec<usize> = query
        .measures()
        .iter()
        .enumerate()
        .filter(|(_, measure)| measure.function == Function::Distinct)
        .map(|(index, _)| index)
        .collect();
    if distinct.is_empty() {
        return Ok(());
    }
    let held: usize = groups
        .values()
        .flat_map(|states| distinct.iter().filter_map(|index| states.get(*index)))
        .map(|state| {
            if let State::Distinct(set) = state {
                set.len()
            } else {
                0
            }
        })
        .sum();
    if held > limits.distinct_values_max {
        Err(too_many_values(limits.distinct_values_max))
    } else {
        Ok(())
    }
}

/// The error for more groups than allowed.
pub(crate) fn too_many_groups(groups_max: usize) -> Error {
    Error::new(
        ErrorKind::Limit,
        format!(
            "the answer has more than {groups_max} groups; group by fewer columns, by a time bucket, or filter with `where`"
        ),
    )
}

/// The error for more distinct values than allowed.
pub(crate) fn too_many_values(values_max: usize) -> Error {
    Error::new(
        ErrorKind::Limit,
        format!(
            "`distinct` met more than {values_max} different values; filter with `where`, or count another column"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_lists_few_names_and_does_not_invent_how_many_are_left() {
        let listed = |count: usize| {
            let names: Vec<_> = (0..count).map(|number| format!("c{number}")).collect();
            list(&names)
        };
        assert_eq!(listed(2), "c0, c1");
        assert!(listed(21).ends_with(", c19 and 1 more"));
        // Of a file with more columns than are kept, nobody can say how many more.
        assert!(listed(FileColumns::NAMES_MAX).ends_with(", c19 and many more"));
    }
}
