//! Tables as Questlog's JSON and the peers' truth give them, and when two are the same.

use std::ffi::OsString;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::questlog;

/// Rows under named columns.
#[derive(Clone, Debug)]
pub struct Table {
    /// The columns' names.
    pub columns: Vec<String>,
    /// The rows; each has a value for every column.
    pub rows: Vec<Vec<Value>>,
}

impl Table {
    /// Takes the table out of an object with `columns` and `rows`.
    pub fn read(json: &Value) -> Result<Self> {
        let list = |name: &str| {
            json.get(name)
                .and_then(Value::as_array)
                .with_context(|| format!("no {name} in {json}"))
        };
        let columns = list("columns")?
            .iter()
            .map(|name| Some(name.as_str()?.to_owned()))
            .collect::<Option<Vec<_>>>()
            .with_context(|| format!("a column's name is no text in {json}"))?;
        let rows = list("rows")?
            .iter()
            .map(|row| row.as_array().cloned())
            .collect::<Option<Vec<_>>>()
            .with_context(|| format!("a row is no array in {json}"))?;
        for row in &rows {
            ensure!(
                row.len() == columns.len(),
                "{row:?} does not fit {columns:?}"
            );
        }
        Ok(Self { columns, rows })
    }

    /// Asks `questlog analyze PATH… ARGS… --format json`.
    pub fn analyze<P: AsRef<Path>>(paths: &[P], args: &[&str]) -> Result<Self> {
        let mut words: Vec<OsString> = vec!["analyze".into()];
        words.extend(paths.iter().map(|path| path.as_ref().into()));
        words.extend(args.iter().map(OsString::from));
        words.extend(["--format", "json"].map(OsString::from));
        questlog(&words)?
            .table()
            .with_context(|| format!("questlog {words:?}"))
    }

    /// Keeps the rows that `keep` likes.
    #[must_use]
    pub fn filtered(mut self, keep: impl Fn(&[Value]) -> bool) -> Self {
        self.rows.retain(|row| keep(row));
        self
    }

    /// Checks that both say the same in the same order: integers exactly, other numbers by value.
    pub fn expect(&self, truth: &Self) -> Result<()> {
        ensure!(
            self.columns == truth.columns,
            "columns {:?} instead of {:?}",
            self.columns,
            truth.columns
        );
        for (index, (row, wanted)) in self.rows.iter().zip(&truth.rows).enumerate() {
            ensure!(
                row.iter().zip(wanted).all(|(a, b)| same(a, b)),
                "row {index} is {} instead of {}",
                Value::from(row.clone()),
                Value::from(wanted.clone())
            );
        }
        ensure!(
            self.rows.len() == truth.rows.len(),
            "{} rows instead of {}",
            self.rows.len(),
            truth.rows.len()
        );
        Ok(())
    }

    /// Checks the same, whatever the order of the rows.
    pub fn expect_unordered(&self, truth: &Self) -> Result<()> {
        self.clone().sorted().expect(&truth.clone().sorted())
    }

    /// The sum of the last column, which is the rows read when that is a count.
    pub fn total(&self) -> u64 {
        let counts = self.rows.iter().filter_map(|row| row.last()?.as_u64());
        counts.sum()
    }

    fn sorted(mut self) -> Self {
        self.rows
            .sort_by_cached_key(|row| Value::from(row.clone()).to_string());
        self
    }
}

/// JSON does not tell 2.0 from 2 in every writer, so numbers are one value whatever they look like, but never rounded ones.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(x), Value::Number(y)) if x.is_f64() || y.is_f64() => {
            x.as_f64() == y.as_f64()
        }
        _ => a == b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_are_compared_by_value_and_integers_exactly() {
        assert!(same(&json!(2), &json!(2.0)));
        assert!(same(&json!(0.5), &json!(0.5)));
        assert!(!same(
            &json!(9_007_199_254_740_993_u64),
            &json!(9_007_199_254_740_992_u64)
        ));
        assert!(!same(&json!(1), &json!(true)));
        assert!(!same(&json!(null), &json!("null")));
    }

    #[test]
    fn a_missing_row_is_a_difference() -> Result<()> {
        let whole = Table::read(&json!({"columns": ["a"], "rows": [[1], [2]]}))?;
        let part = Table::read(&json!({"columns": ["a"], "rows": [[1]]}))?;
        assert!(whole.expect(&whole).is_ok());
        assert!(part.expect(&whole).is_err());
        assert!(whole.expect(&part).is_err());
        Ok(())
    }
}
