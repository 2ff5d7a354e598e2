//! What statistics say of the rows of a row group or a page: how a question about them may be answered.
//!
//! Statistics only ever save reading; which bounds are believed, [`parquet::Bounds`] decides. NaN hides outside of all
//! bounds, and nulls are always possible unless somebody who can be believed counted none.

use std::cmp::Ordering;

use super::condition::{Asked, FALSE, Question, TRUE, UNKNOWN};
use super::literal::Bound;
use super::truths::{ANY, Truths, only};
use crate::Providers;
use crate::aggregate::{Cell, Class, plain_cell};
use crate::parquet::{self, Leaf, Physical, Statistics};
use crate::query::Of;
use crate::value::Type;

/// Some rows of a column, and what is said of them.
pub(super) struct Described<'a> {
    pub(super) leaf: &'a Leaf,
    pub(super) rows: u64,
    pub(super) statistics: &'a Statistics,
    /// Whether the number of nulls can be believed.
    pub(super) counts_nulls: bool,
}

impl Described<'_> {
    /// All truths that may be the answer in some row.
    pub(super) fn answers(&self, question: &Question, providers: &Providers) -> Truths {
        let of_null = || only(question.truth(Cell::Null, providers));
        let Some(class) = question.class else {
            return of_null();
        };
        let nulls = self.nulls();
        if nulls == Nulls::Only {
            return of_null();
        }
        if let Asked::IsNull = question.asked {
            // A text without a provider has one that is null.
            return match question.lens.of {
                Of::Provider => ANY,
                _ if nulls == Nulls::None => only(FALSE),
                _ => only(FALSE) | only(TRUE),
            };
        }
        let Some(bounds) = Bounds::of(self.leaf, self.statistics, question, class, providers)
        else {
            return ANY;
        };
        let nan = match class {
            Class::Float { .. } => only(question.truth(Cell::Float(f64::NAN), providers)),
            _ => 0,
        };
        // A value that is there may have an unknown answer too: it is not in a list that has a null.
        bounds.answers(&question.asked) | nan | only(UNKNOWN)
    }

    fn nulls(&self) -> Nulls {
        let Statistics {
            null_count,
            min,
            max,
            ..
        } = self.statistics;
        let count = null_count.filter(|_| self.counts_nulls);
        if self.leaf.max_def == 0 || count == Some(0) {
            Nulls::None
        } else if count == Some(self.rows) && min.is_none() && max.is_none() {
            Nulls::Only
        } else {
            Nulls::Some
        }
    }
}

/// Which rows are null.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Nulls {
    None,
    Some,
    Only,
}

/// Bounds as the values of queries.
struct Bounds<'a> {
    min: Cell<'a>,
    max: Cell<'a>,
    /// Whether values that begin with `max` may be there although they are greater.
    max_is_prefix: bool,
}

impl<'a> Bounds<'a> {
    /// The bounds of what a question looks at.
    fn of(
        leaf: &Leaf,
        statistics: &'a Statistics,
        question: &Question,
        class: Class,
        providers: &'a Providers,
    ) -> Option<Self> {
        let believed = parquet::Bounds::of(leaf, statistics);
        // Buckets keep the order of what is in them; a provider says nothing of where its text stands.
        let made = |plain| match question.lens.of {
            Of::Provider => None,
            of => Some(of.cell(bound(leaf, plain)?, class, providers)),
        };
        Some(Self {
            min: made(believed.min?)?,
            max: made(believed.max?)?,
            max_is_prefix: believed.max_is_prefix,
        })
    }

