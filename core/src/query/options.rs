//! A query in the user's own words, as the command line, HTTP and the page take them.

use serde::{Deserialize, Serialize};

/// The words of a query, not looked at yet; [`crate::Query::new`] checks them.
///
/// As JSON or TOML the names are those of the command line (`group-by`); `_` may stand for `-`. Unknown names are errors.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct QueryOptions {
    /// What makes a group: columns, `provider(col)`, `minute|hour|day|week|month(col)`, comma separated.
    #[serde(alias = "group_by", skip_serializing_if = "Option::is_none")]
    pub group_by: Option<String>,
    /// What is measured: `count`, `count|sum|min|max|mean|distinct(col)`, comma separated. Default `count`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measure: Option<String>,
    /// Which rows count.
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// The order of the answer's rows: `count:desc,day:asc`.
    #[serde(alias = "order_by", skip_serializing_if = "Option::is_none")]
    pub order_by: Option<String>,
    /// How many rows the answer has at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// The providers to look for, in this order, comma separated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub providers: Option<String>,
    /// `contains` or `domain`.
    #[serde(rename = "match", skip_serializing_if = "Option::is_none")]
    pub match_rule: Option<String>,
}
