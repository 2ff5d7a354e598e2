//! Promise: the native core, the browser's module and the component count to the same bytes, and each merges what the others counted.
//!
//! Here the core and the plugin host are linked in: it is three builds of ours that are compared, and nothing else is.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use anyhow::{Context, Result, anyhow, ensure};
use questlog::plugins::{self, AnalysisHost, AnalysisInstance, PluginLimits};
use questlog_core::{FileInfo, Limits, Partial, Query, QueryOptions, Scan, Step};
use questlog_tests::{peer, place};
use serde_json::{Value, json};

/// Row groups that each of the three counts when they share a file of six.
const SHARES: [[usize; 2]; 3] = [[0, 1], [1, 4], [4, 6]];

/// Queries with every measure, every kind of key, and filters.
fn queries() -> Vec<QueryOptions> {
    let word = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let all = "count,count(Host),sum(price),mean(price),min(price),max(price),sum(level),mean(level),\
        distinct(Host),distinct(price),min(Host),max(event_type),min(at),max(at)";
    let queries = [
        ["", "", ""],
        ["event_type", "count", ""],
        ["provider(Host),event_type", all, ""],
        ["day(at),week(at)", all, "level >= 0 and Host like '%.co_%'"],
        [
            "price",
            all,
            "not (Accept is null) or event_type in ('join_guild')",
        ],
        [
            "Host",
            "count,min(level)",
            "price > 0 and at < '2026-11-23T12:00:00Z'",
        ],
        ["", all, "event_type = 'no such event'"],
    ];
    queries
        .map(|[group_by, measure, filter]| QueryOptions {
            group_by: word(group_by),
            measure: word(measure),
            filter: word(filter),
            ..QueryOptions::default()
        })
        .to_vec()
}

/// The component, compiled once: in a debug build that takes far longer than all the counting.
static COMPONENT: LazyLock<Result<AnalysisHost>> = LazyLock::new(|| {
    Ok(AnalysisHost::open(
        &place::component()?,
        PluginLimits::default(),
    )?)
});

fn instance() -> Result<AnalysisInstance> {
    match &*COMPONENT {
        Ok(host) => Ok(host.instance()?),
        Err(error) => Err(anyhow!("{error:#}")),
    }
}

/// A file, as all three call it.
struct Input {
    name: &'static str,
    path: PathBuf,
    bytes: Vec<u8>,
}

impl Input {
    fn read(folder: &Path) -> Result<Self> {
        let path = folder.join("events.parquet");
        let bytes = fs::read(&path)?;
        // A folder's value is part of what is compared.
        Ok(Self {
            name: "lake/region=eu/events.parquet",
            path,
            bytes,
        })
    }

    fn piece(&self, start: u64, end: u64) -> &[u8] {
        &self.bytes[start as usize..end as usize]
    }
}

/// What the native core counts, of the whole file or of some row groups.
fn native(query: &Query, input: &Input, share: Option<[usize; 2]>) -> Result<Vec<u8>> {
    let limits = Limits::default();
    let info = FileInfo {
        name: input.name.to_owned(),
        size_bytes: input.bytes.len() as u64,
        partition: questlog_core::partition_columns(input.name),
    };
    let mut scan = Scan::new(query, info.clone(), &limits);
    let mut undivided = share;
    loop {
        if let (Some([first, end]), Some(footer)) = (undivided, scan.footer()) {
            undivided = None;
            scan = Scan::with_footer(query, info.clone(), footer.clone(), first..end, &limits);
        }
        match scan.advance(1_000)? {
            Step::Need(ranges) => {
                for range in ranges {
                    let piece = input.piece(range.start, range.end).to_vec();
                    scan.feed(range.start, piece.into())?;
                }
            }
            Step::More => {}
            Step::Done => return Ok(scan.finish()?.to_bytes()),
        }
    }
}

/// What the component counts.
fn component(
    instance: &mut AnalysisInstance,
    input: &Input,
    share: Option<[usize; 2]>,
) -> Result<Vec<u8>> {
    let partition = questlog_core::partition_columns(input.name);
    let partition = partition.iter();
    let partition: Vec<(&str, Option<&str>)> = partition
        .map(|(name, value)| (name.as_str(), value.as_deref()))
        .collect();
    instance.begin_file(plugins::File {
        name: input.name,
        size_bytes: input.bytes.len() as u64,
        partition: &partition,
        row_groups: share.map(|[first, end]| plugins::Window {
            first: first as u32,
            end: end as u32,
        }),
    })?;
    loop {
        match instance.advance(300)? {
            plugins::Step::Need(ranges) => {
                for range in ranges {
                    instance.feed(&[plugins::Chunk {
                        start: range.start,
                        data: input.piece(range.start, range.end),
                    }])?;
                }
            }
            plugins::Step::More => {}
            plugins::Step::Done => return Ok(instance.partial()?),
        }
    }
}

/// What the browser's module does, task by task.
fn browser(tasks: &[Value]) -> Result<Vec<Vec<u8>>> {
    let module = place::browser_module()?;
    let tasks = serde_json::to_string(tasks)?;
    let told = peer::node("partials.js", &[module.as_os_str(), tasks.as_ref()])?;
    let partials = told.as_array().context("no partials")?;
    partials
        .iter()
        .map(|partial| bytes(partial.as_str().unwrap_or_default()))
        .collect()
}

