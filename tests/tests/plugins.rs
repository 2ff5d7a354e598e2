//! Promise: plugins bring a studio's own matchers and enrichers into the lake, while events land; what is wrong with one is told, and a fixed one is replayed.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use questlog_tests::{Server, http, peer, place, questlog};
use serde_json::{Value, json};

/// How long a server may take to notice a change in its folder of plugins.
const PATIENCE: Duration = Duration::from_secs(60);

/// Puts a built plugin into a data folder, with these settings.
fn install(data: &Path, name: &str, settings: &str) -> Result<()> {
    let folder = data.join("plugins");
    fs::create_dir_all(&folder)?;
    fs::copy(place::plugin(name)?, folder.join(format!("{name}.wasm")))?;
    fs::write(folder.join(format!("{name}.toml")), settings)?;
    Ok(())
}

/// The settings that an example comes with.
fn settings(name: &str) -> Result<String> {
    let file = format!("examples/plugin-{name}/{name}.toml");
    Ok(fs::read_to_string(place::repository().join(file))?)
}

/// Buys an item as a player of that host.
fn buy(server: &Server, item: &str, host: &str, id: &str) -> Result<()> {
    let body = json!({ "id": id }).to_string();
    let path = format!("/purchase/{item}");
    let headers = [("Host", host)];
    http::request(server.address(), "POST", &path, &headers, body.as_bytes())?.expect(200)?;
    Ok(())
}

fn words<'a>(words: &[&'a str], data: &'a Path) -> Result<Vec<&'a str>> {
    let data = data.to_str().context("no text")?;
    Ok([words, &["--data", data]].concat())
}

fn land(words: &[&str], data: &Path) -> Result<String> {
    let said = questlog(&self::words(&[&["land"], words].concat(), data)?)?.succeeded()?;
    questlog(&self::words(&["verify"], data)?)?.succeeded()?;
    Ok(said)
}

/// Columns of the lake's purchases, by id, as pyarrow reads them (and DuckDB and Polars can).
fn columns(data: &Path, names: &[&str]) -> Result<Vec<Value>> {
    let lake = peer::python("lake.py", &[data.join("lake")])?;
    let rows = lake["purchases"]["rows"]
        .as_array()
        .context("no rows")?
        .clone();
    let of_row = |row: &Value| names.iter().map(|name| row[*name].clone()).collect();
    Ok(rows.iter().map(of_row).collect())
}

/// A data folder in whose log are three purchases, and an event of each other kind, so that peers find all folders.
fn logged() -> Result<tempfile::TempDir> {
    let data = tempfile::tempdir()?;
    let server = Server::start_with(data.path(), "127.0.0.1:0", &["--land-every", "1h"])?;
    buy(&server, "knife", "c-1.hsd1.wa.comcast.net:80", "a")?;
    buy(&server, "magic%20bow", "seattle.example", "b")?;
    buy(&server, "nothing", "localhost", "c")?;
    for (id, event_type) in [("d", "join_guild"), ("e", "respawn")] {
        let event = json!({"id": id, "event_type": event_type}).to_string();
        server
            .post("/v1/events", "application/json", event)?
            .expect(200)?;
    }
    ensure!(server.stop()?.success(), "the server did not stop well");
    Ok(data)
}

#[test]
fn the_example_plugins_fill_their_columns() -> Result<()> {
    let data = logged()?;
    for name in ["domain-suffix", "item-table"] {
        install(data.path(), name, &settings(name)?)?;
    }
    land(&[], data.path())?;
    let told = columns(data.path(), &["id", "provider", "item_price", "country"])?;
    // Without the matcher the classic rule finds `att` in `seattle`.
    let expected = [
        json!(["a", "comcast", "12.5", "US"]),
        json!(["b", null, "120.0", "XX"]),
        json!(["c", null, null, null]),
    ];
    ensure!(told == expected, "{told:?}");

    let lake = data.path().join("lake/purchases");
    let query = [
        "--group-by",
        "country",
        "--measure",
        "sum(item_price)",
        "--format",
        "json",
    ];
    let answer = questlog(&[&["analyze", lake.to_str().context("no text")?], &query[..]].concat())?
        .json()?;
    ensure!(
        answer["rows"] == json!([["XX", 120.0], ["US", 12.5], [null, null]]),
        "{answer}"
    );

    let list = questlog(&words(
        &["plugin", "list", "--format", "json"],
        data.path(),
    )?)?
    .json()?;
    let states = |list: &Value| -> Vec<Value> {
        let plugins = list.as_array().into_iter().flatten();
        plugins
            .map(|plugin| json!([plugin["name"], plugin["state"], plugin["kind"]]))
            .collect()
    };
    let expected = [
        json!(["domain-suffix", "active", "matcher"]),
        json!(["item-table", "active", "enricher"]),
    ];
    ensure!(states(&list) == expected, "{list}");
    Ok(())
}

