//! Why a host is that provider's: what was matched, what else could have been, and what the other rule would say.

use std::cmp::Reverse;
use std::collections::HashMap;

use serde::Serialize;

use crate::{Error, MatchRule, Providers, Value};

/// Both rules over hosts and their counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// The hosts of each provider that either rule finds, in the list's order; those of none come last and are always there.
    pub providers: Vec<ProviderHosts>,
    /// Hosts in which the chosen rule finds several providers, of which the first of the list won.
    pub several: Hosts,
    /// Hosts that the two rules give to different providers.
    pub differing: Hosts,
}

/// What belongs to one provider.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProviderHosts {
    /// Its name; `None` for what stayed unmatched.
    pub provider: Option<String>,
    /// Its hosts.
    pub hosts: Hosts,
    /// Rows that the rule `contains` gives it.
    pub rows_contains: u64,
    /// Rows that the rule `domain` gives it.
    pub rows_domain: u64,
}

/// Hosts that have something in common.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Hosts {
    /// Different hosts.
    pub hosts: u64,
    /// Rows of them all.
    pub rows: u64,
    /// Those with the most rows, the first ones.
    pub top: Vec<HostMatch>,
}

/// One host, and what both rules say of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HostMatch {
    /// The host; `None` for rows that have none.
    pub host: Option<String>,
    /// Its rows.
    pub rows: u64,
    /// Its provider by the rule `contains`.
    pub contains: Option<String>,
    /// Its provider by the rule `domain`.
    pub domain: Option<String>,
    /// Every provider that the chosen rule finds in it, in the list's order: the first one wins.
    pub found: Vec<String>,
    /// The host cut before and after what made the chosen rule decide; one piece where nothing did.
    pub pieces: Vec<String>,
}

/// Both rules of one list.
struct Rules {
    contains: Providers,
    domain: Providers,
    rule: MatchRule,
}

/// One host's providers, as places in the list.
struct Verdict {
    contains: Option<usize>,
    domain: Option<usize>,
    several: bool,
}

impl Explanation {
    /// Explains hosts, which come with their counts, by a list (comma separated, the default one for `None`) and a rule.
    /// Of each set of hosts only the `top_max` with the most rows are listed; the sums are over all.
    pub fn of<'a>(
        hosts: impl IntoIterator<Item = (&'a Value, u64)>,
        names: Option<&str>,
        rule: MatchRule,
        top_max: usize,
    ) -> Result<Self, Error> {
        let rules = Rules {
            contains: Providers::new(names, MatchRule::Contains)?,
            domain: Providers::new(names, MatchRule::Domain)?,
            rule,
        };
        let mut all: Vec<(&Value, u64)> = hosts.into_iter().collect();
        all.sort_by_key(|(_, rows)| Reverse(*rows));
        let mut by_provider: HashMap<Option<usize>, ProviderHosts> = HashMap::new();
        // What has no provider is always there, so that the rows add up for every reader.
        by_provider.insert(None, ProviderHosts::default());
        let mut explanation = Self::default();
        for (value, rows) in all {
            let text = match value {
                Value::Text(bytes) => Some(bytes.as_ref()),
                _ => None,
            };
            let verdict = rules.judge(text);
            let chosen = rules.chosen(verdict.contains, verdict.domain);
            let take = |hosts: &mut Hosts| {
                hosts.hosts = hosts.hosts.saturating_add(1);
                hosts.rows = hosts.rows.saturating_add(rows);
                if hosts.top.len() < top_max {
                    hosts.top.push(rules.told(value, text, rows, &verdict));
                }
            };
            take(&mut by_provider.entry(chosen).or_default().hosts);
            if verdict.several {
                take(&mut explanation.several);
            }
            if verdict.contains != verdict.domain {
                take(&mut explanation.differing);
            }
            let contains = by_provider.entry(verdict.contains).or_default();
            contains.rows_contains = contains.rows_contains.saturating_add(rows);
            let domain = by_provider.entry(verdict.domain).or_default();
            domain.rows_domain = domain.rows_domain.saturating_add(rows);
        }
        let mut providers: Vec<(Option<usize>, ProviderHosts)> = by_provider.into_iter().collect();
        providers.sort_by_key(|(place, _)| (place.is_none(), *place));
        explanation.providers = providers
            .into_iter()
            .map(|(place, hosts)| ProviderHosts {
                provider: rules.name(place),
                ..hosts
            })
            .collect();
        Ok(explanation)
    }
}

impl Rules {
    fn judge(&self, text: Option<&[u8]>) -> Verdict {
        let find = |providers: &Providers| text.and_then(|text| providers.find(text));
        let (contains, domain) = (find(&self.contains), find(&self.domain));
        // Only where one is found there can be several, and most hosts have none.
        let several = self.chosen(contains, domain).is_some()
            && text.is_some_and(|text| self.providers().find_all(text).len() > 1);
        Verdict {
            contains,
            domain,
            several,
        }
    }

    fn chosen<T>(&self, contains: T, domain: T) -> T {
        match self.rule {
            MatchRule::Contains => contains,
            MatchRule::Domain => domain,
        }
    }

