//! What a plugin makes of rows: distinct ones only, and what fails is found and left blank.

use std::sync::atomic::Ordering;

use super::guests::{Changes, enricher, matcher};
use super::*;

fn lengths(values: &[Option<i64>]) -> Vec<Output> {
    vec![Output::Integer(values.to_vec())]
}

#[test]
fn a_matcher_is_asked_for_distinct_hosts_and_only_once() {
    let plugin = load(&matcher(Changes::default()), patient());
    assert_eq!(plugin.description.kind, PluginKind::Matcher);
    let hosts = [
        Some("abc"),
        Some("ab"),
        Some("abc"),
        Some("abc"),
        Some("ab"),
    ];
    let answered = answer(&plugin, &hosts);
    let (odd, even) = (text("odd"), text("even"));
    assert_eq!(
        answered.columns,
        [Output::Text(vec![
            odd.clone(),
            even.clone(),
            odd.clone(),
            odd.clone(),
            even
        ])]
    );
    assert_eq!(asked(&plugin), (1, 2));
    assert_eq!(
        (answered.batch.rows, answered.batch.outcome),
        (5, Outcome::Ok)
    );
    // Known ones are not asked for again, and no call is made where there is nothing to ask.
    let answered = answer(&plugin, &[Some("abc"), Some("x")]);
    assert_eq!(answered.columns, [Output::Text(vec![odd.clone(), odd])]);
    answer(&plugin, &hosts);
    assert_eq!(asked(&plugin), (2, 3));
    assert_eq!(answer(&plugin, &[]).columns, [Output::Text(vec![])]);
}

#[test]
fn a_fickle_plugin_is_asked_for_every_row() {
    let component = enricher(Changes {
        is_fickle: true,
        ..Changes::default()
    });
    let plugin = load(
        &component,
        IngestLimits {
            batch_rows_max: 2,
            ..patient()
        },
    );
    for _ in 0..2 {
        let answered = answer(
            &plugin,
            &[Some("abc"), None, Some("abc"), Some(""), Some("abc")],
        );
        assert_eq!(
            answered.columns,
            lengths(&[Some(3), None, Some(3), Some(0), Some(3)])
        );
    }
    assert_eq!(asked(&plugin), (6, 10));
}

#[test]
fn a_row_that_makes_a_plugin_trap_is_found_and_stays_blank() {
    let plugin = load(&enricher(Changes::default()), patient());
    let mut items: Vec<String> = (0..100).map(|n| format!("item {n}")).collect();
    items[37] = "Trap".into();
    items[73] = "Bad".into();
    let rows: Vec<Option<&str>> = items.iter().map(|item| Some(item.as_str())).collect();
    let mut expected: Vec<Option<i64>> = items.iter().map(|item| Some(item.len() as i64)).collect();
    (expected[37], expected[73]) = (None, None);
    let answered = answer(&plugin, &rows);
    assert_eq!(answered.columns, lengths(&expected));
    let batch = answered.batch;
    assert_eq!(
        (batch.rows, batch.blank, batch.outcome),
        (100, 2, Outcome::Failed)
    );
    let reason = batch.reason.unwrap();
    assert!(reason.starts_with("broke off in `enrich`: "), "{reason}");
    // What it can't answer is remembered too: the next file costs no trap.
    let traps = |plugin: &Plugin| {
        let mut failures = plugin.counts.failures();
        failures.find(|(kind, _)| *kind == "trap").unwrap().1
    };
    let before = traps(&plugin);
    assert_eq!(answer(&plugin, &rows).columns, lengths(&expected));
    assert_eq!(traps(&plugin), before);
    assert!(!plugin.is_resting());
}

#[test]
fn a_plugin_may_answer_for_a_batch_as_a_whole_or_not_at_all() {
    let folder = folder_of(&enricher(Changes::default()));
    fs::write(
        folder.path().join("guest.toml"),
        "on_error = \"blank-batch\"",
    )
    .unwrap();
    let limits = IngestLimits {
        batch_rows_max: 2,
        ..patient()
    };
    let plugin = only(&open(folder.path(), limits));
    for bad in ["Trap", "Bad"] {
        let rows = [
            Some("a"),
            Some("ab"),
            Some(bad),
            Some("abcd"),
            Some("abcde"),
        ];
        let calls = asked(&plugin).0;
        let answered = answer(&plugin, &rows);
        assert_eq!(answered.columns, lengths(&[None; 5]));
        assert_eq!(
            (answered.batch.blank, answered.batch.outcome),
            (5, Outcome::Failed)
        );
        // No halves are tried, nor what follows.
        assert!(asked(&plugin).0 - calls <= 2);
    }
    let answered = answer(&plugin, &[Some("a"), Some("abcd"), Some("abcde")]);
    assert_eq!(
        answered.columns,
        lengths(&[Some(1), Some(4), Some(5)]),
        "the next batch is another one"
    );
}

