//! One key of a query: its values, numbered as they are met.

use super::class::{Cell, Class};
use super::numbers::{Numbers, UNMET, bits_of, uniform};
use super::provider::ProviderNumbers;
use super::recent::{Recent, span};
use super::view::{Rows, View};
use crate::query::{Lens, Of};
use crate::{Error, ErrorKind, Providers, Value};

/// The values of one key.
pub(crate) struct KeyNumbers {
    lens: Lens,
    /// The class of the column, and that of what is made of it.
    column_class: Option<Class>,
    class: Option<Class>,
    numbers: Numbers,
    /// The number of each dictionary value of the present chunk, and of null.
    by_code: Vec<u32>,
    chunk: u64,
    providers: ProviderNumbers,
    recent: Recent,
}

impl KeyNumbers {
    pub(crate) fn new(lens: Lens, classes: &[Option<Class>], value_bytes_max: usize) -> Self {
        let column_class = classes.get(lens.column).copied().flatten();
        Self {
            lens,
            column_class,
            class: column_class.and_then(|class| lens.of.class(class, "").ok()),
            numbers: Numbers::new(value_bytes_max),
            by_code: Vec::new(),
            chunk: 0,
            providers: ProviderNumbers::new(),
            recent: Recent::new(),
        }
    }

    /// How many different values were met.
    pub(crate) fn count(&self) -> usize {
        self.numbers.len()
    }

    /// Whether a number is that of null.
    pub(crate) fn is_null(&self, number: usize) -> bool {
        self.numbers.cell(number) == Cell::Null
    }

    /// The value of a number.
    pub(crate) fn value(&self, number: usize) -> Value {
        self.class
            .map_or(Value::Null, |class| class.value(self.numbers.cell(number)))
    }

    /// Appends the number of each row that is looked at.
    pub(crate) fn number(
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
                chunk,
                dictionary,
                ..
            } => {
                if self.chunk != *chunk {
                    self.chunk = *chunk;
                    self.by_code.clear();
                    // As long as a power of two, so that a code is cut to a place without asking.
                    let len = (dictionary.len() + 1).next_power_of_two();
                    self.by_code.resize(len, UNMET);
                }
                self.number_codes(view, codes, rows, providers, out)
            }
            View::Values { .. } if view.is_text() && self.lens.of == Of::Provider => self
                .providers
                .number_all(view, rows, providers, &mut self.numbers, out),
            View::Values { .. } => self.number_values(view, rows, providers, out),
        }
    }

    /// Codes get a number when they are met, not all at once: a filter may leave few of them.
    #[inline(never)]
    fn number_codes(
        &mut self,
        view: &View<'_>,
        codes: &[u32],
        rows: Rows<'_>,
        providers: &Providers,
        out: &mut Vec<u32>,
    ) -> Result<(), Error> {
        let start = out.len();
        let by_code = &self.by_code;
        let Some(last) = by_code.len().checked_sub(1) else {
            return Ok(());
        };
        // Every code is a place of the table, whose length is a power of two: this only spares the question.
        let known = |code: &u32| by_code.get(*code as usize & last).copied().unwrap_or(UNMET);
        let same = match rows {
            Rows::All(count) => codes.get(..count).and_then(uniform),
            Rows::Chosen(_) => None,
        };
        match rows {
            Rows::All(count) if same.is_some() => {
                out.resize(start + count, same.as_ref().map_or(UNMET, known));
            }
            Rows::All(count) => out.extend(codes.iter().take(count).map(known)),
            Rows::Chosen(chosen) => out.extend(
                chosen
                    .iter()
                    .map(|row| codes.get(*row as usize).map_or(UNMET, known)),
            ),
        }
        let there = out.get_mut(start..).unwrap_or_default();
        if bits_of(there) < UNMET {
            return Ok(());
        }
        self.number_unmet(view, codes, rows, providers, there)
    }

    /// Gives their numbers to codes that are met for the first time.
    #[inline(never)]
    fn number_unmet(
        &mut self,
        view: &View<'_>,
        codes: &[u32],
        rows: Rows<'_>,
        providers: &Providers,
        there: &mut [u32],
    ) -> Result<(), Error> {
        let steps = self.steps(view);
        let mut numbers = there.iter_mut();
        rows.try_for_each(|row| {
            let Some(number) = numbers.next().filter(|number| **number == UNMET) else {
                return Ok(());
            };
            let slot = codes.get(row).map_or(usize::MAX, |code| *code as usize);
            *number = match self.by_code.get(slot) {
                Some(known) if *known != UNMET => *known,
                _ => match (steps, view.whole(row)) {
                    (Some(steps), Some(raw)) => self.number_of_whole(raw, steps, providers)?,
                    _ => self.number_of(view.cell(row)?, providers)?,
                },
            };
            if let Some(slot) = self.by_code.get_mut(slot) {
                *slot = *number;
            }
            Ok(())
        })
    }

    #[inline(never)]
    fn number_values(
        &mut self,
        view: &View<'_>,
        rows: Rows<'_>,
        providers: &Providers,
        out: &mut Vec<u32>,
    ) -> Result<(), Error> {
        let Some(steps) = self.steps(view) else {
            return rows.try_for_each(|row| {
                out.push(self.number_of(view.cell(row)?, providers)?);
                Ok(())
            });
        };
        let mut failed = None;
        view.wholes(rows, |raw| {
            let number = match raw {
                Some(raw) => self.number_of_whole(raw, steps, providers),
                None => self.numbers.number(Cell::Null),
            };
            out.push(number.unwrap_or_else(|error| {
                failed = Some(error);
                0
            }));
        });
        failed.map_or(Ok(()), Err)
    }

    /// For whole numbers: what a raw one is multiplied by, and how many in a row have the same value.
    fn steps(&self, view: &View<'_>) -> Option<(i64, i64)> {
        let step = view.step_nanos()?;
        Some((step, span(self.lens.of, self.column_class, step)))
    }

    /// The number of what is made of a raw whole number.
    #[inline]
    fn number_of_whole(
        &mut self,
        raw: i64,
        (step, span): (i64, i64),
        providers: &Providers,
    ) -> Result<u32, Error> {
        let (lens, class, numbers) = (self.lens, self.column_class, &mut self.numbers);
        self.recent.number(raw, span, || {
            let cell = Cell::Int(i128::from(raw) * i128::from(step));
            numbers.number_of_lens(lens.of, cell, class, providers)
        })
    }

    /// The number of what is made of a cell.
    fn number_of(&mut self, cell: Cell<'_>, providers: &Providers) -> Result<u32, Error> {
        match cell {
            Cell::Bytes(text) if self.lens.of == Of::Provider => {
                self.providers.number(text, providers, &mut self.numbers)
            }
            _ => self
                .numbers
                .number_of_lens(self.lens.of, cell, self.column_class, providers),
        }
    }
}
