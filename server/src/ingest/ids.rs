//! Ids for events that came without one, and how they are known again: nobody can send such an id a second time, so it needs no
//! place in memory.

use std::cell::RefCell;

use questlog_core::event::parse_instant;

/// An id for an event that came without: a UUID version 7 whose time is the time it was received, to 1/4096 ms.
pub(super) fn made_id(received_at_us: i64) -> String {
    let mut bytes = random_bytes();
    let fraction = fraction_of(received_at_us);
    bytes[0] = (fraction >> 8) as u8;
    bytes[1] = fraction as u8;
    let milliseconds = u64::try_from(received_at_us).unwrap_or(0) / 1000;
    uuid::Builder::from_unix_timestamp_millis(milliseconds, &bytes)
        .into_uuid()
        .hyphenated()
        .to_string()
}

/// Bytes that nobody can guess. They are asked of the operating system for many ids at once: its answer takes as long as all the
/// rest of a small event.
fn random_bytes() -> [u8; 10] {
    const AT_ONCE: usize = 256;
    thread_local! {
        static LEFT: RefCell<Vec<[u8; 10]>> = const { RefCell::new(vec![]) };
    }
    LEFT.with_borrow_mut(|left| {
        if left.is_empty() {
            let mut bytes = [0; 10 * AT_ONCE];
            match getrandom::fill(&mut bytes) {
                Ok(()) => left.extend(bytes.as_chunks().0),
                // No such system is known; what this gives instead is unique, too.
                Err(_) => left.extend(uuid::Uuid::now_v7().as_bytes()[6..].first_chunk::<10>()),
            }
        }
        left.pop().unwrap_or_default()
    })
}

/// Whether an id was made by [`made_id`] for an event received then. Nobody else hits that microsecond but by chance.
pub(super) fn is_made_id(id: &str, received_at_us: i64) -> bool {
    let Ok(uuid) = uuid::Uuid::try_parse(id) else {
        return false;
    };
    let bytes = uuid.as_bytes();
    let milliseconds = bytes[..6]
        .iter()
        .fold(0, |number: u64, byte| number << 8 | u64::from(*byte));
    let fraction = u16::from(bytes[6] & 0x0f) << 8 | u16::from(bytes[7]);
    uuid.get_version_num() == 7
        && milliseconds == u64::try_from(received_at_us).unwrap_or(0) / 1000
        && fraction == fraction_of(received_at_us)
}

/// The same for a whole record, by its first fields alone; false if they are not as this server writes them.
///
/// Most records have such an id, and a start would take several times as long if each were read in full.
pub(super) fn has_made_id(record: &[u8]) -> bool {
    const RECEIVED_AT: &str = ",\"received_at\":\"";
    let Some(rest) = record.strip_prefix(b"{\"id\":\"") else {
        return false;
    };
    let Some((id, rest)) = rest.split_at_checked(uuid::fmt::Hyphenated::LENGTH) else {
        return false;
    };
    let (Ok(id), Ok(rest)) = (std::str::from_utf8(id), std::str::from_utf8(rest)) else {
        return false;
    };
    // Within a text these quotes would be escaped, so the first place found is the field.
    let Some(at) = rest.find(RECEIVED_AT).filter(|_| rest.starts_with("\",")) else {
        return false;
    };
    let received_at = rest[at + RECEIVED_AT.len()..]
        .split('"')
        .next()
        .unwrap_or_default();
    parse_instant(received_at).is_ok_and(|received_at_us| is_made_id(id, received_at_us))
}

/// The part of a time below a millisecond, in 1/4096 ms.
fn fraction_of(time_us: i64) -> u16 {
    (time_us.rem_euclid(1000) * 4096 / 1000) as u16
}

#[cfg(test)]
mod tests {
    use questlog_core::Limits;
    use questlog_core::event::Event;

    use super::*;
    use crate::ingest::Ready;

    const NOW_US: i64 = 1_790_000_000_123_456;

    fn record(json: &str) -> Vec<u8> {
        let event = Event::parse(json.as_bytes(), &Limits::default()).unwrap();
        Ready::new(&event, None, NOW_US, &[]).record
    }

    #[test]
    fn a_made_id_is_known_as_one() {
        let id = made_id(NOW_US);
        assert!(is_made_id(&id, NOW_US), "{id}");
        assert!(!is_made_id(&id, NOW_US + 1));
        assert!(!is_made_id("order-7", NOW_US));
        assert_ne!(made_id(NOW_US), made_id(NOW_US));
    }

    #[test]
    fn a_record_with_a_made_id_is_known_by_its_beginning() {
        let made = record(r#"{"event_type":",\"received_at\":\"x","note":"a"}"#);
        assert!(has_made_id(&made));
        let given = record(r#"{"event_type":"x","id":"01a211ff-64ca-7d70-8ec2-d1c3e5d0f1dc"}"#);
        assert!(!has_made_id(&given));
        assert!(!has_made_id(b"{\"event_type\":\"x\"}"));
        assert!(!has_made_id(b"{\"id\":\"a\""));
    }
}
