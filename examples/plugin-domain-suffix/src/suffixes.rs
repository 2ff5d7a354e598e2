//! The list: providers, and the ends of the host names that belong to them.

use std::collections::HashMap;

use foldhash::fast::FixedState;

/// Rules by suffix.
#[derive(Default)]
pub(crate) struct Suffixes {
    providers: Vec<String>,
    /// The list is the operator's own, so a quick hash does.
    rules: HashMap<Vec<u8>, Rule, FixedState>,
}

/// Who a suffix belongs to.
#[derive(Clone, Copy, Default)]
struct Rule {
    /// The name itself, and all names below it.
    own: Option<u32>,
    /// Names with one more label, whatever that is, and all below them: `*.` before the suffix.
    any: Option<u32>,
    /// Nobody, although a wildcard says otherwise: `!` before the suffix.
    is_excepted: bool,
}

impl Suffixes {
    /// Reads a list: `[provider]`, then its rules, one a line; `//` begins a comment.
    pub(crate) fn parse(list: &str) -> Result<Self, String> {
        let mut this = Self::default();
        let mut provider = None;
        for (at, line) in list.lines().enumerate() {
            let line = line.split("//").next().unwrap_or_default().trim();
            if line.is_empty() {
                continue;
            }
            let wrong = |what: &str| format!("line {} of the list: `{line}` {what}", at + 1);
            if let Some(name) = line
                .strip_prefix('[')
                .and_then(|rest| rest.strip_suffix(']'))
            {
                provider = Some(this.provider(name.trim()));
                continue;
            }
            let Some(provider) = provider else {
                return Err(wrong("comes before the first [provider]"));
            };
            let (is_any, suffix) = match line.strip_prefix("*.") {
                Some(suffix) => (true, suffix),
                None => (false, line),
            };
            let (is_excepted, suffix) = match suffix.strip_prefix('!') {
                Some(suffix) => (true, suffix),
                None => (false, suffix),
            };
            let is_label = |label: &str| {
                let is_fit =
                    |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
                !label.is_empty() && label.bytes().all(is_fit)
            };
            if !suffix.split('.').all(is_label) {
                return Err(wrong("is no suffix of host names"));
            }
            let key = suffix.to_ascii_lowercase().into_bytes();
            let rule = this.rules.entry(key).or_default();
            match (is_excepted, is_any) {
                (true, _) => rule.is_excepted = true,
                (false, true) => rule.any = Some(provider),
                (false, false) => rule.own = Some(provider),
            }
        }
        Ok(this)
    }

    /// The number of a provider, which is new or has been named before.
    fn provider(&mut self, name: &str) -> u32 {
        let place = self.providers.iter().position(|known| known == name);
        let place = place.unwrap_or_else(|| {
            self.providers.push(name.to_owned());
            self.providers.len() - 1
        });
        u32::try_from(place).unwrap_or(u32::MAX)
    }

    /// The providers, by number.
    pub(crate) fn providers(&self) -> &[String] {
        &self.providers
    }

    /// How many suffixes there are.
    pub(crate) fn rules(&self) -> usize {
        self.rules.len()
    }

    /// Who a host belongs to: the longest rule decides.
    pub(crate) fn find(&self, host: &[u8]) -> Option<u32> {
        let name = without_port(host).to_ascii_lowercase();
        let name = name.strip_suffix(b".").unwrap_or(&name);
        // From the longest end to the shortest; `above` is the rule of what follows the next dot.
        let mut rest = name;
        let mut rule = self.rules.get(rest);
        loop {
            if let Some(rule) = rule {
                if rule.is_excepted {
                    return None;
                }
                if rule.own.is_some() {
                    return rule.own;
                }
            }
            let dot = rest.iter().position(|byte| *byte == b'.')?;
            rest = &rest[dot + 1..];
            let above = self.rules.get(rest);
            if let Some(any) = above.and_then(|rule| rule.any) {
                return Some(any);
            }
            rule = above;
        }
    }
}

/// A host name without `:8080`; in an address of version 6 the colons are no port's.
fn without_port(host: &[u8]) -> &[u8] {
    match host.iter().position(|byte| *byte == b':') {
        Some(colon) if host[colon + 1..].iter().all(u8::is_ascii_digit) => &host[..colon],
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found<'a>(suffixes: &'a Suffixes, host: &str) -> Option<&'a str> {
        let place = suffixes.find(host.as_bytes())?;
        Some(suffixes.providers()[place as usize].as_str())
    }

    #[test]
    fn the_longest_rule_decides() {
        let list = "[one]\nexample.com\n*.isp.net // all customers\n!www.isp.net\n[two]\ndeep.example.com\n";
        let suffixes = Suffixes::parse(list).unwrap();
        for (host, provider) in [
            ("example.com", Some("one")),
            ("a.b.EXAMPLE.com:8080", Some("one")),
            ("example.com.", Some("one")),
            ("notexample.com", None),
            ("example.com.org", None),
            ("x.deep.example.com", Some("two")),
            ("isp.net", None),
            ("a.isp.net", Some("one")),
            ("b.a.isp.net", Some("one")),
            ("www.isp.net", None),
            ("x.www.isp.net", None),
            ("com", None),
            ("", None),
            (".", None),
            ("..example.com", Some("one")),
            ("[::1]:80", None),
        ] {
            assert_eq!(found(&suffixes, host), provider, "{host}");
        }
        assert_eq!(suffixes.find(b"\xff.example.com"), Some(0));
    }

    #[test]
    fn what_is_wrong_with_a_list_is_told() {
        for (list, sentence) in [
            (
                "a.com",
                "line 1 of the list: `a.com` comes before the first [provider]",
            ),
            (
                "[a]\n\na..b",
                "line 3 of the list: `a..b` is no suffix of host names",
            ),
            (
                "[a]\n*.",
                "line 2 of the list: `*.` is no suffix of host names",
            ),
        ] {
            assert_eq!(Suffixes::parse(list).err().unwrap(), sentence);
        }
        assert_eq!(Suffixes::parse("").unwrap().rules(), 0);
    }

    #[test]
    fn the_built_in_list_is_right() {
        let suffixes = Suffixes::parse(crate::BUILT_IN).unwrap();
        assert_eq!(
            found(&suffixes, "c-73-1-2-3.hsd1.wa.comcast.net"),
            Some("comcast")
        );
        assert_eq!(found(&suffixes, "user1.comcast.com"), Some("comcast"));
        assert_eq!(found(&suffixes, "seattle.example.org"), None);
    }
}
