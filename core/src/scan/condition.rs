//! `where`, bound to a file's columns and asked of many rows at a time.

use hashbrown::HashSet;

use super::evidence::Hope;
use super::literal::Bound;
use super::truths::{ANY, Steps};
use crate::aggregate::{Cell, Class, Form, Rows, View};
use crate::parquet::Values;
use crate::query::{Comparison, Filter, Lens, Literal, Of, Test};
use crate::value::bytes_shown_as;
use crate::{Error, ErrorKind, Providers, Query};

/// What is known of a row: `and` is the least of its parts, `or` the greatest, and `not` swaps the ends.
pub(crate) type Truth = u8;
pub(crate) const FALSE: Truth = 0;
pub(crate) const UNKNOWN: Truth = 1;
pub(crate) const TRUE: Truth = 2;

/// A condition over columns of known classes.
pub(crate) enum Condition {
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Not(Box<Condition>),
    Ask(Box<Question>),
}

/// One question about one column.
pub(crate) struct Question {
    pub(crate) lens: Lens,
    pub(crate) class: Option<Class>,
    pub(crate) asked: Asked,
    /// What the answers may be in each row of the row group that is open.
    pub(super) possible: Steps,
    /// What may come of reading more about that.
    pub(super) hope: Hope,
    /// The answer for each value of a chunk's dictionary, and for null.
    by_code: Vec<Truth>,
    chunk: u64,
}

/// What is asked.
pub(crate) enum Asked {
    Compare(Comparison, Bound),
    /// In these, sorted; whether null is among them, which makes "no" unknown.
    In(Vec<Bound>, bool),
    InTexts(HashSet<Vec<u8>, foldhash::fast::FixedState>, bool),
    Like(crate::query::Like),
    IsNull,
    IsTrue,
}

impl Condition {
    /// Binds a filter to columns of these classes.
    pub(crate) fn new(
        filter: &Filter,
        query: &Query,
        classes: &[Option<Class>],
    ) -> Result<Self, Error> {
        let all = |list: &[Filter]| {
            list.iter()
                .map(|part| Self::new(part, query, classes))
                .collect::<Result<_, _>>()
        };
        Ok(match filter {
            Filter::And(list) => Self::And(all(list)?),
            Filter::Or(list) => Self::Or(all(list)?),
            Filter::Not(part) => Self::Not(Box::new(Self::new(part, query, classes)?)),
            Filter::Test { lens, test, place } => {
                let class = classes.get(lens.column).copied().flatten();
                let column = query.columns().get(lens.column).map_or("", String::as_str);
                let asked = Asked::new(*lens, test, class, column)
                    .map_err(|message| query.filter_error(*place, message))?;
                Self::Ask(Box::new(Question {
                    lens: *lens,
                    class,
                    asked,
                    possible: Steps::same(0, ANY),
                    hope: Hope::None,
                    by_code: Vec::new(),
                    chunk: 0,
                }))
            }
        })
    }

    /// All its questions.
    pub(super) fn questions(&mut self) -> Vec<&mut Question> {
        match self {
            Self::And(parts) | Self::Or(parts) => {
                parts.iter_mut().flat_map(Self::questions).collect()
            }
            Self::Not(part) => part.questions(),
            Self::Ask(question) => vec![question],
        }
    }

