//! Plugins that mean harm: each ends in its sentence, and soon.

use super::guests::{Changes, ENRICH, GROW, SPIN, enricher, enricher_with, matcher};
use super::*;

#[track_caller]
fn refused(component: &[u8], limits: IngestLimits, sentence: &str) {
    let told = load_error(component, limits);
    assert!(told.contains(sentence), "{told}");
}

fn hasty() -> IngestLimits {
    IngestLimits {
        start_deadline_ms: 100,
        batch_deadline_ms: 100,
        ..patient()
    }
}

#[test]
fn what_spins_is_stopped() {
    for (function, sentence) in [
        (
            "configure",
            "was stopped: `configure` took longer than 100 ms",
        ),
        (
            "describe",
            "was stopped: `describe` took longer than 100 ms",
        ),
        (
            "enrich",
            "fails its self-test: it was stopped: `enrich` took longer than 100 ms",
        ),
        (
            "cabi_realloc",
            "was stopped: `configure` took longer than 100 ms",
        ),
    ] {
        refused(&enricher_with(function, SPIN), hasty(), sentence);
    }
    let at_start = format!("(start $go) (func $go {SPIN})");
    let changes = Changes {
        items: &at_start,
        ..Changes::default()
    };
    refused(
        &enricher(changes),
        hasty(),
        "was stopped: its start took longer than 100 ms",
    );
    refused(
        &matcher(changes),
        hasty(),
        "was stopped: its start took longer than 100 ms",
    );
    let changes = Changes {
        bodies: &[("match-hosts", SPIN)],
        ..Changes::default()
    };
    refused(
        &matcher(changes),
        hasty(),
        "was stopped: `match-hosts` took longer than 100 ms",
    );
}

#[test]
fn what_takes_memory_is_stopped() {
    let greedy = Changes {
        memory_pages: Some(65_536),
        ..Changes::default()
    };
    let sentence = "wanted more memory than the 4.0 MiB that it may have";
    refused(&enricher(greedy), patient(), sentence);
    for function in ["configure", "describe", "enrich", "cabi_realloc"] {
        refused(&enricher_with(function, GROW), patient(), sentence);
    }
    let second = Changes {
        items: "(memory $second 60)",
        ..Changes::default()
    };
    refused(&enricher(second), patient(), sentence);
    let table = Changes {
        items: "(table 1000000 funcref)",
        ..Changes::default()
    };
    refused(&enricher(table), patient(), "its start");
    let growing = Changes {
        items: "(table $t 1 funcref)",
        bodies: &[(
            "enrich",
            "(loop $again (br_if $again (i32.ge_s (table.grow $t (ref.null func) (i32.const 1000)) (i32.const 0)))) unreachable",
        )],
        ..Changes::default()
    };
    refused(&enricher(growing), patient(), "broke off in `enrich`");
}

#[test]
fn what_calls_itself_too_deeply_is_stopped() {
    let changes = Changes {
        items: "(func $deeper (param i32) (result i32) (call $deeper (local.get 0)) (i32.add (i32.const 1)))",
        bodies: &[("describe", "(call $deeper (i32.const 0))")],
        ..Changes::default()
    };
    refused(
        &enricher(changes),
        patient(),
        "`describe` calls itself too deeply for 512.0 KiB of stack",
    );
}

/// An answer of `enrich`: the bytes from 2048 on, and those from 2112 on, where its columns are.
fn answering(answer: &str, columns: &str) -> Vec<u8> {
    let items =
        format!("(data (i32.const 2048) \"{answer}\") (data (i32.const 2112) \"{columns}\")");
    enricher(Changes {
        items: &items,
        bodies: &[(
            "enrich",
            "(global.set $next (i32.const 8192)) i32.const 2048",
        )],
        ..Changes::default()
    })
}

