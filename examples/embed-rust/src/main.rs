//! Reads Parquet files with Questlog's analysis component inside wasmtime, and prints the two tables:
//! `cargo run --package embed-rust -- questlog_analysis.wasm events.parquet`
#![allow(missing_docs, unreachable_pub, reason = "of what the macro makes")]

use std::io::{Read, Seek, SeekFrom};

use exports::questlog::analysis::task::{self, Chunk, Format, Step};
use wasmtime::component::{Component, Linker};
use wasmtime::{Engine, Error, Result, Store};

wasmtime::component::bindgen!({ path: "../../wasm/plugin/wit", world: "analyzer" });

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().collect();
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let component = Component::from_file(&engine, &args[1])?;
    let analyzer = Analyzer::instantiate(&mut store, &component, &Linker::new(&engine))?;
    let task = analyzer.questlog_analysis_task();
    for question in ["event_type", "provider(Host),event_type"] {
        let query = format!(r#"{{"group-by":"{question}"}}"#);
        told(task.call_open(&mut store, &query)?)?;
        for path in &args[2..] {
            count(task, &mut store, path)?;
        }
        let partial = told(task.call_partial(&mut store)?)?;
        let (elapsed_ms, skipped) = (0.0, Vec::new());
        let run = task::Run { elapsed_ms, skipped };
        let table = task.call_render(&mut store, &partial, Format::Table, &run)?;
        println!("{question}\n\n{}", told(table)?);
    }
    Ok(())
}

/// Counts a file: the component reads nothing itself, but says which bytes it needs next.
fn count(task: &task::Guest, store: &mut Store<()>, path: &str) -> Result<()> {
    let mut file = std::fs::File::open(path)?;
    let (name, size_bytes) = (path.to_owned(), file.metadata()?.len());
    let (partition, row_groups) = (Vec::new(), None);
    let about = task::File { name, size_bytes, partition, row_groups };
    told(task.call_begin_file(&mut *store, &about)?)?;
    loop {
        let needed = match told(task.call_advance(&mut *store, 65_536)?)? {
            Step::Need(ranges) => ranges,
            Step::More => continue,
            Step::Done => return Ok(()),
        };
        for range in needed {
            let (start, mut data) = (file.seek(SeekFrom::Start(range.start))?, Vec::new());
            file.by_ref().take(range.end - start).read_to_end(&mut data)?;
            told(task.call_feed(&mut *store, &[Chunk { start, data }])?)?;
        }
    }
}

fn told<T>(answer: Result<T, task::Error>) -> Result<T> {
    answer.map_err(|error| Error::msg(error.message))
}