    /// How a question may be answered for values between the bounds.
    fn answers(&self, asked: &Asked) -> Truths {
        let compared = |bound: &Bound, holds: &dyn Fn(Ordering) -> bool| match self.orders(bound) {
            None => ANY,
            Some(orders) => {
                let truth = |order| only(if holds(order) { TRUE } else { FALSE });
                let possible = orders.into_iter().flatten();
                possible.fold(0, |truths, order| truths | truth(order))
            }
        };
        let is_possible = |possible: bool| if possible { ANY } else { only(FALSE) };
        match asked {
            Asked::Compare(comparison, bound) => compared(bound, &|order| comparison.holds(order)),
            Asked::IsTrue => {
                let one = Bound::Int {
                    floor: 1,
                    exact: true,
                };
                compared(&one, &Ordering::is_eq)
            }
            Asked::In(list, _) => is_possible(list.iter().any(|bound| self.may_equal(bound))),
            Asked::InTexts(texts, _) => is_possible(texts.iter().any(|text| self.may_hold(text))),
            Asked::Like(like) => is_possible(self.may_begin_with(like.prefix())),
            Asked::IsNull => ANY,
        }
    }

    /// How values between the bounds may compare with a literal; `None` when that is unknown.
    fn orders(&self, bound: &Bound) -> Option<[Option<Ordering>; 3]> {
        let (min, max) = (bound.order(self.min)?, self.order_of_max(bound)?);
        Some([
            min.is_lt().then_some(Ordering::Less),
            (min.is_le() && max.is_ge()).then_some(Ordering::Equal),
            max.is_gt().then_some(Ordering::Greater),
        ])
    }

    fn may_equal(&self, bound: &Bound) -> bool {
        self.orders(bound)
            .is_none_or(|orders| orders.contains(&Some(Ordering::Equal)))
    }

    /// Whether a text may be between the bounds.
    fn may_hold(&self, text: &[u8]) -> bool {
        let (Cell::Bytes(min), Cell::Bytes(max)) = (self.min, self.max) else {
            return true;
        };
        min <= text && (text <= max || self.max_is_prefix && text.starts_with(max))
    }

    /// Whether a text between the bounds may begin with `prefix`.
    fn may_begin_with(&self, prefix: &[u8]) -> bool {
        let (Cell::Bytes(min), Cell::Bytes(max)) = (self.min, self.max) else {
            return true;
        };
        let min_allows = min <= prefix || min.starts_with(prefix);
        let max_allows = max >= prefix || self.max_is_prefix && prefix.starts_with(max);
        min_allows && max_allows
    }

    fn order_of_max(&self, bound: &Bound) -> Option<Ordering> {
        match (self.max, bound) {
            (Cell::Bytes(max), Bound::Bytes(bound))
                if self.max_is_prefix && bound.starts_with(max) =>
            {
                Some(Ordering::Greater)
            }
            (max, bound) => bound.order(max),
        }
    }
}

