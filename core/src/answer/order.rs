//! The order of an answer's rows: found without moving them, and no further than they are shown.

use std::cmp::Ordering;

use crate::Value;
use crate::query::Order;

/// A row, and what its values in the first two columns of the order begin with: only where that is the same are the
/// values looked at, which lie anywhere in memory.
struct Row {
    first: u64,
    second: u128,
    place: usize,
}

/// The places of `rows` rows in order, of no more than `limit`: by `order`, or by the first measure, greatest first; then
/// by the group's values, which are the first `keys` columns, least first. Nulls are last in either direction.
pub(crate) fn ordered<'a>(
    rows: usize,
    order: &[Order],
    keys: usize,
    limit: Option<u64>,
    value: impl Fn(usize, usize) -> &'a Value,
) -> Vec<usize> {
    let by_first_measure = [Order {
        column: keys,
        descending: true,
    }];
    let order = if order.is_empty() {
        &by_first_measure[..]
    } else {
        order
    };
    let by_group = (0..keys).map(|column| Order {
        column,
        descending: false,
    });
    let columns: Vec<Order> = order.iter().copied().chain(by_group).collect();
    let mut first_is_all = true;
    let mut found: Vec<Row> = (0..rows)
        .map(|place| {
            let first = columns.first().map_or(0, |by| {
                let value = value(place, by.column);
                let (bits, is_all) = value.leading_bits_short();
                first_is_all &= is_all;
                turned(value, by.descending, bits, u64::MAX - bits, u64::MAX)
            });
            let second = columns.get(1).map_or(0, |by| {
                let value = value(place, by.column);
                let bits = value.leading_bits();
                turned(value, by.descending, bits, u128::MAX - bits, u128::MAX)
            });
            Row {
                first,
                second,
                place,
            }
        })
        .collect();
    let by_values = |a: &Row, b: &Row, columns: &[Order]| {
        columns
            .iter()
            .map(|by| {
                let (a, b) = (value(a.place, by.column), value(b.place, by.column));
                compare(a, b, by.descending)
            })
            .find(|ordering| ordering.is_ne())
            .unwrap_or(Ordering::Equal)
    };
    let (first, rest) = columns.split_at(columns.len().min(1));
    let in_order = |a: &Row, b: &Row| {
        a.first
            .cmp(&b.first)
            .then_with(|| {
                if first_is_all {
                    Ordering::Equal
                } else {
                    by_values(a, b, first)
                }
            })
            .then_with(|| a.second.cmp(&b.second))
            .then_with(|| by_values(a, b, rest))
    };
    let limit = limit.and_then(|limit| usize::try_from(limit).ok());
    if let Some(limit) = limit.filter(|limit| *limit < rows) {
        if let Some(last) = limit.checked_sub(1) {
            found.select_nth_unstable_by(last, in_order);
        }
        found.truncate(limit);
    }
    found.sort_unstable_by(in_order);
    found.into_iter().map(|row| row.place).collect()
}

/// Leading bits in the order of their column: null is last however the others are turned.
fn turned<B>(value: &Value, descending: bool, ascending: B, descended: B, last: B) -> B {
    match (value.is_null(), descending) {
        (true, _) => last,
        (false, true) => descended,
        (false, false) => ascending,
    }
}

fn compare(a: &Value, b: &Value, descending: bool) -> Ordering {
    let ordering = a.cmp(b);
    if descending && !a.is_null() && !b.is_null() {
        ordering.reverse()
    } else {
        ordering
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::any_value;

    proptest! {
        /// As many rows as are asked for, each not after the next one: compared value by value.
        #[test]
        fn rows_are_in_the_order_of_their_values(
            rows in prop::collection::vec((any_value(), any_value(), any_value()), 0..40),
            order in prop::collection::vec((0_usize..3, any::<bool>()), 0..3),
            limit in prop::option::of(0_u64..50),
        ) {
            let order: Vec<Order> = order
                .into_iter()
                .map(|(column, descending)| Order { column, descending })
                .collect();
            let value = |row: usize, column: usize| {
                let (a, b, c) = &rows[row];
                [a, b, c][column]
            };
            let found = ordered(rows.len(), &order, 2, limit, value);
            let mut expected: Vec<usize> = (0..rows.len()).collect();
            let by_measure = [Order { column: 2, descending: true }];
            let order = if order.is_empty() { &by_measure[..] } else { &order };
            expected.sort_by(|a, b| {
                let by_order = order.iter().map(|by| compare(value(*a, by.column), value(*b, by.column), by.descending));
                let by_group = (0..2).map(|column| value(*a, column).cmp(value(*b, column)));
                by_order.chain(by_group).fold(Ordering::Equal, Ordering::then)
            });
            expected.truncate(limit.map_or(rows.len(), |limit| limit as usize));
            let shown = |places: &[usize]| -> Vec<String> {
                places.iter().map(|place| format!("{:?}", rows[*place])).collect()
            };
            // Rows that are the same in every column of the order may stand for each other.
            let ordering: Vec<usize> = order.iter().map(|by| by.column).chain(0..2).collect();
            for (found, expected) in found.iter().zip(&expected) {
                for &column in &ordering {
                    prop_assert_eq!(value(*found, column), value(*expected, column), "{:?}", shown(&[*found, *expected]));
                }
            }
            prop_assert_eq!(found.len(), expected.len());
        }
    }
}
