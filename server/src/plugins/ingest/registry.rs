//! The folder of plugins, and the generation at work: load, self-test, swap. What fails leaves the last good one in place.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use serde::{Deserialize, Serialize};

use super::component::{Linked, read, sha256};
use super::plugin::Plugin;
use super::set::PluginSet;
use super::settings::{Own, Settings};
use crate::plugins::engine::Runtime;
use crate::plugins::{Compiler, IngestLimits, compiled};

/// Where the last generation's number is kept, so that it goes on growing after a restart.
const GENERATION: &str = ".generation.json";
/// Where compiled plugins are kept.
const COMPILED: &str = ".compiled";

/// A folder of plugins, watched.
pub struct Registry {
    folder: PathBuf,
    /// The headers that are columns of the lake.
    headers: Vec<String>,
    limits: IngestLimits,
    runtime: Runtime,
    compiler: Compiler,
    set: RwLock<Arc<PluginSet>>,
    /// What is known of each TOML file. Held while the folder is looked through.
    files: Mutex<BTreeMap<String, Known>>,
}

/// A plugin as it is in the folder.
#[derive(Clone)]
pub struct Known {
    /// What it says of itself now, or what was wrong with it when it was last looked at.
    pub error: Option<String>,
    /// Whether its TOML file says `enabled = false`.
    pub is_off: bool,
    /// The plugin at work: after an error the last one that was good.
    pub plugin: Option<Arc<Plugin>>,
    /// The component and the TOML file that were last tried, so that nothing is tried twice.
    tried: (String, String),
}

impl Known {
    /// How it is doing, in a word: `active`, `resting` after failures, `kept` (the last good one is at work, because it can't
    /// be loaded as it is now), `failed` (it can't be loaded), `off`.
    pub fn state(&self) -> &'static str {
        match (&self.plugin, &self.error) {
            (Some(_), Some(_)) => "kept",
            (Some(plugin), None) if plugin.is_resting() => "resting",
            (Some(_), None) => "active",
            (None, Some(_)) => "failed",
            (None, None) => "off",
        }
    }
}

/// What is kept of a generation.
#[derive(Default, PartialEq, Serialize, Deserialize)]
struct Generation {
    generation: u64,
    plugins: Vec<[String; 3]>,
}

impl Registry {
    /// Loads the plugins in `folder`; there may be none, nor a folder. What is wrong with one is told by [`Registry::known`].
    pub fn open(
        folder: &Path,
        headers: &[String],
        compiler: Compiler,
        limits: IngestLimits,
    ) -> Self {
        let registry = Self {
            folder: folder.to_owned(),
            headers: headers.to_vec(),
            // A server has other things to do meanwhile.
            runtime: Runtime::of(&limits, true),
            compiler,
            limits,
            set: RwLock::default(),
            files: Mutex::default(),
        };
        registry.reload();
        registry
    }

    /// The plugin in a file, with the settings in the TOML file beside it, if there is one.
    ///
    /// # Errors
    /// Why it can't be used, as the end of a sentence that begins with its name.
    pub fn check(
        file: &Path,
        headers: &[String],
        compiler: Compiler,
        limits: &IngestLimits,
    ) -> Result<Plugin, String> {
        let component = read(file, limits.file_bytes_max)?;
        let beside = file.with_extension("toml");
        let toml = match beside.is_file() {
            true => read(&beside, limits.config_bytes_max)?,
            false => Vec::new(),
        };
        let settings = Settings::parse(&toml)
            .map_err(|error| format!("can't be loaded: {}: {error}", beside.display()))?;
        let own = settings.own(&toml, limits)?;
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        let compiled = compiled::user_folder();
        let runtime = Runtime::of(limits, false);
        let compiled = compiled.as_deref();
        let linked = Linked::new(&runtime, &component, compiled, compiler, limits)?;
        Plugin::load(&name, Arc::new(linked), own, headers)
    }

