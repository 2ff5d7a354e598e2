//! What may be true of rows: sets of truths, and how they change along the rows of a row group.

use std::ops::Range;

use super::condition::{Condition, FALSE, Question, TRUE, Truth, UNKNOWN};

/// A set of truths, a bit for each.
pub(super) type Truths = u8;
/// Nothing is known.
pub(super) const ANY: Truths = only(FALSE) | only(UNKNOWN) | only(TRUE);

/// The set of one truth.
pub(super) const fn only(truth: Truth) -> Truths {
    1 << truth
}

/// The truths that something may have, row by row: each step has the row before which it ends. Steps are in order and
/// the last one ends with the row group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Steps(Vec<(u64, Truths)>);

impl Steps {
    /// The same in all of `rows` rows.
    pub(super) fn same(rows: u64, truths: Truths) -> Self {
        Self(vec![(rows, truths)])
    }

    /// Steps by the rows that they end before, in order.
    pub(super) fn new(steps: impl IntoIterator<Item = (u64, Truths)>) -> Self {
        Self(steps.into_iter().collect())
    }

    /// The truths that a condition may have, if its questions have the truths that `of` says. `of` is also told whether
    /// a `not` stands before the question.
    pub(super) fn of<'a>(
        condition: &'a Condition,
        rows: u64,
        of: &impl Fn(&'a Question, bool) -> Self,
    ) -> Self {
        Self::below(condition, rows, false, of)
    }

    fn below<'a>(
        condition: &'a Condition,
        rows: u64,
        negated: bool,
        of: &impl Fn(&'a Question, bool) -> Self,
    ) -> Self {
        let join = |parts: &'a [Condition], neutral: Truth, of_both: fn(Truth, Truth) -> Truth| {
            let parts = parts
                .iter()
                .map(|part| Self::below(part, rows, negated, of));
            parts.fold(Self::same(rows, only(neutral)), |so_far, part| {
                so_far.zip(&part, |a, b| join(a, b, of_both))
            })
        };
        match condition {
            Condition::And(parts) => join(parts, TRUE, Truth::min),
            Condition::Or(parts) => join(parts, FALSE, Truth::max),
            Condition::Not(part) => {
                let mut steps = Self::below(part, rows, !negated, of);
                steps
                    .0
                    .iter_mut()
                    .for_each(|step| step.1 = opposite(step.1));
                steps
            }
            Condition::Ask(question) => of(question, negated),
        }
    }

    /// What is possible when both are to be believed. Where they contradict each other neither is.
    pub(super) fn and(&self, other: &Self) -> Self {
        self.zip(other, |a, b| if a & b == 0 { ANY } else { a & b })
    }

    fn zip(&self, other: &Self, of_both: impl Fn(Truths, Truths) -> Truths) -> Self {
        let (mut a, mut b) = (self.0.as_slice(), other.0.as_slice());
        let mut steps = Vec::with_capacity(a.len().max(b.len()));
        while let (Some((first, rest_of_a)), Some((second, rest_of_b))) =
            (a.split_first(), b.split_first())
        {
            let end = first.0.min(second.0);
            steps.push((end, of_both(first.1, second.1)));
            if first.0 == end {
                a = rest_of_a;
            }
            if second.0 == end {
                b = rest_of_b;
            }
        }
        Self(steps)
    }

    /// The rows of which it may be true, in order, as few ranges as that takes.
    pub(super) fn rows(&self) -> Vec<Range<u64>> {
        let mut rows: Vec<Range<u64>> = Vec::new();
        let mut start = 0;
        for &(end, truths) in &self.0 {
            if truths & only(TRUE) != 0 && start < end {
                match rows.last_mut() {
                    Some(last) if last.end == start => last.end = end,
                    _ => rows.push(start..end),
                }
            }
            start = end;
        }
        rows
    }
}

fn all() -> impl Iterator<Item = Truth> {
    FALSE..=TRUE
}

fn join(a: Truths, b: Truths, of_both: fn(Truth, Truth) -> Truth) -> Truths {
    let pairs = all().flat_map(|x| all().map(move |y| (x, y)));
    let possible = pairs.filter(|(x, y)| a & only(*x) != 0 && b & only(*y) != 0);
    possible.fold(0, |truths, (x, y)| truths | only(of_both(x, y)))
}

fn opposite(truths: Truths) -> Truths {
    let possible = all().filter(|truth| truths & only(TRUE - truth) != 0);
    possible.fold(0, |truths, truth| truths | only(truth))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_of_different_lengths_meet_at_every_end() {
        let a = Steps::new([(10, only(TRUE)), (30, ANY)]);
        let b = Steps::new([(20, ANY), (30, only(FALSE))]);
        assert_eq!(
            a.and(&b),
            Steps::new([(10, only(TRUE)), (20, ANY), (30, only(FALSE))])
        );
        assert_eq!(a.and(&b).rows(), vec![0..20]);
        let none = Steps::same(30, only(FALSE) | only(UNKNOWN));
        assert_eq!(none.rows(), []);
        let apart = Steps::new([(1, ANY), (2, only(FALSE)), (2, ANY), (3, only(TRUE))]);
        assert_eq!(apart.rows(), [0..1, 2..3]);
    }

    #[test]
    fn who_contradicts_is_not_believed() {
        let a = Steps::same(5, only(TRUE));
        assert_eq!(a.and(&Steps::same(5, only(FALSE))), Steps::same(5, ANY));
    }

    #[test]
    fn sets_of_truths_have_the_logic_of_their_members() {
        assert_eq!(
            opposite(only(FALSE) | only(UNKNOWN)),
            only(TRUE) | only(UNKNOWN)
        );
        assert_eq!(join(ANY, only(FALSE), Truth::min), only(FALSE));
        assert_eq!(
            join(only(UNKNOWN), ANY, Truth::max),
            only(UNKNOWN) | only(TRUE)
        );
    }
}
