//! Guests written as text: a good matcher and a good enricher, of which a test replaces what it wants to see fail.

use std::path::Path;

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

pub(crate) const SPIN: &str = "(loop $again br $again) unreachable";

/// Grows the memory until it is refused, and then breaks off as a program without memory does.
pub(crate) const GROW: &str = "(loop $again (br_if $again (i32.ge_s (memory.grow (i32.const 16)) (i32.const 0)))) unreachable";

/// What both have: a heap that each call begins anew, the import, and constants.
///
/// From 1024 on stands what they say of themselves, at 2048 their answer, from 4096 on texts; the heap begins at 8192.
const COMMON: &str = r#"
  (import "questlog:plugin/log@1.0.0" "log" (func $log (param i32 i32 i32)))
  (memory (export "memory") $PAGES)
  (global $next (mut i32) (i32.const 8192))
  (data (i32.const 4096) "guest1.0itemlengthoddeven")
  (func (export "cabi_realloc") (param $old i32) (param $old_size i32) (param $align i32) (param $size i32) (result i32)
    $cabi_realloc)
"#;

/// Hands out the next bytes, eight by eight.
const BUMP: &str = r#"
    (local $place i32)
    (local.set $place (global.get $next))
    (global.set $next (i32.and (i32.add (i32.add (local.get $place) (local.get $size)) (i32.const 7)) (i32.const -8)))
    (local.get $place)"#;

const MATCHER: &str = r#"(module $COMMON $ITEMS
  (data (i32.const 1024) "\00\10\00\00\05\00\00\00\05\10\00\00\03\00\00\00\40\04\00\00\02\00\00\00")
  (data (i32.const 1088) "\12\10\00\00\03\00\00\00\15\10\00\00\04\00\00\00")
  (func (export "questlog:plugin/matcher@1.0.0#configure") (param i32 i32) (result i32) $configure)
  (func (export "questlog:plugin/matcher@1.0.0#describe") (result i32) $describe)
  (func (export "questlog:plugin/matcher@1.0.0#match-hosts")
    (param $offsets i32) (param $count i32) (param $bytes i32) (param $length i32) (result i32) $match-hosts)
  (func (export "cabi_post_questlog:plugin/matcher@1.0.0#match-hosts") (param i32) (global.set $next (i32.const 8192))))"#;

/// Host `i` tells of `odd` or `even`, by its length.
const MATCH: &str = r#"
    (local $i i32) (local $at i32) (local $hits i32)
    (local.set $hits (global.get $next))
    (loop $again
      (if (i32.lt_u (i32.add (local.get $i) (i32.const 1)) (local.get $count)) (then
        (local.set $at (i32.add (local.get $offsets) (i32.shl (local.get $i) (i32.const 2))))
        (i32.store (i32.add (local.get $hits) (i32.shl (local.get $i) (i32.const 3))) (local.get $i))
        (i32.store offset=4 (i32.add (local.get $hits) (i32.shl (local.get $i) (i32.const 3)))
          (i32.and (i32.const 1) (i32.sub (i32.const 1) (i32.sub (i32.load offset=4 (local.get $at)) (i32.load (local.get $at))))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $again))))
    (i32.store (i32.const 2048) (i32.const 0))
    (i32.store (i32.const 2052) (local.get $hits))
    (i32.store (i32.const 2056) (local.get $i))
    (i32.const 2048)"#;

const ENRICHER: &str = r#"(module $COMMON $ITEMS
  (data (i32.const 1024) "\00\10\00\00\05\00\00\00\05\10\00\00\03\00\00\00\40\04\00\00\01\00\00\00\60\04\00\00\01\00\00\00\$DETERMINISTIC")
  (data (i32.const 1088) "\08\10\00\00\04\00\00\00\00")
  (data (i32.const 1120) "\0c\10\00\00\06\00\00\00\01")
  (func (export "questlog:plugin/enricher@1.0.0#configure") (param i32 i32) (result i32) $configure)
  (func (export "questlog:plugin/enricher@1.0.0#describe") (result i32) $describe)
  (func (export "questlog:plugin/enricher@1.0.0#enrich")
    (param $rows i32) (param $columns i32) (param $count i32) (result i32) $enrich)
  (func (export "cabi_post_questlog:plugin/enricher@1.0.0#enrich") (param i32) (global.set $next (i32.const 8192))))"#;

