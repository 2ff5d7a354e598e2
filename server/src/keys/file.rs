//! The file of keys: TOML, one `[[key]]` for each.

use std::collections::HashSet;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::KeysError;
use crate::landing::hex;

/// What a key opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Sending events.
    Write,
    /// Queries, the lake's files, the live tail, metrics, the page.
    Read,
    /// All of that, the quarantine, and enriching the lake anew.
    Admin,
}

impl Scope {
    /// Its name in the file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Write => "write",
            Self::Read => "read",
            Self::Admin => "admin",
        }
    }
}

/// One key of the file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Entry {
    /// What people call it.
    pub name: String,
    /// The key's SHA-256 in hexadecimal.
    pub sha256: String,
    /// What it opens.
    pub scopes: Vec<Scope>,
    /// Events it may send in a second, over a while.
    pub events_per_second: Option<u64>,
    /// Bytes of bodies it may send in a second, over a while.
    pub bytes_per_second: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    key: Vec<Entry>,
}

/// Reads and checks the whole file.
pub(super) fn read(path: &Path) -> Result<Vec<(Entry, [u8; 32])>, KeysError> {
    let text = fs::read_to_string(path).map_err(|source| KeysError::Io {
        path: path.to_owned(),
        doing: "read",
        source,
    })?;
    parse(&text).map_err(|reason| KeysError::Wrong {
        path: path.to_owned(),
        reason,
    })
}

fn parse(text: &str) -> Result<Vec<(Entry, [u8; 32])>, String> {
    let file: File = toml::from_str(text).map_err(|error| {
        let line = error
            .span()
            .map_or(1, |span| text[..span.start].lines().count().max(1));
        format!("line {line}: {}", error.message())
    })?;
    let mut names = HashSet::new();
    let entries = file.key.into_iter().map(|entry| {
        let name = &entry.name;
        if !names.insert(name.clone()) {
            return Err(format!("there are two keys with the name `{name}`"));
        }
        if entry.scopes.is_empty() {
            return Err(format!("the key `{name}` has no scopes"));
        }
        let digest = read_digest(&entry.sha256).ok_or_else(|| {
            format!("sha256 of the key `{name}` has to be 64 hexadecimal digits, as `questlog key` prints them")
        })?;
        Ok((entry, digest))
    });
    entries.collect()
}

pub(super) fn digest_text(digest: &[u8; 32]) -> String {
    hex(digest)
}

fn read_digest(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    let mut digest = [0; 32];
    for (byte, digits) in digest.iter_mut().zip(text.as_bytes().chunks(2)) {
        let digits = std::str::from_utf8(digits).ok()?;
        *byte = u8::from_str_radix(digits, 16).ok()?;
    }
    Some(digest)
}

impl Entry {
    /// The entry as the file has it.
    pub fn to_toml(&self) -> String {
        let scopes: Vec<_> = self
            .scopes
            .iter()
            .map(|scope| format!("\"{}\"", scope.name()))
            .collect();
        let mut text = format!(
            "[[key]]\nname = {}\nsha256 = \"{}\"\nscopes = [{}]\n",
            toml::Value::from(self.name.as_str()),
            self.sha256,
            scopes.join(", ")
        );
        for (name, rate) in [
            ("events-per-second", self.events_per_second),
            ("bytes-per-second", self.bytes_per_second),
        ] {
            if let Some(rate) = rate {
                text.push_str(&format!("{name} = {rate}\n"));
            }
        }
        text
    }
}

pub(super) fn add(path: &Path, entry: &Entry) -> Result<(), KeysError> {
    let io = |doing| {
        move |source| KeysError::Io {
            path: path.to_owned(),
            doing,
            source,
        }
    };
    let before = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        Err(error) => return Err(io("read")(error)),
    };
    let separator = if before.is_empty() { "" } else { "\n" };
    let added = format!("{separator}{}", entry.to_toml());
    // The whole is checked before a byte of it is written: a running server reads the file again.
    parse(&format!("{before}{added}")).map_err(|reason| KeysError::Wrong {
        path: path.to_owned(),
        reason,
    })?;
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(io("write"))?;
    file.write_all(added.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(io("write"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        let digest = "0".repeat(64);
        let key = |rest: &str| format!("[[key]]\nname = \"a\"\nsha256 = \"{digest}\"\n{rest}");
        let twice = format!(
            "{}{}",
            key("scopes = [\"read\"]\n"),
            key("scopes = [\"read\"]\n")
        );
        for (text, word) in [
            (key("scopes = []"), "no scopes"),
            (key("scopes = [\"root\"]"), "root"),
            (key("scopes = [\"read\"]\nsecret = 1"), "secret"),
            (
                key("scopes = [\"read\"]").replace('0', "g"),
                "64 hexadecimal",
            ),
            (twice, "two keys"),
            ("x".to_owned(), "line 1"),
        ] {
            let reason = parse(&text).unwrap_err();
            assert!(reason.contains(word), "{reason}");
        }
        assert!(parse("").unwrap().is_empty());
    }

    #[test]
    fn a_name_with_quotes_comes_back() {
        let entry = Entry {
            name: "the \"game\"\n".to_owned(),
            sha256: "0".repeat(64),
            scopes: vec![Scope::Write, Scope::Read],
            events_per_second: Some(5),
            bytes_per_second: Some(7),
        };
        assert_eq!(parse(&entry.to_toml()).unwrap()[0].0, entry);
    }
}
