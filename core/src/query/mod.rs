//! The words of a query, checked.

mod options;

use std::sync::Arc;

pub use options::QueryOptions;

use crate::{Error, ErrorKind, Footer, Limits};

/// A checked query; cheap to clone.
#[derive(Clone)]
pub struct Query {
    checked: Arc<Checked>,
}

struct Checked {
    options: QueryOptions,
}

impl Query {
    /// Checks the words. Which columns there are is only known once a file is open, so a wrong column is an error later.
    pub fn new(options: &QueryOptions, limits: &Limits) -> Result<Self, Error> {
        let _ = limits;
        let _ = Self {
            checked: Arc::new(Checked {
                options: options.clone(),
            }),
        };
        Err(Error::new(
            ErrorKind::Unsupported,
            "queries are not there yet",
        ))
    }

    /// The first question: which events happen most? What `options` says of filter, order and limit holds.
    pub fn popular_events(options: &QueryOptions, limits: &Limits) -> Result<Self, Error> {
        let question = QueryOptions {
            group_by: Some("event_type".into()),
            measure: Some("count".into()),
            ..options.clone()
        };
        Self::new(&question, limits)
    }

    /// The second question: which providers do users come from, and which events are most popular on each?
    pub fn providers(options: &QueryOptions, limits: &Limits) -> Result<Self, Error> {
        let question = QueryOptions {
            group_by: Some("provider(Host),event_type".into()),
            measure: Some("count".into()),
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
        Vec::new()
    }

    /// What a partial must agree on to be merged: keys, measures, filter and matching, but not order and limit.
    pub fn fingerprint(&self) -> [u8; 16] {
        [0; 16]
    }

    /// Bytes of a row group that this query reads, before pruning: what dealing out work goes by.
    pub fn cost_bytes(&self, footer: &Footer, row_group: usize) -> u64 {
        let _ = (footer, row_group);
        0
    }
}
