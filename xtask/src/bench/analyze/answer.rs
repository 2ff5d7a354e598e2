//! Whether two programs gave the same answer.

use anyhow::{Result, bail};

/// The rows of an answer in an order of their own, whole and broken numbers each in one way of writing.
#[derive(PartialEq)]
pub(super) struct Rows(Vec<String>);

impl Rows {
    /// From lines of CSV whose fields hold no commas.
    pub(super) fn of<'a>(lines: impl Iterator<Item = &'a str>) -> Rows {
        let mut rows: Vec<String> = lines
            .map(|line| {
                let fields: Vec<String> = line.split(',').map(field).collect();
                fields.join(",")
            })
            .collect();
        rows.sort();
        Rows(rows)
    }

    /// Fails with the first row that only one of them has.
    pub(super) fn check_same(&self, other: &Rows, who: &str, work: &str) -> Result<()> {
        if self == other {
            return Ok(());
        }
        let ours = self.0.iter().find(|row| !other.0.contains(row));
        let theirs = other.0.iter().find(|row| !self.0.contains(row));
        let shown = |row: Option<&String>| row.map_or("none".to_owned(), |row| format!("`{row}`"));
        bail!(
            "questlog and {who} answer \"{work}\" differently, so no time means anything: {} is only in ours, {} only in the other",
            shown(ours),
            shown(theirs)
        );
    }
}

/// A number with twelve digits: the last ones of a mean may be rounded differently elsewhere.
fn field(text: &str) -> String {
    match text.parse::<f64>() {
        Ok(number) => format!("{number:.11e}"),
        Err(_) => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_writing_of_numbers_do_not_matter_but_values_do() {
        let ours = Rows::of(["cox,1.5,3", ",2,1"].into_iter());
        let same = Rows::of([",2.0,1", "cox,1.5000000000000002,3"].into_iter());
        let other = Rows::of([",2.0,1", "cox,1.6,3"].into_iter());
        assert!(ours.check_same(&same, "a peer", "counting").is_ok());
        let error = ours
            .check_same(&other, "a peer", "counting")
            .map_err(|error| error.to_string());
        assert!(error.is_err_and(|text| text.contains("a peer") && text.contains("counting")));
    }
}
