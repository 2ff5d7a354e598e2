//! Taking events: from checked events to acknowledged log records, each id once.

mod cloudevents;
mod dedup;
mod ids;
mod message;

use std::future::poll_fn;
use std::ops::Range;
use std::sync::Arc;
use std::task::Poll;
use std::time::{SystemTime, UNIX_EPOCH};

use questlog_core::event::{Event, Record};
use serde_json::value::RawValue;
use tokio::sync::oneshot;

pub use self::dedup::Key;
use self::dedup::{Claim, Dedup};
use self::ids::{has_made_id, is_made_id, made_id};
pub use self::message::{Format, Message, Refused, read_item};
use crate::config::Config;
use crate::landing::Landing;
use crate::log::{Append, AppendError, Log, LogError};

/// An event that is ready for the log.
#[derive(Debug)]
pub struct Ready {
    /// Under what a second one would be noticed; events whose id was made here have none, for nobody can send it again.
    pub key: Option<Key>,
    /// When it happened, if its sender said so, in microseconds since 1970.
    pub timestamp_us: Option<i64>,
    /// The log record.
    pub record: Vec<u8>,
}

impl Ready {
    /// Makes the record of an event; `fallback_id` stands in for an id that the event lacks, before one is made.
    pub fn new(
        event: &Event<'_>,
        fallback_id: Option<&str>,
        received_at_us: i64,
        headers: &[(String, String)],
    ) -> Self {
        match event.id().or(fallback_id) {
            Some(id) => Self {
                key: Some(Key::new(
                    id,
                    &source_of(event.field("specversion"), event.field("source")),
                )),
                timestamp_us: event.timestamp_us(),
                record: event.record(id, received_at_us, headers),
            },
            None => Self {
                key: None,
                timestamp_us: event.timestamp_us(),
                record: event.record(&made_id(received_at_us), received_at_us, headers),
            },
        }
    }
}

/// What an answer waits for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ack {
    /// Until the events are durable.
    #[default]
    Durable,
    /// Until the log has taken them into its queue: a crash can lose them, a full queue still refuses them.
    Memory,
}

/// What became of a request's events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Events that are durable now.
    pub accepted: u64,
    /// Events that had been taken before, and are durable.
    pub duplicate: u64,
    /// Offset of the last one of them in the log.
    pub position: Option<u64>,
}

/// The one way into the log.
pub struct Ingest {
    log: Arc<dyn Log>,
    dedup: Arc<Dedup>,
}

impl Ingest {
    /// As the configuration wants it, at this moment; `landing` is that of the log.
    pub fn of(config: &Config, log: Arc<dyn Log>, landing: &Landing) -> Result<Self, LogError> {
        let limits = &config.server_limits;
        let window_us = i64::try_from(limits.dedup_time.as_micros()).unwrap_or(i64::MAX);
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let now_us = i64::try_from(now.as_micros()).unwrap_or(i64::MAX);
        Self::open(log, Some(landing), limits.dedup_ids_max, window_us, now_us)
    }

    /// Remembers the ids of the log's records, and of events that are in the lake alone, so that a retry across a restart is
    /// noticed. `landing` is that of the log, if it lands.
    pub fn open(
        log: Arc<dyn Log>,
        landing: Option<&Landing>,
        ids_max: usize,
        window_us: i64,
        now_us: i64,
    ) -> Result<Self, LogError> {
        let dedup = Dedup::new(ids_max, window_us);
        let from_us = now_us.saturating_sub(window_us);
        if let Some(landing) = landing {
            landing.ids_before(log.start(), from_us, ids_max as u64, |landed| {
                if !is_made_id(landed.id, landed.received_at_us) {
                    let key = Key::of_record(landed.id, landed.properties);
                    dedup.remember(key, landed.last, landed.received_at_us, now_us);
                }
            });
        }
        let mut next = log.start().max(log.end().saturating_sub(ids_max as u64));
        while next < log.end() {
            let records = log.read(next, READ_BYTES)?;
            for (offset, record) in &records {
                if has_made_id(record) {
                    continue;
                }
                // A foreign record that can't be read has no id that anyone could send again; landing reports it.
                let Ok(record) = Record::read(record, &[]) else {
                    continue;
                };
                let received_at_us = record.received_at_us.unwrap_or(record.timestamp_us);
                let Some(id) = record
                    .id
                    .as_deref()
                    .filter(|id| !is_made_id(id, received_at_us))
                else {
                    continue;
                };
                let properties = record.properties();
                let key = Key::of_record(id, properties.as_deref().unwrap_or("{}"));
                dedup.remember(key, *offset, received_at_us, now_us);
            }
            match records.last() {
                Some((offset, _)) => next = offset + 1,
                None => break,
            }
        }
        Ok(Self {
            log,
            dedup: Arc::new(dedup),
        })
    }

