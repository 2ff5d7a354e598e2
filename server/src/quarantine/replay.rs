//! Trying once more what was refused: after a fix of the server, or with larger limits.
//!
//! Before the events' log gets the new records, an intent says where they will be and what they will look like. A crash before the
//! outcome is written can so be told from the log alone: each of the records is there, or it is not.

use std::collections::HashSet;
use std::ops::ControlFlow;

use bytes::Bytes;
use questlog_core::{Error, Limits};
use sha2::{Digest as _, Sha256};

use super::record::{Entry, Place, Record, Replayed, Replaying, Request};
use super::{Quarantine, QuarantineError, block_on, each_record};
use crate::ingest::{Ingest, Key, Message, Ready};
use crate::landing::hex;
use crate::log::{Log, LogError};

/// New records of the events' log at which a replay writes what it has.
const RECORDS_MAX: usize = 1000;
/// Bytes of a digest; of 8 two in a million collide once in a million times, and then only matter after a crash.
const DIGEST_BYTES: usize = 8;

/// What a replay did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Replay {
    /// Events that were taken.
    pub accepted: u64,
    /// Events that had been taken before.
    pub duplicate: u64,
    /// Entries that still can't be taken.
    pub left: u64,
}

/// What is to be taken next.
#[derive(Default)]
struct Batch {
    /// As in [`Replaying`].
    entries: Vec<(Place, usize, u64)>,
    records: Vec<Vec<u8>>,
    digests: Vec<String>,
}

impl Quarantine {
    /// Takes into `log` what can be taken now; the rest stays. Nothing else may write to `log` meanwhile.
    pub fn replay(
        &self,
        ingest: &Ingest,
        log: &dyn Log,
        limits: &Limits,
    ) -> Result<Replay, QuarantineError> {
        let mut replay = Replay::default();
        let mut batch = Batch::default();
        let mut keys = HashSet::new();
        let read = |from, bytes| self.log.read(from, bytes);
        let end = self.log.end();
        each_record(
            &self.folder,
            self.log.start(),
            end,
            read,
            |offset, record| {
                let Record::Request(request) = record else {
                    return Ok(ControlFlow::Continue(()));
                };
                for (number, entry) in request.rejected.iter().enumerate() {
                    let place = Place(offset, number);
                    if self.state().replayed.taken.contains(&place) {
                        continue;
                    }
                    match read_again(&request, entry, place, limits) {
                        Some(events) => self.add(&mut batch, place, events, ingest, &mut keys),
                        None => replay.left += 1,
                    }
                    if batch.records.len() >= RECORDS_MAX {
                        self.take(std::mem::take(&mut batch), log, &mut replay)?;
                    }
                }
                Ok(ControlFlow::Continue(()))
            },
        )?;
        self.take(batch, log, &mut replay)?;
        Ok(replay)
    }

    fn add(
        &self,
        batch: &mut Batch,
        place: Place,
        events: Vec<Ready>,
        ingest: &Ingest,
        keys: &mut HashSet<Key>,
    ) {
        let partly = self.state().replayed.partly.get(&place).cloned();
        let partly = partly.unwrap_or_default();
        let (records_before, mut duplicate) = (batch.records.len(), 0);
        for event in events {
            let digest = digest(&event.record);
            let is_new = event.key.is_none_or(|key| keys.insert(key));
            if partly.contains(&digest) {
                continue;
            }
            if !is_new || event.key.is_some_and(|key| ingest.knows(&key)) {
                duplicate += 1;
                continue;
            }
            batch.records.push(event.record);
            batch.digests.push(digest);
        }
        let count = batch.records.len() - records_before;
        batch.entries.push((place, count, duplicate));
    }

    fn take(
        &self,
        batch: Batch,
        log: &dyn Log,
        replay: &mut Replay,
    ) -> Result<(), QuarantineError> {
        if batch.entries.is_empty() {
            return Ok(());
        }
        let replayed = Replayed {
            taken: batch.entries.iter().map(|(place, ..)| *place).collect(),
            accepted: batch.records.len() as u64,
            duplicate: batch.entries.iter().map(|(.., duplicate)| duplicate).sum(),
            partly: None,
        };
        replay.accepted += replayed.accepted;
        replay.duplicate += replayed.duplicate;
        self.append_blocking(&Record::Replaying(Replaying {
            log_from: log.end(),
            entries: batch.entries,
            digests: batch.digests,
        }))?;
        block_on(log.append(batch.records))??;
        self.append_blocking(&Record::Replayed(replayed))
    }
}

/// The events of an entry, if every one of them can be taken now.
fn read_again(
    request: &Request,
    entry: &Entry,
    place: Place,
    limits: &Limits,
) -> Option<Vec<Ready>> {
    if !entry.is_whole() {
        return None;
    }
    let own = &request.message;
    // The id must be the same at every try: a crash may have left an event taken and the outcome unwritten.
    let key = match &own.idempotency_key {
        Some(key) if request.events > 1 => format!("{key}/{}", entry.index),
        Some(key) => key.clone(),
        None => format!("quarantine/{}/{}/{}", own.received_at_us, place.0, place.1),
    };
    let message = Message {
        format: entry.format,
        idempotency_key: Some(key),
        ..own.clone()
    };
    let mut events = vec![];
    let refused = message.read(&entry.raw.bytes(), limits, |ready| {
        events.push(ready);
        Ok::<_, Error>(())
    });
    refused
        .is_ok_and(|refused| refused.is_empty())
        .then_some(events)
}

/// What became of a replay that was interrupted; `read` reads the events' log.
pub(super) fn resolve(
    intent: &Replaying,
    mut read: impl FnMut(u64, usize) -> Result<Vec<(u64, Bytes)>, LogError>,
) -> Result<Replayed, LogError> {
    let mut there = 0;
    'log: while there < intent.digests.len() {
        let records = read(intent.log_from + there as u64, super::READ_BYTES)?;
        if records.is_empty() {
            break;
        }
        for (offset, record) in records {
            let is_next = offset == intent.log_from + there as u64;
            if !is_next || intent.digests.get(there) != Some(&digest(&record)) {
                break 'log;
            }
            there += 1;
        }
    }
    let mut replayed = Replayed {
        accepted: there as u64,
        ..Replayed::default()
    };
    let mut at = 0;
    for (place, count, duplicate) in &intent.entries {
        let end = at + count;
        if end <= there {
            replayed.taken.push(*place);
            replayed.duplicate += duplicate;
        } else {
            // Its duplicates are met again when the rest of it is taken.
            if at < there {
                replayed.partly = Some((*place, intent.digests[at..there].to_vec()));
            }
            break;
        }
        at = end;
    }
    Ok(replayed)
}

fn digest(record: &[u8]) -> String {
    hex(&Sha256::digest(record)[..DIGEST_BYTES])
}
