//! What is printed: a Markdown table with a row for each work and number of threads.

use super::measure::Used;
use super::work::{Against, Work};

/// What is to be reached in memory, for any work.
pub(super) const PEAK_MB_MAX: f64 = 60.0;

/// What was measured of one work with one number of threads.
pub(super) struct Row<'a> {
    pub(super) work: &'a Work,
    pub(super) threads: usize,
    pub(super) ours: Used,
    pub(super) duckdb: Used,
    pub(super) polars: Used,
    pub(super) floor: Used,
    /// How many times our CPU seconds DuckDB needs once both have started; `None` where that is too little to tell.
    pub(super) duckdb_less_starts: Option<f64>,
}

impl Row<'_> {
    /// The CPU seconds that are to be divided.
    fn peer_cpu_s(&self) -> f64 {
        match self.work.against {
            Against::DuckDb => self.duckdb.cpu_s,
            Against::Better => self.duckdb.cpu_s.min(self.polars.cpu_s),
        }
    }

    /// What is to be reached, in CPU seconds, if anything is.
    fn cpu_s_max(&self) -> Option<f64> {
        let by_peer = self.peer_cpu_s() * self.work.part?;
        Some(match self.work.floors_max {
            Some(times) => by_peer.min(self.floor.cpu_s * times),
            None => by_peer,
        })
    }

    /// Whether it was reached.
    pub(super) fn is_met(&self) -> bool {
        self.cpu_s_max()
            .is_none_or(|cpu_s_max| self.ours.cpu_s <= cpu_s_max)
    }

    fn target(&self) -> String {
        let (Some(cpu_s_max), Some(part)) = (self.cpu_s_max(), self.work.part) else {
            return "only told".to_owned();
        };
        let by = match self.work.against {
            Against::DuckDb => "DuckDB",
            Against::Better => "the better",
        };
        let floors = match self.work.floors_max {
            Some(times) => format!(", {times} floors"),
            None => String::new(),
        };
        format!(
            "{} (1/{:.0} of {by}{floors})",
            seconds(cpu_s_max),
            1.0 / part
        )
    }

    fn met(&self) -> &'static str {
        match self.cpu_s_max() {
            None => "–",
            Some(_) if self.is_met() => "yes",
            Some(_) => "**no**",
        }
    }
}

/// The names of the columns.
pub(super) const HEAD: &str = "\
| work | threads | questlog CPU s | wall s | MB | DuckDB CPU s | wall s | MB | Polars CPU s | wall s | MB | floor CPU s | ours : floor | DuckDB : ours | less starts | to reach, CPU s | met |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- | --- |";

impl std::fmt::Display for Row<'_> {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(to, "| {} | {} |", self.work.name, self.threads)?;
        for used in [&self.ours, &self.duckdb, &self.polars] {
            let (cpu, wall) = (seconds(used.cpu_s), seconds(used.wall_s));
            write!(to, " {cpu} | {wall} | {:.0} |", used.peak_mb)?;
        }
        let less_starts = self
            .duckdb_less_starts
            .map_or("–".to_owned(), |times| format!("{times:.1}"));
        write!(
            to,
            " {} | {:.2} | {:.1} | {less_starts} | {} | {} |",
            seconds(self.floor.cpu_s),
            self.ours.cpu_s / self.floor.cpu_s,
            self.duckdb.cpu_s / self.ours.cpu_s,
            self.target(),
            self.met()
        )
    }
}

/// With as many digits as say something.
pub(super) fn seconds(seconds: f64) -> String {
    if seconds < 0.1 {
        format!("{seconds:.4}")
    } else {
        format!("{seconds:.3}")
    }
}
