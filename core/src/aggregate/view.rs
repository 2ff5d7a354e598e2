//! A few rows of one column, as they were decoded: codes as long as there are codes.

use super::class::Cell;
use super::form::Form;
use crate::Error;
use crate::parquet::{Span, Values};

/// In [`Index::Each`]: the row has no value.
pub(crate) const NO_VALUE: u32 = u32::MAX;

/// Some rows of one column.
#[derive(Clone, Copy)]
pub(crate) enum View<'a> {
    /// Every row has this value.
    Same(Cell<'a>),
    /// Each row's place in a dictionary; the place behind the last one is null.
    Codes {
        codes: &'a [u32],
        dictionary: &'a Values,
        form: Form,
        /// Tells the chunk, and so its dictionary, from every other one of the scan.
        chunk: u64,
    },
    /// Values, without those that are null.
    Values {
        values: &'a Values,
        index: Index<'a>,
        form: Form,
    },
}

/// Where a row's value is among the values.
#[derive(Clone, Copy)]
pub(crate) enum Index<'a> {
    /// No row is null: the first row's value is here, the others follow.
    From(usize),
    /// Each row's, or [`NO_VALUE`].
    Each(&'a [u32]),
}

/// Which of a view's rows are looked at.
#[derive(Clone, Copy)]
pub(crate) enum Rows<'a> {
    /// That many from the first on.
    All(usize),
    /// These, in order.
    Chosen(&'a [u32]),
}

impl Rows<'_> {
    pub(crate) fn count(&self) -> usize {
        match self {
            Self::All(count) => *count,
            Self::Chosen(rows) => rows.len(),
        }
    }

    /// Calls `each` with every row that is looked at.
    #[inline]
    pub(crate) fn for_each(&self, mut each: impl FnMut(usize)) {
        match self {
            Self::All(count) => (0..*count).for_each(each),
            Self::Chosen(rows) => rows.iter().for_each(|row| each(*row as usize)),
        }
    }

    /// Calls `each` with every row that is looked at until it fails.
    #[inline]
    pub(crate) fn try_for_each(
        &self,
        mut each: impl FnMut(usize) -> Result<(), Error>,
    ) -> Result<(), Error> {
        match self {
            Self::All(count) => (0..*count).try_for_each(each),
            Self::Chosen(rows) => rows.iter().try_for_each(|row| each(*row as usize)),
        }
    }
}

impl<'a> View<'a> {
    /// The value of a row.
    #[inline]
    pub(crate) fn cell(&self, row: usize) -> Result<Cell<'a>, Error> {
        match self {
            Self::Same(cell) => Ok(*cell),
            Self::Codes {
                codes,
                dictionary,
                form,
                ..
            } => {
                let code = codes.get(row).copied().unwrap_or(NO_VALUE);
                form.cell(dictionary, code as usize)
            }
            Self::Values {
                values,
                index,
                form,
            } => match index {
                Index::From(start) => form.cell(values, start + row),
                Index::Each(places) => match places.get(row) {
                    Some(&place) if place != NO_VALUE => form.cell(values, place as usize),
                    _ => Ok(Cell::Null),
                },
            },
        }
    }
}

