//! The game's route from 1, 16 and 64 connections: ours, one that does nothing, and servers as the predecessor's.

use anyhow::Result;

use super::load::{Loaded, Sender};
use super::program::Program;
use super::row::Row;
use super::{Bench, disk, median};
use crate::setup;
use crate::shell::command;

/// Connections, the widest last: the predecessor's best is compared there.
const CONNECTIONS: [u32; 3] = [1, 16, 64];
/// Of what a route that does nothing answers.
const PART_OF_NOTHING: f64 = 0.6;
/// Times the predecessor's best.
const TIMES_PREDECESSOR: f64 = 20.0;
/// Syncs that the slowest of a hundred answers may take.
const SYNCS_MAX: f64 = 3.0;

/// Who is measured.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Who {
    Questlog,
    Nothing,
    Flask,
    Gunicorn,
}

impl Who {
    fn name(self) -> &'static str {
        match self {
            Self::Questlog => "questlog",
            Self::Nothing => "axum that does nothing",
            Self::Flask => "Flask",
            Self::Gunicorn => "gunicorn with threads",
        }
    }

    fn start(self, bench: &Bench) -> Result<Program> {
        let script = bench.place.root.join("xtask/bench/flask_peer.py");
        let python = || setup::bench_python(bench.place);
        match self {
            Self::Questlog => bench.fresh_server(),
            Self::Nothing => {
                let name = format!("questlog-nothing{}", std::env::consts::EXE_SUFFIX);
                Program::start(&mut command(bench.place.binary().with_file_name(name)))
            }
            Self::Flask => Program::start(command(python()?).arg(script)),
            Self::Gunicorn => Program::start(
                command(python()?)
                    .args(["-m", "gunicorn", "--workers", "2", "--threads", "32"])
                    .args(["--bind", "127.0.0.1:0", "--chdir"])
                    .arg(script.with_file_name(""))
                    .arg("flask_peer:app"),
            ),
        }
    }
}

/// Rows for each number of connections, and for memory.
pub(super) fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let sender = Sender::find(bench);
    println!("The game's route is asked by {}.", sender.name());
    let mut whos = vec![Who::Questlog, Who::Nothing];
    match setup::bench_python(bench.place) {
        Ok(_) => whos.extend([Who::Flask, Who::Gunicorn]),
        Err(error) => println!("Flask and gunicorn are left out: {error:#}."),
    }
    let sync_ms = bench.middle(|| disk::sync_ms(&bench.place.target))?;
    println!("A sync of this disk takes {sync_ms:.3} ms, the middle of many.");
    let (mut rows, mut idle_mb, mut full_mb) = (vec![], vec![], vec![]);
    for connections in CONNECTIONS {
        let mut loaded: Vec<Vec<Loaded>> = vec![vec![]; whos.len()];
        for _ in 0..bench.rounds {
            // They take turns, so that a slow moment of the machine strikes all.
            for (who, loaded) in whos.iter().zip(&mut loaded) {
                let server = who.start(bench)?;
                if *who == Who::Questlog {
                    idle_mb.push(server.memory_mb("VmRSS")?);
                }
                loaded.push(sender.send(bench, &server, connections)?);
                if *who == Who::Questlog {
                    full_mb.push(server.memory_mb("VmHWM")?);
                    server.stop()?;
                    bench.verify()?;
                }
            }
        }
        let middle =
            |of: fn(&Loaded) -> f64, who: usize| median(loaded[who].iter().map(of).collect());
        let rates: Vec<f64> = (0..whos.len())
            .map(|who| middle(|loaded| loaded.per_s, who))
            .collect();
        let predecessor = rates[2..].iter().copied().fold(0.0, f64::max);
        let mut bound = PART_OF_NOTHING * rates[1];
        let mut why = "(60 % of nothing)".to_owned();
        if connections == CONNECTIONS[CONNECTIONS.len() - 1] {
            bound = bound.max(TIMES_PREDECESSOR * predecessor);
            why = "(60 % of nothing, 20 predecessors)".to_owned();
        }
        let work = format!("purchases, {connections} connections");
        let mut row = Row::new(&work, rates[0], "per s").at_least(bound, why);
        for (who, rate) in whos.iter().zip(&rates).skip(1) {
            row = row.against(who.name(), *rate);
        }
        rows.push(row);
        let p99_ms = |who| middle(|loaded| loaded.p99_ms, who);
        let mut row = Row::new(format!("{work}, p99"), p99_ms(0), "ms")
            .at_most(SYNCS_MAX * sync_ms, "(three syncs)");
        for (at, who) in whos.iter().enumerate().skip(1) {
            row = row.against(who.name(), p99_ms(at));
        }
        rows.push(row);
    }
    rows.push(Row::new("memory, idle", median(idle_mb), "MB").at_most(20.0, ""));
    rows.push(Row::new("memory, purchases", median(full_mb), "MB").at_most(256.0, ""));
    Ok(rows)
}
