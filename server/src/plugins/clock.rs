//! Tells engines the time: one thread for all of them, for as long as there are any.

use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use wasmtime::{Engine, EngineWeak};

/// How long an epoch is; deadlines are met to within one.
const EPOCH_MS: u64 = 10;

/// The engines that are told the time; the thread ends when there are none left.
static ENGINES: Mutex<Vec<EngineWeak>> = Mutex::new(Vec::new());

/// Tells `engine` the time from now on, until nobody holds it any more.
pub(crate) fn tell(engine: &Engine) -> std::io::Result<()> {
    let mut engines = ENGINES.lock().unwrap_or_else(PoisonError::into_inner);
    if engines.is_empty() {
        thread::Builder::new()
            .name("plugin clock".into())
            .spawn(|| {
                while tick() {
                    thread::sleep(Duration::from_millis(EPOCH_MS));
                }
            })?;
    }
    engines.push(engine.weak());
    Ok(())
}

/// An epoch is over; says whether that matters to anybody.
fn tick() -> bool {
    let mut engines = ENGINES.lock().unwrap_or_else(PoisonError::into_inner);
    engines.retain(|engine| match engine.upgrade() {
        Some(engine) => {
            engine.increment_epoch();
            true
        }
        None => false,
    });
    !engines.is_empty()
}

/// The epochs after which a call that began now has taken `deadline_ms`.
pub(crate) fn epochs(deadline_ms: u64) -> u64 {
    deadline_ms.div_ceil(EPOCH_MS).saturating_add(1)
}
