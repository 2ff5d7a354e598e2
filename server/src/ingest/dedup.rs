//! Which ids have been taken: a bounded window in memory.

use std::collections::{HashMap, VecDeque};
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use hashbrown::HashTable;
use sha2::{Digest, Sha256};
use tokio::sync::watch;

use super::Ready;
use crate::log::AppendError;

/// A digest of an id: so short that millions fit in memory, so long that two ids never share one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key([u8; 16]);

impl Key {
    /// The key of an id; `source` tells apart senders that number their events alike.
    pub fn new(id: &str, source: &str) -> Self {
        let mut digest = Sha256::new();
        digest.update((source.len() as u64).to_le_bytes());
        digest.update(source);
        digest.update(id);
        let mut key = [0; 16];
        key.copy_from_slice(&digest.finalize()[..16]);
        Self(key)
    }

    fn hash(&self) -> u64 {
        let mut hash = [0; 8];
        hash.copy_from_slice(&self.0[..8]);
        u64::from_le_bytes(hash)
    }
}

/// How a request came out: `None` until it has.
type Outcome = Option<Result<Range<u64>, AppendError>>;
/// Where a request tells others how it came out.
pub(super) type Settled = watch::Sender<Outcome>;

/// What an event's id turns out to be.
pub(super) enum Claim {
    /// Never seen: the event is to be appended, and the claim settled.
    New,
    /// Seen before in the same request.
    Own,
    /// Durable already, at this offset.
    Taken(u64),
    /// Another request is making it durable at the moment.
    Pending(watch::Receiver<Outcome>),
}

/// The ids of the last while.
pub(super) struct Dedup {
    ids_max: usize,
    window_us: i64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Oldest first.
    entries: VecDeque<Entry>,
    /// How many entries have gone; the number of the oldest one that is there.
    gone: u32,
    /// Numbers of entries by their keys. A number wraps around long after its entry has gone.
    numbers: HashTable<u32>,
    /// Claimed and not settled.
    pending: HashMap<Key, watch::Receiver<Outcome>>,
}

struct Entry {
    key: Key,
    offset: u64,
    received_at_us: i64,
}

impl Dedup {
    pub(super) fn new(ids_max: usize, window_us: i64) -> Self {
        // Numbers must not wrap around while an entry lives.
        let ids_max = ids_max.min(u32::MAX as usize / 2);
        Self {
            ids_max,
            window_us,
            state: Mutex::default(),
        }
    }

    /// Claims the ids of a request's events at one moment, so that of two requests with the same ids each gets a part or all.
    pub(super) fn claim_all(
        &self,
        events: Vec<Ready>,
        now_us: i64,
        mut each: impl FnMut(Claim, Ready),
    ) -> Settled {
        let settled = Settled::new(None);
        let mine = settled.subscribe();
        let mut state = self.lock();
        state.forget_before(now_us.saturating_sub(self.window_us));
        for event in events {
            let claim = match event.key {
                None => Claim::New,
                Some(key) => match (state.find(&key), state.pending.get(&key)) {
                    (Some(entry), _) => Claim::Taken(entry.offset),
                    (None, Some(theirs)) if theirs.same_channel(&mine) => Claim::Own,
                    (None, Some(theirs)) => Claim::Pending(theirs.clone()),
                    (None, None) => {
                        state.pending.insert(key, mine.clone());
                        Claim::New
                    }
                },
            };
            each(claim, event);
        }
        settled
    }

    /// Tells what became of claims; `claimed` are keys with the places of their records in the request.
    pub(super) fn settle(
        &self,
        claimed: &[(Key, u64)],
        settled: &Settled,
        result: &Result<Range<u64>, AppendError>,
        received_at_us: i64,
    ) {
        let mut state = self.lock();
        for (key, place) in claimed {
            state.pending.remove(key);
            if let Ok(range) = result {
                state.add(Entry {
                    key: *key,
                    offset: range.start + place,
                    received_at_us,
                });
            }
        }
        state.forget_beyond(self.ids_max);
        drop(state);
        settled.send_replace(Some(result.clone()));
    }

