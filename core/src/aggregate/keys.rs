//! From rows to groups: each key's values become small numbers, and those of several keys one.

use hashbrown::{HashMap, HashTable};
use std::hash::BuildHasher;

use super::class::{Cell, Class};
use super::partial::too_many_groups;
use super::view::{Rows, View};
use crate::query::{Lens, Of};
use crate::{Error, ErrorKind, Limits, Providers, Query, Value};

/// In a table of numbers: not met yet.
const UNMET: u32 = u32::MAX;

/// Entries of a table that finds the number of a pair; more pairs than that are looked up in a hash map.
const DENSE_ENTRIES_MAX: usize = 1 << 20;

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
        let pairs = keys.iter().skip(1).map(|_| Pairs::default()).collect();
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
            pairs.number(groups, more, self.groups_max, joined)?;
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
            (None, Some(key)) => key.numbers.items.len(),
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

/// The values of one key, numbered as they are met.
struct KeyNumbers {
    lens: Lens,
    /// The class of the column, and that of what is made of it.
    column_class: Option<Class>,
    class: Option<Class>,
    numbers: Numbers,
    /// The number of each dictionary value of the present chunk, and of null.
    by_code: Vec<u32>,
    chunk: u64,
    /// The number of each provider, and of none.
    by_provider: Vec<u32>,
}

impl KeyNumbers {
    fn new(lens: Lens, classes: &[Option<Class>], value_bytes_max: usize) -> Self {
        let column_class = classes.get(lens.column).copied().flatten();
        Self {
            lens,
            column_class,
            class: column_class.and_then(|class| lens.of.class(class, "").ok()),
            numbers: Numbers {
                value_bytes_max,
                ..Numbers::default()
            },
            by_code: Vec::new(),
            chunk: 0,
            by_provider: Vec::new(),
        }
    }

    fn value(&self, number: usize) -> Value {
        self.class
            .map_or(Value::Null, |class| class.value(self.numbers.cell(number)))
    }

    fn number(
        &mut self,
        views: &[View<'_>],
        rows: Rows<'_>,
        providers: &Providers,
        out: &mut Vec<u32>,
    ) -> Result<(), Error> {
        let Some(view) = views.get(self.lens.column) else {
            return Err(Error::new(ErrorKind::Misuse, "a key's column was not read"));
        };
        match view {
            View::Same(cell) => {
                let number = self.number_of(*cell, providers)?;
                out.resize(rows.count(), number);
                Ok(())
            }
            View::Codes {
                codes,
                dictionary,
                form,
                chunk,
            } => {
                if self.chunk != *chunk {
                    self.chunk = *chunk;
                    self.by_code.clear();
                    self.by_code.resize(dictionary.len() + 1, UNMET);
                }
                // Codes are numbered when they are met, not all at once: a filter may leave few of them.
                let mut failed = None;
                let mut number_of = |row: usize| {
                    let code = codes.get(row).map_or(usize::MAX, |code| *code as usize);
                    let known = self.by_code.get(code).copied().unwrap_or(UNMET);
                    if known != UNMET {
                        return known;
                    }
                    let numbered = form.cell(dictionary, code).and_then(|cell| {
                        self.numbers.number_of_lens(
                            self.lens.of,
                            cell,
                            self.column_class,
                            providers,
                        )
                    });
                    match numbered {
                        Ok(number) => {
                            if let Some(slot) = self.by_code.get_mut(code) {
                                *slot = number;
                            }
                            number
                        }
                        Err(error) => {
                            failed = Some(error);
                            0
                        }
                    }
                };
                match rows {
                    Rows::All(count) => out.extend((0..count).map(&mut number_of)),
                    Rows::Chosen(chosen) => {
                        out.extend(chosen.iter().map(|row| number_of(*row as usize)));
                    }
                }
                failed.map_or(Ok(()), Err)
            }
            View::Values { .. } => rows.try_for_each(|row| {
                out.push(self.number_of(view.cell(row)?, providers)?);
                Ok(())
            }),
        }
    }

    /// The number of what is made of a cell.
    #[inline]
    fn number_of(&mut self, cell: Cell<'_>, providers: &Providers) -> Result<u32, Error> {
        if self.lens.of != Of::Provider {
            return self
                .numbers
                .number_of_lens(self.lens.of, cell, self.column_class, providers);
        }
        let none = providers.names().len();
        let provider = match cell {
            Cell::Bytes(text) => providers.find(text).unwrap_or(none),
            _ => none,
        };
        self.by_provider.resize(none + 1, UNMET);
        let known = self.by_provider.get(provider).copied().unwrap_or(UNMET);
        if known != UNMET {
            return Ok(known);
        }
        let name = providers.names().get(provider);
        let number = self
            .numbers
            .number(name.map_or(Cell::Null, |name| Cell::Bytes(name.as_bytes())))?;
        if let Some(slot) = self.by_provider.get_mut(provider) {
            *slot = number;
        }
        Ok(number)
    }
}

/// Values, each with a number.
#[derive(Default)]
pub(crate) struct Numbers {
    table: HashTable<u32>,
    items: Vec<Item>,
    data: Vec<u8>,
    value_bytes_max: usize,
}

#[derive(Clone, Copy)]
enum Item {
    Null,
    Int(i128),
    Float(f64),
    Bytes { start: usize, len: usize },
}

const HASHER: foldhash::fast::FixedState = foldhash::fast::FixedState::with_seed(0);

fn hash(cell: Cell<'_>) -> u64 {
    match cell {
        Cell::Null => 0,
        Cell::Int(value) => HASHER.hash_one(value),
        Cell::Float(value) => HASHER.hash_one(value.to_bits()),
        Cell::Bytes(bytes) => HASHER.hash_one(bytes),
    }
}

impl Numbers {
    pub(crate) fn new(value_bytes_max: usize) -> Self {
        Self {
            value_bytes_max,
            ..Self::default()
        }
    }

