//! Generations: what a changed folder does, and that a failure keeps the last good plugin.

use super::guests::{Changes, enricher, enricher_with, matcher};
use super::*;

fn error_of(registry: &Registry, name: &str) -> String {
    registry.known()[name].error.clone().unwrap()
}

#[test]
fn without_a_folder_there_are_no_plugins() {
    let folder = TempDir::new().unwrap();
    let registry = open(&folder.path().join("none"), patient());
    assert_eq!(
        (registry.current().generation, registry.known().len()),
        (0, 0)
    );
    assert!(!folder.path().join("none").exists());
}

#[test]
fn generations_grow_with_each_change_and_go_on_after_a_restart() {
    let folder = folder_of(&enricher(Changes::default()));
    let registry = open(folder.path(), patient());
    let first = only(&registry);
    assert_eq!(registry.current().generation, 1);
    registry.reload();
    assert!(Arc::ptr_eq(&first, &only(&registry)), "nothing has changed");
    drop(registry);
    let registry = open(folder.path(), patient());
    assert_eq!(
        registry.current().generation,
        1,
        "the same plugins are the same generation"
    );

    let held = registry.current();
    fs::write(folder.path().join("guest.toml"), "deadline = \"100ms\"").unwrap();
    registry.reload();
    assert_eq!(registry.current().generation, 2);
    assert_eq!(
        held.generation, 1,
        "whoever works with a generation keeps it"
    );

    put(folder.path(), "hosts", &matcher(Changes::default()), "");
    registry.reload();
    let set = registry.current();
    let names: Vec<&str> = set
        .plugins
        .iter()
        .map(|plugin| plugin.name.as_str())
        .collect();
    assert_eq!(
        (set.generation, names.as_slice()),
        (3, &["hosts", "guest"][..])
    );

    fs::write(folder.path().join("guest.toml"), "enabled = false").unwrap();
    registry.reload();
    assert_eq!(registry.current().generation, 4);
    assert!(registry.known()["guest"].is_off);
    fs::remove_file(folder.path().join("hosts.toml")).unwrap();
    registry.reload();
    assert_eq!(
        (
            registry.current().generation,
            registry.current().plugins.len()
        ),
        (5, 0)
    );
}

#[test]
fn a_failure_keeps_the_last_good_one_and_is_told() {
    let folder = folder_of(&enricher(Changes::default()));
    let registry = open(folder.path(), patient());
    let good = only(&registry);
    for (file, contents, sentence) in [
        ("guest.wasm", b"half a fi".to_vec(), "is not WebAssembly"),
        (
            "guest.wasm",
            enricher_with("describe", "unreachable"),
            "broke off in `describe`",
        ),
        ("guest.toml", b"config = 7".to_vec(), "can't be loaded: "),
        (
            "guest.toml",
            b"file = \"other.wasm\"".to_vec(),
            "other.wasm is not there",
        ),
    ] {
        let kept = fs::read(folder.path().join(file)).unwrap();
        fs::write(folder.path().join(file), contents).unwrap();
        registry.reload();
        registry.reload();
        let told = error_of(&registry, "guest");
        assert!(told.contains(sentence), "{told}");
        assert_eq!(registry.current().generation, 1);
        assert!(Arc::ptr_eq(&good, &registry.current().plugins[0]));
        fs::write(folder.path().join(file), kept).unwrap();
        registry.reload();
        assert_eq!(registry.known()["guest"].error, None);
    }
}

#[test]
fn two_plugins_can_not_write_the_same_column() {
    let folder = folder_of(&enricher(Changes::default()));
    put(folder.path(), "twin", &enricher(Changes::default()), "");
    let registry = open(folder.path(), patient());
    assert_eq!(only_name(&registry), "guest");
    assert_eq!(
        error_of(&registry, "twin"),
        "writes the column `length`, as the plugin guest does; only one can"
    );
    // When the other one goes, it is its turn.
    fs::remove_file(folder.path().join("guest.toml")).unwrap();
    registry.reload();
    assert_eq!(only_name(&registry), "twin");
    assert_eq!(registry.known()["twin"].error, None);
}

