//! Whether the server has what it acknowledged: each event, once.

use std::collections::HashMap;
use std::fmt;

use anyhow::{Context, bail};

use super::client::{Client, Failure};
use super::players::Players;
use super::report::Report;

/// What the comparison found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    acknowledged: u64,
    lost: u64,
    doubled: u64,
    /// Events that are there although no answer ever said so: allowed, but worth knowing.
    unacknowledged: u64,
}

/// Asks the server for all events of this run and holds them against what was acknowledged.
pub(super) async fn compare(
    client: &mut Client,
    players: &Players,
    report: &Report,
) -> anyhow::Result<Found> {
    let prefix = players.id_prefix();
    let filter = format!("id like '{prefix}%'");
    let words = serde_json::json!({ "group_by": "id", "where": filter });
    let answer = match client.ask(words.to_string()).await {
        Ok(answer) => answer,
        Err(Failure::Passing(why) | Failure::Refused(why)) => bail!("can't verify: {why}"),
    };
    #[derive(serde::Deserialize)]
    struct Answer {
        rows: Vec<(String, u64)>,
    }
    let answer: Answer =
        serde_json::from_slice(&answer).context("can't verify: the answer is no answer")?;
    Ok(count(&prefix, &report.acknowledged, answer.rows))
}

fn count(prefix: &str, acknowledged: &[u64], rows: Vec<(String, u64)>) -> Found {
    let mut there: HashMap<u64, u64> = HashMap::new();
    for (id, times) in rows {
        let number = id
            .strip_prefix(prefix)
            .and_then(|digits| digits.parse().ok());
        if let Some(number) = number {
            there.insert(number, times);
        }
    }
    let lost = acknowledged
        .iter()
        .filter(|number| !there.contains_key(number));
    let lost = lost.count() as u64;
    let acknowledged = acknowledged.len() as u64;
    Found {
        acknowledged,
        lost,
        doubled: there.values().filter(|times| **times > 1).count() as u64,
        unacknowledged: (there.len() as u64 + lost).saturating_sub(acknowledged),
    }
}

impl Found {
    pub(super) fn is_right(&self) -> bool {
        self.lost == 0 && self.doubled == 0
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            acknowledged,
            lost,
            doubled,
            unacknowledged,
        } = self;
        write!(
            f,
            "verified      {acknowledged} acknowledged, {lost} lost, {doubled} doubled, {unacknowledged} there without an answer"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lost_or_doubled_is_counted() {
        let rows = |numbers: &[(u64, u64)]| {
            let rows = numbers
                .iter()
                .map(|(number, times)| (format!("r-{number}"), *times));
            rows.collect()
        };
        let right = count("r-", &[0, 1], rows(&[(1, 1), (0, 1), (7, 1)]));
        assert!(right.is_right());
        assert_eq!(right.unacknowledged, 1);
        let wrong = count("r-", &[0, 1, 2], rows(&[(1, 2), (2, 1)]));
        assert_eq!((wrong.lost, wrong.doubled, wrong.unacknowledged), (1, 1, 0));
        assert!(!wrong.is_right());
        assert_eq!(
            wrong.to_string(),
            "verified      3 acknowledged, 1 lost, 1 doubled, 0 there without an answer"
        );
    }
}