    /// What is known of each of the first `rows` rows.
    pub(crate) fn ask(
        &mut self,
        views: &[View<'_>],
        rows: usize,
        providers: &Providers,
    ) -> Result<Vec<Truth>, Error> {
        match self {
            Self::And(parts) => join(parts, views, rows, providers, Truth::min),
            Self::Or(parts) => join(parts, views, rows, providers, Truth::max),
            Self::Not(part) => {
                let mut truths = part.ask(views, rows, providers)?;
                truths.iter_mut().for_each(|truth| *truth = TRUE - *truth);
                Ok(truths)
            }
            Self::Ask(question) => question.ask(views, rows, providers),
        }
    }
}

fn join(
    parts: &mut [Condition],
    views: &[View<'_>],
    rows: usize,
    providers: &Providers,
    of_both: impl Fn(Truth, Truth) -> Truth,
) -> Result<Vec<Truth>, Error> {
    let Some((first, rest)) = parts.split_first_mut() else {
        return Ok(vec![TRUE; rows]);
    };
    let mut truths = first.ask(views, rows, providers)?;
    for part in rest {
        let more = part.ask(views, rows, providers)?;
        truths
            .iter_mut()
            .zip(more)
            .for_each(|(truth, other)| *truth = of_both(*truth, other));
    }
    Ok(truths)
}

impl Question {
    fn ask(
        &mut self,
        views: &[View<'_>],
        rows: usize,
        providers: &Providers,
    ) -> Result<Vec<Truth>, Error> {
        let Some(view) = views.get(self.lens.column) else {
            return Err(Error::new(
                ErrorKind::Misuse,
                "a filter's column was not read",
            ));
        };
        match view {
            View::Same(cell) => Ok(vec![self.truth(*cell, providers); rows]),
            View::Codes {
                codes,
                dictionary,
                form,
                chunk,
            } => {
                self.look_up(*chunk, dictionary, *form, providers)?;
                let truth =
                    |code: &u32| self.by_code.get(*code as usize).copied().unwrap_or(UNKNOWN);
                Ok(codes.iter().take(rows).map(truth).collect())
            }
            View::Values { .. } => {
                let mut truths = Vec::with_capacity(rows);
                if self.ask_numbers(view, rows, &mut truths) {
                    return Ok(truths);
                }
                if view.is_text() {
                    view.texts(Rows::All(rows), |text| {
                        truths.push(self.truth(text.map_or(Cell::Null, Cell::Bytes), providers));
                    });
                    return Ok(truths);
                }
                Rows::All(rows).try_for_each(|row| {
                    truths.push(self.truth(view.cell(row)?, providers));
                    Ok(())
                })?;
                Ok(truths)
            }
        }
    }

    /// Asks the question of each value of a chunk's dictionary, if that was not done yet, and of null.
    pub(super) fn look_up(
        &mut self,
        chunk: u64,
        dictionary: &Values,
        form: Form,
        providers: &Providers,
    ) -> Result<&[Truth], Error> {
        if self.chunk != chunk {
            // The place behind the last value is null.
            let truths = (0..=dictionary.len())
                .map(|code| Ok(self.truth(form.cell(dictionary, code)?, providers)));
            self.by_code = truths.collect::<Result<_, Error>>()?;
            self.chunk = chunk;
        }
        Ok(&self.by_code)
    }

    /// Compares plain numbers in loops of their own; returns whether this is such a question.
    fn ask_numbers(&self, view: &View<'_>, rows: usize, truths: &mut Vec<Truth>) -> bool {
        let Asked::Compare(comparison, bound) = &self.asked else {
            return false;
        };
        if self.lens.of != Of::Value {
            return false;
        }
        let known = |holds: bool| if holds { TRUE } else { FALSE };
        match (bound, view.step_nanos(), view.is_float()) {
            (Bound::Int { floor, exact }, Some(step), _) => {
                let (within, low, high) = comparison.range(*floor, *exact, step);
                view.wholes(Rows::All(rows), |value| {
                    truths.push(value.map_or(UNKNOWN, |value| {
                        known((low <= value && value <= high) == within)
                    }));
                });
            }
            (Bound::Float(bound), _, true) if !bound.is_nan() => {
                // NaN is the greatest: it is not less than anything, and greater than any other bound.
                let bound = *bound;
                let mut ask = |holds: fn(f64, f64) -> bool| {
                    view.floats(Rows::All(rows), |value| {
                        truths.push(value.map_or(UNKNOWN, |value| known(holds(value, bound))));
                    });
                };
                match comparison {
                    Comparison::Equal => ask(|a, b| a == b),
                    Comparison::Unequal => ask(|a, b| a != b),
                    Comparison::Less => ask(|a, b| a < b),
                    Comparison::LessOrEqual => ask(|a, b| a <= b),
                    Comparison::Greater => ask(|a, b| a > b || a.is_nan()),
                    Comparison::GreaterOrEqual => ask(|a, b| a >= b || a.is_nan()),
                }
            }
            _ => return false,
        }
        true
    }

    /// What is known of one value of the column.
    #[inline]
    pub(crate) fn truth(&self, cell: Cell<'_>, providers: &Providers) -> Truth {
        let cell = self.class.map_or(Cell::Null, |class| {
            self.lens.of.cell(cell, class, providers)
        });
        self.asked.truth(cell)
    }
}

impl Asked {
    /// The question, or what is wrong with it.
    fn new(lens: Lens, test: &Test, class: Option<Class>, column: &str) -> Result<Self, String> {
        let class = match class {
            Some(class) => lens
                .of
                .class(class, column)
                .map_err(|error| error.message().to_owned())?,
            // Nothing but nulls: whatever is compared, nothing is known.
            None => match test {
                Test::IsNull => return Ok(Self::IsNull),
                _ => return Ok(Self::Compare(Comparison::Equal, Bound::Unknown)),
            },
        };
        let called = lens
            .of
            .name()
            .map_or_else(|| column.to_owned(), |name| format!("{name}({column})"));
        let bound = |literal: &Literal| Bound::new(literal, class, &called);
        // Bytes that are no text are found by what they are shown as.
        let shown_bytes = |literal: &Literal| match literal {
            Literal::Text(text) if class == Class::Text => bytes_shown_as(text).map(Bound::Bytes),
            _ => None,
        };
        Ok(match test {
            Test::IsNull => Self::IsNull,
            Test::IsTrue if class == Class::Bool => Self::IsTrue,
            Test::IsTrue => {
                return Err(format!(
                    "column `{called}` is {}, which is no condition by itself; compare it with something",
                    class.noun()
                ));
            }
            Test::Like(like) if class == Class::Text => Self::Like(like.clone()),
            Test::Like(_) => {
                return Err(format!(
                    "`like` wants text, but column `{called}` is {}",
                    class.noun()
                ));
            }
            Test::Compare(Comparison::Equal, literal) if shown_bytes(literal).is_some() => {
                Self::in_list(
                    [bound(literal)?]
                        .into_iter()
                        .chain(shown_bytes(literal))
                        .collect(),
                )
            }
            Test::Compare(comparison, literal) => Self::Compare(*comparison, bound(literal)?),
            Test::In(list) => {
                let bounds: Result<Vec<Bound>, String> = list.iter().map(bound).collect();
                let shown = list.iter().filter_map(shown_bytes);
                Self::in_list(bounds?.into_iter().chain(shown).collect())
            }
        })
    }

    fn in_list(bounds: Vec<Bound>) -> Self {
        let has_null = bounds.contains(&Bound::Unknown);
        let mut texts = HashSet::default();
        let mut others = Vec::new();
        for bound in bounds {
            match bound {
                Bound::Bytes(text) => {
                    texts.insert(text);
                }
                // A whole number is never 5.5.
                Bound::Unknown
                | Bound::Int { exact: false, .. }
                | Bound::Wide { exact: false, .. } => {}
                bound => others.push(bound),
            }
        }
        if !texts.is_empty() {
            return Self::InTexts(texts, has_null);
        }
        others.sort_by(|a, b| match (a, b) {
            (Bound::Int { floor: a, .. }, Bound::Int { floor: b, .. }) => a.cmp(b),
            (Bound::Float(a), Bound::Float(b)) => crate::value::float_order(*a, *b),
            (a, b) if a.floor().is_some() => a.floor().cmp(&b.floor()),
            _ => std::cmp::Ordering::Equal,
        });
        Self::In(others, has_null)
    }

    #[inline]
    fn truth(&self, cell: Cell<'_>) -> Truth {
        if let Self::IsNull = self {
            return if cell == Cell::Null { TRUE } else { FALSE };
        }
        let known = match (self, cell) {
            (_, Cell::Null) => None,
            (Self::Compare(comparison, bound), cell) => {
                bound.order(cell).map(|order| comparison.holds(order))
            }
            (Self::In(list, has_null), cell) => {
                // The bounds are compared with the cell, so the order is turned around for the search.
                let found = list.binary_search_by(|bound| {
                    bound
                        .order(cell)
                        .map_or(std::cmp::Ordering::Less, std::cmp::Ordering::reverse)
                });
                found
                    .is_ok()
                    .then_some(true)
                    .or((!has_null).then_some(false))
            }
            (Self::InTexts(texts, has_null), Cell::Bytes(text)) => texts
                .contains(text)
                .then_some(true)
                .or((!has_null).then_some(false)),
            (Self::Like(like), Cell::Bytes(text)) => Some(like.matches(text)),
            (Self::IsTrue, Cell::Int(value)) => Some(value != 0),
            _ => None,
        };
        known.map_or(UNKNOWN, |holds| if holds { TRUE } else { FALSE })
    }
}

impl Comparison {
    /// The comparison of raw numbers, each to be multiplied by `step`, with a bound: it holds for those from the one
    /// number to the other, or for all but those.
    fn range(self, floor: i128, exact: bool, step: i64) -> (bool, i64, i64) {
        let step = i128::from(step.max(1));
        // The greatest raw number at or below the bound, and the greatest below it.
        let at_or_below = floor.div_euclid(step);
        let is_bound = exact && floor.rem_euclid(step) == 0;
        let below = if is_bound {
            at_or_below.saturating_sub(1)
        } else {
            at_or_below
        };
        // Beyond 64 bits no raw number is: the ends stand for all there are.
        let (low, high) = match self {
            Self::Equal | Self::Unequal if is_bound => (at_or_below, at_or_below),
            Self::Equal | Self::Unequal => (1, 0),
            Self::Less | Self::GreaterOrEqual => (i128::MIN, below),
            Self::LessOrEqual | Self::Greater => (i128::MIN, at_or_below),
        };
        let within = matches!(self, Self::Equal | Self::Less | Self::LessOrEqual);
        match (
            i64::try_from(low.max(i64::MIN.into())),
            i64::try_from(high.min(i64::MAX.into())),
        ) {
            (Ok(low), Ok(high)) => (within, low, high),
            _ => (within, 1, 0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ranges_of_raw_numbers_say_the_same_as_comparing_cells(
            raw in prop_oneof![any::<i64>(), -5i64..5],
            floor in prop_oneof![any::<i128>(), -5000i128..5000, any::<i64>().prop_map(i128::from)],
            exact in any::<bool>(),
            step in prop::sample::select(vec![1, 1000, 1_000_000]),
        ) {
            let bound = Bound::Int { floor, exact };
            let order = bound.order(Cell::Int(i128::from(raw) * i128::from(step))).unwrap();
            for comparison in [Comparison::Equal, Comparison::Unequal, Comparison::Less, Comparison::LessOrEqual, Comparison::Greater, Comparison::GreaterOrEqual] {
                let (within, low, high) = comparison.range(floor, exact, step);
                prop_assert_eq!((low <= raw && raw <= high) == within, comparison.holds(order));
            }
        }
    }
}
