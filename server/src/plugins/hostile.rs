//! Plugins that mean harm, written as text: each ends in its sentence, and soon.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use questlog_core::QueryOptions;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use super::{
    AnalysisHost, AnalysisInstance, Error, File, Format, PluginLimits, Run, RunOptions, Stop,
};
use crate::analyze::Source;

/// A deadline that only a hang meets.
const PATIENCE_MS: u64 = 60_000;

const INTERFACE: &str = "questlog:analysis/task@1.0.0";

/// A plugin whose functions answer zeros (an empty text, an empty list, `ok`), but for what a test replaces.
#[derive(Default)]
struct Guest<'a> {
    /// Bodies by function name.
    bodies: &'a [(&'a str, &'a str)],
    /// Further items of the module.
    items: &'a str,
    memory_pages: Option<u32>,
    /// Only for those that spin: a busy machine must not stop the others.
    deadline_ms: Option<u64>,
}

impl Guest<'_> {
    fn component(&self) -> Vec<u8> {
        let mut module = wat::parse_str(self.text()).unwrap();
        let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../wasm/plugin/wit");
        let mut resolve = Resolve::default();
        let (package, _) = resolve.push_dir(wit).unwrap();
        embed(&mut module, &resolve, package)
    }

    fn text(&self) -> String {
        let functions = [
            ("version", "(result i32)"),
            ("open", "(param i32 i32) (result i32)"),
            ("columns", "(result i32)"),
            (
                "begin-file",
                "(param i32 i32 i64 i32 i32 i32 i32 i32) (result i32)",
            ),
            ("feed", "(param i32 i32) (result i32)"),
            ("advance", "(param i32) (result i32)"),
            ("progress", "(result i32)"),
            ("partial", "(result i32)"),
            ("merge", "(param i32 i32) (result i32)"),
            ("render", "(param i32 i32 i32 f64 i32 i32) (result i32)"),
        ];
        let body = |name: &str| {
            let replaced = self.bodies.iter().find(|(replaced, _)| *replaced == name);
            // What is handed over is put where it does not overwrite the zeros.
            let usual = if name == "cabi_realloc" {
                "i32.const 4096"
            } else {
                "i32.const 0"
            };
            replaced.map_or(usual, |(_, body)| body)
        };
        let mut text = format!(
            "(module (memory (export \"memory\") {}) {}\n",
            self.memory_pages.unwrap_or(1),
            self.items
        );
        let realloc = body("cabi_realloc");
        text += &format!(
            "(func (export \"cabi_realloc\") (param i32 i32 i32 i32) (result i32) {realloc})\n"
        );
        for (name, kind) in functions {
            text += &format!(
                "(func (export \"{INTERFACE}#{name}\") {kind} {})\n",
                body(name)
            );
        }
        text + ")"
    }

    /// Does all that a run does, and gives the sentence that it ends in.
    fn run(&self) -> String {
        let limits = PluginLimits {
            start_deadline_ms: self.deadline_ms.unwrap_or(PATIENCE_MS),
            call_deadline_ms: self.deadline_ms.unwrap_or(PATIENCE_MS),
            memory_bytes_max: 4 << 20,
            output_bytes_max: 1_000,
            idle_calls_max: 100,
            ..PluginLimits::default()
        };
        let sources = [Source::Memory {
            name: "x.parquet".into(),
            bytes: Bytes::from_static(&[7; 100]),
            partition: Vec::new(),
        }];
        let run = || -> Result<(), Error> {
            let host = AnalysisHost::from_bytes("bad.wasm", &self.component(), limits)?;
            host.instance()?.version()?;
            host.run(
                &QueryOptions::default(),
                &sources,
                &RunOptions {
                    threads: 2,
                    skip_bad: true,
                },
            )?;
            Ok(())
        };
        run().unwrap_err().to_string()
    }
}

