//! Row groups that a filter can't take anything from, told by their statistics.
//!
//! Statistics only ever save reading; which bounds are believed, [`parquet::Bounds`] decides. NaN hides outside of all
//! bounds, and nulls are always possible.

use std::cmp::Ordering;

use super::condition::{Asked, Condition, FALSE, Question, TRUE, Truth, UNKNOWN};
use super::literal::Bound;
use crate::Providers;
use crate::aggregate::{Cell, Class, plain_cell};
use crate::parquet::{self, ColumnChunk, Leaf, Physical, Statistics};
use crate::plan::Source;
use crate::query::Of;
use crate::value::Type;

/// What a row group's columns are known to hold.
pub(crate) struct Known<'a> {
    pub(crate) sources: &'a [Source],
    /// The columns that the file has, by their places in the plan.
    pub(crate) leaves: Vec<(&'a Leaf, &'a ColumnChunk)>,
    pub(crate) providers: &'a Providers,
}

/// A set of truths, a bit for each.
type Truths = u8;
const ANY: Truths = 1 << FALSE | 1 << UNKNOWN | 1 << TRUE;

impl Known<'_> {
    /// Whether any row may meet the condition.
    pub(crate) fn may_meet(&self, condition: &Condition) -> bool {
        self.truths(condition) & (1 << TRUE) != 0
    }

    /// All truths that the condition may have in some row.
    fn truths(&self, condition: &Condition) -> Truths {
        match condition {
            Condition::And(parts) => self.join(parts, Truth::min, TRUE),
            Condition::Or(parts) => self.join(parts, Truth::max, FALSE),
            Condition::Not(part) => {
                let truths = self.truths(part);
                all()
                    .filter(|truth| truths & (1 << (TRUE - truth)) != 0)
                    .fold(0, with)
            }
            Condition::Ask(question) => self.answers(question),
        }
    }

    fn join(
        &self,
        parts: &[Condition],
        of_both: fn(Truth, Truth) -> Truth,
        neutral: Truth,
    ) -> Truths {
        parts.iter().fold(1 << neutral, |so_far, part| {
            let more = self.truths(part);
            let pairs = all().flat_map(|a| all().map(move |b| (a, b)));
            let possible = pairs.filter(|(a, b)| so_far & (1 << a) != 0 && more & (1 << b) != 0);
            possible.map(|(a, b)| of_both(a, b)).fold(0, with)
        })
    }

    fn answers(&self, question: &Question) -> Truths {
        match self.sources.get(question.lens.column) {
            Some(Source::Leaf(place)) => self
                .leaves
                .get(*place)
                .map_or(ANY, |(leaf, chunk)| self.answers_of(question, leaf, chunk)),
            Some(same) => 1 << question.truth(super::work::same_cell(same), self.providers),
            None => ANY,
        }
    }

    fn answers_of(&self, question: &Question, leaf: &Leaf, chunk: &ColumnChunk) -> Truths {
        let (Some(class), Some(statistics)) = (question.class, &chunk.statistics) else {
            return ANY;
        };
        let Some(bounds) = Bounds::of(leaf, statistics) else {
            return ANY;
        };
        // Buckets keep the order of what is in them; a provider says nothing of where its text stands.
        let made = |cell| match question.lens.of {
            Of::Provider => None,
            of => Some(of.cell(cell, class, self.providers)),
        };
        let (Some(min), Some(max)) = (made(bounds.min), made(bounds.max)) else {
            return ANY;
        };
        let bounds = Bounds { min, max, ..bounds };
        let answers = match &question.asked {
            Asked::Compare(comparison, bound) => {
                let possible = bounds.orders(bound);
                let truth = |order| if comparison.holds(order) { TRUE } else { FALSE };
                possible.into_iter().flatten().map(truth).fold(0, with)
            }
            Asked::In(list, _) => in_list(list.iter().any(|bound| bounds.may_equal(bound))),
            Asked::InTexts(texts, _) => in_list(
                texts
                    .iter()
                    .any(|text| bounds.may_equal(&Bound::Bytes(text.clone()))),
            ),
            Asked::Like(_) | Asked::IsNull | Asked::IsTrue => return ANY,
        };
        let nan = match class {
            Class::Float { .. } => 1 << question.truth(Cell::Float(f64::NAN), self.providers),
            _ => 0,
        };
        answers | nan | 1 << UNKNOWN
    }
}

fn in_list(may_be_in: bool) -> Truths {
    if may_be_in { ANY } else { 1 << FALSE }
}

fn all() -> impl Iterator<Item = Truth> {
    FALSE..=TRUE
}

fn with(truths: Truths, truth: Truth) -> Truths {
    truths | 1 << truth
}

/// Bounds as the values of queries.
struct Bounds<'a> {
    min: Cell<'a>,
    max: Cell<'a>,
    /// Whether values that begin with `max` may be there although they are greater.
    max_is_prefix: bool,
}

impl<'a> Bounds<'a> {
    fn of(leaf: &Leaf, statistics: &'a Statistics) -> Option<Self> {
        let believed = parquet::Bounds::of(leaf, statistics);
        Some(Self {
            min: bound(leaf, believed.min?)?,
            max: bound(leaf, believed.max?)?,
            max_is_prefix: believed.max_is_prefix,
        })
    }

    /// How values between the bounds may compare with a literal; nothing when that is unknown.
    fn orders(&self, bound: &Bound) -> [Option<Ordering>; 3] {
        let (Some(min), Some(max)) = (bound.order(self.min), self.order_of_max(bound)) else {
            return [None; 3];
        };
        [
            min.is_lt().then_some(Ordering::Less),
            (min.is_le() && max.is_ge()).then_some(Ordering::Equal),
            max.is_gt().then_some(Ordering::Greater),
        ]
    }

    fn may_equal(&self, bound: &Bound) -> bool {
        self.orders(bound).contains(&Some(Ordering::Equal))
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

/// The cell that a bound's bytes are; none where the order of bounds is not known for sure.
fn bound<'a>(leaf: &Leaf, bytes: &'a [u8]) -> Option<Cell<'a>> {
    let ordered = match leaf.physical {
        Physical::Bool | Physical::I96 => false,
        Physical::Fixed(_) => matches!(leaf.ty, Type::Decimal { .. }),
        _ => true,
    };
    let cell = plain_cell(leaf, bytes).filter(|_| ordered)?;
    if matches!(cell, Cell::Float(value) if value.is_nan()) {
        None
    } else {
        Some(cell)
    }
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
