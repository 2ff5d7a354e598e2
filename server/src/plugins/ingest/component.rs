//! A plugin's file, read, checked and compiled: everything that is done once, however many instances there will be.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::Path;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use wasmtime::Engine;
use wasmtime::component::{HasSelf, Linker};

use super::guest::Host;
use super::world::enrich::EnrichPre;
use super::world::enrich::questlog::plugin::log;
use super::world::hosts::MatchPre;
use crate::landing::hex;
use crate::plugins::budget::Pool;
use crate::plugins::compiled::Compiled;
use crate::plugins::engine::Runtime;
use crate::plugins::host::one_line;
use crate::plugins::{Compiler, IngestLimits, apart, shape};

/// A compiled component with its imports filled in, from which instances are made.
pub(super) struct Linked {
    /// The SHA-256 of the component, in hexadecimal.
    pub(super) sha256: String,
    /// The size of the component.
    pub(super) size_bytes: u64,
    pub(super) engine: Engine,
    pub(super) memory: Arc<Pool>,
    pub(super) world: World,
}

pub(super) enum World {
    Match(MatchPre<Host>),
    Enrich(EnrichPre<Host>),
}

/// The file's bytes, unless it has more than `bytes_max`: then nothing of it is read.
pub(crate) fn read(path: &Path, bytes_max: u64) -> Result<Vec<u8>, String> {
    let unreadable = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => format!("{} is not there", path.display()),
        _ => format!("{} can't be read: {error}", path.display()),
    };
    let file = File::open(path).map_err(unreadable)?;
    let size_bytes = file.metadata().map_err(unreadable)?.len();
    let mut bytes = Vec::new();
    if size_bytes <= bytes_max {
        // It may grow meanwhile.
        file.take(bytes_max + 1)
            .read_to_end(&mut bytes)
            .map_err(unreadable)?;
    }
    if size_bytes.max(bytes.len() as u64) > bytes_max {
        return Err(format!(
            "{} has {size_bytes} bytes, and it may have {bytes_max}",
            path.display()
        ));
    }
    Ok(bytes)
}

/// The SHA-256 of bytes, in hexadecimal.
pub(super) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

impl Linked {
    /// Checks and compiles a component, unless that was done before and kept in `folder`; says what is wrong with it, as the
    /// end of a sentence that begins with its name.
    pub(super) fn new(
        runtime: &Runtime,
        bytes: &[u8],
        folder: Option<&Path>,
        compiler: Compiler,
        limits: &IngestLimits,
    ) -> Result<Self, String> {
        let sha256 = sha256(bytes);
        let open = |folder| Compiled::open(folder, &sha256);
        let mut compiled = folder.and_then(open);
        let is_known = compiled.as_ref().is_some_and(Compiled::is_known);
        let interface = shape::check_ingest(bytes, is_known, limits)?;
        if let (Some(folder), Some(_), Compiler::Apart, false) =
            (folder, &compiled, compiler, is_known)
        {
            apart::compile(bytes, folder, limits)?;
            compiled = open(folder);
        }
        let compiled = compiled.as_ref();
        let unfit =
            |error: wasmtime::Error| format!("does not fit {interface}: {}", one_line(&error));
        let (engine, component) = runtime.compile(bytes, compiled).map_err(unfit)?;
        let mut linker = Linker::<Host>::new(&engine);
        log::add_to_linker::<_, HasSelf<_>>(&mut linker, |host| host).map_err(unfit)?;
        let linked = linker.instantiate_pre(&component).map_err(unfit)?;
        let world = if interface == shape::MATCHER {
            MatchPre::new(linked).map(World::Match)
        } else {
            EnrichPre::new(linked).map(World::Enrich)
        };
        Ok(Self {
            sha256,
            size_bytes: bytes.len() as u64,
            engine,
            memory: Arc::clone(&runtime.memory),
            world: world.map_err(unfit)?,
        })
    }
}
