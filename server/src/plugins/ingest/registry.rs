//! The folder of plugins, and the generation at work: load, self-test, swap. What fails leaves the last good one in place.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

use serde::{Deserialize, Serialize};
use wasmtime::Engine;

use super::component::{read, sha256};
use super::plugin::Plugin;
use super::set::PluginSet;
use super::settings::Settings;
use crate::plugins::host::one_line;
use crate::plugins::{IngestLimits, compiled, engine};

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
    /// Made when there is a plugin: its clock ticks for as long as it lives.
    engine: OnceLock<Engine>,
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
    pub fn open(folder: &Path, headers: &[String], limits: IngestLimits) -> Self {
        let registry = Self {
            folder: folder.to_owned(),
            headers: headers.to_vec(),
            limits,
            engine: OnceLock::new(),
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
    pub fn check(file: &Path, headers: &[String], limits: &IngestLimits) -> Result<Plugin, String> {
        let component = read(file, limits.file_bytes_max)?;
        let beside = file.with_extension("toml");
        let toml = match beside.is_file() {
            true => read(&beside, limits.config_bytes_max)?,
            false => Vec::new(),
        };
        let settings = Settings::parse(&toml)
            .map_err(|error| format!("can't be loaded: {}: {error}", beside.display()))?;
        let own = settings.limits(limits)?;
        let config = (settings.config_json()?, sha256(&toml));
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        let compiled = compiled::user_folder();
        let engine = engine::engine(limits.stack_bytes_max, compiled.as_deref())
            .map_err(|error| unusable(&error))?;
        Plugin::load(&name, &engine, &component, config, headers, &own)
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
        let config_sha256 = sha256(&bytes);
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
        let tried = (sha256(&component), config_sha256.clone());
        if let Some(before) = before
            && before.tried == tried
        {
            return before.clone();
        }
        match self.load(name, &component, &settings, config_sha256) {
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
        settings: &Settings,
        config_sha256: String,
    ) -> Result<Plugin, String> {
        let limits = settings.limits(&self.limits)?;
        let config = settings.config_json()?;
        let engine = match self.engine.get() {
            Some(engine) => engine,
            None => {
                let compiled = self.folder.join(COMPILED);
                let engine = engine::engine(self.limits.stack_bytes_max, Some(&compiled)).map_err(
                    |error| {
                        format!(
                            "can't be loaded: wasmtime can't be started here: {}",
                            one_line(&error)
                        )
                    },
                )?;
                self.engine.get_or_init(|| engine)
            }
        };
        let config = (config, config_sha256);
        Plugin::load(name, engine, component, config, &self.headers, &limits)
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

fn unusable(error: &wasmtime::Error) -> String {
    format!(
        "can't be loaded: wasmtime can't be started here: {}",
        one_line(error)
    )
}
