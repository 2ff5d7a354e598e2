//! Ingest plugins as a whole: what good ones answer, what bad ones end in, what a changed folder does.

mod batches;
mod folder;
pub(crate) mod guests;
mod hostile;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use tempfile::TempDir;

use super::plugin::Enriched;
use super::*;
use crate::plugins::{Compiler, IngestLimits};

/// A deadline that only a hang meets.
const PATIENCE_MS: u64 = 60_000;

/// A busy machine must stop nobody but those that spin.
fn patient() -> IngestLimits {
    IngestLimits {
        start_deadline_ms: PATIENCE_MS,
        batch_deadline_ms: PATIENCE_MS,
        retry_ms_max: PATIENCE_MS,
        memory_bytes_max: 4 << 20,
        ..IngestLimits::default()
    }
}

/// Writes a plugin into a folder.
fn put(folder: &Path, name: &str, component: &[u8], toml: &str) {
    fs::write(folder.join(format!("{name}.wasm")), component).unwrap();
    fs::write(folder.join(format!("{name}.toml")), toml).unwrap();
}

/// A folder with one plugin.
fn folder_of(component: &[u8]) -> TempDir {
    let folder = TempDir::new().unwrap();
    put(folder.path(), "guest", component, "");
    folder
}

fn open(folder: &Path, limits: IngestLimits) -> Registry {
    Registry::open(folder, &["Host".to_owned()], Compiler::Here, limits)
}

/// The one plugin of a folder, which has to be good.
fn only(registry: &Registry) -> Arc<Plugin> {
    let set = registry.current();
    let errors: Vec<_> = registry
        .known()
        .into_values()
        .filter_map(|known| known.error)
        .collect();
    assert_eq!((set.plugins.len(), errors.as_slice()), (1, &[][..]));
    Arc::clone(&set.plugins[0])
}

fn load(component: &[u8], limits: IngestLimits) -> Arc<Plugin> {
    let folder = folder_of(component);
    only(&open(folder.path(), limits))
}

/// Has a plugin answer texts.
fn answer(plugin: &Plugin, texts: &[Option<&str>]) -> Enriched {
    let values = texts.iter().map(|text| text.map(str::as_bytes)).collect();
    plugin.enrich(&[Input::Text(values)], texts.len())
}

fn text(text: &'static str) -> Option<Bytes> {
    Some(Bytes::from_static(text.as_bytes()))
}

/// Of calls and of rows that were asked for.
fn asked(plugin: &Plugin) -> (u64, u64) {
    use std::sync::atomic::Ordering::Relaxed;
    let counts = &plugin.counts;
    (counts.calls.load(Relaxed), counts.asked.load(Relaxed))
}

/// Why the one plugin of a folder can't be used.
fn load_error(component: &[u8], limits: IngestLimits) -> String {
    let folder = folder_of(component);
    let registry = open(folder.path(), limits);
    assert_eq!(registry.current().plugins.len(), 0);
    let known = registry.known();
    known["guest"].error.clone().unwrap()
}
