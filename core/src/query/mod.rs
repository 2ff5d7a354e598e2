//! The words of a query, checked.

mod expression;
mod filter;
mod like;
mod lists;
mod nearest;
mod options;
mod sql;
mod words;

use std::sync::Arc;

pub(crate) use expression::{Bucket, Lens, Of};
pub(crate) use filter::{Comparison, Filter, Literal, Test};
pub(crate) use like::Like;
pub(crate) use lists::{Function, Key, Measure, Order};
pub(crate) use nearest::nearest;
pub use options::QueryOptions;

use crate::{Error, ErrorKind, Limits, MatchRule, Providers};
use expression::Columns;

/// A checked query; cheap to clone.
#[derive(Clone)]
pub struct Query {
    checked: Arc<Checked>,
}

// The words say all there is to say.
impl std::fmt::Debug for Query {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Query").field(self.options()).finish()
    }
}

struct Checked {
    options: QueryOptions,
    columns: Columns,
    keys: Vec<Key>,
    measures: Vec<Measure>,
    filter: Option<Filter>,
    order: Vec<Order>,
    providers: Providers,
    limits: Limits,
    fingerprint: [u8; 16],
}

impl Query {
    /// Checks the words. Which columns there are is only known once a file is open, so a wrong column is an error later.
    pub fn new(options: &QueryOptions, limits: &Limits) -> Result<Self, Error> {
        let mut columns = Columns::default();
        let keys = lists::group_by(
            options.group_by.as_deref().unwrap_or_default(),
            &mut columns,
        )?;
        let mut measures =
            lists::measures(options.measure.as_deref().unwrap_or_default(), &mut columns)?;
        if measures.is_empty() {
            measures = lists::measures("count", &mut columns)?;
        }
        let filter_text = options.filter.as_deref().unwrap_or_default();
        let filter = filter::filter(filter_text, limits.filter_bytes_max, &mut columns)?;
        let order = lists::order_by(
            options.order_by.as_deref().unwrap_or_default(),
            &keys,
            &measures,
        )?;
        let rule = options
            .match_rule
            .as_deref()
            .map_or(Ok(MatchRule::default()), MatchRule::parse)?;
        let providers = Providers::new(options.providers.as_deref(), rule)?;
        let fingerprint = fingerprint(&columns, &keys, &measures, filter_text, &providers);
        let options = options.clone();
        Ok(Self {
            checked: Arc::new(Checked {
                options,
                columns,
                keys,
                measures,
                filter,
                order,
                providers,
                limits: limits.clone(),
                fingerprint,
            }),
        })
    }

    /// The first question: which events happen most? What `options` says of filter, order and limit holds.
    pub fn popular_events(options: &QueryOptions, limits: &Limits) -> Result<Self, Error> {
        Self::question("event_type", options, limits)
    }

    /// The second question: which providers do users come from, and which events are most popular on each?
    pub fn providers(options: &QueryOptions, limits: &Limits) -> Result<Self, Error> {
        Self::question("provider(Host),event_type", options, limits)
    }

    fn question(group_by: &str, options: &QueryOptions, limits: &Limits) -> Result<Self, Error> {
        let question = QueryOptions {
            group_by: Some(group_by.to_owned()),
            measure: Some("count".to_owned()),
            ..options.clone()
        };
        Self::new(&question, limits)
    }

    /// The words it was made from.
    pub fn options(&self) -> &QueryOptions {
        &self.checked.options
    }

    /// The columns it reads, as they were named, each once.
    pub fn columns_needed(&self) -> Vec<String> {
        self.checked.columns.names().to_vec()
    }

    /// What a partial must agree on to be merged: keys, measures, filter and matching, but not order and limit.
    pub fn fingerprint(&self) -> [u8; 16] {
        self.checked.fingerprint
    }

    pub(crate) fn columns(&self) -> &[String] {
        self.checked.columns.names()
    }

    pub(crate) fn keys(&self) -> &[Key] {
        &self.checked.keys
    }

