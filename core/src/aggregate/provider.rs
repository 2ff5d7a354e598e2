//! The numbers of providers, for texts that tell of them.

use super::class::Cell;
use super::digitless::Digitless;
use super::numbers::{Numbers, UNMET};
use super::view::{Rows, View};
use crate::parquet::Span;
use crate::{Error, Providers};

/// The numbers of a key's providers.
pub(crate) struct ProviderNumbers {
    known: Known,
    recent: Digitless,
    /// A buffer: texts that do not lie next to each other.
    spans: Vec<Span>,
}

/// The number of each provider, and of none.
struct Known(Vec<u32>);

impl ProviderNumbers {
    pub(crate) fn new() -> Self {
        Self {
            known: Known(Vec::new()),
            recent: Digitless::new(),
            spans: Vec::new(),
        }
    }

    /// The number of the provider that a text tells of.
    pub(crate) fn number(
        &mut self,
        text: &[u8],
        providers: &Providers,
        numbers: &mut Numbers,
    ) -> Result<u32, Error> {
        if !self.is_recent_worth_it(providers) {
            return self.known.number(providers.find(text), providers, numbers);
        }
        if let Some(number) = self.recent.number(text) {
            return Ok(number);
        }
        let found = providers.find(text);
        let number = self.known.number(found, providers, numbers)?;
        self.recent.keep(text, number);
        Ok(number)
    }

    /// Appends the number of each row that is looked at.
    #[inline(never)]
    pub(crate) fn number_all(
        &mut self,
        view: &View<'_>,
        rows: Rows<'_>,
        providers: &Providers,
        numbers: &mut Numbers,
        out: &mut Vec<u32>,
    ) -> Result<(), Error> {
        // No provider is found in nothing, so null may be an empty text.
        let mut scratch = std::mem::take(&mut self.spans);
        let texts = view.spans(rows, &mut scratch);
        let numbered = if self.is_recent_worth_it(providers) {
            self.number_recent(texts, providers, numbers, out)
        } else {
            self.number_each(texts, providers, numbers, out)
        };
        self.spans = scratch;
        numbered
    }

    fn number_each(
        &mut self,
        (data, spans): (&[u8], &[Span]),
        providers: &Providers,
        numbers: &mut Numbers,
        out: &mut Vec<u32>,
    ) -> Result<(), Error> {
        let mut failed = None;
        providers.find_each(data, spans.iter().map(|span| span.range()), |found| {
            let number = self.known.number(found, providers, numbers);
            out.push(number.unwrap_or_else(|error| {
                failed = Some(error);
                0
            }));
        });
        failed.map_or(Ok(()), Err)
    }

    /// As long as most texts were met lately: all of them are asked for first, then those that were not are looked through.
    #[inline(never)]
    fn number_recent(
        &mut self,
        (data, spans): (&[u8], &[Span]),
        providers: &Providers,
        numbers: &mut Numbers,
        out: &mut Vec<u32>,
    ) -> Result<(), Error> {
        let start = out.len();
        if self.recent.number_all(data, spans, out) {
            return Ok(());
        }
        let there = out.get_mut(start..).unwrap_or_default().iter_mut();
        for (number, span) in there.zip(spans) {
            if *number == UNMET {
                *number = self.number(span.of(data), providers, numbers)?;
            }
        }
        Ok(())
    }

    fn is_recent_worth_it(&self, providers: &Providers) -> bool {
        !providers.have_digits() && self.recent.is_worth_it()
    }
}

