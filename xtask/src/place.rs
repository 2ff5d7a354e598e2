//! Where things are: the work tree, the cache for what set-up installs, the folder cargo builds into.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::shell::cargo;

/// The folders that every task works in.
pub(crate) struct Place {
    /// The workspace's root.
    pub(crate) root: PathBuf,
    /// What set-up installs and later runs use again; outlives the work tree.
    pub(crate) cache: PathBuf,
    /// Where native builds go.
    pub(crate) target: PathBuf,
}

impl Place {
    /// Finds them from this package's own place and the environment.
    pub(crate) fn find() -> Result<Place> {
        // Asked at run time: clones that share a target folder run the same binary.
        let root = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = root
            .parent()
            .context(
                "xtask has no workspace around it; run it as `cargo xtask` inside the work tree",
            )?
            .to_path_buf();
        let cache = match env::var_os("XDG_CACHE_HOME") {
            Some(dir) if !dir.is_empty() => PathBuf::from(dir),
            _ => home()?.join(".cache"),
        }
        .join("questlog");
        let target = match env::var_os("CARGO_TARGET_DIR") {
            Some(dir) if !dir.is_empty() => root.join(dir),
            // CI clones anew for each run: what it has built must not go with the clone.
            _ if in_ci() => cache.join("target"),
            _ => root.join("target"),
        };
        Ok(Place {
            root,
            cache,
            target,
        })
    }

    /// `cargo VERB` for this machine, in the workspace.
    pub(crate) fn cargo(&self, verb: &str) -> Command {
        let mut cargo = cargo();
        cargo
            .current_dir(&self.root)
            .arg(verb)
            .env("CARGO_TARGET_DIR", &self.target);
        cargo
    }

    /// wasm32 builds have a folder of their own: another compiler in the same one would empty its cache each time.
    pub(crate) fn wasm_target(&self) -> PathBuf {
        self.target.join("wasm32-build")
    }

    /// The component that any wasmtime host can run.
    pub(crate) fn component(&self) -> PathBuf {
        self.root.join("target/wasm/questlog_analysis.wasm")
    }

    /// An ingest plugin of `examples/`, built.
    pub(crate) fn plugin(&self, name: &str) -> PathBuf {
        self.plugins_dir().join(format!("{name}.wasm"))
    }

    /// Where the built ingest plugins are.
    pub(crate) fn plugins_dir(&self) -> PathBuf {
        self.root.join("target/wasm/plugins")
    }

    /// The module and its JavaScript, which the page's worker imports.
    pub(crate) fn browser_module_dir(&self) -> PathBuf {
        self.root.join("web/src/wasm")
    }

    /// The page as one file.
    pub(crate) fn page_alone(&self) -> PathBuf {
        self.root.join("web/dist-alone/questlog.html")
    }

    /// The npm package, as it will be packed.
    pub(crate) fn package_dir(&self) -> PathBuf {
        self.root.join("web/dist-package")
    }

    /// The built server and command line.
    pub(crate) fn binary(&self) -> PathBuf {
        self.program("questlog")
    }

    /// A program of the workspace, built for use.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.target
            .join("release")
            .join(format!("{name}{}", env::consts::EXE_SUFFIX))
    }
}

/// Whether a CI runs this, where each run has a fresh clone.
pub(crate) fn in_ci() -> bool {
    env::var("CI").is_ok_and(|value| value == "true" || value == "1")
}

fn home() -> Result<PathBuf> {
    env::home_dir()
        .context("there is no home folder for the cache; set XDG_CACHE_HOME to a folder of yours")
}