#[test]
fn a_new_version_is_replayed_over_what_has_landed() -> Result<()> {
    let data = logged()?;
    land(&[], data.path())?;
    install(
        data.path(),
        "item-table",
        "[config.prices]\nnothing = 0.5\n",
    )?;
    let said = land(&["--reenrich"], data.path())?;
    ensure!(
        said.contains("enriched 3 files with 5 events anew"),
        "{said}"
    );
    let prices = columns(data.path(), &["id", "item_price"])?;
    ensure!(
        prices
            == [
                json!(["a", "12.5"]),
                json!(["b", null]),
                json!(["c", "0.5"])
            ],
        "{prices:?}"
    );
    let said = land(&["--reenrich"], data.path())?;
    ensure!(
        said.contains("enriched 0 files with 0 events anew; 3 files had it all"),
        "{said}"
    );
    Ok(())
}

/// Waits until `/v1/plugins` says something.
fn plugins_until(server: &Server, mut is_so: impl FnMut(&Value) -> bool) -> Result<Value> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let told = server.get("/v1/plugins")?.expect(200)?.json()?;
        if is_so(&told) {
            return Ok(told);
        }
        ensure!(Instant::now() < deadline, "still {told}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_running_server_takes_changes_and_keeps_what_was_good() -> Result<()> {
    let data = tempfile::tempdir()?;
    let server = Server::start_with(data.path(), "127.0.0.1:0", &["--land-every", "100ms"])?;
    ensure!(
        server.get("/v1/plugins")?.json()? == json!({"generation": 0, "plugins": []}),
        "there are plugins"
    );
    install(data.path(), "item-table", "")?;
    plugins_until(&server, |told| {
        told["generation"] == 1 && told["plugins"][0]["state"] == "active"
    })?;
    fs::write(
        data.path().join("plugins/item-table.wasm"),
        b"\0asm of something else",
    )?;
    let told = plugins_until(&server, |told| told["plugins"][0]["state"] == "kept")?;
    ensure!(told["generation"] == 1, "{told}");
    let error = told["plugins"][0]["error"].as_str().context("no error")?;
    ensure!(
        error.contains("is WebAssembly of a version that is not known here"),
        "{error}"
    );
    // The good one is at work: what lands now has its columns.
    buy(&server, "knife", "a.example", "a")?;
    let deadline = Instant::now() + PATIENCE;
    while server.get("/v1/lake")?.json()?["files"] == json!([]) {
        ensure!(Instant::now() < deadline, "nothing lands");
        std::thread::sleep(Duration::from_millis(50));
    }
    let answer = server
        .get("/v1/query?group_by=item_price")?
        .expect(200)?
        .json()?;
    ensure!(answer["rows"] == json!([[12.5, 1]]), "{answer}");
    install(data.path(), "item-table", "[config.prices]\nknife = 1\n")?;
    plugins_until(&server, |told| {
        told["generation"] == 2 && told["plugins"][0]["state"] == "active"
    })?;
    fs::remove_file(data.path().join("plugins/item-table.toml"))?;
    plugins_until(&server, |told| {
        *told == json!({"generation": 3, "plugins": []})
    })?;
    Ok(())
}

#[test]
fn a_running_server_enriches_anew_what_has_landed() -> Result<()> {
    let data = logged()?;
    land(&[], data.path())?;
    let server = Server::start_with(data.path(), "127.0.0.1:0", &["--land-every", "1h"])?;
    let price = |server: &Server| server.get("/v1/query?group_by=item_price")?.json();
    ensure!(
        price(&server)?.to_string().contains("item_price"),
        "no word of the column that there is not"
    );
    install(
        data.path(),
        "item-table",
        "[config.prices]\nnothing = 0.5\n",
    )?;
    plugins_until(&server, |told| told["plugins"][0]["state"] == "active")?;
    // Nothing has the column yet; it is known all the same.
    let answer = price(&server)?;
    ensure!(answer["rows"] == json!([[null, 5]]), "{answer}");
    let said = questlog(&words(&["land", "--reenrich"], data.path())?)?;
    said.failed(1, &["curl -X POST http://ADDRESS/v1/plugins/reenrich"])?;
    let begun = server.post("/v1/plugins/reenrich", "application/json", "")?;
    ensure!(
        begun.expect(202)?.json()? == json!({"state": "running"}),
        "it has not begun"
    );
    let told = plugins_until(&server, |told| told["reenrich"]["state"] != "running")?;
    let told = &told["reenrich"];
    ensure!(
        told["state"] == "done" && told["files"] == 3 && told["rows"] == 5,
        "{told}"
    );
    let answer = price(&server)?;
    let expected = json!([[null, 3], [0.5, 1], [12.5, 1]]);
    ensure!(answer["rows"] == expected, "{answer}");
    ensure!(server.stop()?.success(), "the server did not stop well");
    questlog(&words(&["verify"], data.path())?)?.succeeded()?;
    Ok(())
}