fn embed(module: &mut Vec<u8>, resolve: &Resolve, package: wit_parser::PackageId) -> Vec<u8> {
    let world = resolve.select_world(&[package], None).unwrap();
    embed_component_metadata(module, resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default()
        .module(module)
        .unwrap()
        .encode()
        .unwrap()
}

const SPIN: &str = "(loop $again br $again) unreachable";

/// Grows the memory until it is refused, and then breaks off as a program without memory does.
const GROW: &str = "(loop $again (br_if $again (i32.ge_s (memory.grow (i32.const 16)) (i32.const 0)))) unreachable";

#[track_caller]
fn check(guest: &Guest<'_>, sentence: &str) {
    let told = guest.run();
    assert!(
        told.starts_with("bad.wasm ") && told.contains(sentence),
        "{told}"
    );
}

const DEADLINE_MS: u64 = 100;

/// Calls one function of an instance, whatever came before.
fn call(instance: &mut AnalysisInstance, name: &str) -> Result<(), Error> {
    let file = File {
        name: "x",
        size_bytes: 1,
        partition: &[],
        row_groups: None,
    };
    let run = Run {
        elapsed_ms: 0.0,
        skipped: &[],
    };
    match name {
        "version" => instance.version().map(drop),
        "open" => instance.open("{}"),
        "columns" => instance.columns().map(drop),
        "begin-file" => instance.begin_file(file),
        "feed" => instance.feed(&[]),
        "advance" => instance.advance(1).map(drop),
        "progress" => instance.progress().map(drop),
        "partial" => instance.partial().map(drop),
        "merge" => instance.merge::<&[u8]>(&[]).map(drop),
        "render" => instance.render(&[], Format::Json, run).map(drop),
        // What it hands texts over with.
        _ => instance.open("{}"),
    }
}

const EXPORTS: [&str; 11] = [
    "version",
    "open",
    "columns",
    "begin-file",
    "feed",
    "advance",
    "progress",
    "partial",
    "merge",
    "render",
    "cabi_realloc",
];

fn hasty() -> PluginLimits {
    PluginLimits {
        start_deadline_ms: DEADLINE_MS,
        call_deadline_ms: DEADLINE_MS,
        ..PluginLimits::default()
    }
}

#[test]
fn what_spins_is_stopped() {
    for name in EXPORTS {
        let guest = Guest {
            bodies: &[(name, SPIN)],
            ..Guest::default()
        };
        let host = AnalysisHost::from_bytes("bad.wasm", &guest.component(), hasty()).unwrap();
        let told = call(&mut host.instance().unwrap(), name).unwrap_err();
        let called = if name == "cabi_realloc" { "open" } else { name };
        let sentence = format!("bad.wasm was stopped: `{called}` took longer than 100 ms");
        assert_eq!(told.to_string(), sentence);
    }
    let afterwards =
        format!("(func (export \"cabi_post_{INTERFACE}#version\") (param i32) {SPIN})");
    check(
        &Guest {
            items: &afterwards,
            deadline_ms: Some(DEADLINE_MS),
            ..Guest::default()
        },
        "was stopped: `version` took longer than 100 ms",
    );
    let spin_at_start = format!("(start $go) (func $go {SPIN})");
    check(
        &Guest {
            items: &spin_at_start,
            deadline_ms: Some(100),
            ..Guest::default()
        },
        "was stopped: its start took longer than 100 ms",
    );
}

/// Where the component is that a test runs in a process of its own.
const ALONE: &str = "QUESTLOG_TEST_ALONE";
const ENDED: i32 = 7;

#[test]
fn what_spins_ends_a_program_that_does_nothing_else() {
    if let Some(path) = std::env::var_os(ALONE) {
        let stop = Stop::Process(Arc::new(|sentence| {
            eprintln!("{sentence}");
            std::process::exit(ENDED);
        }));
        let host = AnalysisHost::open_with(path.as_ref(), hasty(), &stop).unwrap();
        call(&mut host.instance().unwrap(), "advance").unwrap();
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let start = format!("(start $go) (func $go {SPIN})");
    for (items, bodies, what) in [
        ("", &[("advance", SPIN)][..], "`advance`"),
        (&start, &[], "its start"),
    ] {
        let guest = Guest {
            items,
            bodies,
            ..Guest::default()
        };
        let path = folder.path().join("bad.wasm");
        std::fs::write(&path, guest.component()).unwrap();
        let test = "plugins::hostile::what_spins_ends_a_program_that_does_nothing_else";
        let output = std::process::Command::new(std::env::current_exe().unwrap())
            .args([test, "--exact", "--nocapture"])
            .env(ALONE, &path)
            .env("XDG_CACHE_HOME", folder.path())
            .output()
            .unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        let sentence = format!("bad.wasm was stopped: {what} took longer than 100 ms");
        assert!(told.contains(&sentence), "{told}");
        assert_eq!(output.status.code(), Some(ENDED));
    }
}

#[test]
fn what_takes_memory_is_stopped() {
    check(
        &Guest {
            memory_pages: Some(65_536),
            ..Guest::default()
        },
        "its start wanted more memory than the 4.0 MiB that it may have",
    );
    check(
        &Guest {
            bodies: &[("advance", GROW)],
            ..Guest::default()
        },
        "`advance` wanted more memory than the 4.0 MiB that it may have",
    );
    check(
        &Guest {
            items: "(table 1000000 funcref)",
            ..Guest::default()
        },
        "failed in its start",
    );
}

#[test]
fn what_calls_itself_too_deeply_is_stopped() {
    check(
        &Guest {
            items: "(func $deeper (param i32) (result i32) (call $deeper (local.get 0)) (i32.add (i32.const 1)))",
            bodies: &[("version", "(call $deeper (i32.const 0))")],
            ..Guest::default()
        },
        "calls itself too deeply",
    );
}

#[test]
fn what_breaks_off_or_lies_is_told() {
    check(
        &Guest {
            bodies: &[("open", "unreachable")],
            ..Guest::default()
        },
        "broke off in `open`",
    );
    // A text of 4 GiB, one outside the memory, one that is no UTF-8, and one that is longer than allowed.
    for (data, sentence) in [
        (r"\00\00\00\00\ff\ff\ff\ff", "failed in `version`"),
        (r"\f0\ff\ff\ff\10\00\00\00", "failed in `version`"),
        (r"\08\04\00\00\02\00\00\00\ff\fe", "failed in `version`"),
        (
            r"\00\00\00\00\e9\03\00\00",
            "gave 1001 bytes in `version`; it may give 1000",
        ),
    ] {
        let items = format!("(data (i32.const 1024) \"{data}\")");
        check(
            &Guest {
                items: &items,
                bodies: &[("version", "i32.const 1024")],
                ..Guest::default()
            },
            sentence,
        );
    }
}

#[test]
fn what_asks_for_too_much_or_gets_nowhere_is_stopped() {
    check(&Guest::default(), "it got nowhere in 101 calls");
    for (range, sentence) in [
        (
            r"\00\00\00\00\00\00\00\00\65\00\00\00\00\00\00\00",
            "it asked for bytes 0 to 101 of a file of 100",
        ),
        (
            r"\02\00\00\00\00\00\00\00\01\00\00\00\00\00\00\00",
            "it asked for bytes 2 to 1 of",
        ),
        (
            r"\00\00\00\00\00\00\00\00\64\00\00\00\00\00\00\00",
            "it asked for a file more than 8 times over",
        ),
    ] {
        // `ok`, `need`, and a list of one range at 2048.
        let items = format!(
            r#"(data (i32.const 1024) "\00\00\00\00\00\00\00\00\00\08\00\00\01") (data (i32.const 2048) "{range}")"#
        );
        let bodies = [("advance", "i32.const 1024")];
        check(
            &Guest {
                items: &items,
                bodies: &bodies,
                ..Guest::default()
            },
            sentence,
        );
    }
}

#[test]
fn a_run_has_a_deadline_of_its_own() {
    let guest = Guest::default();
    let limits = PluginLimits {
        run_deadline_ms: Some(0),
        start_deadline_ms: PATIENCE_MS,
        call_deadline_ms: PATIENCE_MS,
        idle_calls_max: u32::MAX,
        ..PluginLimits::default()
    };
    let host = AnalysisHost::from_bytes("slow.wasm", &guest.component(), limits).unwrap();
    let source = Source::Memory {
        name: "x".into(),
        bytes: Bytes::new(),
        partition: Vec::new(),
    };
    let told = host
        .run(&QueryOptions::default(), &[source], &RunOptions::default())
        .unwrap_err()
        .to_string();
    assert_eq!(told, "slow.wasm was stopped: it worked longer than 0 ms");
}

#[test]
fn an_interface_of_the_same_name_and_other_functions_does_not_fit() {
    let mut resolve = Resolve::default();
    let wit = "package questlog:analysis@1.0.0; \
               interface task { version: func() -> u32; } world analyzer { export task; }";
    let package = resolve.push_str("other.wit", wit).unwrap();
    let text = format!("(module (func (export \"{INTERFACE}#version\") (result i32) i32.const 7))");
    let component = embed(&mut wat::parse_str(text).unwrap(), &resolve, package);
    let opened = AnalysisHost::from_bytes("other.wasm", &component, PluginLimits::default());
    let told = opened.err().unwrap().to_string();
    assert!(
        told.starts_with("other.wasm does not fit questlog:analysis/analyzer@1.0.0: "),
        "{told}"
    );
}

#[test]
fn a_file_that_is_too_large_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.wasm");
    std::fs::File::create(&path)
        .unwrap()
        .set_len(1 << 40)
        .unwrap();
    let opened = AnalysisHost::open(&path, PluginLimits::default());
    let told = opened.err().unwrap().to_string();
    assert!(
        told.contains("large.wasm has 1099511627776 bytes, and a plugin may have 16777216"),
        "{told}"
    );
}