/// `length` is that of `item`, null where that is. An item that begins with `T` makes it trap, with `S` spin, and one with
/// `B` it calls bad.
pub(crate) const ENRICH: &str = r#"
    (local $i i32) (local $at i32) (local $first i32) (local $out i32)
    (local.set $out (global.get $next))
    (global.set $next (i32.add (local.get $out) (i32.shl (local.get $rows) (i32.const 3))))
    (loop $again
      (if (i32.lt_u (local.get $i) (local.get $rows)) (then
        (local.set $at (i32.add (i32.load offset=12 (local.get $columns)) (i32.shl (local.get $i) (i32.const 2))))
        (local.set $first (i32.load8_u (i32.add (i32.load offset=20 (local.get $columns)) (i32.load (local.get $at)))))
        (if (i32.lt_u (i32.load (local.get $at)) (i32.load offset=4 (local.get $at))) (then
          (if (i32.eq (local.get $first) (i32.const 84)) (then unreachable))
          (if (i32.eq (local.get $first) (i32.const 83)) (then (loop $spin br $spin)))
          (if (i32.eq (local.get $first) (i32.const 66)) (then
            (i32.store (i32.const 2048) (i32.const 1))
            (i32.store (i32.const 2052) (i32.const 0))
            (i32.store (i32.const 2056) (local.get $i))
            (i32.store (i32.const 2060) (i32.const 4104))
            (i32.store (i32.const 2064) (i32.const 4))
            (return (i32.const 2048))))))
        (i64.store (i32.add (local.get $out) (i32.shl (local.get $i) (i32.const 3)))
          (i64.extend_i32_u (i32.sub (i32.load offset=4 (local.get $at)) (i32.load (local.get $at)))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $again))))
    (i32.store (i32.const 2048) (i32.const 0))
    (i32.store (i32.const 2052) (i32.const 2112))
    (i32.store (i32.const 2056) (i32.const 1))
    (i32.store (i32.const 2112) (i32.const 4108))
    (i32.store (i32.const 2116) (i32.const 6))
    (i32.store8 (i32.const 2120) (i32.const 1))
    (i32.store (i32.const 2124) (local.get $out))
    (i32.store (i32.const 2128) (local.get $rows))
    (i32.store8 (i32.const 2140) (i32.load8_u offset=28 (local.get $columns)))
    (i32.store (i32.const 2144) (i32.load offset=32 (local.get $columns)))
    (i32.store (i32.const 2148) (i32.load offset=36 (local.get $columns)))
    (i32.const 2048)"#;

/// What a test replaces.
#[derive(Clone, Copy, Default)]
pub(crate) struct Changes<'a> {
    /// Bodies by function name.
    pub(crate) bodies: &'a [(&'a str, &'a str)],
    /// Further items of the module.
    pub(crate) items: &'a str,
    pub(crate) memory_pages: Option<u32>,
    /// Of the enricher: it says that equal rows may have other answers.
    pub(crate) is_fickle: bool,
}

pub(crate) fn matcher(changes: Changes<'_>) -> Vec<u8> {
    component("match", &text(MATCHER, ("match-hosts", MATCH), changes))
}

pub(crate) fn enricher(changes: Changes<'_>) -> Vec<u8> {
    let template = ENRICHER.replace(
        "$DETERMINISTIC",
        if changes.is_fickle { "00" } else { "01" },
    );
    component("enrich", &text(&template, ("enrich", ENRICH), changes))
}

/// An enricher with one other function.
pub(crate) fn enricher_with(function: &str, body: &str) -> Vec<u8> {
    enricher(Changes {
        bodies: &[(function, body)],
        ..Changes::default()
    })
}

fn text(template: &str, answer: (&str, &str), changes: Changes<'_>) -> String {
    let pages = changes.memory_pages.unwrap_or(20).to_string();
    let mut text = template
        .replace("$COMMON", COMMON)
        .replace("$ITEMS", changes.items)
        .replace("$PAGES", &pages);
    let usual = [
        ("cabi_realloc", BUMP),
        (
            "configure",
            "(global.set $next (i32.const 8192)) i32.const 1000",
        ),
        ("describe", "i32.const 1024"),
        answer,
    ];
    for (name, body) in usual {
        let replaced = changes
            .bodies
            .iter()
            .find(|(replaced, _)| *replaced == name);
        text = text.replace(
            &format!("${name})"),
            &format!("{})", replaced.map_or(body, |(_, body)| body)),
        );
    }
    text
}

/// The module as a component of that world.
fn component(world: &str, text: &str) -> Vec<u8> {
    let mut module = wat::parse_str(text).unwrap();
    let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../wasm/ingest/wit");
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(wit).unwrap();
    let world = resolve.select_world(&[package], Some(world)).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default()
        .module(&module)
        .unwrap()
        .encode()
        .unwrap()
}
