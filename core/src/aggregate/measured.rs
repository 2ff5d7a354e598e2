//! The measures of a scan, group by group.

use super::class::{Cell, Class};
use super::key::KeyNumbers;
use super::numbers::{check_length, uniform};
use super::pairs::Pairs;
use super::partial::too_many_values;
use super::state::{State, Sum, ValueSet};
use super::sum::{FloatSum, WholeSum};
use super::view::{Index, NO_VALUE, Rows, View};
use crate::query::{Function, Lens, Measure, Of};
use crate::value::float_order;
use crate::{Error, ErrorKind, Limits, Providers};

/// One measure of all groups.
pub(crate) struct Measured {
    function: Function,
    lens: Option<Lens>,
    column_class: Option<Class>,
    class: Option<Class>,
    kept: Kept,
    limits: Limits,
}

/// What is kept, a place for each group.
enum Kept {
    /// Rows or values.
    Counts(Vec<u64>),
    Whole(Vec<(u64, WholeSum)>),
    Float(Vec<(u64, FloatSum)>),
    Best(Vec<Best>),
    /// Values by number, and each group's pairs with those that were met in it.
    Distinct(Box<(KeyNumbers, Pairs)>, [Vec<u32>; 2]),
    /// A sum over a column that has no values in this file.
    Nothing,
}

/// The least or greatest value so far.
#[derive(Clone)]
enum Best {
    None,
    Int(i128),
    /// What a column of 64-bit whole numbers holds, and what its numbers are multiplied by.
    Whole {
        raw: i64,
        step: i64,
    },
    Float(f64),
    Bytes(Box<[u8]>),
    Wide(Box<[u8]>),
}

impl Measured {
    /// For a measure over a column of `class`; an error when that class can't be measured so.
    pub(crate) fn new(
        measure: &Measure,
        classes: &[Option<Class>],
        columns: &[String],
        limits: &Limits,
    ) -> Result<Self, Error> {
        let name = |lens: Lens| columns.get(lens.column).map_or("", String::as_str);
        let column_class = measure
            .lens
            .and_then(|lens| classes.get(lens.column).copied().flatten());
        let class = match (measure.lens, column_class) {
            (Some(lens), Some(class)) => Some(lens.of.class(class, name(lens))?),
            _ => None,
        };
        let kept = match (measure.function, class) {
            (Function::Count, _) => Kept::Counts(Vec::new()),
            (Function::Min | Function::Max, _) => Kept::Best(Vec::new()),
            (Function::Distinct, _) => {
                let lens = measure.lens.unwrap_or(Lens {
                    column: 0,
                    of: Of::Value,
                });
                let numbers = KeyNumbers::new(lens, classes, limits.value_bytes_max);
                let pairs = Pairs::new(limits.distinct_values_max, too_many_values);
                Kept::Distinct(Box::new((numbers, pairs)), Default::default())
            }
            (Function::Sum | Function::Mean, Some(Class::Int | Class::Decimal { .. })) => {
                Kept::Whole(Vec::new())
            }
            (Function::Sum | Function::Mean, Some(Class::Float { .. })) => Kept::Float(Vec::new()),
            (Function::Sum | Function::Mean, None) => Kept::Nothing,
            (Function::Sum | Function::Mean, Some(other)) => {
                let column = measure.lens.map_or("", name);
                return Err(Error::new(
                    ErrorKind::Column,
                    format!(
                        "{} wants numbers, but column `{column}` is {}",
                        measure.written,
                        other.noun()
                    ),
                ));
            }
        };
        Ok(Self {
            function: measure.function,
            lens: measure.lens,
            column_class,
            class,
            kept,
            limits: limits.clone(),
        })
    }