#[test]
fn a_null_is_no_empty_text() {
    let plugin = load(&enricher(Changes::default()), patient());
    for _ in 0..2 {
        let answered = answer(&plugin, &[None, Some(""), None, Some("a"), Some("")]);
        let expected = [None, Some(0), None, Some(1), Some(0)];
        assert_eq!(answered.columns, lengths(&expected));
    }
    assert_eq!(asked(&plugin), (1, 3));
}

#[test]
fn a_row_that_makes_a_plugin_spin_is_found_and_stays_blank() {
    let limits = IngestLimits {
        batch_deadline_ms: 50,
        ..patient()
    };
    let plugin = load(&enricher(Changes::default()), limits);
    let answered = answer(
        &plugin,
        &[Some("a"), Some("ab"), Some("Spin"), Some("abcd")],
    );
    assert_eq!(
        answered.columns,
        lengths(&[Some(1), Some(2), None, Some(4)])
    );
    assert_eq!(
        answered.batch.reason.as_deref(),
        Some("was stopped: `enrich` took longer than 50 ms")
    );
}

#[test]
fn patience_ends_and_what_was_not_tried_is_tried_another_time() {
    let limits = IngestLimits {
        retry_calls_max: 4,
        ..patient()
    };
    let plugin = load(&enricher(Changes::default()), limits);
    let rows: Vec<String> = (0..64).map(|n| format!("Trap {n}")).collect();
    let rows: Vec<Option<&str>> = rows.iter().map(|row| Some(row.as_str())).collect();
    let answered = answer(&plugin, &rows);
    assert_eq!(answered.columns, lengths(&[None; 64]));
    assert_eq!(
        (answered.batch.blank, answered.batch.outcome),
        (64, Outcome::Failed)
    );
    let calls = asked(&plugin).0;
    assert!(calls < 64, "{calls} calls");
    answer(&plugin, &rows);
    assert!(asked(&plugin).0 > calls);
}

#[test]
fn a_plugin_that_fails_again_and_again_rests_and_rows_go_through() {
    let limits = IngestLimits {
        rest_ms_min: PATIENCE_MS,
        ..patient()
    };
    let plugin = load(
        &enricher(Changes {
            is_fickle: true,
            ..Changes::default()
        }),
        limits,
    );
    for _ in 0..3 {
        assert!(!plugin.is_resting());
        answer(&plugin, &[Some("Trap")]);
    }
    assert!(plugin.is_resting());
    let calls = asked(&plugin).0;
    let answered = answer(&plugin, &[Some("good"), None]);
    assert_eq!(answered.columns, lengths(&[None, None]));
    assert_eq!(
        (answered.batch.blank, answered.batch.outcome),
        (2, Outcome::Skipped)
    );
    assert_eq!(
        answered.batch.reason.as_deref(),
        Some("it rests after failures")
    );
    assert_eq!(asked(&plugin).0, calls);
}

#[test]
fn an_instance_retires_after_some_calls_and_when_its_memory_has_grown() {
    let limits = IngestLimits {
        calls_max: 3,
        ..patient()
    };
    let fickle = Changes {
        is_fickle: true,
        ..Changes::default()
    };
    let plugin = load(&enricher(fickle), limits);
    for _ in 0..7 {
        answer(&plugin, &[Some("a")]);
    }
    assert_eq!(plugin.counts.instances.load(Ordering::Relaxed), 3);

    let greedy = Changes {
        bodies: &[("enrich", "(drop (memory.grow (i32.const 40))) unreachable")],
        ..fickle
    };
    // It would fail its self-test; so one that grows only when asked for rows.
    let told = load_error(&enricher(greedy), patient());
    assert!(told.contains("fails its self-test"), "{told}");
    let plugin = load(
        &enricher(Changes {
            memory_pages: Some(60),
            ..fickle
        }),
        patient(),
    );
    for _ in 0..4 {
        answer(&plugin, &[Some("a")]);
    }
    assert_eq!(plugin.counts.instances.load(Ordering::Relaxed), 4);
}