#[test]
fn what_lies_is_not_believed() {
    const ONE_COLUMN: &str = r"\00\00\00\00\40\08\00\00\01\00\00\00";
    const NAME: &str = r"\0c\10\00\00\06\00\00\00";
    for (answer, columns, sentence) in [
        // No columns; more than the memory holds; as many as fit, all of the same huge list.
        (
            r"\00\00\00\00\40\08\00\00\00\00\00\00",
            String::new(),
            "answered 0 columns instead of 1",
        ),
        (
            r"\00\00\00\00\40\08\00\00\ff\ff\ff\ff",
            String::new(),
            "failed in `enrich`",
        ),
        (
            r"\00\00\00\00\fe\ff\ff\ff\01\00\00\00",
            String::new(),
            "failed in `enrich`",
        ),
        // A list of 4 GiB, one outside the memory, one too long.
        (
            ONE_COLUMN,
            format!(r"{NAME}\01\00\00\00\00\20\00\00\ff\ff\ff\ff"),
            "failed in `enrich`",
        ),
        (
            ONE_COLUMN,
            format!(r"{NAME}\01\00\00\00\f8\ff\ff\ff\01\00\00\00"),
            "failed in `enrich`",
        ),
        (
            ONE_COLUMN,
            format!(r"{NAME}\01\00\00\00\00\20\00\00\09\00\00\00"),
            "answered 9 values for 0 rows in `length`",
        ),
        // Values of another kind, a kind that there is not, and another name.
        (
            ONE_COLUMN,
            format!(r"{NAME}\02\00\00\00\00\20\00\00\00\00\00\00"),
            "values of another kind than it said",
        ),
        (
            ONE_COLUMN,
            format!(r"{NAME}\09\00\00\00\00\20\00\00\00\00\00\00"),
            "failed in `enrich`",
        ),
        (
            ONE_COLUMN,
            r"\08\10\00\00\04\00\00\00\01\00\00\00\00\20\00\00\00\00\00\00".into(),
            "the column `item` where `length` belongs",
        ),
        // A name that is not UTF-8.
        (
            ONE_COLUMN,
            r"\48\08\00\00\01\00\00\00\ff\00\00\00\00\20\00\00\00\00\00\00".into(),
            "failed in `enrich`",
        ),
        // It complains of a row that there is not.
        (
            r"\01\00\00\00\00\00\00\00\07\00\00\00\00\10\00\00\05\00\00\00",
            String::new(),
            "complains of row 7 of 0",
        ),
        // It says that it can't, with a text of 4 GiB, and with one that turns a terminal red.
        (
            r"\01\00\00\00\01\00\00\00\00\10\00\00\ff\ff\ff\ff",
            String::new(),
            "failed in `enrich`",
        ),
        (
            r"\01\00\00\00\01\00\00\00\40\08\00\00\05\00\00\00",
            r"\1b[31m".into(),
            r"says: \u{1b}[31m",
        ),
    ] {
        refused(&answering(answer, &columns), patient(), sentence);
    }
}

#[test]
fn what_hands_over_more_than_it_may_is_stopped() {
    let limits = IngestLimits {
        output_bytes_max: 100_000,
        ..patient()
    };
    // 1,000 columns that all have the same 100,000 values.
    let copies = r"(local $i i32)
        (loop $again
          (i32.store (i32.add (i32.const 65536) (i32.mul (local.get $i) (i32.const 40))) (i32.const 4108))
          (i32.store8 offset=8 (i32.add (i32.const 65536) (i32.mul (local.get $i) (i32.const 40))) (i32.const 1))
          (i32.store offset=12 (i32.add (i32.const 65536) (i32.mul (local.get $i) (i32.const 40))) (i32.const 131072))
          (i32.store offset=16 (i32.add (i32.const 65536) (i32.mul (local.get $i) (i32.const 40))) (i32.const 100000))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br_if $again (i32.lt_u (local.get $i) (i32.const 1000))))
        (i32.store (i32.const 2052) (i32.const 65536))
        (i32.store (i32.const 2056) (i32.const 1000))
        i32.const 2048";
    refused(
        &enricher_with("enrich", copies),
        limits,
        "failed in `enrich`",
    );
}

#[test]
fn what_says_nonsense_of_itself_is_refused() {
    // The manifest begins at 1024: name, version, reads, writes; at 1088 the field that it reads, at 1120 the one that it writes.
    for (place, bytes, sentence) in [
        (1028, r"\00\00\00\00", "says nothing as its name"),
        (1028, r"\ff\0f\00\00", "says too much as its name"),
        (1028, r"\ff\ff\ff\ff", "failed in `describe`"),
        (1044, r"\00\00\00\00", "reads 0 columns"),
        (1044, r"\ff\ff\ff\7f", "failed in `describe`"),
        (
            1088,
            r"\00\10\00\00\05\00\00\00",
            "reads the column `guest`, which the lake doesn't have; it has timestamp, ",
        ),
        (
            1096,
            r"\01",
            "reads the column `item` as integer, but it is text",
        ),
        (
            1120,
            r"\08\10\00\00\04\00\00\00",
            "writes the column `item`, which every event has",
        ),
    ] {
        let items = format!("(data (i32.const {place}) \"{bytes}\")");
        let changes = Changes {
            items: &items,
            ..Changes::default()
        };
        // The data of the template comes later, so it is written over at the start.
        let start = format!(
            "(start $go) (func $go (memory.init $lie (i32.const {place}) (i32.const 0) (i32.const {})))",
            bytes.len() / 3
        );
        let items = format!(
            "{} {start}",
            items.replace(&format!("(data (i32.const {place})"), "(data $lie")
        );
        refused(
            &enricher(Changes {
                items: &items,
                ..changes
            }),
            patient(),
            sentence,
        );
    }
}

#[test]
fn a_flood_of_lines_costs_no_more_than_time() {
    let flood = "(loop $again (call $log (i32.const 3) (i32.const 4096) (i32.const 12)) br $again) unreachable";
    refused(
        &enricher_with("configure", flood),
        hasty(),
        "was stopped: `configure` took longer than 100 ms",
    );
    let huge = "(call $log (i32.const 3) (i32.const 0) (i32.const -1)) unreachable";
    refused(
        &enricher_with("configure", huge),
        patient(),
        "failed in `configure`",
    );
    let no_level = "(call $log (i32.const 77) (i32.const 0) (i32.const 1)) unreachable";
    refused(
        &enricher_with("configure", no_level),
        patient(),
        "failed in `configure`",
    );
}

