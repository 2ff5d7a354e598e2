//! The comma separated options: `group-by`, `measure`, `order-by`.

use super::expression::{Columns, Lens, lens, unknown_function};
use super::nearest::nearest;
use super::words::{Word, Words};
use crate::{Error, ErrorKind};

/// Items of a list at most.
const ITEMS_MAX: usize = 1000;

/// What makes a group.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) lens: Lens,
    /// What its column in the answer is called.
    pub(crate) name: String,
    written: String,
}

/// What is measured in each group.
#[derive(Clone, Debug)]
pub(crate) struct Measure {
    pub(crate) function: Function,
    /// `None` for `count`, which counts rows.
    pub(crate) lens: Option<Lens>,
    /// As it was written; its name in the answer.
    pub(crate) written: String,
}

/// How values become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Function {
    Count,
    Sum,
    Min,
    Max,
    Mean,
    Distinct,
}

impl Function {
    const ALL: [(&'static str, Self); 6] = [
        ("count", Self::Count),
        ("sum", Self::Sum),
        ("min", Self::Min),
        ("max", Self::Max),
        ("mean", Self::Mean),
        ("distinct", Self::Distinct),
    ];

    pub(crate) fn name(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(_, function)| *function == self)
            .map_or("", |(name, _)| name)
    }
}

/// One word of the answer's order: which of its columns, and in which direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Order {
    pub(crate) column: usize,
    pub(crate) descending: bool,
}

/// Reads `group-by`.
pub(crate) fn group_by(text: &str, columns: &mut Columns) -> Result<Vec<Key>, Error> {
    let mut words = Words::new("group-by", text)?;
    items(&mut words, |words| {
        let start = words.place();
        let lens = lens(words, columns)?;
        let column = columns
            .names()
            .get(lens.column)
            .cloned()
            .unwrap_or_default();
        let name = lens.of.name().map_or(column, str::to_owned);
        Ok(Key {
            lens,
            name,
            written: words.written_since(start).to_owned(),
        })
    })
}

/// Reads `measure`.
pub(crate) fn measures(text: &str, columns: &mut Columns) -> Result<Vec<Measure>, Error> {
    let mut words = Words::new("measure", text)?;
    let names = Function::ALL.iter().map(|(name, _)| *name);
    items(&mut words, |words| {
        let start = words.place();
        let Some(Word::Bare(name)) = words.peek().cloned() else {
            return Err(words.error_here(format!(
                "expected a measure such as count or sum(price){}",
                words.but_found()
            )));
        };
        let Some((_, function)) = Function::ALL
            .iter()
            .find(|(known, _)| name.eq_ignore_ascii_case(known))
        else {
            return Err(unknown_measure(words, &name, names.clone()));
        };
        words.take();
        let mut measured = None;
        if words.take_sign("(") {
            // `count(*)` is how SQL writes `count`.
            let star = *function == Function::Count
                && matches!(words.peek(), Some(Word::Bare(star)) if star == "*");
            if star {
                words.take();
            } else {
                measured = Some(lens(words, columns)?);
            }
            words.expect_sign(")")?;
        } else if *function != Function::Count {
            return Err(words.error_here(format!(
                "`{name}` wants a column, as in {}(price)",
                function.name()
            )));
        }
        Ok(Measure {
            function: *function,
            lens: measured,
            written: words.written_since(start).to_owned(),
        })
    })
}

fn unknown_measure<'a>(
    words: &Words<'_>,
    name: &str,
    known: impl Iterator<Item = &'a str> + Clone,
) -> Error {
    if matches!(words.peek_second(), Some(Word::Sign("("))) {
        return unknown_function(words, name, known);
    }
    let advice = nearest(name, known.clone()).map_or_else(
        || {
            format!(
                "known are {}, all but count with a column in brackets",
                known.clone().collect::<Vec<_>>().join(", ")
            )
        },
        |meant| format!("did you mean `{meant}`?"),
    );
    words.error_here(format!("there is no measure `{name}`: {advice}"))
}

/// Reads `order-by`: names of the answer's columns, or what they were made by, each with `:asc` or `:desc`.
pub(crate) fn order_by(
    text: &str,
    keys: &[Key],
    measures: &[Measure],
) -> Result<Vec<Order>, Error> {
    let mut words = Words::new("order-by", text)?;
    let written: Vec<&str> = keys
        .iter()
        .map(|key| key.written.as_str())
        .chain(measures.iter().map(|measure| measure.written.as_str()))
        .collect();
    let names: Vec<&str> = keys
        .iter()
        .map(|key| key.name.as_str())
        .chain(measures.iter().map(|measure| measure.written.as_str()))
        .collect();
    items(&mut words, |words| {
        let start = words.place();
        let quoted = match words.peek() {
            Some(Word::Quoted(name)) => Some(name.clone()),
            _ => None,
        };
        let mut depth = 0_usize;
        while let Some(word) = words.peek() {
            match word {
                Word::Sign("(") => depth += 1,
                Word::Sign(")") => depth = depth.saturating_sub(1),
                Word::Sign(":" | ",") if depth == 0 => break,
                _ => {}
            }
            words.take();
        }
        let found = words.written_since(start);
        let wanted = without_blanks(found);
        let place = written
            .iter()
            .position(|name| without_blanks(name) == wanted)
            .or_else(|| {
                names
                    .iter()
                    .position(|name| *name == found || quoted.as_deref() == Some(*name))
            });
        let Some(column) = place else {
            let advice = if let Some((name, way)) = as_in_sql(found, &names) {
                format!("write `{name}:{way}`")
            } else if let Some(meant) = nearest(found, names.iter().copied()) {
                format!("did you mean `{meant}`?")
            } else {
                format!("it has {}", names.join(", "))
            };
            return Err(words.error_at(
                start,
                format!("the answer has no column `{found}`: {advice}"),
            ));
        };
        let descending = words.take_sign(":") && {
            if !(matches!(words.peek(), Some(Word::Bare(way)) if is_way(way))) {
                return Err(words.error_here(format!("expected asc or desc{}", words.but_found())));
            }
            words.take_keyword("desc") || !words.take_keyword("asc")
        };
        Ok(Order { column, descending })
    })
}