fn only_name(registry: &Registry) -> String {
    let set = registry.current();
    assert_eq!(set.plugins.len(), 1);
    set.plugins[0].name.clone()
}

#[test]
fn more_plugins_than_may_be_are_not_loaded() {
    let folder = folder_of(&enricher(Changes::default()));
    put(folder.path(), "hosts", &matcher(Changes::default()), "");
    let registry = open(
        folder.path(),
        IngestLimits {
            plugins_max: 1,
            ..patient()
        },
    );
    assert_eq!(only_name(&registry), "guest");
    assert_eq!(
        error_of(&registry, "hosts"),
        "is one too many; 1 may be used"
    );
}

#[test]
fn all_plugins_together_have_so_much_memory() {
    // Each has 20 pages of 64 KiB.
    let limits = IngestLimits {
        memory_bytes_max_of_all: 2_000_000,
        ..patient()
    };
    let folder = folder_of(&enricher(Changes::default()));
    let registry = open(folder.path(), limits);
    answer(&only(&registry), &[Some("abc")]);
    put(folder.path(), "hosts", &matcher(Changes::default()), "");
    registry.reload();
    assert_eq!(only_name(&registry), "guest");
    let told = error_of(&registry, "hosts");
    let sentence = "was stopped: its start wanted more memory than the 1.9 MiB that all plugins together may have";
    assert_eq!(told, sentence);
    // When the other one goes, there is room; a plugin that failed is tried again when something of it changes.
    fs::remove_file(folder.path().join("guest.toml")).unwrap();
    registry.reload();
    fs::write(folder.path().join("hosts.toml"), "# again").unwrap();
    registry.reload();
    assert_eq!(only_name(&registry), "hosts");
}

#[test]
fn other_settings_need_no_compiler() {
    let folder = folder_of(&enricher(Changes::default()));
    let registry = open(folder.path(), patient());
    let before = only(&registry);
    fs::write(folder.path().join("guest.toml"), "deadline = \"100ms\"").unwrap();
    registry.reload();
    let after = only(&registry);
    assert!(!Arc::ptr_eq(&before, &after) && Arc::ptr_eq(&before.linked, &after.linked));
}

/// How often a plugin is loaded anew. 10,000 times: `cargo xtask bench plugin`.
const RELOADS: usize = 300;

/// Address space and memory of this process, in pages.
#[cfg(target_os = "linux")]
fn pages() -> (u64, u64) {
    let text = fs::read_to_string("/proc/self/statm").unwrap();
    let mut numbers = text.split(' ').map(|number| number.parse::<u64>().unwrap());
    (numbers.next().unwrap(), numbers.next().unwrap())
}

#[cfg(target_os = "linux")]
#[test]
fn nothing_is_left_of_generations_that_are_gone() {
    let folder = folder_of(&enricher(Changes {
        is_fickle: true,
        ..Changes::default()
    }));
    let registry = open(folder.path(), patient());
    // One that differs, so that code comes and goes too.
    let components = [
        fs::read(folder.path().join("guest.wasm")).unwrap(),
        enricher(Changes {
            is_fickle: true,
            items: "(func)",
            ..Changes::default()
        }),
    ];
    let mut gone = Vec::new();
    let mut before = None;
    for n in 0..RELOADS {
        // Each one traps once at work.
        let config = format!("[config]\nn = {n}\n");
        fs::write(folder.path().join("guest.toml"), config).unwrap();
        fs::write(folder.path().join("guest.wasm"), &components[n % 2]).unwrap();
        registry.reload();
        let plugin = only(&registry);
        answer(&plugin, &[Some("abc"), Some("Trap")]);
        gone.push(Arc::downgrade(&plugin));
        if n == 10 {
            before = Some(pages());
        }
    }
    let alive = gone
        .iter()
        .filter(|plugin| plugin.strong_count() > 0)
        .count();
    assert_eq!(alive, 1, "only the last one is in use");
    let (before, after) = (before.unwrap(), pages());
    // An instance that stays would hold 4 GiB of addresses; other tests come and go meanwhile.
    let gib = 1 << 18;
    assert!(after.0 < before.0 + 64 * gib, "{before:?} {after:?}");
    assert!(after.1 < before.1 + gib / 4, "{before:?} {after:?}");
}
