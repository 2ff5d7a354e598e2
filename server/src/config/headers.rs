//! Which request headers become part of an event.

use questlog_core::event::RESERVED_COLUMNS;

use crate::cli::Usage;

/// The default list: what the predecessor's analyses need, and what says which client and page an event came from.
const DEFAULT: &str = "Host,User-Agent,Accept,Accept-Encoding,Accept-Language,Referer";

/// Header names of a list at most.
const HEADERS_MAX: usize = 64;

/// Words that mark a header as a secret. Such a header is never logged, whatever the list says.
const SECRET_WORDS: [&str; 9] = [
    "auth",
    "cookie",
    "token",
    "secret",
    "password",
    "credential",
    "session",
    "api-key",
    "signature",
];

/// Reads a comma-separated list of header names; each comes out as the predecessor's web framework wrote it: `User-Agent`.
pub(super) fn parse(list: Option<&str>) -> Result<Vec<String>, Usage> {
    let mut names: Vec<String> = Vec::new();
    for word in list
        .unwrap_or(DEFAULT)
        .split(',')
        .map(str::trim)
        .filter(|word| !word.is_empty())
    {
        let is_token = word
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
        if !is_token {
            return Err(Usage::new(format!(
                "--headers: `{word}` is not the name of a header"
            )));
        }
        if is_secret(word) {
            return Err(Usage::new(format!(
                "--headers: `{word}` carries credentials, which are never logged; leave it out"
            )));
        }
        if RESERVED_COLUMNS
            .iter()
            .any(|column| column.eq_ignore_ascii_case(word))
        {
            return Err(Usage::new(format!(
                "--headers: `{word}` is the name of a column of its own; leave it out"
            )));
        }
        let name = title_case(word);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if names.len() > HEADERS_MAX {
        return Err(Usage::new(format!(
            "--headers: {} names are more than the {HEADERS_MAX} that are taken",
            names.len()
        )));
    }
    Ok(names)
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    // The one header with such a word that names a host, not a secret.
    name != "authority" && SECRET_WORDS.iter().any(|word| name.contains(word))
}

fn title_case(name: &str) -> String {
    let mut is_start = true;
    let cased = name.chars().map(|character| {
        let cased = if is_start {
            character.to_ascii_uppercase()
        } else {
            character.to_ascii_lowercase()
        };
        is_start = !character.is_ascii_alphanumeric();
        cased
    });
    cased.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_as_the_predecessor_did() {
        assert_eq!(
            parse(Some("host, USER-AGENT,x-request-id,Host,")).unwrap(),
            ["Host", "User-Agent", "X-Request-Id"]
        );
        assert!(parse(None).unwrap().starts_with(&[
            "Host".to_owned(),
            "User-Agent".to_owned(),
            "Accept".to_owned()
        ]));
        assert!(parse(Some("")).unwrap().is_empty());
    }

    #[test]
    fn secrets_and_columns_are_refused() {
        for list in [
            "Cookie",
            "authorization",
            "X-Api-Key",
            "Proxy-Authorization",
            "X-Csrf-Token",
            "Provider",
            "Host,id",
            "a b",
        ] {
            assert!(parse(Some(list)).is_err(), "{list}");
        }
    }
}
