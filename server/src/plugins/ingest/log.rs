//! What plugins say goes into the server's own log, as far as anybody would read it.

use super::guest::Host;
use super::world::enrich::questlog::plugin::log;
use crate::plugins::IngestLimits;

/// The lines of one call.
pub(super) struct Lines {
    plugin: String,
    lines_max: u32,
    line_bytes_max: usize,
    /// Those of this call.
    count: u64,
}

impl Lines {
    pub(super) fn new(plugin: &str, limits: &IngestLimits) -> Self {
        Self {
            plugin: plugin.to_owned(),
            lines_max: limits.log_lines_max,
            line_bytes_max: limits.log_line_bytes_max,
            count: 0,
        }
    }

    /// The line as it is to be logged; none if there were enough.
    fn admit<'a>(&mut self, line: &'a str) -> Option<std::borrow::Cow<'a, str>> {
        self.count += 1;
        let end = line.floor_char_boundary(self.line_bytes_max);
        (self.count <= u64::from(self.lines_max)).then(|| questlog_core::printable(&line[..end]))
    }

    /// At the end of a call: tells how many lines were left out.
    pub(super) fn end(&mut self) {
        let left_out = self.count.saturating_sub(u64::from(self.lines_max));
        if left_out > 0 {
            tracing::warn!(
                plugin = self.plugin,
                left_out,
                "the plugin logged too many lines"
            );
        }
        self.count = 0;
    }
}

impl log::Host for Host {
    fn log(&mut self, level: log::Level, message: String) {
        let Some(line) = self.lines.admit(&message) else {
            return;
        };
        let plugin = &self.lines.plugin;
        match level {
            log::Level::Debug => tracing::debug!(plugin, "{line}"),
            log::Level::Info => tracing::info!(plugin, "{line}"),
            log::Level::Warn => tracing::warn!(plugin, "{line}"),
            log::Level::Error => tracing::error!(plugin, "{line}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_cut_off_and_long_lines_are_too() {
        let limits = IngestLimits {
            log_lines_max: 2,
            log_line_bytes_max: 4,
            ..IngestLimits::default()
        };
        let mut lines = Lines::new("p", &limits);
        assert_eq!(lines.admit("abcüx").as_deref(), Some("abc"));
        assert_eq!(lines.admit("a\x1bb").as_deref(), Some(r"a\u{1b}b"));
        assert_eq!(lines.admit("c"), None);
        lines.end();
        assert_eq!(lines.admit("c").as_deref(), Some("c"));
    }
}