fn is_way(word: &str) -> bool {
    ["asc", "desc"]
        .iter()
        .any(|known| word.eq_ignore_ascii_case(known))
}

/// `count desc`, as SQL has it: the name and the way, if it is the name of a column.
fn as_in_sql<'a>(text: &'a str, names: &[&str]) -> Option<(&'a str, &'a str)> {
    let (name, way) = text.rsplit_once(char::is_whitespace)?;
    let name = name.trim_end();
    (is_way(way) && names.contains(&name)).then_some((name, way))
}

fn without_blanks(text: &str) -> String {
    text.chars().filter(|sign| !sign.is_whitespace()).collect()
}

/// Reads items between commas; an empty text is an empty list.
fn items<T>(
    words: &mut Words<'_>,
    mut item: impl FnMut(&mut Words<'_>) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    let mut list = Vec::new();
    if words.is_empty() {
        return Ok(list);
    }
    loop {
        list.push(item(words)?);
        if words.is_empty() {
            break;
        }
        if list.len() >= ITEMS_MAX {
            return Err(Error::new(
                ErrorKind::Limit,
                format!("a list of a query has at most {ITEMS_MAX} items"),
            ));
        }
        if !words.take_sign(",") {
            return Err(words.error_here(format!(
                "expected a comma{}; a name with blanks goes in double quotes",
                words.but_found()
            )));
        }
    }
    Ok(list)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::expression::{Bucket, Of};

    #[test]
    fn keys_are_columns_providers_and_buckets() {
        let mut columns = Columns::default();
        let keys = group_by(
            "event_type, provider(Host),day(timestamp),\"a,b\"",
            &mut columns,
        )
        .unwrap();
        let names: Vec<_> = keys.iter().map(|key| key.name.as_str()).collect();
        assert_eq!(names, ["event_type", "provider", "day", "a,b"]);
        assert_eq!(columns.names(), ["event_type", "Host", "timestamp", "a,b"]);
        assert_eq!(keys[2].lens.of, Of::Bucket(Bucket::Day));
    }

    #[test]
    fn measures_are_named_as_written() {
        let mut columns = Columns::default();
        let list = measures("count, sum( price ),count(*)", &mut columns).unwrap();
        let names: Vec<_> = list
            .iter()
            .map(|measure| measure.written.as_str())
            .collect();
        assert_eq!(names, ["count", "sum( price )", "count(*)"]);
        assert_eq!(list[2].lens, None);
    }

    #[test]
    fn order_names_columns_of_the_answer() {
        let mut columns = Columns::default();
        let keys = group_by("day(t),\"a b\"", &mut columns).unwrap();
        let list = measures("count,sum(x)", &mut columns).unwrap();
        let order = order_by("sum( x ):desc, day, \"a b\":asc,day(t)", &keys, &list).unwrap();
        let places: Vec<_> = order
            .iter()
            .map(|order| (order.column, order.descending))
            .collect();
        assert_eq!(places, [(3, true), (0, false), (1, false), (0, false)]);
    }

    #[test]
    fn slips_are_pointed_at() {
        let mut columns = Columns::default();
        let check = |error: Error, message: &str| assert_eq!(error.message(), message);
        check(
            group_by("a,provder(Host)", &mut columns).unwrap_err(),
            "`group-by`, column 3: there is no function `provder`: did you mean `provider`?",
        );
        check(
            measures("cuont", &mut columns).unwrap_err(),
            "`measure`, column 1: there is no measure `cuont`: did you mean `count`?",
        );
        check(
            measures("sum", &mut columns).unwrap_err(),
            "`measure`, column 4: `sum` wants a column, as in sum(price)",
        );
        check(
            group_by("a b", &mut columns).unwrap_err(),
            "`group-by`, column 3: expected a comma, but found `b`; a name with blanks goes in double quotes",
        );
        check(
            order_by("cont:desc", &[], &measures("count", &mut columns).unwrap()).unwrap_err(),
            "`order-by`, column 1: the answer has no column `cont`: did you mean `count`?",
        );
        check(
            order_by("count desc", &[], &measures("count", &mut columns).unwrap()).unwrap_err(),
            "`order-by`, column 1: the answer has no column `count desc`: write `count:desc`",
        );
    }
}
