//! Which internet provider a host name tells of.

mod labels;
mod vectors;

use std::ops::Range;

use memchr::memmem;

use crate::{Error, ErrorKind};
use labels::{Labels, begins_with_labels, host_of, labels};
use vectors::Vectors;

/// The providers of the original question, in their order.
const DEFAULT_PROVIDERS: [&str; 6] = ["comcast", "att", "google", "frontier", "cox", "earthlink"];

/// Providers of a list at most.
const PROVIDERS_MAX: usize = 10_000;

/// How a provider is looked for in a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MatchRule {
    /// Anywhere in the text, case-sensitively: the classic rule.
    #[default]
    Contains,
    /// As whole labels of the host name, ignoring case, port and a trailing dot.
    Domain,
}

impl MatchRule {
    /// The rule of that name.
    pub fn parse(word: &str) -> Result<Self, Error> {
        match word.trim() {
            "contains" => Ok(Self::Contains),
            "domain" => Ok(Self::Domain),
            other => Err(Error::new(
                ErrorKind::Query,
                format!("`match` is `{other}`, but only `contains` and `domain` are known"),
            )),
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Contains => "contains",
            Self::Domain => "domain",
        }
    }
}

/// A list of providers and the rule to find them by.
#[derive(Clone, Debug)]
pub struct Providers {
    names: Vec<String>,
    rule: MatchRule,
    matcher: Matcher,
    have_digits: bool,
}

#[derive(Clone, Debug)]
enum Matcher {
    Contains(Vectors),
    /// For words that are too long for [`Vectors`].
    ContainsEach(Vec<memmem::Finder<'static>>),
    Domain(Box<Labels>),
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
                "`providers` has an empty name; write them as in `comcast,att,cox`",
            ));
        }
        if names.len() > PROVIDERS_MAX {
            return Err(Error::new(
                ErrorKind::Limit,
                format!(
                    "`providers` has {} names; at most {PROVIDERS_MAX} are allowed",
                    names.len()
                ),
            ));
        }
        let matcher = match rule {
            MatchRule::Domain => Matcher::Domain(Box::new(Labels::new(&names))),
            MatchRule::Contains => match Vectors::new(&names) {
                Some(matcher) => Matcher::Contains(matcher),
                None => Matcher::ContainsEach(
                    names
                        .iter()
                        .map(|name| memmem::Finder::new(name.as_bytes()).into_owned())
                        .collect(),
                ),
            },
        };
        let mut bytes = names.iter().flat_map(|name| name.bytes());
        Ok(Self {
            have_digits: bytes.any(|byte| byte.is_ascii_digit()),
            names,
            rule,
            matcher,
        })
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
        match &self.matcher {
            Matcher::Contains(vectors) => {
                let mut first = None;
                let whole = std::iter::once(0..text.len());
                vectors.first_of_each(text, whole, |found| first = found);
                first
            }
            Matcher::ContainsEach(finders) => finders
                .iter()
                .position(|finder| finder.find(text).is_some()),
            Matcher::Domain(labels) => labels.first(host_of(text)?),
        }
    }

    /// Calls `each` with the provider that each of the `texts` in `data` tells of.
    #[inline]
    pub(crate) fn find_each(
        &self,
        data: &[u8],
        texts: impl Iterator<Item = Range<usize>>,
        mut each: impl FnMut(Option<usize>),
    ) {
        match &self.matcher {
            Matcher::Contains(vectors) => vectors.first_of_each(data, texts, each),
            _ => texts.for_each(|text| each(self.find(data.get(text).unwrap_or_default()))),
        }
    }
}

impl Providers {
    /// Every provider that `text` tells of, as places in [`Providers::names`]: the first one is the one that is found.
    pub fn find_all(&self, text: &[u8]) -> Vec<usize> {
        (0..self.names.len())
            .filter(|place| self.place(text, *place).is_some())
            .collect()
    }

