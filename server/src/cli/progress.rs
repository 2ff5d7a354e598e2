//! The line that tells how far a long analysis is; on a terminal only.

use std::io::{self, IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::analyze::{OnProgress, Progress};
use crate::units::{bytes, thousands};

/// Whatever is done sooner needs no line.
const QUIET_AT_FIRST: Duration = Duration::from_millis(300);

/// Clears the line that the cursor is in.
const CLEAR: &str = "\r\x1b[K";

/// A progress line on stderr. Dropping it takes the line away.
pub(crate) struct Line {
    started: Instant,
    shown: Arc<AtomicBool>,
}

impl Line {
    /// A line, if stderr is a terminal and the user did not say no.
    pub(crate) fn new(wanted: bool) -> Option<Self> {
        (wanted && io::stderr().is_terminal()).then(|| Self {
            started: Instant::now(),
            shown: Arc::default(),
        })
    }

    /// What to call with news.
    pub(crate) fn teller(&self) -> OnProgress {
        let (started, shown) = (self.started, Arc::clone(&self.shown));
        Box::new(move |progress| {
            let elapsed = started.elapsed();
            if elapsed >= QUIET_AT_FIRST {
                shown.store(true, Ordering::Relaxed);
                // A terminal that is gone is no reason to fail.
                let _ = write!(io::stderr(), "{CLEAR}{}", text(progress, elapsed));
            }
        })
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if self.shown.load(Ordering::Relaxed) {
            let _ = write!(io::stderr(), "{CLEAR}");
        }
    }
}

/// Sets `cancel` at the first Ctrl-C; a second one ends the program where it is.
pub(crate) fn cancel_on_interrupt(cancel: Arc<AtomicBool>) {
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .build();
        let Ok(runtime) = runtime else {
            return;
        };
        runtime.block_on(async {
            if tokio::signal::ctrl_c().await.is_ok() {
                cancel.store(true, Ordering::Relaxed);
            }
            if tokio::signal::ctrl_c().await.is_ok() {
                std::process::exit(super::INTERRUPTED.into());
            }
        });
    });
}

fn text(progress: &Progress, elapsed: Duration) -> String {
    let mut parts = vec![
        format!(
            "{} of {}",
            bytes(progress.bytes_done),
            bytes(progress.bytes_total)
        ),
        format!("{} rows", thousands(progress.rows_done)),
    ];
    if progress.files_total > 1 {
        parts.push(format!(
            "{} of {} files",
            thousands(progress.files_done),
            thousands(progress.files_total)
        ));
    }
    if let Some(left) = time_left(progress, elapsed) {
        parts.push(format!("{} left", duration(left)));
    }
    parts.join(" · ")
}

/// As long again as it took so far, in proportion.
fn time_left(progress: &Progress, elapsed: Duration) -> Option<Duration> {
    let left = progress.bytes_total.saturating_sub(progress.bytes_done);
    (progress.bytes_done > 0)
        .then(|| elapsed.as_secs_f64() * left as f64 / progress.bytes_done as f64)
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
}

/// A duration as one says it: `5 s`, `2 min 5 s`, `3 h 2 min`.
fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs_f64().ceil() as u64;
    match (seconds / 3_600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_written_for_people() {
        assert_eq!(duration(Duration::from_millis(4_100)), "5 s");
        assert_eq!(duration(Duration::from_secs(125)), "2 min 5 s");
        assert_eq!(duration(Duration::from_secs(10_920)), "3 h 2 min");
    }

    #[test]
    fn the_line_tells_bytes_rows_files_and_time_left() {
        let progress = Progress {
            files_done: 1,
            files_total: 4,
            rows_done: 1_000_000,
            bytes_done: 1 << 20,
            bytes_total: 4 << 20,
        };
        assert_eq!(
            text(&progress, Duration::from_secs(2)),
            "1.0 MiB of 4.0 MiB · 1,000,000 rows · 1 of 4 files · 6 s left"
        );
        assert_eq!(
            text(&Progress::default(), Duration::from_secs(2)),
            "0 B of 0 B · 0 rows"
        );
    }
}