fn task(query: &QueryOptions, input: &Input, share: Option<[usize; 2]>) -> Value {
    json!({ "query": query, "file": { "name": input.name, "path": input.path }, "row_groups": share })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(hex: &str) -> Result<Vec<u8>> {
    let pairs = hex.as_bytes().chunks(2);
    pairs
        .map(|pair| Ok(u8::from_str_radix(std::str::from_utf8(pair)?, 16)?))
        .collect()
}

#[test]
fn a_file_counted_by_each_of_the_three_is_the_same_bytes() -> Result<()> {
    let folder = peer::samples()?;
    let input = Input::read(folder.path())?;
    let tasks: Vec<_> = queries()
        .iter()
        .map(|query| task(query, &input, None))
        .collect();
    for (options, in_browser) in queries().iter().zip(browser(&tasks)?) {
        let query = Query::new(options, &Limits::default())?;
        let natively = native(&query, &input, None)?;
        ensure!(
            natively == in_browser,
            "native and browser differ: {query:?}"
        );
        let mut instance = instance()?;
        instance.open(&serde_json::to_string(options)?)?;
        let in_component = component(&mut instance, &input, None)?;
        ensure!(
            natively == in_component,
            "native and component differ: {query:?}"
        );
    }
    Ok(())
}

#[test]
fn a_file_shared_by_the_three_is_merged_by_each_to_the_bytes_of_the_whole() -> Result<()> {
    let folder = peer::samples()?;
    let input = Input::read(folder.path())?;
    let tasks: Vec<_> = queries()
        .iter()
        .map(|query| task(query, &input, Some(SHARES[1])))
        .collect();
    let in_browser = browser(&tasks)?;
    let mut merges = Vec::new();
    let mut wholes = Vec::new();
    for (options, from_browser) in queries().iter().zip(in_browser) {
        let query = Query::new(options, &Limits::default())?;
        let mut instance = instance()?;
        instance.open(&serde_json::to_string(options)?)?;
        let shares = [
            native(&query, &input, Some(SHARES[0]))?,
            component(&mut instance, &input, Some(SHARES[2]))?,
            from_browser,
        ];
        let whole = native(&query, &input, None)?;

        let mut merged = Partial::empty(&query);
        for share in &shares {
            merged.merge(Partial::from_bytes(share, &query)?)?;
        }
        ensure!(merged.to_bytes() == whole, "merged natively: {query:?}");
        ensure!(
            instance.merge(&shares)? == whole,
            "merged by the component: {query:?}"
        );
        let reversed: Vec<_> = shares.iter().rev().map(|share| hex(share)).collect();
        merges.push(json!({ "query": options, "merge": reversed }));
        wholes.push((query, whole));
    }
    for (merged, (query, whole)) in browser(&merges)?.iter().zip(&wholes) {
        ensure!(merged == whole, "merged in the browser's module: {query:?}");
    }
    Ok(())
}

#[test]
fn four_instances_in_four_threads_count_to_the_bytes_of_one() -> Result<()> {
    const SHARES: [[usize; 2]; 4] = [[0, 1], [1, 3], [3, 4], [4, 6]];
    let folder = peer::samples()?;
    let input = Input::read(folder.path())?;
    for options in queries() {
        let words = serde_json::to_string(&options)?;
        let mut one = instance()?;
        one.open(&words)?;
        let whole = component(&mut one, &input, None)?;
        let count = |share| {
            let mut instance = instance()?;
            instance.open(&words)?;
            component(&mut instance, &input, Some(share))
        };
        let shares: Result<Vec<_>> = std::thread::scope(|scope| {
            let threads = SHARES.map(|share| scope.spawn(move || count(share)));
            let ended = threads.map(|thread| thread.join());
            let counted = ended
                .into_iter()
                .map(|end| end.map_err(|_| anyhow!("a panic"))?);
            counted.collect()
        });
        let mut shares = shares?;
        ensure!(one.merge(&shares)? == whole, "in file order: {options:?}");
        shares.reverse();
        ensure!(one.merge(&shares)? == whole, "backwards: {options:?}");
    }
    Ok(())
}

#[test]
fn another_querys_partial_is_refused_by_each() -> Result<()> {
    let folder = peer::samples()?;
    let input = Input::read(folder.path())?;
    let all = queries();
    let one = Query::new(&all[1], &Limits::default())?;
    let partial = native(&one, &input, None)?;
    let other = Query::new(&all[0], &Limits::default())?;
    let refused = [
        Partial::from_bytes(&partial, &other)
            .err()
            .map(|error| error.to_string()),
        {
            let mut instance = instance()?;
            instance.open(&serde_json::to_string(&all[0])?)?;
            instance
                .merge(std::slice::from_ref(&partial))
                .err()
                .map(|error| error.to_string())
        },
        browser(&[json!({ "query": all[0], "merge": [hex(&partial)] })])
            .err()
            .map(|error| error.to_string()),
    ];
    for error in refused {
        let error = error.ok_or_else(|| anyhow!("another query's partial was merged"))?;
        ensure!(error.contains("another query"), "{error}");
    }
    Ok(())
}
