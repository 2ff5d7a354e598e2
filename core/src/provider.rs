//! Which internet provider a host name tells of.

use crate::{Error, ErrorKind};

/// The providers of the original question, in their order.
const DEFAULT_PROVIDERS: [&str; 6] = ["comcast", "att", "google", "frontier", "cox", "earthlink"];

/// How a provider is looked for in a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MatchRule {
    /// Anywhere in the text, case-sensitively: the classic rule.
    #[default]
    Contains,
    /// As whole labels of the host name, ignoring case, port and a trailing dot.
    Domain,
}

/// A list of providers and the rule to find them by.
#[derive(Clone, Debug)]
pub struct Providers {
    names: Vec<String>,
    rule: MatchRule,
}

impl Providers {
    /// The list as written, comma separated (default list for `None`), and the rule.
    pub fn new(names: Option<&str>, rule: MatchRule) -> Result<Self, Error> {
        let names: Vec<String> = match names {
            None => DEFAULT_PROVIDERS.iter().map(ToString::to_string).collect(),
            Some(list) => list.split(',').map(|name| name.trim().to_owned()).collect(),
        };
        if names.iter().any(String::is_empty) {
            return Err(Error::new(
                ErrorKind::Query,
                "providers has an empty name; write them as in comcast,att,cox",
            ));
        }
        Ok(Self { names, rule })
    }

    /// The providers, in order of preference.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The rule.
    pub fn rule(&self) -> MatchRule {
        self.rule
    }

    /// Which provider `text` tells of, as a place in [`Providers::names`].
    pub fn find(&self, text: &[u8]) -> Option<usize> {
        let _ = text;
        None
    }
}
