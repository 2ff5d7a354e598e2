//! Plugins as those see them who run the server, and that one that means harm stops nothing else.

use std::fs;

use serde_json::json;

use super::*;
use crate::plugins::guests::{Changes, ENRICH, enricher, enricher_with};

fn put(config: &Config, name: &str, component: &[u8], toml: &str) {
    fs::create_dir_all(&config.plugins_dir).unwrap();
    fs::write(config.plugins_dir.join(format!("{name}.wasm")), component).unwrap();
    fs::write(config.plugins_dir.join(format!("{name}.toml")), toml).unwrap();
}

#[tokio::test]
async fn plugins_and_what_is_wrong_with_them_are_told() {
    let server = Server::new();
    let told = server.get("/v1/plugins").await.json();
    assert_eq!(told, json!({"generation": 0, "plugins": []}));

    let server = Server::with(|config| {
        put(config, "length", &enricher(Changes::default()), "");
        put(config, "broken", b"(module)", "");
        put(config, "idle", b"", "enabled = false");
    });
    let told = server.get("/v1/plugins").await.json();
    assert_eq!(told["generation"], 1);
    let states = |told: &Value| -> Vec<String> {
        let plugins = told["plugins"].as_array().unwrap().iter();
        plugins
            .map(|plugin| {
                format!(
                    "{} {}",
                    plugin["name"].as_str().unwrap(),
                    plugin["state"].as_str().unwrap()
                )
            })
            .collect()
    };
    assert_eq!(
        states(&told),
        ["broken failed", "idle off", "length active"]
    );
    let error = told["plugins"][0]["error"].as_str().unwrap();
    assert!(error.starts_with("is text, not WebAssembly"), "{error}");
    assert_eq!(
        told["plugins"][2]["writes"],
        json!([{"name": "length", "kind": "integer"}])
    );

    // A change that can't be loaded keeps what was good.
    let registry = server.app.landing.registry().unwrap();
    let folder = server._dir.path().join("plugins");
    fs::write(folder.join("length.wasm"), b"\0").unwrap();
    registry.reload();
    let told = server.get("/v1/plugins").await.json();
    assert_eq!(states(&told)[2], "length kept");
    assert_eq!(told["generation"], 1);
    let metrics = server.get("/metrics").await;
    let has = |line: &str| metrics.text().lines().any(|found| found == line);
    assert!(has("questlog_plugins_failed 2"), "{}", metrics.text());
    assert!(has("questlog_plugin_calls_total{plugin=\"length\"} 0"));
}

/// A plugin that hangs and traps while events come in: they are taken, answered for and landed all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plugin_that_means_harm_stops_nothing_else() {
    let locals = "(local $i i32) (local $at i32) (local $first i32) (local $out i32)";
    let spins = format!(
        "{locals} (if (i32.eqz (i32.or (i32.eq (local.get $rows) (i32.const 6)) (i32.eqz (local.get $rows)))) (then (loop $forever br $forever))) {}",
        ENRICH.replace(locals, "")
    );
    let server = Server::with(|config| put(config, "spins", &enricher_with("enrich", &spins), ""));
    let landing = Arc::clone(&server.landing);
    let (stop, stopped) = std::sync::mpsc::channel::<()>();
    let lander = std::thread::spawn(move || {
        let mut landed = 0;
        while stopped.try_recv() == Err(std::sync::mpsc::TryRecvError::Empty) {
            landed += landing.land().unwrap().rows;
        }
        landed + landing.land().unwrap().rows
    });
    for n in 0..200 {
        let answer = server.get(&format!("/purchase/item{n}")).await;
        assert_eq!(answer.status, StatusCode::OK);
        if n % 20 == 19 {
            let told = server
                .get("/v1/query?group_by=day(received_at)")
                .await
                .json();
            assert_eq!(told["rows"][0][1], n + 1, "each event once, landed or not");
            assert_eq!(server.get("/readyz").await.status, StatusCode::OK);
        }
    }
    drop(stop);
    assert_eq!(lander.join().unwrap(), 200);
    let told = server.get("/v1/plugins").await.json();
    let counts = &told["plugins"][0]["counts"];
    assert!(counts["failures"]["deadline"].as_u64() > Some(0), "{told}");
    assert!(counts["blank"].as_u64() > Some(100), "{told}");
}
