//! Promise: what the CloudEvents SDK sends is taken, and says the same in each of the three modes.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use questlog_tests::{Server, peer, questlog};
use serde_json::{Value, json};

#[test]
fn the_sdk_is_understood_in_every_mode() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let server = Server::start(&data)?;
    let answers = peer::python("cloudevents_client.py", &[server.url()])?;
    let taken = |answer: &Value| (answer["accepted"].as_u64(), answer["duplicate"].as_u64());
    let answers: Vec<_> = answers
        .as_array()
        .context("no answers")?
        .iter()
        .map(taken)
        .collect();
    let (one, two, again) = ((Some(1), Some(0)), (Some(2), Some(0)), (Some(0), Some(1)));
    assert_eq!(answers, [one, one, two, again, one, one]);
    server.stop()?;

    let tail = ["tail", "--data", &data.display().to_string(), "--from", "0"].map(str::to_owned);
    let lines = questlog::questlog(&tail)?.succeeded()?;
    let records: Result<BTreeMap<String, Value>, _> = lines
        .lines()
        .map(|line| {
            let record: Value = serde_json::from_str(line)?;
            Ok::<_, serde_json::Error>((
                record["id"].as_str().unwrap_or_default().to_owned(),
                record,
            ))
        })
        .collect();
    let records = records?;
    assert_eq!(records.len(), 6);
    for id in ["binary-1", "structured-1", "batch-1"] {
        let record = &records[id];
        let expected = json!({
            "event_type": "com.example.boss.slain",
            "timestamp": "2026-11-23T10:00:01Z",
            "source": "/game/über uns?a=1%",
            "subject": "a \"quoted\" €",
            "specversion": "1.0",
            "datacontenttype": "application/json",
            "extension": "seven",
            "data": {"boss": "hydra", "heads": [1, 1]},
        });
        for (name, value) in expected.as_object().context("an object")? {
            assert_eq!(&record[name], value, "{name} of {id}");
        }
    }
    assert_eq!(records["bytes"]["data_base64"], "iVBORw==");
    assert!(records["bare"].get("data").is_none());
    Ok(())
}