impl Known {
    /// The number of a provider, or of none.
    #[inline]
    fn number(
        &mut self,
        found: Option<usize>,
        providers: &Providers,
        numbers: &mut Numbers,
    ) -> Result<u32, Error> {
        // The place behind the last provider is for none.
        let none = providers.names().len();
        let place = found.unwrap_or(none);
        if let Some(number) = self.0.get(place).filter(|number| **number != UNMET) {
            return Ok(*number);
        }
        let name = providers.names().get(place);
        let number =
            numbers.number(name.map_or(Cell::Null, |name| Cell::Bytes(name.as_bytes())))?;
        self.0.resize(none + 1, UNMET);
        if let Some(known) = self.0.get_mut(place) {
            *known = number;
        }
        Ok(number)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::form::Form;
    use super::super::view::Index;
    use super::*;
    use crate::MatchRule;
    use crate::parquet::Values;

    /// The numbers' names, by way of rows and, in `singly`, text by text.
    fn names(texts: &[String], providers: &Providers, singly: bool) -> Vec<Option<String>> {
        let mut numbers = Numbers::new(1000);
        let mut key = ProviderNumbers::new();
        let mut out = Vec::new();
        if singly {
            out.extend(texts.iter().map(|text| {
                key.number(text.as_bytes(), providers, &mut numbers)
                    .unwrap()
            }));
        } else {
            let mut start = 0;
            let spans = texts.iter().map(|text| {
                let len = text.len() as u32;
                start += len;
                let start = start - len;
                Span { start, len }
            });
            let values = Values::Bytes {
                spans: spans.collect(),
                data: texts.concat().into(),
            };
            let view = View::Values {
                values: &values,
                index: Index::From(0),
                form: Form::Plain,
            };
            let rows = Rows::All(texts.len());
            key.number_all(&view, rows, providers, &mut numbers, &mut out)
                .unwrap();
        }
        let name = |number: u32| match numbers.cell(number as usize) {
            Cell::Bytes(name) => Some(String::from_utf8(name.to_vec()).unwrap()),
            _ => None,
        };
        out.into_iter().map(name).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Few letters, so that names overlap and texts come again with other digits, of all lengths that are kept and more.
        #[test]
        fn texts_have_the_first_provider_of_the_list_that_they_contain(
            texts in prop::collection::vec("([abc]|[0-9]{1,3}|[abc]1[abc]|[.:/é]|cab|user){0,16}", 0..200),
            list in prop::collection::vec("[abc]{1,3}|[abc][.1][abc]|[ab]1[ab]|user|cab[.]a", 1..5),
        ) {
            // Each text comes again with other digits.
            let again = |text: String| [text.replace('1', "2"), text];
            let texts: Vec<String> = texts.into_iter().flat_map(again).collect();
            let providers = Providers::new(Some(&list.join(",")), MatchRule::Contains).unwrap();
            let naive = |text: &String| list.iter().find(|name| text.contains(*name)).cloned();
            let expected: Vec<_> = texts.iter().map(naive).collect();
            prop_assert_eq!(&names(&texts, &providers, false), &expected);
            prop_assert_eq!(&names(&texts, &providers, true), &expected);

            let providers = Providers::new(Some(&list.join(",")), MatchRule::Domain).unwrap();
            let found = |text: &String| providers.find(text.as_bytes());
            let expected: Vec<_> = texts.iter().map(|text| found(text).map(|at| list[at].clone())).collect();
            prop_assert_eq!(&names(&texts, &providers, false), &expected);
        }
    }

    #[test]
    fn texts_that_never_come_again_are_still_found_right() {
        // Letters only, each text another one: what was met lately is given up on the way.
        let letters =
            |number: u32| (0..8).map(move |at| char::from(b'a' + (number >> (2 * at) & 3) as u8));
        let texts: Vec<String> = (0..34_000)
            .map(|number| letters(number).chain("-host".chars()).collect())
            .collect();
        let providers = Providers::new(Some("abba,dad,ca"), MatchRule::Contains).unwrap();
        let naive = |text: &String| {
            providers
                .names()
                .iter()
                .find(|name| text.contains(*name))
                .cloned()
        };
        let mut key = ProviderNumbers::new();
        let mut numbers = Numbers::new(1000);
        for text in &texts {
            key.number(text.as_bytes(), &providers, &mut numbers)
                .unwrap();
        }
        assert!(!key.is_recent_worth_it(&providers));
        let expected: Vec<_> = texts.iter().map(naive).collect();
        assert_eq!(names(&texts, &providers, true), expected);
    }
}
