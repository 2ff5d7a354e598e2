//! Reads and writes flat Parquet files with arrow2 and with parquet2, for the comparison with Questlog.

pub mod arrow;
pub mod pages;
pub mod rows;

use std::collections::BTreeMap;

/// How often each text (or null) occurs in a column.
pub type Counts = BTreeMap<Option<String>, u64>;