    pub(crate) fn number_of_lens(
        &mut self,
        of: Of,
        cell: Cell<'_>,
        class: Option<Class>,
        providers: &Providers,
    ) -> Result<u32, Error> {
        self.number(class.map_or(Cell::Null, |class| of.cell(cell, class, providers)))
    }

    /// The number of a value, a new one if it was not met before.
    #[inline]
    pub(crate) fn number(&mut self, cell: Cell<'_>) -> Result<u32, Error> {
        let cell = match cell {
            Cell::Float(value) => Cell::Float(crate::value::canonical(value)),
            cell => cell,
        };
        let hash_of = hash(cell);
        let known = self
            .table
            .find(hash_of, |number| self.is_same(*number, cell));
        match known {
            Some(number) => Ok(*number),
            None => self.add(cell, hash_of),
        }
    }

    #[inline]
    fn is_same(&self, number: u32, cell: Cell<'_>) -> bool {
        match (self.cell(number as usize), cell) {
            (Cell::Null, Cell::Null) => true,
            (Cell::Int(a), Cell::Int(b)) => a == b,
            (Cell::Float(a), Cell::Float(b)) => a.to_bits() == b.to_bits(),
            (Cell::Bytes(a), Cell::Bytes(b)) => a == b,
            _ => false,
        }
    }

    #[cold]
    fn add(&mut self, cell: Cell<'_>, hash_of: u64) -> Result<u32, Error> {
        let item = match cell {
            Cell::Null => Item::Null,
            Cell::Int(value) => Item::Int(value),
            Cell::Float(value) => Item::Float(value),
            Cell::Bytes(bytes) => {
                check_length(bytes, self.value_bytes_max)?;
                let start = self.data.len();
                self.data.extend_from_slice(bytes);
                Item::Bytes {
                    start,
                    len: bytes.len(),
                }
            }
        };
        let number = u32::try_from(self.items.len())
            .ok()
            .filter(|number| *number != UNMET);
        let Some(number) = number else {
            return Err(Error::new(
                ErrorKind::Limit,
                "a column has more than 4 billion different values",
            ));
        };
        self.items.push(item);
        let Self {
            table, items, data, ..
        } = self;
        table.insert_unique(hash_of, number, |number| {
            hash(item_cell(items, data, *number as usize))
        });
        Ok(number)
    }

    /// The value of a number.
    #[inline]
    pub(crate) fn cell(&self, number: usize) -> Cell<'_> {
        item_cell(&self.items, &self.data, number)
    }

    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }
}

#[inline]
fn item_cell<'a>(items: &[Item], data: &'a [u8], number: usize) -> Cell<'a> {
    match items.get(number) {
        Some(Item::Int(value)) => Cell::Int(*value),
        Some(Item::Float(value)) => Cell::Float(*value),
        Some(Item::Bytes { start, len }) => {
            Cell::Bytes(data.get(*start..start + len).unwrap_or_default())
        }
        Some(Item::Null) | None => Cell::Null,
    }
}

/// Refuses a value that is too long to be kept.
pub(crate) fn check_length(bytes: &[u8], value_bytes_max: usize) -> Result<(), Error> {
    if bytes.len() <= value_bytes_max {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Limit,
        format!(
            "a value has {} bytes, more than the {value_bytes_max} allowed for a group, a minimum or a maximum",
            bytes.len()
        ),
    ))
}

/// Pairs of numbers, numbered as they are met.
#[derive(Default)]
struct Pairs {
    met: Vec<(u32, u32)>,
    /// `dense[first * stride + second]`, while that is small.
    dense: Vec<u32>,
    stride: usize,
    sparse: Option<HashMap<u64, u32, foldhash::fast::FixedState>>,
}