/// A small component whose one function has so many loops and variables that a compiler needs gigabytes for it.
fn compile_bomb() -> Result<Vec<u8>> {
    const LOOPS: usize = 4_400;
    const VARIABLES: usize = 7_000;
    let loops = "(loop (br_if 0 (local.get 0)))".repeat(LOOPS);
    let variables = " i32".repeat(VARIABLES);
    let sum: String = (1..=VARIABLES)
        .map(|at| format!("(i32.add (local.get {at}))"))
        .collect();
    let text = format!(
        "(component
           (core module (func (param i32) (result i32) (local{variables}) {loops} (local.get 0) {sum}))
           (instance $none) (export \"questlog:plugin/enricher@1.0.0\" (instance $none)))"
    );
    Ok(wat::parse_str(text)?)
}

#[test]
fn a_compile_bomb_ends_in_its_sentence_while_the_server_goes_on() -> Result<()> {
    let data = tempfile::tempdir()?;
    let server = Server::start_with(data.path(), "127.0.0.1:0", &["--land-every", "100ms"])?;
    install(data.path(), "item-table", "")?;
    plugins_until(&server, |told| told["plugins"][0]["state"] == "active")?;
    let folder = data.path().join("plugins");
    fs::write(folder.join("bomb.wasm"), compile_bomb()?)?;
    fs::write(folder.join("bomb.toml"), "")?;
    let mut bought = 0;
    let told = plugins_until(&server, |told| {
        // Each is acknowledged, whatever the compiler does.
        let outcome = buy(&server, "knife", "a.example", &format!("id-{bought}"));
        bought += 1;
        outcome.is_err() || told["plugins"][0]["name"] == "bomb"
    })?;
    let error = told["plugins"][0]["error"].as_str().context("no error")?;
    ensure!(
        error.contains(" to compile; make its functions smaller"),
        "{error}"
    );
    ensure!(told["plugins"][1]["state"] == "active", "{told}");
    let answer = server
        .get("/v1/query?group_by=event_type")?
        .expect(200)?
        .json()?;
    ensure!(
        answer["rows"] == json!([["knife purchased", bought]]),
        "{answer}"
    );
    ensure!(server.stop()?.success(), "the server did not stop well");
    Ok(())
}

#[test]
fn check_says_what_a_plugin_is_or_why_it_is_none() -> Result<()> {
    for (name, mentions) in [
        (
            "domain-suffix",
            "reads    Host (text)\nwrites   provider (text)",
        ),
        ("item-table", "writes   item_price (float), country (text)"),
        // What `plugin new` makes.
        ("new-matcher", "a good matcher"),
        ("new-enricher", "writes   item_length (integer)"),
    ] {
        let file = place::plugin(name)?;
        let said =
            questlog(&["plugin".as_ref(), "check".as_ref(), file.as_os_str()])?.succeeded()?;
        ensure!(said.contains(mentions), "{said}");
    }
    let folder = tempfile::tempdir()?;
    let analysis = place::component()?;
    fs::write(folder.path().join("core.wasm"), b"\0asm\x01\0\0\0")?;
    fs::copy(
        place::plugin("item-table")?,
        folder.path().join("item-table.wasm"),
    )?;
    fs::write(
        folder.path().join("item-table.toml"),
        "[config]\nprice = 1\n",
    )?;
    for (file, mentions) in [
        (
            folder.path().join("core.wasm"),
            &["core.wasm", "questlog plugin pack"][..],
        ),
        (folder.path().join("none.wasm"), &["none.wasm"]),
        (
            folder.path().join("item-table.wasm"),
            &["item-table.wasm does not take its [config]: unknown field `price`"],
        ),
    ] {
        questlog(&["plugin".as_ref(), "check".as_ref(), file.as_os_str()])?.failed(1, mentions)?;
    }
    questlog(&["plugin".as_ref(), "check".as_ref(), analysis.as_os_str()])?.succeeded()?;
    questlog(&["plugin", "new", "Not A Name"])?
        .failed(2, &["`Not A Name` is no name for a plugin"])?;
    let none = folder.path().join("core.wasm");
    questlog(&["plugin".as_ref(), "pack".as_ref(), none.as_os_str()])?.failed(
        1,
        &["core.wasm exports nothing; a plugin of this version exports"],
    )?;
    Ok(())
}
