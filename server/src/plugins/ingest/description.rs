//! What a plugin says of itself, checked.

use bytes::Bytes;
use questlog_core::event::RESERVED_COLUMNS;
use serde::{Deserialize, Serialize};

use super::world::{enrich, hosts};
use crate::plugins::IngestLimits;

/// The column that a matcher reads.
pub(super) const HOST: &str = "Host";
/// The column that a matcher fills.
pub(crate) const PROVIDER: &str = "provider";
/// The columns that hold times: microseconds since 1970.
const TIMES: [&str; 2] = ["timestamp", "received_at"];
/// The lake's text columns that are not headers.
const TEXTS: [&str; 5] = ["event_type", "item", "id", PROVIDER, "properties"];

/// What the values of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// UTF-8 text.
    Text,
    /// 64-bit integers.
    Integer,
    /// 64-bit floats.
    Float,
    /// True or false.
    Flag,
}

impl Kind {
    /// Its name, as in a TOML or JSON file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "integer",
            Self::Float => "float",
            Self::Flag => "flag",
        }
    }
}

/// A column that a plugin reads or writes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its name in the lake.
    pub name: String,
    /// What its values are.
    pub kind: Kind,
}

/// Which of the two worlds a plugin lives in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PluginKind {
    /// Fills `provider` from `Host`.
    Matcher,
    /// Adds columns.
    Enricher,
}

/// What a plugin says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// Its world.
    pub kind: PluginKind,
    /// What its author calls it.
    pub name: String,
    /// Its author's version of it.
    pub version: String,
    /// The columns it reads.
    pub reads: Vec<Field>,
    /// The columns it writes.
    pub writes: Vec<Field>,
    /// Whether only distinct rows need to be asked for.
    pub deterministic: bool,
    /// Of a matcher: what a host may tell of, by number.
    pub(super) rules: Vec<Bytes>,
}

impl Description {
    pub(super) fn of_matcher(
        told: hosts::exports::questlog::plugin::matcher::Manifest,
        limits: &IngestLimits,
    ) -> Result<Self, String> {
        if told.rules.len() > limits.rules_max {
            return Err(format!(
                "names {} rules, and it may name {}",
                told.rules.len(),
                limits.rules_max
            ));
        }
        let text = |name: &str| Field {
            name: name.to_owned(),
            kind: Kind::Text,
        };
        let rules = told.rules.into_iter().map(Bytes::from).collect();
        Self {
            kind: PluginKind::Matcher,
            name: told.name,
            version: told.version,
            reads: vec![text(HOST)],
            writes: vec![text(PROVIDER)],
            deterministic: true,
            rules,
        }
        .checked(limits)
    }

    pub(super) fn of_enricher(
        told: enrich::exports::questlog::plugin::enricher::Manifest,
        limits: &IngestLimits,
    ) -> Result<Self, String> {
        use enrich::exports::questlog::plugin::enricher as wit;
        let field = |field: wit::Field| Field {
            name: field.name,
            kind: match field.kind {
                wit::Kind::Text => Kind::Text,
                wit::Kind::Integer => Kind::Integer,
                wit::Kind::Float => Kind::Float,
                wit::Kind::Flag => Kind::Flag,
            },
        };
        let description = Self {
            kind: PluginKind::Enricher,
            name: told.name,
            version: told.version,
            reads: told.reads.into_iter().map(field).collect(),
            writes: told.writes.into_iter().map(field).collect(),
            deterministic: told.deterministic,
            rules: Vec::new(),
        }
        .checked(limits)?;
        let taken = |name: &str| {
            let mut columns = RESERVED_COLUMNS.iter();
            columns.any(|column| column.eq_ignore_ascii_case(name))
        };
        match description.writes.iter().find(|field| taken(&field.name)) {
            Some(field) => Err(format!(
                "writes the column `{}`, which every event has; give it another name",
                field.name
            )),
            None => Ok(description),
        }
    }

    /// The limits on what both say.
    fn checked(self, limits: &IngestLimits) -> Result<Self, String> {
        let fields = self.reads.iter().chain(&self.writes);
        let words = [("its name", &self.name), ("its version", &self.version)];
        let columns = fields.map(|field| ("the name of a column", &field.name));
        for (what, word) in words.into_iter().chain(columns) {
            if word.is_empty() || word.len() > limits.name_bytes_max {
                return Err(format!(
                    "says {} as {what}; that has to be 1 to {} bytes",
                    if word.is_empty() {
                        "nothing"
                    } else {
                        "too much"
                    },
                    limits.name_bytes_max
                ));
            }
            if word.chars().any(char::is_control) {
                return Err(format!("has a control character in {what}"));
            }
        }
        for (verb, fields) in [("reads", &self.reads), ("writes", &self.writes)] {
            if fields.is_empty() || fields.len() > limits.fields_max {
                return Err(format!(
                    "{verb} {} columns; that has to be 1 to {}",
                    fields.len(),
                    limits.fields_max
                ));
            }
            let twice = fields.iter().enumerate().find(|(at, field)| {
                let mut earlier = fields[..*at].iter();
                earlier.any(|other| other.name.eq_ignore_ascii_case(&field.name))
            });
            if let Some((_, field)) = twice {
                return Err(format!("{verb} the column `{}` twice", field.name));
            }
        }
        Ok(self)
    }

    /// Whether a lake with these headers has the columns that it reads, and none of those that it writes.
    pub(super) fn fits(&self, headers: &[String]) -> Result<(), String> {
        for field in &self.reads {
            let kind = if TIMES.contains(&field.name.as_str()) {
                Kind::Integer
            } else if TEXTS.contains(&field.name.as_str()) || headers.contains(&field.name) {
                Kind::Text
            } else {
                return Err(format!(
                    "reads the column `{}`, which the lake doesn't have; it has {}",
                    field.name,
                    TIMES
                        .into_iter()
                        .chain(TEXTS)
                        .chain(headers.iter().map(String::as_str))
                        .collect::<Vec<_>>()
                        .join(", ")
                ));
            };
            if field.kind != kind {
                return Err(format!(
                    "reads the column `{}` as {}, but it is {}",
                    field.name,
                    field.kind.name(),
                    kind.name()
                ));
            }
        }
        let is_header = |field: &&Field| {
            headers
                .iter()
                .any(|name| name.eq_ignore_ascii_case(&field.name))
        };
        match self.writes.iter().find(is_header) {
            Some(field) => Err(format!(
                "writes the column `{}`, which is that of a header",
                field.name
            )),
            None => Ok(()),
        }
    }
}
