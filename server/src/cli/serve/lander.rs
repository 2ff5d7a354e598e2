//! The thread that lands the log every now and then, and sooner when much has come in.

use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::http::App;
use crate::landing::Landing;
use crate::log::{DiskLog, Log};

/// Unlanded records at which the log lands before its time, so that queries stay fast.
const UNLANDED_RECORDS_MAX: u64 = 250_000;
/// How often the unlanded records are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The landing thread of a server.
pub(super) struct Lander {
    stop: mpsc::Sender<()>,
    thread: JoinHandle<()>,
}

impl Lander {
    pub(super) fn start(
        every: Duration,
        log: Arc<DiskLog>,
        landing: Arc<Landing>,
        app: Arc<App>,
    ) -> anyhow::Result<Self> {
        let (stop, stopped) = mpsc::channel();
        let run = move || {
            let mut pace = Pace::new(every, Instant::now());
            while stopped.recv_timeout(pace.rest(Instant::now()))
                == Err(mpsc::RecvTimeoutError::Timeout)
            {
                let unlanded = log.end().saturating_sub(landing.landed_to());
                if pace.is_due(Instant::now(), unlanded) {
                    let is_done = land(&landing, &app);
                    pace.landed(Instant::now(), is_done);
                }
            }
        };
        let thread = std::thread::Builder::new()
            .name("lander".to_owned())
            .spawn(run)
            .context("can't start a thread")?;
        Ok(Self { stop, thread })
    }

    /// Waits for a landing that is under way.
    pub(super) fn stop(self) {
        drop(self.stop);
        if self.thread.join().is_err() {
            tracing::error!("the landing thread panicked");
        }
    }
}

/// Lands what is in the log; false if that failed.
fn land(landing: &Landing, app: &App) -> bool {
    match landing.land() {
        Ok(landed) if landed.to > landed.from => {
            tracing::info!(
                rows = landed.rows,
                files = landed.files,
                to = landed.to,
                "landed"
            );
        }
        Ok(_) => {}
        Err(error) => {
            app.count_failed_landing();
            tracing::error!(%error, "the log could not be landed; it is tried again");
            return false;
        }
    }
    true
}

/// When the next landing is due.
struct Pace {
    every: Duration,
    last: Instant,
    /// After a failure only time counts: a full disk must not be asked every second.
    has_failed: bool,
}

impl Pace {
    fn new(every: Duration, now: Instant) -> Self {
        Self {
            every,
            last: now,
            has_failed: false,
        }
    }

    /// How long to rest before it is worth asking again.
    fn rest(&self, now: Instant) -> Duration {
        let since = now.saturating_duration_since(self.last);
        self.every.saturating_sub(since).min(LOOK_EVERY)
    }

    fn is_due(&self, now: Instant, unlanded: u64) -> bool {
        now.saturating_duration_since(self.last) >= self.every
            || (unlanded > UNLANDED_RECORDS_MAX && !self.has_failed)
    }

    fn landed(&mut self, now: Instant, is_done: bool) {
        self.last = now;
        self.has_failed = !is_done;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_landing_is_due_by_time_or_by_much_that_is_unlanded() {
        let start = Instant::now();
        let seconds = Duration::from_secs;
        let mut pace = Pace::new(seconds(60), start);
        assert_eq!(pace.rest(start), LOOK_EVERY);
        assert!(!pace.is_due(start + seconds(59), UNLANDED_RECORDS_MAX));
        assert!(pace.is_due(start + seconds(1), UNLANDED_RECORDS_MAX + 1));
        assert!(pace.is_due(start + seconds(60), 0));
        assert_eq!(pace.rest(start + seconds(61)), Duration::ZERO);

        pace.landed(start + seconds(60), false);
        assert!(!pace.is_due(start + seconds(61), u64::MAX));
        assert!(pace.is_due(start + seconds(120), 0));
        pace.landed(start + seconds(120), true);
        assert!(pace.is_due(start + seconds(121), u64::MAX));
    }

    #[test]
    fn a_short_time_is_kept_to() {
        let start = Instant::now();
        let pace = Pace::new(Duration::from_millis(250), start);
        assert_eq!(pace.rest(start), Duration::from_millis(250));
    }
}
