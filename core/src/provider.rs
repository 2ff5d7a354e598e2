//! Which internet provider a host name tells of.

use std::ops::Range;

use memchr::memmem;

use crate::{Error, ErrorKind};

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
    Contains(Box<ShiftAnd>),
    /// For lists that are too long for [`ShiftAnd`].
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
            MatchRule::Contains => match ShiftAnd::new(&names) {
                Some(matcher) => Matcher::Contains(Box::new(matcher)),
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
            Matcher::Contains(matcher) => matcher.first(text),
            Matcher::ContainsEach(finders) => finders
                .iter()
                .position(|finder| finder.find(text).is_some()),
            Matcher::Domain(labels) => labels.first(host_of(text)?),
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

    /// [`Providers::find`] in four texts, which takes less than four times as long.
    #[inline]
    pub(crate) fn find_four(&self, texts: [&[u8]; 4]) -> [Option<usize>; 4] {
        match &self.matcher {
            Matcher::Contains(matcher) => matcher.first_of_four(texts),
            _ => texts.map(|text| self.find(text)),
        }
    }
}

/// Looks for several words at once, a byte at a time and without a branch: bit `n` of the state says whether the
/// text read so far ends with the first letters of a word up to the letter that has bit `n`.
/// (R. Baeza-Yates and G. Gonnet, "A new approach to text searching", 1992.)
#[derive(Clone, Debug)]
struct ShiftAnd {
    letters: [u64; 256],
    firsts: u64,
    lasts: u64,
    /// The word that each bit belongs to.
    words: Vec<u8>,
}

impl ShiftAnd {
    /// `None` when the words have more than 64 letters together.
    fn new(words: &[String]) -> Option<Self> {
        if words.iter().map(String::len).sum::<usize>() > 64 {
            return None;
        }
        let mut this = Self {
            letters: [0; 256],
            firsts: 0,
            lasts: 0,
            words: Vec::new(),
        };
        for (index, word) in words.iter().enumerate() {
            this.firsts |= 1 << this.words.len();
            for &letter in word.as_bytes() {
                this.letters[usize::from(letter)] |= 1 << this.words.len();
                this.words.push(index as u8);
            }
            this.lasts |= 1 << (this.words.len() - 1);
        }
        Some(this)
    }

    /// The first word of the list that occurs anywhere.
    #[inline]
    fn first(&self, text: &[u8]) -> Option<usize> {
        self.word(self.run(text, (0, 0)))
    }

    /// The state and the letters found after `text`.
    #[inline]
    fn run(&self, text: &[u8], (mut state, mut found): (u64, u64)) -> (u64, u64) {
        for &byte in text {
            state = ((state << 1) | self.firsts) & self.letters[usize::from(byte)];
            found |= state;
        }
        (state, found)
    }

    fn word(&self, (_, found): (u64, u64)) -> Option<usize> {
        let lowest = (found & self.lasts).trailing_zeros() as usize;
        self.words.get(lowest).map(|word| usize::from(*word))
    }

    /// Each step waits for the one before; steps of four texts wait side by side.
    #[inline]
    fn first_of_four(&self, [a, b, c, d]: [&[u8]; 4]) -> [Option<usize>; 4] {
        let shared = a.len().min(b.len()).min(c.len()).min(d.len());
        let [(a, a_rest), (b, b_rest), (c, c_rest), (d, d_rest)] =
            [a, b, c, d].map(|text| text.split_at(shared));
        let mut states = [0_u64; 4];
        let mut found = [0_u64; 4];
        for (((a, b), c), d) in a.iter().zip(b).zip(c).zip(d) {
            let bytes = [*a, *b, *c, *d];
            for ((state, found), byte) in states.iter_mut().zip(&mut found).zip(bytes) {
                *state = ((*state << 1) | self.firsts) & self.letters[usize::from(byte)];
                *found |= *state;
            }
        }
        let mut rests = [a_rest, b_rest, c_rest, d_rest]
            .into_iter()
            .zip(states.into_iter().zip(found));
        std::array::from_fn(|_| {
            rests
                .next()
                .and_then(|(rest, so_far)| self.word(self.run(rest, so_far)))
        })
    }
}

/// The host name in a `Host` header: no port, no dot at its end; `None` for an IPv6 address, which has no labels.
fn host_of(text: &[u8]) -> Option<&[u8]> {
    let text = text.trim_ascii();
    let host = match text.iter().position(|byte| *byte == b':') {
        Some(colon) if text[colon + 1..].contains(&b':') => return None,
        Some(colon) => &text[..colon],
        None => text,
    };
    if host.starts_with(b"[") {
        return None;
    }
    Some(host.strip_suffix(b".").unwrap_or(host))
}

/// Looks for whole labels.
#[derive(Clone, Debug)]
struct Labels {
    /// The providers in small letters, by their first letter, with their places in the list.
    by_first: Vec<Vec<(usize, Vec<u8>)>>,
}

impl Labels {
    fn new(names: &[String]) -> Self {
        let mut by_first = vec![Vec::new(); 256];
        for (index, name) in names.iter().enumerate() {
            let name = name.trim_end_matches('.').to_ascii_lowercase().into_bytes();
            if let Some(place) = name
                .first()
                .and_then(|first| by_first.get_mut(usize::from(*first)))
            {
                place.push((index, name));
            }
        }
        Self { by_first }
    }

    /// The first provider of the list whose labels are labels of `host` that follow each other.
    fn first(&self, host: &[u8]) -> Option<usize> {
        let mut best = None;
        let mut rest = host;
        loop {
            let first = rest.first().map_or(0, u8::to_ascii_lowercase);
            for (index, name) in self.by_first.get(usize::from(first)).into_iter().flatten() {
                if best.is_none_or(|best| *index < best) && begins_with_labels(rest, name) {
                    best = Some(*index);
                }
            }
            match rest.iter().position(|byte| *byte == b'.') {
                Some(dot) => rest = rest.get(dot + 1..).unwrap_or_default(),
                None => return best,
            }
        }
    }
}

/// Where the labels of a host begin.
fn labels(host: &[u8]) -> impl Iterator<Item = usize> + '_ {
    let dots = memchr::memchr_iter(b'.', host).map(|dot| dot + 1);
    std::iter::once(0).chain(dots)
}

/// Whether `text`, which begins with a label, begins with all those of `name`.
fn begins_with_labels(text: &[u8], name: &[u8]) -> bool {
    text.split_at_checked(name.len())
        .is_some_and(|(head, rest)| {
            head.eq_ignore_ascii_case(name) && matches!(rest.first(), None | Some(b'.'))
        })
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
        for four in cases.windows(4) {
            let texts = std::array::from_fn(|index| four[index].0.as_bytes());
            let found = providers.find_four(texts);
            let expected = texts.map(|text| providers.find(text));
            assert_eq!(found, expected);
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