impl View<'_> {
    /// For columns of whole numbers that 64 bits with a sign hold: what to multiply them by to get their cell.
    pub(crate) fn step_nanos(&self) -> Option<i64> {
        let (values, form) = match self {
            Self::Same(_) => return None,
            Self::Codes {
                dictionary, form, ..
            } => (*dictionary, form),
            Self::Values { values, form, .. } => (*values, form),
        };
        match (values, form) {
            (Values::I32(_) | Values::I64(_), Form::Plain) => Some(1),
            (Values::I32(_) | Values::I64(_), Form::Nanos(step)) => Some(*step),
            _ => None,
        }
    }

    /// A row's number, before it is multiplied by [`View::step_nanos`], if the row has codes.
    pub(crate) fn whole(&self, row: usize) -> Option<i64> {
        let Self::Codes {
            codes, dictionary, ..
        } = self
        else {
            return None;
        };
        let place = *codes.get(row)? as usize;
        match dictionary {
            Values::I32(values) => values.get(place).map(|value| i64::from(*value)),
            Values::I64(values) => values.get(place).copied(),
            _ => None,
        }
    }

    /// Calls `each` with every row's number, before it is multiplied by [`View::step_nanos`]; `None` for null.
    #[inline]
    pub(crate) fn wholes(&self, rows: Rows<'_>, each: impl FnMut(Option<i64>)) {
        match self.values() {
            Some((Values::I32(values), index)) => {
                each_value(values, index, rows, |value| i64::from(*value), each);
            }
            Some((Values::I64(values), index)) => {
                each_value(values, index, rows, |value| *value, each);
            }
            _ => {}
        }
    }

    /// Whether the column holds 32- or 64-bit floats.
    pub(crate) fn is_float(&self) -> bool {
        matches!(self.values(), Some((Values::F32(_) | Values::F64(_), _)))
    }

    /// Calls `each` with every row's float, `None` for null, if [`View::is_float`].
    #[inline]
    pub(crate) fn floats(&self, rows: Rows<'_>, each: impl FnMut(Option<f64>)) {
        match self.values() {
            Some((Values::F32(values), index)) => {
                each_value(values, index, rows, |value| f64::from(*value), each);
            }
            Some((Values::F64(values), index)) => {
                each_value(values, index, rows, |value| *value, each);
            }
            _ => {}
        }
    }

    /// Whether the column holds texts or other byte arrays as they are.
    pub(crate) fn is_text(&self) -> bool {
        matches!(
            self,
            Self::Values {
                values: Values::Bytes { .. },
                form: Form::Plain,
                ..
            }
        )
    }

    /// Calls `each` with every row's text, `None` for null, if [`View::is_text`].
    #[inline]
    pub(crate) fn texts<'b>(&'b self, rows: Rows<'_>, each: impl FnMut(Option<&'b [u8]>)) {
        if let Some((Values::Bytes { data, spans }, index)) = self.values() {
            each_value(spans, index, rows, |span| span.of(data), each);
        }
    }

    /// Every row's text and what they lie in, if [`View::is_text`]; null is an empty one. They are gathered in
    /// `scratch`, unless they lie next to each other.
    pub(crate) fn spans<'b>(
        &'b self,
        rows: Rows<'_>,
        scratch: &'b mut Vec<Span>,
    ) -> (&'b [u8], &'b [Span]) {
        let Some((Values::Bytes { data, spans }, index)) = self.values() else {
            return (&[], &[]);
        };
        if let (Index::From(start), Rows::All(count)) = (index, rows) {
            return (data, spans.get(start..start + count).unwrap_or_default());
        }
        scratch.clear();
        let nothing = Span { start: 0, len: 0 };
        each_value(
            spans,
            index,
            rows,
            |span| *span,
            |span| {
                scratch.push(span.unwrap_or(nothing));
            },
        );
        (data, scratch)
    }

    /// The values and each row's place among them; a code is a place in the dictionary.
    fn values(&self) -> Option<(&Values, Index<'_>)> {
        match self {
            Self::Same(_) => None,
            Self::Codes {
                codes, dictionary, ..
            } => Some((dictionary, Index::Each(codes))),
            Self::Values { values, index, .. } => Some((values, *index)),
        }
    }
}

/// Calls `each` with every row's value; places where there is none are null.
#[inline]
fn each_value<T, V>(
    values: &[T],
    index: Index<'_>,
    rows: Rows<'_>,
    value: impl Fn(&T) -> V,
    mut each: impl FnMut(Option<V>),
) {
    match (index, rows) {
        (Index::From(start), Rows::All(count)) => {
            let there = values.get(start..start + count).unwrap_or_default();
            there.iter().for_each(|found| each(Some(value(found))));
        }
        (Index::From(start), Rows::Chosen(chosen)) => {
            chosen
                .iter()
                .for_each(|row| each(values.get(start + *row as usize).map(&value)));
        }
        (Index::Each(places), Rows::All(count)) => {
            places
                .iter()
                .take(count)
                .for_each(|place| each(values.get(*place as usize).map(&value)));
        }
        (Index::Each(places), Rows::Chosen(chosen)) => chosen.iter().for_each(|row| {
            let place = places.get(*row as usize).copied().unwrap_or(NO_VALUE);
            each(values.get(place as usize).map(&value));
        }),
    }
}