    /// The generation at work. Whoever holds it works on with it, whatever is loaded meanwhile.
    pub fn current(&self) -> Arc<PluginSet> {
        Arc::clone(&self.set.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The plugins in the folder, by name.
    pub fn known(&self) -> BTreeMap<String, Known> {
        self.files().clone()
    }

    fn files(&self) -> MutexGuard<'_, BTreeMap<String, Known>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks through the folder, loads what has changed, and swaps generations if anything has.
    pub fn reload(&self) {
        // Another look waits; whoever asks what is known sees the last whole answer.
        let mut known = self.files().clone();
        let names = match self.names() {
            Ok(names) => names,
            Err(error) => {
                tracing::error!(%error, "the plugins stay as they were");
                return;
            }
        };
        known.retain(|name, _| names.contains(name));
        for name in &names {
            let before = known.remove(name);
            let had_error = before.as_ref().and_then(|known| known.error.clone());
            let now = self.look(name, before.as_ref());
            if let Some(error) = &now.error
                && now.error != had_error
            {
                let keeps = now.plugin.is_some();
                tracing::error!(keeps_the_last_good_one = keeps, "plugin {name} {error}");
            }
            known.insert(name.clone(), now);
        }
        let mut next = PluginSet::none();
        for (at, known) in known.values_mut().enumerate() {
            let Some(plugin) = known.plugin.clone() else {
                continue;
            };
            let added = if at < self.limits.plugins_max {
                next.add(plugin)
            } else {
                Err(format!(
                    "is one too many; {} may be used",
                    self.limits.plugins_max
                ))
            };
            if let Err(error) = added {
                known.error.get_or_insert(error);
                known.plugin = None;
                // The others may change, so that it can be used after all.
                known.tried = Default::default();
            }
        }
        let current = self.current();
        if next.fingerprint() != current.fingerprint()
            || current.generation == 0 && !next.plugins.is_empty()
        {
            next.generation = self.next_generation(&next, current.generation);
            let (generation, plugins) = (next.generation, next.plugins.len());
            tracing::info!(
                generation,
                plugins,
                "a new generation of plugins is at work"
            );
            *self.set.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(next);
        }
        *self.files() = known;
    }

    /// The names of the TOML files.
    fn names(&self) -> std::io::Result<Vec<String>> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut names = Vec::new();
        for entry in entries {
            let name = entry?.file_name();
            let Some(name) = name.to_str().and_then(|name| name.strip_suffix(".toml")) else {
                continue;
            };
            if !name.starts_with('.') {
                names.push(name.to_owned());
            }
        }
        names.sort();
        Ok(names)
    }

    /// The plugin as it is now, loaded if its files are others than when it was last tried.
    fn look(&self, name: &str, before: Option<&Known>) -> Known {
        let failed = |error: String, tried: (String, String)| Known {
            error: Some(error),
            is_off: false,
            plugin: before.and_then(|known| known.plugin.clone()),
            tried,
        };
        let path = self.folder.join(format!("{name}.toml"));
        let none = || (String::new(), String::new());
        let bytes = match read(&path, self.limits.config_bytes_max) {
            Ok(bytes) => bytes,
            Err(error) => return failed(format!("can't be loaded: {error}"), none()),
        };
        let settings = match Settings::parse(&bytes) {
            Ok(settings) => settings,
            Err(error) => {
                return failed(
                    format!("can't be loaded: {}: {error}", path.display()),
                    none(),
                );
            }
        };
        if !settings.is_enabled() {
            return Known {
                error: None,
                is_off: true,
                plugin: None,
                tried: none(),
            };
        }
        let default = format!("{name}.wasm");
        let file = self
            .folder
            .join(settings.file.as_deref().unwrap_or(&default));
        let component = match read(&file, self.limits.file_bytes_max) {
            Ok(component) => component,
            Err(error) => return failed(format!("can't be loaded: {error}"), none()),
        };
        let tried = (sha256(&component), sha256(&bytes));
        if let Some(before) = before
            && before.tried == tried
        {
            return before.clone();
        }
        let before = before.and_then(|known| known.plugin.as_deref());
        let own = settings.own(&bytes, &self.limits);
        let plugin = own.and_then(|own| self.load(name, &component, &tried.0, own, before));
        match plugin {
            Ok(plugin) => Known {
                error: None,
                is_off: false,
                plugin: Some(Arc::new(plugin)),
                tried,
            },
            Err(error) => failed(error, tried),
        }
    }

    fn load(
        &self,
        name: &str,
        component: &[u8],
        sha256: &str,
        own: Own,
        before: Option<&Plugin>,
    ) -> Result<Plugin, String> {
        let linked = match before.filter(|before| before.sha256() == sha256) {
            Some(before) => Arc::clone(&before.linked),
            None => {
                let folder = self.folder.join(COMPILED);
                let limits = &self.limits;
                let (runtime, compiler) = (&self.runtime, self.compiler);
                Arc::new(Linked::new(
                    runtime,
                    component,
                    Some(&folder),
                    compiler,
                    limits,
                )?)
            }
        };
        Plugin::load(name, linked, own, &self.headers)
    }

    /// The number of this set: the last one's if it is the same, after a restart too, else the next.
    fn next_generation(&self, set: &PluginSet, current: u64) -> u64 {
        let path = self.folder.join(GENERATION);
        let kept = fs::read(&path).ok();
        let kept: Generation = kept
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default();
        let plugins = set.fingerprint();
        if current == 0 && kept.plugins == plugins && kept.generation > 0 {
            return kept.generation;
        }
        let generation = kept.generation.max(current) + 1;
        let next = Generation {
            generation,
            plugins,
        };
        let written = serde_json::to_vec(&next)
            .map_err(std::io::Error::from)
            .and_then(|bytes| {
                let temporary = self.folder.join(".generation.next");
                fs::write(&temporary, bytes)?;
                fs::rename(temporary, &path)
            });
        if let Err(error) = written {
            tracing::warn!(%error, "the number of the plugins' generation can't be kept for the next start");
        }
        generation
    }
}
