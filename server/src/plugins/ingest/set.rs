//! The plugins of one generation: what landing sees of them.

use std::collections::HashSet;
use std::sync::Arc;

use super::description::{Field, PROVIDER, PluginKind};
use super::plugin::Plugin;

/// Plugins that work together, in the order in which they are asked. It never changes: another generation is another set.
#[derive(Clone, Default)]
pub struct PluginSet {
    /// Its number; it grows whenever a plugin comes, goes or changes.
    pub generation: u64,
    /// Matchers first, so that enrichers may read what they found; then by name.
    pub plugins: Vec<Arc<Plugin>>,
}

impl PluginSet {
    /// No plugins.
    pub fn none() -> Self {
        Self::default()
    }

    /// Whether one of them fills `provider`.
    pub(crate) fn has_matcher(&self) -> bool {
        let mut plugins = self.plugins.iter();
        plugins.any(|plugin| plugin.description.kind == PluginKind::Matcher)
    }

    /// The columns that they add to the lake's own.
    pub(crate) fn extras(&self) -> Vec<Field> {
        let fields = self
            .plugins
            .iter()
            .flat_map(|plugin| &plugin.description.writes);
        fields
            .filter(|field| field.name != PROVIDER)
            .cloned()
            .collect()
    }

    /// Adds a plugin, unless another one writes the same column.
    pub(super) fn add(&mut self, plugin: Arc<Plugin>) -> Result<(), String> {
        for other in &self.plugins {
            let written = other.description.writes.iter();
            let names: HashSet<String> = written
                .map(|field| field.name.to_ascii_lowercase())
                .collect();
            let mut fields = plugin.description.writes.iter();
            if let Some(field) =
                fields.find(|field| names.contains(&field.name.to_ascii_lowercase()))
            {
                return Err(format!(
                    "writes the column `{}`, as the plugin {} does; only one can",
                    field.name, other.name
                ));
            }
        }
        self.plugins.push(plugin);
        self.plugins.sort_by(|a, b| {
            let rank = |plugin: &Plugin| plugin.description.kind == PluginKind::Enricher;
            (rank(a), &a.name).cmp(&(rank(b), &b.name))
        });
        Ok(())
    }

    /// What tells this set from another.
    pub(super) fn fingerprint(&self) -> Vec<[String; 3]> {
        let plugins = self.plugins.iter();
        plugins
            .map(|plugin| {
                [
                    plugin.name.clone(),
                    plugin.sha256().to_owned(),
                    plugin.config_sha256().to_owned(),
                ]
            })
            .collect()
    }
}