#[test]
fn what_is_no_plugin_of_ours_is_told_apart() {
    let wat = |text: &str| wat::parse_str(text).unwrap();
    for (component, sentence) in [
        (Vec::new(), "is empty"),
        (b"#!/bin/sh".to_vec(), "is not WebAssembly"),
        (b"(module)".to_vec(), "is text, not WebAssembly"),
        (
            wat("(module)"),
            "is a core module, not a component; make a component of it with `questlog plugin pack`",
        ),
        (
            wat("(component)"),
            "exports nothing; a plugin of this version exports questlog:plugin/matcher@1.0.0 or questlog:plugin/enricher@1.0.0",
        ),
        (
            wat(
                r#"(component (instance $i) (export "questlog:plugin/enricher@2.0.0" (instance $i)))"#,
            ),
            "exports questlog:plugin/enricher@2.0.0, but a plugin of this version exports",
        ),
        (
            wat(
                r#"(component (instance $i) (export "questlog:plugin/enricher@1.0.0" (instance $i)))"#,
            ),
            "does not fit questlog:plugin/enricher@1.0.0: ",
        ),
        (
            wat(
                r#"(component (import "wasi:cli/environment@0.2.0" (instance)) (import "questlog:plugin/log@1.0.0" (instance)))"#,
            ),
            "imports wasi:cli/environment@0.2.0; a plugin may import questlog:plugin/log@1.0.0 and nothing else",
        ),
        (
            wat(
                r#"(component (import "questlog:plugin/log@1.0.0" (instance (export "log" (func)))) (instance $i) (export "questlog:plugin/enricher@1.0.0" (instance $i)))"#,
            ),
            "does not fit questlog:plugin/enricher@1.0.0: ",
        ),
    ] {
        refused(&component, patient(), sentence);
    }
}

#[test]
fn a_component_that_would_take_long_to_compile_is_not_compiled() {
    let limits = patient();
    let nops = "nop ".repeat(limits.function_bytes_max);
    refused(
        &enricher_with("describe", &format!("{nops} i32.const 1024")),
        limits.clone(),
        "has a function of ",
    );
    let functions = "(func)".repeat(limits.functions_max);
    let changes = Changes {
        items: &functions,
        ..Changes::default()
    };
    refused(
        &enricher(changes),
        limits,
        "functions, and a plugin may have 20000",
    );
    // Instances within instances, each a copy of the last one twice.
    let mut bomb = String::from(
        "(component (core module $m (func (export \"f\"))) (core instance $i0 (instantiate $m))",
    );
    for n in 1..100 {
        bomb += &format!("(core instance $i{n} (instantiate $m))");
    }
    bomb += r#"(instance $e) (export "questlog:plugin/enricher@1.0.0" (instance $e)))"#;
    refused(&wat::parse_str(bomb).unwrap(), patient(), "does not fit");
}

#[test]
fn a_file_of_200_mb_is_not_read() {
    let folder = folder_of(&[]);
    let file = fs::File::create(folder.path().join("guest.wasm")).unwrap();
    file.set_len(200_000_000).unwrap();
    let registry = open(folder.path(), patient());
    let told = registry.known()["guest"].error.clone().unwrap();
    assert!(
        told.contains("guest.wasm has 200000000 bytes, and it may have 8388608"),
        "{told}"
    );
}

#[test]
fn one_that_turns_bad_after_its_self_test_harms_nobody() {
    for (trick, sentence) in [
        (
            "(loop $forever br $forever)",
            "was stopped: `enrich` took longer than 100 ms",
        ),
        (
            "(loop $more (br_if $more (i32.ge_s (memory.grow (i32.const 16)) (i32.const 0)))) unreachable",
            "wanted more memory than",
        ),
        ("unreachable", "broke off in `enrich`"),
        (
            "(i32.store (i32.const 2048) (i32.const 0)) (i32.store (i32.const 2056) (i32.const 0)) (return (i32.const 2048))",
            "answered 0 columns instead of 1",
        ),
    ] {
        // The self-test has six rows.
        let body = format!(
            "(local $i i32) (local $at i32) (local $first i32) (local $out i32) (if (i32.gt_u (local.get $rows) (i32.const 6)) (then {trick})) {}",
            ENRICH.replace(
                "(local $i i32) (local $at i32) (local $first i32) (local $out i32)",
                ""
            )
        );
        let plugin = load(
            &enricher_with("enrich", &body),
            IngestLimits {
                retry_calls_max: 0,
                ..hasty()
            },
        );
        let names: Vec<String> = (0..7).map(|n| format!("item {n}")).collect();
        let rows: Vec<Option<&str>> = names.iter().map(|name| Some(name.as_str())).collect();
        let answered = answer(&plugin, &rows);
        assert_eq!(answered.columns, [Output::Integer(vec![None; 7])]);
        let reason = answered.batch.reason.unwrap();
        assert!(reason.contains(sentence), "{reason}");
        // The next batch meets a new instance.
        assert_eq!(
            answer(&plugin, &[Some("abc")]).columns,
            [Output::Integer(vec![Some(3)])]
        );
    }
}