    /// Takes some rows, whose groups are `groups`, of which there are `groups_len`.
    pub(crate) fn update(
        &mut self,
        views: &[View<'_>],
        rows: Rows<'_>,
        groups: &[u32],
        groups_len: usize,
        providers: &Providers,
    ) -> Result<(), Error> {
        let Some(lens) = self.lens else {
            if let Kept::Counts(counts) = &mut self.kept {
                counts.resize(groups_len, 0);
                match uniform(groups) {
                    Some(group) => counts[group as usize] += groups.len() as u64,
                    None => groups.iter().for_each(|group| counts[*group as usize] += 1),
                }
            }
            return Ok(());
        };
        let Some(view) = views.get(lens.column) else {
            return Err(Error::new(
                ErrorKind::Misuse,
                "a measure's column was not read",
            ));
        };
        let Some(class) = self.column_class else {
            if let Kept::Counts(counts) = &mut self.kept {
                counts.resize(groups_len, 0);
            }
            return Ok(());
        };
        let greatest = self.function == Function::Max;
        let cell = |row: usize| {
            view.cell(row)
                .map(|cell| lens.of.cell(cell, class, providers))
        };
        let mut each_group = groups.iter().map(|group| *group as usize);
        let mut next_group = || each_group.next().unwrap_or_default();
        match &mut self.kept {
            Kept::Counts(counts) => {
                counts.resize(groups_len, 0);
                if lens.of == Of::Value {
                    rows.for_each(|row| counts[next_group()] += u64::from(is_there(view, row)));
                    return Ok(());
                }
                rows.try_for_each(|row| {
                    counts[next_group()] += u64::from(cell(row)? != Cell::Null);
                    Ok(())
                })
            }
            Kept::Whole(sums) => {
                sums.resize_with(groups_len, Default::default);
                if let (Some(1), Of::Value) = (view.step_nanos(), lens.of) {
                    view.wholes(rows, |value| {
                        let (values, sum) = &mut sums[next_group()];
                        if let Some(value) = value {
                            *values += 1;
                            sum.add_near(value);
                        }
                    });
                    return Ok(());
                }
                rows.try_for_each(|row| {
                    let (values, sum) = &mut sums[next_group()];
                    match cell(row)? {
                        Cell::Int(value) => sum.add(value),
                        wide => match wide.whole() {
                            Some(value) => sum.add_wide(&value),
                            None => return Ok(()),
                        },
                    }
                    *values += 1;
                    Ok(())
                })
            }
            Kept::Float(sums) => {
                sums.resize_with(groups_len, Default::default);
                let mut add = |value: Option<f64>| {
                    let (values, sum) = &mut sums[next_group()];
                    if let Some(value) = value {
                        *values += 1;
                        sum.add(value);
                    }
                };
                if view.is_float() {
                    view.floats(rows, add);
                    return Ok(());
                }
                rows.try_for_each(|row| {
                    add(if let Cell::Float(value) = cell(row)? {
                        Some(value)
                    } else {
                        None
                    });
                    Ok(())
                })
            }
            Kept::Best(best) => {
                best.resize(groups_len, Best::None);
                if let (Some(step), Of::Value) = (view.step_nanos(), lens.of) {
                    view.wholes(rows, |value| {
                        let best = &mut best[next_group()];
                        if let Some(value) = value {
                            best.update_whole(value, step, greatest);
                        }
                    });
                    return Ok(());
                }
                if view.is_float() && lens.of == Of::Value {
                    view.floats(rows, |value| {
                        let best = &mut best[next_group()];
                        if let Some(value) = value {
                            best.update_float(value, greatest);
                        }
                    });
                    return Ok(());
                }
                rows.try_for_each(|row| {
                    best[next_group()].update(cell(row)?, greatest, self.limits.value_bytes_max)
                })
            }
            Kept::Distinct(met, [numbers, pairs]) => {
                numbers.clear();
                pairs.clear();
                met.0.number(views, rows, providers, numbers)?;
                met.1.number(groups, numbers, pairs)
            }
            Kept::Nothing => Ok(()),
        }
    }

    /// Whether [`Measured::update_alike`] can be used: for all but sums, which add up each row's value.
    pub(crate) fn counts_alike(&self) -> bool {
        !matches!(self.kept, Kept::Whole(_) | Kept::Float(_))
    }

    /// As [`Measured::update`], but each row stands for as many like it as `times` says.
    pub(crate) fn update_alike(
        &mut self,
        views: &[View<'_>],
        rows: Rows<'_>,
        times: &[u32],
        (groups, groups_len): (&[u32], usize),
        providers: &Providers,
    ) -> Result<(), Error> {
        let Kept::Counts(counts) = &mut self.kept else {
            // Seen once is as good as seen many times.
            return self.update(views, rows, groups, groups_len, providers);
        };
        counts.resize(groups_len, 0);
        let column = self.lens.map(|lens| (views.get(lens.column), lens.of));
        let mut groups = groups.iter();
        rows.try_for_each(|row| {
            let cell = match (column, self.column_class) {
                (None, _) => None,
                (Some((Some(view), of)), Some(class)) => {
                    Some(of.cell(view.cell(row)?, class, providers))
                }
                (Some(_), _) => Some(Cell::Null),
            };
            let group = groups.next().map_or(0, |group| *group as usize);
            if let (Some(count), Some(times)) = (counts.get_mut(group), times.get(row))
                && cell != Some(Cell::Null)
            {
                *count += u64::from(*times);
            }
            Ok(())
        })
    }

    /// Counts rows that all have the same cell, without looking at each: `count` of them in one group.
    pub(crate) fn update_same(
        &mut self,
        cells: &[Cell<'_>],
        (group, groups_len): (usize, usize),
        count: u64,
        providers: &Providers,
    ) -> Result<(), Error> {
        let cell = match (self.lens, self.column_class) {
            (Some(lens), Some(class)) => lens.of.cell(
                cells.get(lens.column).copied().unwrap_or(Cell::Null),
                class,
                providers,
            ),
            _ => Cell::Null,
        };
        if let Kept::Counts(counts) = &mut self.kept {
            counts.resize(groups_len, 0);
            if self.lens.is_none() || cell != Cell::Null {
                counts[group] += count;
            }
            return Ok(());
        }
        // Once is as good as many times for all others: a column that is the same in a whole file is text from a
        // folder's name, or nothing, so there is nothing to sum.
        let views: Vec<View<'_>> = cells.iter().map(|cell| View::Same(*cell)).collect();
        self.update(&views, Rows::All(1), &[group as u32], groups_len, providers)
    }

    /// The measures of the groups, in their order.
    pub(crate) fn finish(self, groups_len: usize) -> Vec<State> {
        let class = self.class;
        let empty = || State::empty(self.function);
        let mut states: Vec<State> = match self.kept {
            Kept::Counts(counts) => counts.into_iter().map(State::Count).collect(),
            Kept::Whole(sums) => sums
                .into_iter()
                .map(|(values, sum)| State::Sum {
                    values,
                    sum: if values == 0 {
                        Sum::None
                    } else {
                        Sum::Whole(sum)
                    },
                })
                .collect(),
            Kept::Float(sums) => sums
                .into_iter()
                .map(|(values, sum)| State::Sum {
                    values,
                    sum: if values == 0 {
                        Sum::None
                    } else {
                        Sum::Float(Box::new(sum))
                    },
                })
                .collect(),
            Kept::Best(best) => best
                .into_iter()
                .map(|best| {
                    let value = class.map(|class| class.value(best.cell()));
                    State::Extreme(value.filter(|value| !value.is_null()))
                })
                .collect(),
            Kept::Distinct(met, _) => {
                let (numbers, pairs) = *met;
                let mut sets = vec![ValueSet::default(); groups_len];
                for (group, number) in pairs.met {
                    if let Some(set) = sets.get_mut(group as usize)
                        && !numbers.is_null(number as usize)
                    {
                        set.insert(numbers.value(number as usize));
                    }
                }
                sets.into_iter().map(State::Distinct).collect()
            }
            Kept::Nothing => Vec::new(),
        };
        states.resize_with(groups_len, empty);
        states
    }
}

/// Whether a row has a value.
#[inline]
fn is_there(view: &View<'_>, row: usize) -> bool {
    match view {
        View::Same(cell) => *cell != Cell::Null,
        View::Codes {
            codes, dictionary, ..
        } => codes
            .get(row)
            .is_some_and(|code| (*code as usize) < dictionary.len()),
        View::Values {
            index: Index::From(_),
            ..
        } => true,
        View::Values {
            index: Index::Each(places),
            ..
        } => places.get(row).is_some_and(|place| *place != NO_VALUE),
    }
}

impl Best {
    #[inline]
    fn update(
        &mut self,
        cell: Cell<'_>,
        greatest: bool,
        value_bytes_max: usize,
    ) -> Result<(), Error> {
        let ordering = match (cell, self.cell()) {
            (Cell::Null, _) => return Ok(()),
            (_, Cell::Null) => None,
            (Cell::Int(new), Cell::Int(old)) => Some(new.cmp(&old)),
            (Cell::Float(new), Cell::Float(old)) => Some(float_order(new, old)),
            (Cell::Bytes(new), Cell::Bytes(old)) => Some(new.cmp(old)),
            (new, old) => match (new.whole(), old.whole()) {
                (Some(new), Some(old)) => Some(new.cmp(&old)),
                _ => return Ok(()),
            },
        };
        let better = ordering.is_none_or(|ordering| {
            if greatest {
                ordering.is_gt()
            } else {
                ordering.is_lt()
            }
        });
        if better {
            *self = match cell {
                Cell::Null => Self::None,
                Cell::Int(value) => Self::Int(value),
                Cell::Float(value) => Self::Float(value),
                Cell::Bytes(bytes) => {
                    check_length(bytes, value_bytes_max)?;
                    Self::Bytes(bytes.into())
                }
                Cell::Wide(bytes) => Self::Wide(bytes.into()),
            };
        }
        Ok(())
    }

    /// Takes a number of a column whose numbers are all multiplied by `step`, which is above 0.
    #[inline]
    fn update_whole(&mut self, new: i64, step: i64, greatest: bool) {
        match self {
            Self::Whole { raw, .. } if greatest => *raw = new.max(*raw),
            Self::Whole { raw, .. } => *raw = new.min(*raw),
            _ => *self = Self::Whole { raw: new, step },
        }
    }

    #[inline]
    fn update_float(&mut self, new: f64, greatest: bool) {
        let better = match self {
            Self::Float(old) if greatest => float_order(new, *old).is_gt(),
            Self::Float(old) => float_order(new, *old).is_lt(),
            _ => true,
        };
        if better {
            *self = Self::Float(new);
        }
    }

    fn cell(&self) -> Cell<'_> {
        match self {
            Self::None => Cell::Null,
            Self::Int(value) => Cell::Int(*value),
            Self::Whole { raw, step } => Cell::Int(i128::from(*raw) * i128::from(*step)),
            Self::Float(value) => Cell::Float(*value),
            Self::Bytes(bytes) => Cell::Bytes(bytes),
            Self::Wide(bytes) => Cell::Wide(bytes),
        }
    }
}
