//! Who is measured, and the words that start each.

use std::ffi::OsString;

use super::{Bench, work::Work};

/// Who is measured.
#[derive(Clone, Copy)]
pub(super) enum Who {
    Questlog,
    DuckDb,
    Polars,
    Floor,
}

impl Who {
    /// In the order in which they take turns.
    pub(super) const ALL: [Who; 4] = [Who::Questlog, Who::DuckDb, Who::Polars, Who::Floor];

    /// What to call it where its answer differs from ours.
    pub(super) fn name(self) -> &'static str {
        match self {
            Who::Questlog => "itself with another number of threads",
            Who::DuckDb => "DuckDB",
            Who::Polars => "Polars",
            Who::Floor => "the floor",
        }
    }

    /// The command that starts and does nothing.
    pub(super) fn idle(self, bench: &Bench) -> Vec<OsString> {
        let python = |module: &str| {
            vec![
                bench.meter.python.clone().into_os_string(),
                "-I".into(),
                "-c".into(),
                format!("import {module}").into(),
            ]
        };
        match self {
            Who::DuckDb => python("duckdb"),
            Who::Polars => python("polars"),
            Who::Questlog | Who::Floor => {
                vec![bench.place.binary().into_os_string(), "--version".into()]
            }
        }
    }

    /// The command that answers a work's question.
    pub(super) fn words(self, bench: &Bench, work: &Work, threads: usize) -> Vec<OsString> {
        let question = work.question;
        let data = bench.data_of(work).into_os_string();
        let threads = OsString::from(threads.to_string());
        let peer = |script: &str, threads: OsString, data: OsString| {
            let python = bench.meter.python.clone().into_os_string();
            let script = bench.script(script).into_os_string();
            vec![
                python,
                "-I".into(),
                script,
                threads,
                question.name.into(),
                data,
            ]
        };
        match self {
            Who::DuckDb => peer("duckdb_peer.py", threads, data),
            Who::Polars => peer("polars_peer.py", threads, data),
            Who::Floor => {
                let floor = format!("questlog-floor{}", std::env::consts::EXE_SUFFIX);
                let floor = bench.place.binary().with_file_name(floor);
                let mut words = vec![floor.into_os_string(), data];
                words.extend(question.columns.iter().map(OsString::from));
                words
            }
            Who::Questlog => {
                let binary = bench.place.binary().into_os_string();
                let mut words = vec![binary, "analyze".into(), data];
                words.extend(["--format", "csv", "--threads"].map(OsString::from));
                words.push(threads);
                words.extend(["--group-by", question.group_by].map(OsString::from));
                words.extend(["--measure", question.measure].map(OsString::from));
                if !question.filter.is_empty() {
                    words.extend(["--where", question.filter].map(OsString::from));
                }
                words
            }
        }
    }
}