    /// Makes events durable; those taken before are counted, not written again.
    ///
    /// Resolves when all of them are safe, also those that another request is writing at the moment.
    pub async fn take(
        &self,
        events: Vec<Ready>,
        received_at_us: i64,
        ack: Ack,
    ) -> Result<Taken, AppendError> {
        if events.iter().all(|event| event.key.is_none()) {
            let records: Vec<_> = events.into_iter().map(|event| event.record).collect();
            let count = records.len() as u64;
            let mut append = self.log.append(records);
            if ack == Ack::Memory && count > 0 {
                return match poll_once(&mut append).await {
                    Some(result) => Ok(accepted(&result?)),
                    None => Ok(queued(count)),
                };
            }
            return Ok(accepted(&append.await?));
        }
        let mut records = Vec::new();
        let mut claimed = Vec::new();
        let mut taken = Taken::default();
        let mut pending = Vec::new();
        let settled = self
            .dedup
            .claim_all(events, received_at_us, |claim, event| match claim {
                Claim::New => {
                    claimed.extend(event.key.map(|key| (key, records.len() as u64)));
                    records.push(event.record);
                }
                Claim::Own => taken.duplicate += 1,
                Claim::Taken(offset) => {
                    taken.duplicate += 1;
                    taken.position = taken.position.max(Some(offset));
                }
                Claim::Pending(settled) => pending.push(settled),
            });
        if !records.is_empty() {
            let new = self
                .append_claimed(records, claimed, settled, received_at_us, ack)
                .await?;
            taken.accepted = new.accepted;
            taken.position = taken.position.max(new.position);
        }
        if ack == Ack::Memory {
            taken.duplicate += pending.len() as u64;
            return Ok(taken);
        }
        for mut settled in pending {
            // Whoever claimed the id first has either made it durable, or failed; then so have we.
            let outcome = settled
                .wait_for(Option::is_some)
                .await
                .ok()
                .and_then(|outcome| outcome.clone());
            let range = outcome.unwrap_or_else(|| {
                Err(AppendError::ReadOnly {
                    reason: "it is being closed".to_owned(),
                })
            })?;
            taken.duplicate += 1;
            taken.position = taken.position.max(range.end.checked_sub(1));
        }
        Ok(taken)
    }

    /// Whether an id is remembered, and so was taken before.
    pub fn knows(&self, key: &Key) -> bool {
        self.dedup.knows(key)
    }

    /// Ids that are remembered.
    pub fn ids(&self) -> usize {
        self.dedup.len()
    }

    /// Appends, then settles the claims, even if the client goes away meanwhile: the records are in the queue all the same.
    async fn append_claimed(
        &self,
        records: Vec<Vec<u8>>,
        claimed: Vec<(Key, u64)>,
        settled: dedup::Settled,
        received_at_us: i64,
        ack: Ack,
    ) -> Result<Taken, AppendError> {
        let count = records.len() as u64;
        let mut append = self.log.append(records);
        let refused = match ack {
            Ack::Durable => None,
            Ack::Memory => poll_once(&mut append).await,
        };
        let is_settled = refused.is_some();
        let dedup = Arc::clone(&self.dedup);
        let (done, answer) = oneshot::channel();
        tokio::spawn(async move {
            let result = match refused {
                Some(result) => result,
                None => append.await,
            };
            dedup.settle(&claimed, &settled, &result, received_at_us);
            // The client may have gone.
            let _ = done.send(result);
        });
        if ack == Ack::Memory && !is_settled {
            return Ok(queued(count));
        }
        let stopped = |_| AppendError::ReadOnly {
            reason: "it is being closed".to_owned(),
        };
        Ok(accepted(&answer.await.map_err(stopped)??))
    }
}

