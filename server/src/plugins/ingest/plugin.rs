//! A loaded plugin: it answers the rows of a file, whatever its code does.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::answers::Answers;
use super::breaker::Breaker;
use super::component::Linked;
use super::description::Description;
use super::guest::{Failure, Guest};
use super::record::{Batch, Outcome};
use super::settings::{OnError, Own};
use super::values::{Input, Output};
use crate::histogram::{Histogram, TIMES_US};
use crate::plugins::trouble::{Trouble, TroubleKind};

/// A plugin that has passed its self-test.
pub struct Plugin {
    /// What it says of itself.
    pub description: Description,
    /// The name of its TOML file, by which everybody calls it.
    pub name: String,
    /// What it has done so far.
    pub counts: Counts,
    /// Shared by those that differ in their settings only.
    pub(super) linked: Arc<Linked>,
    own: Own,
    state: Mutex<State>,
}

/// What changes with each batch. One batch at a time: landing has one thread.
#[derive(Default)]
struct State {
    guest: Option<Guest>,
    breaker: Breaker,
    answers: Answers,
}

/// What a plugin has done since it was loaded.
#[derive(Debug)]
pub struct Counts {
    /// Calls with rows.
    pub calls: AtomicU64,
    /// Rows that were to be answered.
    pub rows: AtomicU64,
    /// Rows that it was asked for: with a deterministic plugin only new distinct ones.
    pub asked: AtomicU64,
    /// Rows that stayed blank.
    pub blank: AtomicU64,
    /// Calls without an answer, by kind.
    failures: [AtomicU64; TroubleKind::ALL.len()],
    /// Instances that were started.
    pub instances: AtomicU64,
    /// The most memory that an instance had.
    pub memory_bytes_max: AtomicU64,
    /// How long calls took.
    pub seconds: Histogram,
}

impl Default for Counts {
    fn default() -> Self {
        Self {
            calls: AtomicU64::default(),
            rows: AtomicU64::default(),
            asked: AtomicU64::default(),
            blank: AtomicU64::default(),
            failures: Default::default(),
            instances: AtomicU64::default(),
            memory_bytes_max: AtomicU64::default(),
            seconds: Histogram::new(TIMES_US),
        }
    }
}

impl Counts {
    /// Calls without an answer, by kind.
    pub fn failures(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let counts = self
            .failures
            .iter()
            .map(|count| count.load(Ordering::Relaxed));
        TroubleKind::ALL
            .into_iter()
            .map(TroubleKind::name)
            .zip(counts)
    }

    fn failed(&self, kind: TroubleKind) {
        self.failures[kind as usize].fetch_add(1, Ordering::Relaxed);
    }
}

/// What a plugin made of a file's rows.
pub(crate) struct Enriched {
    /// The columns that it writes.
    pub(crate) columns: Vec<Output>,
    pub(crate) batch: Batch,
}

impl Plugin {
    /// Starts it once and has it answer some odd rows; says why it can't be used, as the end of a sentence that begins with its name.
    pub(super) fn load(
        name: &str,
        linked: Arc<Linked>,
        own: Own,
        headers: &[String],
    ) -> Result<Self, String> {
        let (mut guest, description) =
            Guest::start(name, &linked, &own).map_err(|trouble| trouble.sentence)?;
        description.fits(headers)?;
        super::sample::test(&mut guest, &description, &own.limits)?;
        Ok(Self {
            description,
            name: name.to_owned(),
            counts: Counts::default(),
            linked,
            own,
            state: Mutex::default(),
        })
    }

    /// The SHA-256 of its TOML file, in hexadecimal.
    pub fn config_sha256(&self) -> &str {
        &self.own.sha256
    }

    /// The SHA-256 of its component, in hexadecimal.
    pub fn sha256(&self) -> &str {
        &self.linked.sha256
    }

    /// The size of its component.
    pub fn size_bytes(&self) -> u64 {
        self.linked.size_bytes
    }