/// The cell that a bound's bytes are; none where cells may have another order than the values that were bounded.
fn bound<'a>(leaf: &Leaf, bytes: &'a [u8]) -> Option<Cell<'a>> {
    let as_bounded = match (leaf.physical, leaf.ty) {
        (Physical::I96, _) => false,
        (Physical::Bool, _) => matches!(bytes, [0 | 1]),
        // Of a narrow number only the low bits count: with more of them set, a great value is a small one.
        (
            _,
            Type::Int {
                bits,
                signed: false,
            },
        ) if bits < 64 => {
            let number = bytes
                .iter()
                .rev()
                .fold(0, |number, byte| number << 8 | u64::from(*byte));
            bytes.len() <= 8 && number < 1 << bits
        }
        _ => true,
    };
    let cell = plain_cell(leaf, bytes).filter(|_| as_bounded)?;
    let is_nan = matches!(cell, Cell::Float(value) if value.is_nan());
    (!is_nan).then_some(cell)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use parquet::file::properties::{EnabledStatistics, WriterProperties};
    use proptest::prelude::*;

    use crate::testing::{Column, ask, file, ints, query, rows, texts};

    const SCHEMA: &str =
        "optional int64 n; optional double x; optional binary s (UTF8); optional int32 d (DATE);";

    type Rows = Vec<(Option<i64>, Option<f64>, Option<u8>, Option<i32>)>;

    fn written(groups: &[Rows], statistics: EnabledStatistics) -> Bytes {
        let properties = WriterProperties::builder()
            .set_statistics_enabled(statistics)
            .set_statistics_truncate_length(Some(3))
            .build();
        let columns = |rows: &Rows| {
            vec![
                Column::I64(rows.iter().map(|row| row.0).collect()),
                Column::F64(rows.iter().map(|row| row.1).collect()),
                Column::Text(
                    rows.iter()
                        .map(|row| {
                            row.2.map(|letter| {
                                "abcde"
                                    .chars()
                                    .cycle()
                                    .skip(letter.into())
                                    .take(letter.into())
                                    .collect()
                            })
                        })
                        .collect(),
                ),
                Column::I32(rows.iter().map(|row| row.3).collect()),
            ]
        };
        file(
            SCHEMA,
            properties,
            &groups.iter().map(columns).collect::<Vec<_>>(),
        )
    }

    fn any_rows() -> impl Strategy<Value = Rows> {
        let row = (
            prop::option::of(0i64..20),
            prop::option::of(prop_oneof![Just(f64::NAN), (0i8..5).prop_map(f64::from)]),
            prop::option::of(0u8..9),
            prop::option::of(0i32..90),
        );
        prop::collection::vec(row, 1..4)
    }

    fn any_condition() -> impl Strategy<Value = String> {
        let sign = prop::sample::select(vec!["=", "!=", "<", "<=", ">", ">="]);
        let leaf = (0u8..7, sign, 0i64..20).prop_map(|(kind, sign, number)| match kind {
            0 => format!("n {sign} {number}.{}", number % 2 * 5),
            1 => format!("x {sign} {}", number % 5),
            2 => format!(
                "s {sign} '{}'",
                "abcdeabcde"
                    .get(number as usize % 5..5 + number as usize % 6)
                    .unwrap_or("")
            ),
            3 => format!("month(d) {sign} '1970-0{}-01'", number % 5 + 1),
            4 => format!("n in ({number}, {})", number + 5),
            5 => "s in ('', 'bc', 'deabc')".to_owned(),
            _ => "x is null".to_owned(),
        });
        leaf.prop_recursive(3, 8, 2, |inner| {
            prop_oneof![
                (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} and {b})")),
                (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} or {b})")),
                inner.prop_map(|a| format!("not {a}")),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn statistics_never_lose_a_row(groups in prop::collection::vec(any_rows(), 1..5), condition in any_condition()) {
            let query = query("", "count,sum(n)", &condition);
            let with = ask(&query, &[("f", &written(&groups, EnabledStatistics::Chunk))]).unwrap();
            let without = ask(&query, &[("f", &written(&groups, EnabledStatistics::None))]).unwrap();
            prop_assert_eq!(rows(&with), rows(&without), "{}", condition);
        }
    }

    #[test]
    fn row_groups_without_a_match_are_not_read() {
        let groups: Vec<_> = (0..10)
            .map(|group| {
                vec![ints(
                    (0..20_000).map(|row| group * 20_000 + row * 7919 % 20_000),
                )]
            })
            .collect();
        let bytes = file(
            "optional int64 n;",
            WriterProperties::builder()
                .set_dictionary_enabled(false)
                .build(),
            &groups,
        );
        let read = |filter: &str| {
            let answer = ask(&query("", "count", filter), &[("f", &bytes)]).unwrap();
            assert_eq!(answer.scanned.rows, 200_000);
            (rows(&answer), answer.scanned.bytes_read)
        };
        let (all, all_bytes) = read("n >= 0");
        let (few, few_bytes) = read("n > 195000");
        assert_eq!(
            (all, few),
            (vec!["200000".to_owned()], vec!["4999".to_owned()])
        );
        assert!(few_bytes < all_bytes / 3, "{few_bytes} of {all_bytes}");
    }

    #[test]
    fn a_cut_maximum_hides_no_value_that_begins_with_it() {
        let bytes = file(
            "optional binary s (UTF8);",
            WriterProperties::builder()
                .set_statistics_truncate_length(Some(2))
                .build(),
            &[vec![texts(&["aab", "zzz"])]],
        );
        for filter in ["s = 'zzz'", "s > 'zzy'", "s >= 'zzz'", "s != 'aab'"] {
            assert_eq!(
                rows(&ask(&query("", "count", filter), &[("f", &bytes)]).unwrap()),
                ["1"],
                "{filter}"
            );
        }
    }
}
