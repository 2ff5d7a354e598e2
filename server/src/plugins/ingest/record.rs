//! What a lake file says of the plugins that its columns come from.

use serde::{Deserialize, Serialize};

use super::description::Field;

/// A plugin's part in a file, in the file's key-value metadata and in the lake's manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PluginRecord {
    /// Its name.
    pub name: String,
    /// The SHA-256 of its component, in hexadecimal.
    pub sha256: String,
    /// The SHA-256 of its TOML file.
    pub config_sha256: String,
    /// Which generation of plugins it belonged to.
    pub generation: u64,
    /// The columns that it wrote.
    pub writes: Vec<Field>,
    /// What came of it, batch by batch; a merged file has the batches of those that it was made of.
    pub batches: Vec<Batch>,
}

/// The rows of one file of one landing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    /// How many there are.
    pub rows: u64,
    /// What came of them.
    pub outcome: Outcome,
    /// How many of them have no answer.
    pub blank: u64,
    /// Why the first of these has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What came of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Every row has its answer.
    Ok,
    /// Some rows have none, for the reason that is given.
    Failed,
    /// Some rows were not asked for, because the plugin rested after failures.
    Skipped,
}

impl PluginRecord {
    /// Adds a file's records to those of the files that it is merged with; batches of the same plugin, outcome and reason
    /// become one, so that records don't grow with each merge.
    pub(crate) fn merge<'a>(into: &mut Vec<Self>, more: impl IntoIterator<Item = &'a Self>) {
        for record in more {
            let is_same = |other: &&mut Self| {
                other.name == record.name
                    && other.sha256 == record.sha256
                    && other.config_sha256 == record.config_sha256
                    && other.generation == record.generation
            };
            let Some(same) = into.iter_mut().find(is_same) else {
                into.push(record.clone());
                continue;
            };
            for batch in &record.batches {
                let mut batches = same.batches.iter_mut();
                let is_alike = |other: &&mut Batch| {
                    other.outcome == batch.outcome && other.reason == batch.reason
                };
                match batches.find(is_alike) {
                    Some(alike) => {
                        alike.rows += batch.rows;
                        alike.blank += batch.blank;
                    }
                    None => same.batches.push(batch.clone()),
                }
            }
        }
    }

    /// Whether every row has its answer.
    pub(crate) fn is_complete(&self) -> bool {
        self.batches
            .iter()
            .all(|batch| batch.outcome == Outcome::Ok)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(generation: u64, outcome: Outcome, rows: u64) -> PluginRecord {
        let is_ok = outcome == Outcome::Ok;
        PluginRecord {
            name: "p".into(),
            sha256: "a".into(),
            config_sha256: "b".into(),
            generation,
            writes: Vec::new(),
            batches: vec![Batch {
                rows,
                outcome,
                blank: if is_ok { 0 } else { 1 },
                reason: (!is_ok).then(|| "it broke off".into()),
            }],
        }
    }

    #[test]
    fn records_add_up_and_do_not_pile_up() {
        let mut merged = Vec::new();
        for _ in 0..1_000 {
            PluginRecord::merge(&mut merged, &[record(1, Outcome::Ok, 2)]);
            PluginRecord::merge(&mut merged, &[record(1, Outcome::Failed, 3)]);
            PluginRecord::merge(&mut merged, &[record(2, Outcome::Ok, 4)]);
        }
        assert_eq!(merged.len(), 2);
        assert_eq!(merged[0].batches.len(), 2);
        assert_eq!(
            (merged[0].batches[0].rows, merged[0].batches[0].blank),
            (2_000, 0)
        );
        assert_eq!(
            (merged[0].batches[1].rows, merged[0].batches[1].blank),
            (3_000, 1_000)
        );
        assert!(!merged[0].is_complete() && merged[1].is_complete());
        let json = serde_json::to_string(&merged).unwrap();
        assert_eq!(
            serde_json::from_str::<Vec<PluginRecord>>(&json).unwrap(),
            merged
        );
    }
}
