//! A line of what is printed: a figure, what it is compared with, and whether that is enough.

use std::fmt;

/// A work and what came of it.
pub(super) struct Row {
    pub(super) work: String,
    /// Ours, and its unit.
    pub(super) ours: f64,
    pub(super) unit: &'static str,
    /// Who else was measured, and what they reached.
    pub(super) others: Vec<(String, f64)>,
    /// What is to be reached; none for what is only told.
    pub(super) target: Option<Target>,
}

/// A bound of ours, and in words where it comes from.
pub(super) enum Target {
    AtLeast(f64, String),
    AtMost(f64, String),
}

impl Row {
    pub(super) fn new(work: impl Into<String>, ours: f64, unit: &'static str) -> Self {
        Self {
            work: work.into(),
            ours,
            unit,
            others: vec![],
            target: None,
        }
    }

    pub(super) fn against(mut self, who: impl Into<String>, theirs: f64) -> Self {
        self.others.push((who.into(), theirs));
        self
    }

    pub(super) fn at_least(mut self, bound: f64, why: impl Into<String>) -> Self {
        self.target = Some(Target::AtLeast(bound, why.into()));
        self
    }

    pub(super) fn at_most(mut self, bound: f64, why: impl Into<String>) -> Self {
        self.target = Some(Target::AtMost(bound, why.into()));
        self
    }

    /// Whether it was reached, where something is to be.
    pub(super) fn is_met(&self) -> Option<bool> {
        Some(match self.target.as_ref()? {
            Target::AtLeast(bound, _) => self.ours >= *bound,
            Target::AtMost(bound, _) => self.ours <= *bound,
        })
    }
}

/// The names of the columns.
pub(super) const HEAD: &str = "\
| work | questlog | others (ours : theirs) | to reach | met |
| --- | ---: | --- | --- | --- |";

impl fmt::Display for Row {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = |number: f64| format!("{} {}", figure(number), self.unit);
        let others = self
            .others
            .iter()
            .map(|(who, theirs)| format!("{who} {} ({:.2})", of(*theirs), self.ours / theirs));
        let others: Vec<String> = others.collect();
        let target = match &self.target {
            None => String::new(),
            Some(Target::AtLeast(bound, why)) => format!("≥ {} {why}", of(*bound)),
            Some(Target::AtMost(bound, why)) => format!("≤ {} {why}", of(*bound)),
        };
        let met = match self.is_met() {
            None => "",
            Some(true) => "yes",
            Some(false) => "**no**",
        };
        write!(
            to,
            "| {} | {} | {} | {} | {met} |",
            self.work,
            of(self.ours),
            others.join(", "),
            target.trim_end()
        )
    }
}

/// With as many digits as say something.
fn figure(number: f64) -> String {
    match number.abs() {
        below if below < 1.0 => format!("{number:.3}"),
        below if below < 100.0 => format!("{number:.2}"),
        _ => format!("{number:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_is_met_on_its_side() {
        let fast = Row::new("game", 600.0, "per s").at_least(500.0, "(60 %)");
        assert_eq!(fast.is_met(), Some(true));
        let slow = Row::new("start", 3.5, "s")
            .against("x", 7.0)
            .at_most(3.0, "");
        assert_eq!(slow.is_met(), Some(false));
        assert_eq!(
            slow.to_string(),
            "| start | 3.50 s | x 7.00 s (0.50) | ≤ 3.00 s | **no** |"
        );
        assert_eq!(Row::new("idle", 1.0, "MB").is_met(), None);
    }
}
