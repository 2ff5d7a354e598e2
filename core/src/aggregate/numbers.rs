//! Values, numbered as they are met.

use std::hash::BuildHasher;

use hashbrown::HashTable;

use super::class::{Cell, Class};
use crate::query::Of;
use crate::{Error, ErrorKind, Providers};

/// Where a number stands: not given yet. Numbers that are given stay below, so that its highest bit tells it from them.
pub(crate) const UNMET: u32 = 1 << 31;

/// The bits that any of the numbers has: as telling as the greatest of them, and much cheaper to find.
#[inline]
pub(crate) fn bits_of(numbers: &[u32]) -> u32 {
    numbers.iter().fold(0, |bits, number| bits | number)
}

/// The number that all of them are, if they are all the same one, as in sorted data.
#[inline]
pub(crate) fn uniform(numbers: &[u32]) -> Option<u32> {
    let (first, last) = (numbers.first()?, numbers.last()?);
    let same = first == last
        && numbers
            .iter()
            .fold(0, |differing, number| differing | (number ^ first))
            == 0;
    same.then_some(*first)
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
    Wide { start: usize, len: usize },
}

const HASHER: foldhash::fast::FixedState = foldhash::fast::FixedState::with_seed(0);

fn hash(cell: Cell<'_>) -> u64 {
    match cell {
        Cell::Null => 0,
        Cell::Int(value) => HASHER.hash_one(value),
        Cell::Float(value) => HASHER.hash_one(value.to_bits()),
        Cell::Bytes(bytes) | Cell::Wide(bytes) => HASHER.hash_one(bytes),
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
            (Cell::Bytes(a), Cell::Bytes(b)) | (Cell::Wide(a), Cell::Wide(b)) => a == b,
            _ => false,
        }
    }

    #[cold]
    fn add(&mut self, cell: Cell<'_>, hash_of: u64) -> Result<u32, Error> {
        let item = match cell {
            Cell::Null => Item::Null,
            Cell::Int(value) => Item::Int(value),
            Cell::Float(value) => Item::Float(value),
            Cell::Bytes(bytes) | Cell::Wide(bytes) => {
                check_length(bytes, self.value_bytes_max)?;
                let (start, len) = (self.data.len(), bytes.len());
                self.data.extend_from_slice(bytes);
                match cell {
                    Cell::Wide(_) => Item::Wide { start, len },
                    _ => Item::Bytes { start, len },
                }
            }
        };
        let number = u32::try_from(self.items.len())
            .ok()
            .filter(|number| *number < UNMET);
        let Some(number) = number else {
            return Err(Error::new(
                ErrorKind::Limit,
                "a column has more than 2 billion different values",
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
        Some(Item::Wide { start, len }) => {
            Cell::Wide(data.get(*start..start + len).unwrap_or_default())
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
}
