//! Pairs of numbers, numbered as they are met: how the values of several keys become one group.

use hashbrown::HashMap;

use super::numbers::{UNMET, bits_of, uniform};
use crate::Error;

/// Entries of a table that finds the number of a pair; more pairs than that are looked up in a hash map.
const DENSE_ENTRIES_MAX: usize = 1 << 20;

/// Pairs of numbers, numbered as they are met.
pub(crate) struct Pairs {
    pub(crate) met: Vec<(u32, u32)>,
    /// `dense[first * stride + second]`, while that is small.
    dense: Vec<u32>,
    stride: usize,
    sparse: Option<HashMap<u64, u32, foldhash::fast::FixedState>>,
    pairs_max: usize,
    /// The error for more pairs than that.
    too_many: fn(usize) -> Error,
}

impl Pairs {
    /// No pairs; at most `pairs_max` can be met, then there is the error that `too_many` makes.
    pub(crate) fn new(pairs_max: usize, too_many: fn(usize) -> Error) -> Self {
        Self {
            met: Vec::new(),
            dense: Vec::new(),
            stride: 0,
            sparse: None,
            pairs_max,
            too_many,
        }
    }

    /// The number of each pair of `firsts` and `seconds`.
    pub(crate) fn number(
        &mut self,
        firsts: &[u32],
        seconds: &[u32],
        out: &mut Vec<u32>,
    ) -> Result<(), Error> {
        if let (Some(first), Some(second)) = (uniform(firsts), uniform(seconds)) {
            let number = self.find_or_add(first, second)?;
            out.resize(out.len() + firsts.len(), number);
            return Ok(());
        }
        // The table must have a row and a column for each number, or its rows would run into each other.
        let (first_bits, second_bits) = (bits_of(firsts) as usize, bits_of(seconds) as usize);
        let rows = self.dense.len().checked_div(self.stride).unwrap_or(0);
        if self.sparse.is_none() && (first_bits >= rows || second_bits >= self.stride) {
            self.grow(first_bits, second_bits);
        }
        let start = out.len();
        let pairs = firsts.iter().zip(seconds);
        match self.dense.len().checked_sub(1) {
            Some(last) if self.sparse.is_none() => {
                // Rows and columns are powers of two, so no place is cut; this only spares the question.
                let place = |first: u32, second: u32| {
                    (first as usize * self.stride + second as usize) & last
                };
                let known = |place: usize| self.dense.get(place).copied().unwrap_or(UNMET);
                out.extend(
                    pairs
                        .clone()
                        .map(|(first, second)| known(place(*first, *second))),
                );
            }
            _ => out.resize(start + firsts.len(), UNMET),
        }
        let there = out.get_mut(start..).unwrap_or_default();
        if bits_of(there) >= UNMET {
            for (number, (first, second)) in there.iter_mut().zip(pairs) {
                if *number == UNMET {
                    *number = self.find_or_add(*first, *second)?;
                }
            }
        }
        Ok(())
    }

    fn find_or_add(&mut self, first: u32, second: u32) -> Result<u32, Error> {
        let key = key(first, second);
        let known = match &self.sparse {
            Some(sparse) => sparse.get(&key).copied(),
            None => self
                .slot(first, second)
                .map(|slot| *slot)
                .filter(|number| *number != UNMET),
        };
        if let Some(number) = known {
            return Ok(number);
        }
        if self.met.len() >= self.pairs_max {
            return Err((self.too_many)(self.pairs_max));
        }
        let number = self.met.len() as u32;
        self.met.push((first, second));
        if self.sparse.is_none() && self.slot(first, second).is_none() {
            self.grow(first as usize, second as usize);
        }
        match &mut self.sparse {
            Some(sparse) => {
                sparse.insert(key, number);
            }
            None => {
                if let Some(slot) = self.slot(first, second) {
                    *slot = number;
                }
            }
        }
        Ok(number)
    }

    /// The table's place for a pair, if it has one.
    fn slot(&mut self, first: u32, second: u32) -> Option<&mut u32> {
        let (first, second) = (first as usize, second as usize);
        if second >= self.stride {
            None
        } else {
            self.dense.get_mut(first * self.stride + second)
        }
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
            let keyed = numbered.map(|((first, second), number)| (key(*first, *second), number));
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

fn key(first: u32, second: u32) -> u64 {
    (u64::from(first) << 32) | u64::from(second)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aggregate::partial::too_many_groups;

    #[test]
    fn pairs_keep_their_numbers_when_the_table_grows_and_turns_to_a_map() {
        let mut pairs = Pairs::new(10_000, too_many_groups);
        let firsts: Vec<u32> = (0..3000).map(|number| number * 7 % 3000).collect();
        let seconds: Vec<u32> = (0..3000).map(|number| number * 11 % 2000).collect();
        let (mut once, mut again) = (Vec::new(), Vec::new());
        pairs.number(&firsts, &seconds, &mut once).unwrap();
        assert!(pairs.sparse.is_some());
        pairs.number(&firsts, &seconds, &mut again).unwrap();
        assert_eq!(once, again);
        for (number, pair) in once.iter().zip(firsts.into_iter().zip(seconds)) {
            assert_eq!(pairs.met[*number as usize], pair);
        }
    }

    #[test]
    fn pairs_are_limited() {
        let mut pairs = Pairs::new(2, too_many_groups);
        assert!(
            pairs
                .number(&[0, 1, 0], &[0, 0, 0], &mut Vec::new())
                .is_ok()
        );
        assert!(pairs.number(&[2], &[0], &mut Vec::new()).is_err());
    }
}