    pub(crate) fn measures(&self) -> &[Measure] {
        &self.checked.measures
    }

    pub(crate) fn filter(&self) -> Option<&Filter> {
        self.checked.filter.as_ref()
    }

    pub(crate) fn order(&self) -> &[Order] {
        &self.checked.order
    }

    pub(crate) fn matcher(&self) -> &Providers {
        &self.checked.providers
    }

    /// Whether the provider list and its rule decide anything.
    pub(crate) fn looks_for_providers(&self) -> bool {
        let measured = self.measures().iter().filter_map(|measure| measure.lens);
        let mut lenses = self.keys().iter().map(|key| key.lens).chain(measured);
        lenses.any(|lens| lens.of == Of::Provider)
            || self
                .filter()
                .is_some_and(|filter| filter.looks_at(Of::Provider))
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.checked.limits
    }

    /// The error for a condition of `where` that can't be asked of its column.
    pub(crate) fn filter_error(&self, place: usize, message: impl AsRef<str>) -> Error {
        let text = self.options().filter.as_deref().unwrap_or_default();
        let column = words::column_of(text, place);
        Error::new(
            ErrorKind::Query,
            format!("`where`, column {column}: {}", message.as_ref()),
        )
    }
}

/// A hash of what decides a partial's content (FNV-1a, 128 bits).
fn fingerprint(
    columns: &Columns,
    keys: &[Key],
    measures: &[Measure],
    filter: &str,
    providers: &Providers,
) -> [u8; 16] {
    let mut hash = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d_u128;
    let mut add = |part: &str| {
        // Each part ends with a byte that no UTF-8 text holds, so that parts can't run together.
        for byte in part.bytes().chain([0xff]) {
            hash =
                (hash ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
        }
    };
    let mut add_looked_at = |function: &str, lens: Option<Lens>| {
        add(function);
        add(lens.and_then(|lens| lens.of.name()).unwrap_or_default());
        add(lens.map_or("*", |_| "of"));
        let column = lens.and_then(|lens| columns.names().get(lens.column));
        add(column.map_or("", String::as_str));
    };
    for key in keys {
        add_looked_at("by", Some(key.lens));
    }
    for measure in measures {
        add_looked_at(measure.function.name(), measure.lens);
    }
    add(filter.trim());
    add(providers.rule().name());
    providers.names().iter().for_each(|name| add(name));
    hash.to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(options: &QueryOptions) -> Query {
        Query::new(options, &Limits::default()).unwrap()
    }

    #[test]
    fn no_words_count_rows() {
        let query = query(&QueryOptions::default());
        assert!(query.keys().is_empty());
        assert_eq!(query.measures()[0].written, "count");
        assert!(query.columns_needed().is_empty());
    }

    #[test]
    fn the_fingerprint_is_of_what_is_counted_not_of_how_it_is_shown() {
        let by = |group_by: &str| QueryOptions {
            group_by: Some(group_by.into()),
            ..Default::default()
        };
        let plain = query(&by("a"));
        let shown = QueryOptions {
            limit: Some(3),
            order_by: Some("a".into()),
            ..by("a")
        };
        assert_eq!(plain.fingerprint(), query(&shown).fingerprint());
        for other in [
            by("b"),
            by("a,a"),
            by("provider(a)"),
            QueryOptions {
                filter: Some("a = 1".into()),
                ..by("a")
            },
        ] {
            assert_ne!(plain.fingerprint(), query(&other).fingerprint());
        }
    }

    #[test]
    fn options_are_read_with_dashes_and_underscores() {
        for json in [
            r#"{"group-by":"a","where":"b = 1","match":"domain"}"#,
            r#"{"group_by":"a","where":"b = 1","match":"domain"}"#,
        ] {
            let options: QueryOptions = serde_json::from_str(json).unwrap();
            assert_eq!(options.group_by.as_deref(), Some("a"));
            assert_eq!(options.match_rule.as_deref(), Some("domain"));
        }
        assert!(serde_json::from_str::<QueryOptions>(r#"{"groupby":"a"}"#).is_err());
    }
}