    /// Whether it rests after failures.
    pub fn is_resting(&self) -> bool {
        self.state().breaker.is_open()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Its columns for `rows` rows, given the columns that it reads: blank where it gives no answer, with the reason.
    pub(crate) fn enrich(&self, inputs: &[Input<'_>], rows: usize) -> Enriched {
        let mut state = self.state();
        let State {
            guest,
            breaker,
            answers,
        } = &mut *state;
        let is_remembered = self.description.deterministic;
        answers.begin(&self.description, is_remembered, &self.own.limits);
        let fresh = answers.number(inputs, rows, is_remembered);
        let mut work = Work {
            plugin: self,
            inputs,
            guest,
            answers,
            first_failure: None,
            retries: 0,
            started: Instant::now(),
        };
        let is_whole = self.own.on_error == OnError::BlankBatch;
        let (mut has_rested, mut has_failed) = (false, false);
        for part in self.parts(inputs, &fresh) {
            if is_whole && has_failed {
                let reason = "rows before it have no answer";
                work.answers.add_passing_blank(part.len(), reason);
                continue;
            }
            if !breaker.allows(Instant::now()) {
                (has_rested, has_failed) = (true, true);
                let reason = "it rests after failures";
                work.answers.add_passing_blank(part.len(), reason);
                continue;
            }
            work.first_failure = None;
            work.started = Instant::now();
            work.retries = 0;
            has_failed |= !work.ask(part);
            match work.first_failure.take() {
                None => breaker.succeeded(),
                Some(sentence) => {
                    let rest = breaker.failed(Instant::now(), &self.own.limits);
                    let rests_ms = rest.map(|rest| rest.as_millis());
                    tracing::warn!(plugin = self.name, rests_ms, "{} {sentence}", self.name);
                }
            }
        }
        let mut columns = answers.columns();
        let (mut blank, reason) = answers.blank();
        if is_whole && blank > 0 {
            blank = rows as u64;
            for column in &mut columns {
                column.blank();
            }
        }
        let batch = Batch {
            rows: rows as u64,
            blank,
            outcome: match (blank, has_rested) {
                (0, _) => Outcome::Ok,
                (_, true) => Outcome::Skipped,
                (_, false) => Outcome::Failed,
            },
            reason,
        };
        self.counts.rows.fetch_add(rows as u64, Ordering::Relaxed);
        self.counts
            .asked
            .fetch_add(fresh.len() as u64, Ordering::Relaxed);
        self.counts.blank.fetch_add(blank, Ordering::Relaxed);
        answers.end(is_remembered);
        Enriched { columns, batch }
    }

    /// The rows in parts that are not too large for one call.
    fn parts<'r>(&self, inputs: &[Input<'_>], rows: &'r [u32]) -> Vec<&'r [u32]> {
        let (mut parts, mut start, mut bytes) = (Vec::new(), 0, 0);
        for (at, &row) in rows.iter().enumerate() {
            let size_bytes: usize = inputs
                .iter()
                .map(|input| input.size_bytes(row as usize))
                .sum();
            let is_full = at - start >= self.own.limits.batch_rows_max
                || bytes + size_bytes > self.own.limits.batch_bytes_max;
            if is_full && at > start {
                parts.push(&rows[start..at]);
                (start, bytes) = (at, 0);
            }
            bytes += size_bytes;
        }
        if start < rows.len() {
            parts.push(&rows[start..]);
        }
        parts
    }
}

/// One part of a batch and what has come of it.
struct Work<'w, 'i> {
    plugin: &'w Plugin,
    inputs: &'w [Input<'i>],
    guest: &'w mut Option<Guest>,
    answers: &'w mut Answers,
    first_failure: Option<String>,
    /// Calls since the first failure, and when all began.
    retries: u32,
    started: Instant,
}

impl Work<'_, '_> {
    /// Asks for these rows; says whether all have their answers. What fails is tried again in halves, until the rows are found
    /// that make it fail, or patience ends.
    fn ask(&mut self, rows: &[u32]) -> bool {
        if rows.is_empty() {
            return true;
        }
        let failure = match self.call(rows) {
            Ok(columns) => {
                self.answers.add(columns);
                return true;
            }
            Err(failure) => failure,
        };
        // A row that it calls bad itself is no failure of its own.
        let (sentence, parts, is_own) = match failure {
            Failure::BadRow(at, sentence) => (sentence, Some((at, at + 1)), false),
            Failure::Trouble(trouble) => {
                let is_divisible = trouble.kind != TroubleKind::Lie && rows.len() > 1;
                let middle = rows.len() / 2;
                let parts = is_divisible.then_some((middle, middle));
                (trouble.sentence, parts, true)
            }
        };
        if is_own {
            self.first_failure.get_or_insert(sentence.clone());
        }
        let is_whole = self.plugin.own.on_error == OnError::BlankBatch;
        let Some((start, end)) = parts.filter(|_| !is_whole) else {
            if rows.len() == 1 {
                self.answers.add_blank(1, &sentence);
            } else {
                self.answers.add_passing_blank(rows.len(), &sentence);
            }
            return false;
        };
        let limits = &self.plugin.own.limits;
        let patience = Duration::from_millis(limits.retry_ms_max);
        if self.retries >= limits.retry_calls_max || self.started.elapsed() >= patience {
            self.first_failure.get_or_insert(sentence.clone());
            self.answers.add_passing_blank(rows.len(), &sentence);
            return false;
        }
        self.ask(&rows[..start]);
        self.answers.add_blank(end - start, &sentence);
        self.ask(&rows[end..]);
        false
    }

    fn call(&mut self, rows: &[u32]) -> Result<Vec<Output>, Failure> {
        let (plugin, counts, inputs) = (self.plugin, &self.plugin.counts, self.inputs);
        let outcome = self.instance().map_err(Failure::Trouble).and_then(|guest| {
            let started = Instant::now();
            let outcome = guest.ask(&plugin.description, inputs, rows, &plugin.own.limits);
            counts.seconds.add(started.elapsed());
            outcome
        });
        self.retries += 1;
        counts.calls.fetch_add(1, Ordering::Relaxed);
        if let Some(guest) = self.guest {
            let bytes = guest.memory_bytes() as u64;
            counts.memory_bytes_max.fetch_max(bytes, Ordering::Relaxed);
        }
        if let Err(Failure::Trouble(trouble)) = &outcome {
            counts.failed(trouble.kind);
            *self.guest = None;
        }
        outcome
    }

    /// The instance at work, or a new one where there is none or it has worked long enough.
    fn instance(&mut self) -> Result<&mut Guest, Trouble> {
        let plugin = self.plugin;
        if let Some(guest) = self
            .guest
            .take_if(|guest| guest.is_due_to_retire(&plugin.own.limits))
        {
            drop(guest);
        }
        if self.guest.is_none() {
            plugin.counts.instances.fetch_add(1, Ordering::Relaxed);
            let (guest, description) = Guest::start(&plugin.name, &plugin.linked, &plugin.own)?;
            if description != plugin.description {
                return Err(Trouble {
                    kind: TroubleKind::Lie,
                    sentence: "says something else of itself than before".to_owned(),
                });
            }
            *self.guest = Some(guest);
        }
        self.guest.as_mut().ok_or_else(|| Trouble {
            kind: TroubleKind::Refused,
            sentence: "could not be started".to_owned(),
        })
    }
}