/// Bytes of the log that are read at once while ids are gathered.
const READ_BYTES: usize = 4 << 20;

/// What a future gives at once, if it does.
async fn poll_once(append: &mut Append) -> Option<Result<Range<u64>, AppendError>> {
    poll_fn(|context| match append.as_mut().poll(context) {
        Poll::Ready(result) => Poll::Ready(Some(result)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

/// What is known of events that wait to be written.
fn queued(count: u64) -> Taken {
    Taken {
        accepted: count,
        ..Taken::default()
    }
}

fn accepted(range: &Range<u64>) -> Taken {
    let accepted = range.end - range.start;
    Taken {
        accepted,
        duplicate: 0,
        position: range.end.checked_sub(1).filter(|_| accepted > 0),
    }
}

impl Key {
    /// The key of an event that was taken before; `properties` are its fields without a column, as JSON.
    fn of_record(id: &str, properties: &str) -> Self {
        let fields: CloudEvent<'_> = serde_json::from_str(properties).unwrap_or_default();
        let source = source_of(
            fields.specversion.map(RawValue::get),
            fields.source.map(RawValue::get),
        );
        Self::new(id, &source)
    }
}

/// A CloudEvent's source: its ids are unique only together with that, however its JSON is written.
fn source_of(specversion: Option<&str>, source: Option<&str>) -> String {
    let json = specversion.and(source).unwrap_or_default();
    serde_json::from_str(json).unwrap_or_else(|_| json.to_owned())
}

/// The two fields of a record that tell a CloudEvent and its source, as JSON texts.
#[derive(Default, serde::Deserialize)]
struct CloudEvent<'a> {
    #[serde(borrow, default)]
    specversion: Option<&'a RawValue>,
    #[serde(borrow, default)]
    source: Option<&'a RawValue>,
}

#[cfg(test)]
mod tests {
    use questlog_core::{Limits, MatchRule, Providers};

    use super::*;
    use crate::lake::Lake;
    use crate::landing::{LandingOptions, Layout};
    use crate::log::{DiskLog, DiskLogOptions};

    const NOW_US: i64 = 1_790_000_000_123_456;

    fn ready(json: &str) -> Ready {
        let event = Event::parse(json.as_bytes(), &Limits::default()).unwrap();
        Ready::new(&event, None, NOW_US, &[])
    }

    fn open(dir: &std::path::Path) -> Ingest {
        open_both(dir).0
    }

    /// Segments and what is kept of them are small, so that landed ones go.
    fn open_both(dir: &std::path::Path) -> (Ingest, Landing) {
        let options = DiskLogOptions {
            segment_bytes_max: 400,
            ..DiskLogOptions::default()
        };
        let log = Arc::new(DiskLog::open(&dir.join("log"), options).unwrap());
        let lake = Lake::open(&dir.join("lake")).unwrap();
        let providers = Providers::new(None, MatchRule::Contains).unwrap();
        let options = LandingOptions {
            keep_records: 0,
            ..LandingOptions::new(dir.join("quarantine"))
        };
        let layout = Layout::new(&[], providers).unwrap();
        let landing = Landing::open(lake, log.clone(), layout, options).unwrap();
        let ingest = Ingest::open(log, Some(&landing), 1000, 1_000_000, NOW_US).unwrap();
        (ingest, landing)
    }

    async fn take(ingest: &Ingest, events: &[&str]) -> (u64, u64, Option<u64>) {
        let taken = ingest
            .take(
                events.iter().map(|json| ready(json)).collect(),
                NOW_US,
                Ack::Durable,
            )
            .await
            .unwrap();
        (taken.accepted, taken.duplicate, taken.position)
    }

    #[tokio::test]
    async fn an_id_counts_once_in_a_request_across_requests_and_after_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let a = r#"{"event_type":"x","id":"a"}"#;
        let b = r#"{"event_type":"x","id":"b"}"#;
        let made = r#"{"event_type":"x"}"#;
        let ingest = open(dir.path());
        assert_eq!(take(&ingest, &[a, a, made]).await, (2, 1, Some(1)));
        assert_eq!(take(&ingest, &[a]).await, (0, 1, Some(0)));
        drop(ingest);
        let ingest = open(dir.path());
        assert_eq!(
            ingest.ids(),
            1,
            "ids that were made here need not be remembered"
        );
        assert_eq!(take(&ingest, &[a, b]).await, (1, 1, Some(2)));
    }

    #[tokio::test]
    async fn cloud_events_of_two_sources_are_two_events_also_after_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let one = r#"{"event_type":"x","id":"1","specversion":"1.0","source":"/one"}"#;
        let two = r#"{"event_type":"x","id":"1","specversion":"1.0","source":"/two"}"#;
        let escaped = r#"{"event_type":"x","id":"1","specversion":"1.0","source":"\u002ftwo"}"#;
        let ingest = open(dir.path());
        assert_eq!(
            take(&ingest, &[one, two, one, escaped]).await,
            (2, 2, Some(1))
        );
        drop(ingest);
        assert_eq!(
            take(&open(dir.path()), &[one, escaped]).await,
            (0, 2, Some(1))
        );
    }

    #[tokio::test]
    async fn an_id_counts_once_when_its_record_is_in_the_lake_alone() {
        let dir = tempfile::tempdir().unwrap();
        let event = |id: usize| format!(r#"{{"event_type":"x","id":"{id}"}}"#);
        let of_two = r#"{"event_type":"x","id":"0","specversion":"1.0","source":"/two"}"#;
        let (ingest, landing) = open_both(dir.path());
        for id in 0..20 {
            take(&ingest, &[&event(id)]).await;
        }
        landing.land().unwrap();
        drop((ingest, landing));
        let (ingest, landing) = open_both(dir.path());
        assert!(
            ingest.log.start() > 10,
            "the log still has {}",
            ingest.log.start()
        );
        assert_eq!(ingest.ids(), 20);
        let (accepted, duplicate, position) = take(&ingest, &[&event(0), of_two]).await;
        assert_eq!(
            (accepted, duplicate),
            (1, 1),
            "another source's id is another id"
        );
        assert_eq!(position, Some(20));
        assert_eq!(take(&ingest, &[&event(3)]).await, (0, 1, Some(19)));
        assert_eq!(take(&ingest, &[&event(19)]).await, (0, 1, Some(19)));

        // The time of an event that was received long ago is over, there as in the log.
        let log = Arc::clone(&ingest.log);
        drop(ingest);
        let later_us = NOW_US + 1_000_001;
        let later = Ingest::open(log, Some(&landing), 1000, 1_000_000, later_us).unwrap();
        assert_eq!(later.ids(), 0);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn many_at_once_get_it_in_once() {
        let dir = tempfile::tempdir().unwrap();
        let ingest = Arc::new(open(dir.path()));
        let requests: Vec<_> = (0..20)
            .map(|request| {
                let ingest = Arc::clone(&ingest);
                tokio::spawn(async move {
                    let own = format!(r#"{{"event_type":"x","id":"own-{request}"}}"#);
                    take(&ingest, &[&own, r#"{"event_type":"x","id":"shared"}"#]).await
                })
            })
            .collect();
        let mut sum = (0, 0);
        for request in requests {
            let (accepted, duplicate, _) = request.await.unwrap();
            sum = (sum.0 + accepted, sum.1 + duplicate);
        }
        assert_eq!(sum, (21, 19));
    }
}
