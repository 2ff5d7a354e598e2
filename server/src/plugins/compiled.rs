//! Where compiled plugins are kept, so that only the first start of one pays for the compiler.

use std::env;
use std::fs::{DirBuilder, Permissions, set_permissions};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use wasmtime::{Cache, CacheConfig};

/// What is in the folder is run as it is, so nobody else may write there.
const ONLY_ITS_OWNER: u32 = 0o700;

/// The user's folder for compiled plugins; none where the user has no home.
pub(crate) fn user_folder() -> Option<PathBuf> {
    let named = |name: &str| Some(PathBuf::from(env::var_os(name)?));
    let caches = named("XDG_CACHE_HOME")
        .filter(|folder| folder.is_absolute())
        .or_else(|| Some(named("HOME")?.join(".cache")))?;
    Some(caches.join("questlog/compiled-plugins"))
}

/// wasmtime's own cache in `folder`: its keys hold the plugin's hash, the version of the compiler and its settings.
///
/// A folder that can't be used costs time, not the answer: then there is no cache.
pub(crate) fn cache(folder: &Path) -> Option<Cache> {
    DirBuilder::new()
        .recursive(true)
        .mode(ONLY_ITS_OWNER)
        .create(folder)
        .ok()?;
    set_permissions(folder, Permissions::from_mode(ONLY_ITS_OWNER)).ok()?;
    let mut config = CacheConfig::new();
    config.with_directory(folder.canonicalize().ok()?);
    Cache::new(config).ok()
}