impl Pairs {
    fn number(
        &mut self,
        firsts: &[u32],
        seconds: &[u32],
        pairs_max: usize,
        out: &mut Vec<u32>,
    ) -> Result<(), Error> {
        let mut pairs = firsts.iter().zip(seconds);
        out.reserve(firsts.len());
        for (first, second) in &mut pairs {
            let known = if (*second as usize) < self.stride {
                self.dense
                    .get(*first as usize * self.stride + *second as usize)
                    .copied()
                    .unwrap_or(UNMET)
            } else {
                UNMET
            };
            out.push(if known == UNMET {
                self.find_or_add(*first, *second, pairs_max)?
            } else {
                known
            });
        }
        Ok(())
    }

    fn find_or_add(&mut self, first: u32, second: u32, pairs_max: usize) -> Result<u32, Error> {
        let key = (u64::from(first) << 32) | u64::from(second);
        if let Some(sparse) = &self.sparse
            && let Some(known) = sparse.get(&key)
        {
            return Ok(*known);
        }
        let number = self.met.len() as u32;
        if self.met.len() >= pairs_max {
            return Err(too_many_groups(pairs_max));
        }
        self.met.push((first, second));
        if let Some(sparse) = &mut self.sparse {
            sparse.insert(key, number);
            return Ok(number);
        }
        let (first, second) = (first as usize, second as usize);
        if second >= self.stride || first * self.stride + second >= self.dense.len() {
            self.grow(first, second);
        }
        match self.dense.get_mut(first * self.stride + second) {
            Some(slot) if self.sparse.is_none() => *slot = number,
            _ => {}
        }
        Ok(number)
    }

    /// Makes room for a pair: in the table, or by turning to a hash map.
    fn grow(&mut self, first: usize, second: usize) {
        let rows = self
            .dense
            .len()
            .checked_div(self.stride)
            .unwrap_or(0)
            .max((first + 1).next_power_of_two());
        let stride = self.stride.max((second + 1).next_power_of_two());
        if rows.saturating_mul(stride) > DENSE_ENTRIES_MAX {
            let numbered = self.met.iter().zip(0_u32..);
            let keyed = numbered.map(|((first, second), number)| {
                ((u64::from(*first) << 32) | u64::from(*second), number)
            });
            self.sparse = Some(keyed.collect());
            (self.dense, self.stride) = (Vec::new(), 0);
            return;
        }
        self.stride = stride;
        self.dense = vec![UNMET; rows * stride];
        for ((first, second), number) in self.met.iter().zip(0_u32..) {
            if let Some(slot) = self
                .dense
                .get_mut(*first as usize * stride + *second as usize)
            {
                *slot = number;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_given_once_and_floats_by_their_one_form() {
        let mut numbers = Numbers::new(4);
        let cells = [
            Cell::Float(0.0),
            Cell::Float(-0.0),
            Cell::Float(f64::NAN),
            Cell::Float(-f64::NAN),
            Cell::Null,
            Cell::Int(0),
            Cell::Bytes(b""),
        ];
        let given: Vec<_> = cells
            .iter()
            .map(|cell| numbers.number(*cell).unwrap())
            .collect();
        assert_eq!(given, [0, 0, 1, 1, 2, 3, 4]);
        assert!(numbers.number(Cell::Bytes(b"long")).is_ok());
        assert!(numbers.number(Cell::Bytes(b"longer")).is_err());
    }

    #[test]
    fn pairs_keep_their_numbers_when_the_table_grows_and_turns_to_a_map() {
        let mut pairs = Pairs::default();
        let firsts: Vec<u32> = (0..3000).map(|number| number * 7 % 3000).collect();
        let seconds: Vec<u32> = (0..3000).map(|number| number * 11 % 2000).collect();
        let (mut once, mut again) = (Vec::new(), Vec::new());
        pairs.number(&firsts, &seconds, 10_000, &mut once).unwrap();
        assert!(pairs.sparse.is_some());
        pairs.number(&firsts, &seconds, 10_000, &mut again).unwrap();
        assert_eq!(once, again);
        for (number, pair) in once.iter().zip(firsts.into_iter().zip(seconds)) {
            assert_eq!(pairs.met[*number as usize], pair);
        }
    }

    #[test]
    fn pairs_are_limited() {
        let mut pairs = Pairs::default();
        assert!(
            pairs
                .number(&[0, 1, 0], &[0, 0, 0], 2, &mut Vec::new())
                .is_ok()
        );
        assert!(pairs.number(&[2], &[0], 2, &mut Vec::new()).is_err());
    }
}
