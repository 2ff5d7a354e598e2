//! Stops plugins in a program that does nothing else: what works too long ends with the program.
//!
//! A plugin can only be stopped on its own if its code looks at a clock in every loop, which costs it a fifth of its speed.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use super::trouble::took_too_long;

/// How often it looks; deadlines are met to within that.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// How a plugin is stopped that works too long on a call.
#[derive(Clone, Default)]
pub enum Stop {
    /// The call ends in an error, and the program goes on.
    #[default]
    Call,
    /// This is told why, and has to end the process. Plugins are a fifth faster.
    Process(Arc<dyn Fn(&str) + Send + Sync>),
}

impl fmt::Debug for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Call => "Call",
            Self::Process(_) => "Process",
        })
    }
}

/// The calls that are at work, each with the moment by which it has to be done.
pub(super) struct Watchdog {
    calls: Mutex<Calls>,
}

#[derive(Default)]
struct Calls {
    next: u64,
    at_work: BTreeMap<u64, Call>,
}

struct Call {
    until: Instant,
    name: String,
    what: &'static str,
    deadline_ms: u64,
}

/// A call that is at work for as long as this is held.
pub(super) struct Watched<'a> {
    calls: &'a Mutex<Calls>,
    number: u64,
}

impl Watchdog {
    /// Watches for as long as somebody holds it; `end` is told the sentence of the first call that takes too long.
    pub(super) fn start(end: Arc<dyn Fn(&str) + Send + Sync>) -> std::io::Result<Arc<Self>> {
        let this = Arc::new(Self {
            calls: Mutex::default(),
        });
        let watched: Weak<Self> = Arc::downgrade(&this);
        thread::Builder::new()
            .name("plugin watchdog".into())
            .spawn(move || {
                while let Some(this) = watched.upgrade() {
                    if let Some(sentence) = this.overdue() {
                        return end(&sentence);
                    }
                    drop(this);
                    thread::sleep(LOOK_EVERY);
                }
            })?;
        Ok(this)
    }

    /// Notes that a call of the plugin `name` begins.
    pub(super) fn watch(&self, name: &str, what: &'static str, deadline_ms: u64) -> Watched<'_> {
        let mut calls = lock(&self.calls);
        let number = calls.next;
        calls.next += 1;
        // What is too far off for the machine's clock never comes.
        if let Some(until) = Instant::now().checked_add(Duration::from_millis(deadline_ms)) {
            let name = name.to_owned();
            calls.at_work.insert(
                number,
                Call {
                    until,
                    name,
                    what,
                    deadline_ms,
                },
            );
        }
        Watched {
            calls: &self.calls,
            number,
        }
    }

    fn overdue(&self) -> Option<String> {
        let now = Instant::now();
        let calls = lock(&self.calls);
        let call = calls.at_work.values().find(|call| call.until <= now)?;
        let told = took_too_long(call.what, call.deadline_ms);
        Some(format!("{} {told}", call.name))
    }
}

impl Drop for Watched<'_> {
    fn drop(&mut self) {
        lock(self.calls).at_work.remove(&self.number);
    }
}

fn lock(calls: &Mutex<Calls>) -> MutexGuard<'_, Calls> {
    calls.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn a_call_that_is_late_is_told_and_one_that_has_ended_is_not() {
        let (tell, told) = mpsc::channel();
        let end = move |sentence: &str| tell.send(sentence.to_owned()).unwrap();
        let watchdog = Watchdog::start(Arc::new(end)).unwrap();
        drop(watchdog.watch("p.wasm", "`open`", 0));
        let _in_time = watchdog.watch("p.wasm", "`feed`", u64::MAX);
        let _late = watchdog.watch("p.wasm", "`advance`", 1);
        assert_eq!(
            told.recv().unwrap(),
            "p.wasm was stopped: `advance` took longer than 1 ms"
        );
    }

    #[test]
    fn it_ends_with_its_host() {
        let (tell, told) = mpsc::channel::<()>();
        let end = move |_: &str| tell.send(()).unwrap();
        drop(Watchdog::start(Arc::new(end)).unwrap());
        // The thread lets go of the other end of the channel.
        assert!(told.recv().is_err());
    }
}