    fn providers(&self) -> &Providers {
        self.chosen(&self.contains, &self.domain)
    }

    fn name(&self, place: Option<usize>) -> Option<String> {
        self.contains.names().get(place?).cloned()
    }

    fn told(&self, value: &Value, text: Option<&[u8]>, rows: u64, verdict: &Verdict) -> HostMatch {
        let providers = self.providers();
        let found = text.map_or_else(Vec::new, |text| providers.find_all(text));
        let host = (!value.is_null()).then(|| value.to_string());
        let place = text.zip(found.first()).and_then(|(text, first)| {
            let place = providers.place(text, *first)?;
            // What is not UTF-8 is shown in hexadecimal digits, where places in bytes mean nothing.
            host.as_deref()
                .filter(|shown| shown.as_bytes() == text)
                .map(|shown| (shown, place))
        });
        let pieces = match place {
            Some((shown, place)) => {
                let piece = |range: std::ops::Range<usize>| shown.get(range).unwrap_or_default();
                [
                    piece(0..place.start),
                    piece(place.clone()),
                    piece(place.end..shown.len()),
                ]
                .map(str::to_owned)
                .into()
            }
            None => host.clone().into_iter().collect(),
        };
        HostMatch {
            host,
            rows,
            contains: self.name(verdict.contains),
            domain: self.name(verdict.domain),
            found: found
                .into_iter()
                .filter_map(|place| self.name(Some(place)))
                .collect(),
            pieces,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn explained(rule: MatchRule, hosts: &[(Option<&str>, u64)], top_max: usize) -> Explanation {
        let values: Vec<(Value, u64)> = hosts
            .iter()
            .map(|(host, rows)| (host.map_or(Value::Null, Value::text), *rows))
            .collect();
        let pairs = values.iter().map(|(value, rows)| (value, *rows));
        Explanation::of(pairs, None, rule, top_max).unwrap()
    }

    const HOSTS: [(Option<&str>, u64); 5] = [
        (Some("seattle.example.org"), 4),
        (Some("dsl.att.net"), 9),
        (Some("google.att.net"), 3),
        (Some("example.org"), 2),
        (None, 1),
    ];

    #[test]
    fn every_row_is_at_one_provider_or_at_none() {
        for rule in [MatchRule::Contains, MatchRule::Domain] {
            let explanation = explained(rule, &HOSTS, 10);
            let rows = |of: fn(&ProviderHosts) -> u64| explanation.providers.iter().map(of).sum();
            let sums: [u64; 3] = [
                rows(|one| one.hosts.rows),
                rows(|one| one.rows_contains),
                rows(|one| one.rows_domain),
            ];
            assert_eq!(sums, [19; 3]);
            assert_eq!(
                explanation.providers.last().map(|last| &last.provider),
                Some(&None)
            );
        }
    }

    #[test]
    fn the_word_that_decided_is_shown_in_its_host() {
        let explanation = explained(MatchRule::Contains, &HOSTS, 10);
        let att = &explanation.providers[0];
        assert_eq!(att.provider.as_deref(), Some("att"));
        let told: Vec<_> = att
            .hosts
            .top
            .iter()
            .map(|host| host.pieces.join("|"))
            .collect();
        assert_eq!(
            told,
            ["dsl.|att|.net", "se|att|le.example.org", "google.|att|.net"]
        );
        assert_eq!((att.rows_contains, att.rows_domain), (16, 12));
    }

    #[test]
    fn several_providers_and_the_difference_between_the_rules_are_told() {
        let explanation = explained(MatchRule::Contains, &HOSTS, 10);
        assert_eq!(explanation.several.rows, 3);
        assert_eq!(explanation.several.top[0].found, ["att", "google"]);
        assert_eq!(explanation.differing.hosts, 1);
        let differing = &explanation.differing.top[0];
        assert_eq!(differing.host.as_deref(), Some("seattle.example.org"));
        assert_eq!(
            (differing.contains.as_deref(), differing.domain.as_deref()),
            (Some("att"), None)
        );
    }

    #[test]
    fn the_domain_rule_shows_its_label_whatever_its_case() {
        let explanation = explained(MatchRule::Domain, &[(Some("A.Cox.NET:80"), 1)], 10);
        assert_eq!(
            explanation.providers[0].hosts.top[0].pieces,
            ["A.", "Cox", ".NET:80"]
        );
    }

    #[test]
    fn only_the_largest_are_listed_but_all_are_counted() {
        let explanation = explained(MatchRule::Contains, &HOSTS, 1);
        let att = &explanation.providers[0].hosts;
        assert_eq!((att.top.len(), att.hosts, att.rows), (1, 3, 16));
        assert_eq!(att.top[0].host.as_deref(), Some("dsl.att.net"));
    }

    #[test]
    fn a_list_with_an_empty_name_is_refused() {
        let nobody: [(&Value, u64); 0] = [];
        assert!(Explanation::of(nobody, Some("a,,b"), MatchRule::Contains, 1).is_err());
    }
}