    /// Where in `text` a provider is, by its place in [`Providers::names`].
    pub fn place(&self, text: &[u8], provider: usize) -> Option<Range<usize>> {
        let name = self.names.get(provider)?;
        match self.rule {
            MatchRule::Contains => {
                let start = memmem::find(text, name.as_bytes())?;
                Some(start..start + name.len())
            }
            MatchRule::Domain => {
                let host = host_of(text)?;
                let name = name.trim_end_matches('.').as_bytes();
                if name.is_empty() {
                    return None;
                }
                let before = text.len() - text.trim_ascii_start().len();
                let start = labels(host).find(|at| begins_with_labels(&host[*at..], name))?;
                Some(before + start..before + start + name.len())
            }
        }
    }

    /// Whether a name has a digit. If none has, texts that differ in nothing but their digits tell of the same provider.
    #[inline]
    pub(crate) fn have_digits(&self) -> bool {
        self.have_digits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(list: Option<&str>, rule: MatchRule, cases: &[(&str, Option<&str>)]) {
        let providers = Providers::new(list, rule).unwrap();
        for (text, expected) in cases {
            let found = providers
                .find(text.as_bytes())
                .map(|index| providers.names()[index].as_str());
            assert_eq!(found, *expected, "{text}");
        }
    }

    #[test]
    fn contains_takes_the_first_of_the_list_anywhere_in_the_text() {
        let cases = [
            ("user1.comcast.com", Some("comcast")),
            ("user1.COMCAST.com", None),
            ("seattle.example.org", Some("att")),
            ("google.att.net", Some("att")),
            ("cocox", Some("cox")),
            ("co", None),
            ("", None),
        ];
        check(None, MatchRule::Contains, &cases);
        // A list that is too long for one machine word finds the same.
        let long = format!(
            "comcast,att,google,frontier,cox,earthlink,{}",
            "x".repeat(64)
        );
        check(Some(&long), MatchRule::Contains, &cases);
    }

    #[test]
    fn words_next_to_each_other_do_not_run_together() {
        check(
            Some("ab,cd"),
            MatchRule::Contains,
            &[("acd", Some("cd")), ("abcd", Some("ab")), ("bc", None)],
        );
    }

    #[test]
    fn domain_compares_whole_labels() {
        check(
            None,
            MatchRule::Domain,
            &[
                ("user1.cox.net", Some("cox")),
                ("COX.net.:8080", Some("cox")),
                ("cox", Some("cox")),
                ("coxswain.example.org", None),
                ("seattle.example.org", None),
                ("[2001:db8::1]:443", None),
                ("2001:db8::a77", None),
                ("xn--cx-yka.example", None),
                ("", None),
            ],
        );
        check(
            Some("cox.net, net"),
            MatchRule::Domain,
            &[("a.cox.net", Some("cox.net")), ("cox.a.net", Some("net"))],
        );
    }

    #[test]
    fn what_is_found_is_the_first_of_all_that_are_there() {
        let hosts = [
            "user1.comcast.com",
            "google.att.net",
            " COX.net.:8080",
            "seattle.example.org",
            "att.att.",
            "cox",
            "...",
            "[::1]:80",
            "",
        ];
        for rule in [MatchRule::Contains, MatchRule::Domain] {
            for list in [None, Some("cox.net., ., net, att")] {
                let providers = Providers::new(list, rule).unwrap();
                for host in hosts {
                    let all = providers.find_all(host.as_bytes());
                    assert_eq!(
                        all.first().copied(),
                        providers.find(host.as_bytes()),
                        "{host}"
                    );
                    for provider in all {
                        let name = providers.names()[provider].trim_end_matches('.');
                        let place = providers.place(host.as_bytes(), provider).unwrap();
                        let shown = &host[place];
                        assert!(
                            shown == providers.names()[provider]
                                || shown.eq_ignore_ascii_case(name)
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn empty_names_are_refused() {
        assert!(Providers::new(Some("cox,,att"), MatchRule::Contains).is_err());
        assert!(Providers::new(Some(""), MatchRule::Contains).is_err());
    }
}
