//! A plugin's TOML file: where its component is, what it may cost, and what it is told.

use std::time::Duration;

use serde::Deserialize;

use super::component::sha256;
use crate::plugins::IngestLimits;
use crate::units;

/// `questlog-data/plugins/NAME.toml`, as the operator wrote it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Settings {
    /// The component, from the folder of plugins. Default `NAME.wasm`.
    pub(super) file: Option<String>,
    /// Default true.
    enabled: Option<bool>,
    /// How long it may work on a batch, such as `50ms`; at most what all plugins may.
    deadline: Option<String>,
    /// The memory that it may have, such as `16MiB`; at most what all plugins may.
    memory: Option<String>,
    /// What becomes of a batch of which it can't answer some rows.
    on_error: OnError,
    /// What it is told, as a JSON object.
    config: toml::Table,
}

/// What becomes of a batch of which a plugin can't answer some rows. Whatever it is, the events land.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum OnError {
    /// The rows that make it fail are looked for, and stay blank; the others have their answers.
    #[default]
    BlankRows,
    /// All rows of the batch stay blank, so that a file never has some answers and not others.
    BlankBatch,
}

/// What a plugin's TOML file comes down to.
pub(super) struct Own {
    /// What `configure` is given.
    pub(super) config_json: String,
    /// The SHA-256 of the file, in hexadecimal.
    pub(super) sha256: String,
    pub(super) limits: IngestLimits,
    pub(super) on_error: OnError,
}

impl Settings {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(bytes).map_err(|_| "is not UTF-8".to_owned())?;
        let settings: Self = toml::from_str(text).map_err(|error| {
            let line = error
                .span()
                .map_or(1, |span| 1 + text[..span.start].matches('\n').count());
            format!("line {line}: {}", error.message().replace('\n', " "))
        })?;
        match &settings.file {
            // The folder of plugins is where an operator looks for what runs.
            Some(file) if file.contains(['/', '\\']) || file.starts_with('.') => Err(format!(
                "file = \"{file}\": it has to be in the folder of plugins itself"
            )),
            _ => Ok(settings),
        }
    }

    pub(super) fn is_enabled(&self) -> bool {
        self.enabled.unwrap_or(true)
    }

    /// What the file with these bytes comes down to.
    pub(super) fn own(&self, bytes: &[u8], limits: &IngestLimits) -> Result<Own, String> {
        Ok(Own {
            config_json: self.config_json()?,
            sha256: sha256(bytes),
            limits: self.limits(limits)?,
            on_error: self.on_error,
        })
    }

    /// `limits`, or less where the file says so.
    fn limits(&self, limits: &IngestLimits) -> Result<IngestLimits, String> {
        let mut own = limits.clone();
        if let Some(text) = &self.deadline {
            let deadline = units::parse_duration(text).map_err(|why| format!("deadline: {why}"))?;
            if deadline > Duration::from_millis(limits.batch_deadline_ms) {
                let most = limits.batch_deadline_ms;
                return Err(format!(
                    "deadline = \"{text}\": it may be {most} ms at most"
                ));
            }
            own.batch_deadline_ms = u64::try_from(deadline.as_millis()).unwrap_or(1).max(1);
        }
        if let Some(text) = &self.memory {
            own.memory_bytes_max =
                units::parse_bytes(text).map_err(|why| format!("memory: {why}"))?;
            if own.memory_bytes_max > limits.memory_bytes_max {
                let most = units::bytes(limits.memory_bytes_max as u64);
                return Err(format!("memory = \"{text}\": it may be {most} at most"));
            }
        }
        Ok(own)
    }

    fn config_json(&self) -> Result<String, String> {
        serde_json::to_string(&self.config)
            .map_err(|error| format!("its [config] can't be written as JSON: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_may_lower_limits_and_say_what_the_plugin_is_told() {
        let text = b"deadline = \"50ms\"\nmemory = \"1MiB\"\n[config]\nlist = [\"a\", 1]\n";
        let settings = Settings::parse(text).unwrap();
        let limits = settings.limits(&IngestLimits::default()).unwrap();
        assert_eq!(
            (limits.batch_deadline_ms, limits.memory_bytes_max),
            (50, 1 << 20)
        );
        assert_eq!(settings.config_json().unwrap(), r#"{"list":["a",1]}"#);
        assert!(settings.is_enabled());
        assert_eq!(settings.on_error, OnError::BlankRows);
        let settings = Settings::parse(b"on_error = \"blank-batch\"").unwrap();
        assert_eq!(settings.on_error, OnError::BlankBatch);
        assert_eq!(Settings::parse(b"").unwrap().config_json().unwrap(), "{}");
        assert!(!Settings::parse(b"enabled = false").unwrap().is_enabled());
    }

    #[test]
    fn what_is_wrong_with_a_file_is_told() {
        for (text, sentence) in [
            ("\nfiles = 1", "line 2: unknown field `files`"),
            ("x", "line 1: "),
            (
                "on_error = \"drop\"",
                "line 1: unknown variant `drop`, expected `blank-rows` or `blank-batch`",
            ),
            ("file = \"../x.wasm\"", "in the folder of plugins itself"),
            ("file = \"/x.wasm\"", "in the folder of plugins itself"),
        ] {
            let told = Settings::parse(text.as_bytes()).unwrap_err();
            assert!(told.contains(sentence), "{told}");
        }
        assert_eq!(Settings::parse(b"\xff").unwrap_err(), "is not UTF-8");
        for (text, sentence) in [
            (
                "deadline = \"1s\"",
                "deadline = \"1s\": it may be 250 ms at most",
            ),
            ("deadline = \"soon\"", "deadline: "),
            (
                "memory = \"1GiB\"",
                "memory = \"1GiB\": it may be 64.0 MiB at most",
            ),
            ("memory = \"much\"", "memory: "),
        ] {
            let settings = Settings::parse(text.as_bytes()).unwrap();
            let told = settings.limits(&IngestLimits::default()).unwrap_err();
            assert!(told.contains(sentence), "{told}");
        }
    }
}
