//! The rows that both crates write.

use crate::Counts;

/// What a game would log, and a column of each type that both crates and Questlog know.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// What happened.
    pub event_type: Option<String>,
    /// Where the player came from.
    pub host: Option<String>,
    /// A truth value.
    pub flag: Option<bool>,
    /// An integer of 32 bits.
    pub level: Option<i32>,
    /// An integer of 64 bits.
    pub gold: Option<i64>,
    /// A float of 64 bits.
    pub price: Option<f64>,
    /// Microseconds since 1970, in UTC.
    pub at_us: Option<i64>,
}

/// As many rows as asked for, the same on every run, with nulls in every column.
pub fn rows(count: usize) -> Vec<Row> {
    const EVENTS: [&str; 4] = [
        "knife purchased",
        "helmet purchased",
        "shield purchased",
        "join_guild",
    ];
    const PROVIDERS: [&str; 7] = [
        "comcast",
        "att",
        "google",
        "frontier",
        "cox",
        "earthlink",
        "example",
    ];
    (0..count)
        .map(|i| {
            let unless = |one_in: usize| (i % one_in != 0).then_some(());
            let small = (i * 7 % 26) as i32 - 5;
            Row {
                event_type: unless(97).map(|()| EVENTS[(i * i + i / 3) % EVENTS.len()].to_owned()),
                host: unless(53)
                    .map(|()| format!("user{}.{}.com", i % 60, PROVIDERS[i / 5 % PROVIDERS.len()])),
                flag: unless(11).map(|()| i % 3 == 0),
                level: unless(13).map(|()| small),
                gold: unless(17).map(|()| (1_i64 << 53) + i64::from(small)),
                price: unless(19).map(|()| f64::from(small) / 4.0),
                at_us: unless(29)
                    .map(|()| 1_795_000_000_000_000 + i64::from(small) * 3_600_000_123),
            }
        })
        .collect()
}

/// The counts of a text column of rows.
pub fn counts<'a>(texts: impl Iterator<Item = Option<&'a str>>) -> Counts {
    let mut counts = Counts::new();
    for text in texts {
        *counts.entry(text.map(str::to_owned)).or_default() += 1;
    }
    counts
}