    /// Remembers an id that was found in the lake, or later in the log, which knows its place better.
    pub(super) fn remember(&self, key: Key, offset: u64, received_at_us: i64, now_us: i64) {
        if received_at_us < now_us.saturating_sub(self.window_us) {
            return;
        }
        let mut state = self.lock();
        if let Some(entry) = state.find_mut(&key) {
            entry.offset = entry.offset.min(offset);
            return;
        }
        state.add(Entry {
            key,
            offset,
            received_at_us,
        });
        state.forget_beyond(self.ids_max);
    }

    /// Whether an id is remembered.
    pub(super) fn knows(&self, key: &Key) -> bool {
        self.lock().find(key).is_some()
    }

    /// How many ids are remembered.
    pub(super) fn len(&self) -> usize {
        self.lock().entries.len()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn find(&self, key: &Key) -> Option<&Entry> {
        let is_it = |number: &u32| self.entry(*number).is_some_and(|entry| entry.key == *key);
        self.entry(*self.numbers.find(key.hash(), is_it)?)
    }

    fn find_mut(&mut self, key: &Key) -> Option<&mut Entry> {
        let is_it = |number: &u32| self.entry(*number).is_some_and(|entry| entry.key == *key);
        let number = *self.numbers.find(key.hash(), is_it)?;
        self.entries
            .get_mut(number.wrapping_sub(self.gone) as usize)
    }

    fn entry(&self, number: u32) -> Option<&Entry> {
        self.entries.get(number.wrapping_sub(self.gone) as usize)
    }

    fn add(&mut self, entry: Entry) {
        // `ids_max` keeps the length well below 2^32.
        let number = self.gone.wrapping_add(self.entries.len() as u32);
        let hash = entry.key.hash();
        self.entries.push_back(entry);
        let (entries, gone) = (&self.entries, self.gone);
        let rehash = |number: &u32| {
            entries
                .get(number.wrapping_sub(gone) as usize)
                .map_or(0, |entry| entry.key.hash())
        };
        self.numbers.insert_unique(hash, number, rehash);
    }

    fn forget_before(&mut self, oldest_us: i64) {
        while self
            .entries
            .front()
            .is_some_and(|entry| entry.received_at_us < oldest_us)
        {
            self.forget_oldest();
        }
    }

    fn forget_beyond(&mut self, ids_max: usize) {
        while self.entries.len() > ids_max {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        let Some(entry) = self.entries.front() else {
            return;
        };
        let number = self.gone;
        if let Ok(found) = self
            .numbers
            .find_entry(entry.key.hash(), |other| *other == number)
        {
            found.remove();
        }
        self.entries.pop_front();
        self.gone = self.gone.wrapping_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(id: u64) -> Key {
        Key::new(&id.to_string(), "")
    }

    fn is_known(dedup: &Dedup, id: u64) -> bool {
        dedup.lock().find(&key(id)).is_some()
    }

    #[test]
    fn ids_are_told_apart_by_their_source() {
        assert_ne!(Key::new("1", "a"), Key::new("1", "b"));
        assert_ne!(Key::new("1", "a"), Key::new("a1", ""));
        assert_eq!(Key::new("1", "a"), Key::new("1", "a"));
    }

    #[test]
    fn the_oldest_go_when_there_are_too_many() {
        let dedup = Dedup::new(100, i64::MAX);
        for id in 0..1000 {
            dedup.remember(key(id), id, 0, 0);
        }
        assert_eq!(dedup.len(), 100);
        assert!((0..900).all(|id| !is_known(&dedup, id)));
        assert!((900..1000).all(|id| is_known(&dedup, id)));
        assert_eq!(dedup.lock().numbers.len(), 100);
    }

    #[test]
    fn the_oldest_go_when_their_time_is_over() {
        let dedup = Dedup::new(100, 10);
        for id in 0..20 {
            dedup.remember(key(id), id, id as i64, 15);
        }
        assert!(!is_known(&dedup, 4) && is_known(&dedup, 5));
        dedup.claim_all(Vec::new(), 20, |_, _| ());
        assert!(!is_known(&dedup, 9) && is_known(&dedup, 10));
    }

    #[test]
    fn numbers_may_wrap_around() {
        let dedup = Dedup::new(3, i64::MAX);
        dedup.lock().gone = u32::MAX - 2;
        for id in 0..10 {
            dedup.remember(key(id), id, 0, 0);
        }
        assert!((7..10).all(|id| is_known(&dedup, id)) && !is_known(&dedup, 6));
    }
}
