//! What is known of the programs that write files: which of their words are not to be believed.
//!
//! Each of these lost rows for some reader. The values themselves were right; only what was said beside them was not.

use super::chunk::ColumnChunk;
use super::schema::{Leaf, Physical};

/// How far a file's writer can be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Writer {
    /// It counts nulls right, also none.
    counts_nulls: bool,
    /// Its bounds and counts hold for texts that it was given as codes.
    describes_codes: bool,
    /// Its bloom filters hold every value.
    fills_blooms: bool,
}

impl Writer {
    /// The writer that calls itself so in the footer.
    pub(crate) fn of(created_by: Option<&str>) -> Self {
        let name = created_by.unwrap_or_default().to_ascii_lowercase();
        let (program, version) = name.split_once(" version ").unwrap_or((&name, ""));
        let version = version.split(|sign: char| !sign.is_ascii_digit()).next();
        let version: u64 = version.and_then(|text| text.parse().ok()).unwrap_or(0);
        Self {
            counts_nulls: match program {
                // Who does not say its name may be parquet2, which is below arrow2 and Polars: of a column given as
                // codes they counted the nulls of the dictionary.
                "" | "polars" => false,
                _ if program.starts_with("arrow2") || program.starts_with("parquet2") => false,
                // A column of nothing but nulls had none.
                "parquet-rs" => version >= 5,
                _ => true,
            },
            // Bounds were of the first batch of codes only, and nulls were not counted.
            describes_codes: !program.starts_with("parquet-cpp") || version >= 12,
            // Values that came as codes, or were written before a dictionary was given up, are missing.
            fills_blooms: !matches!(program, "" | "parquet-go" | "parquet-mr-trino"),
        }
    }

    /// Whether statistics of a chunk can be believed as far as the format goes.
    pub(crate) fn describes(self, leaf: &Leaf, chunk: &ColumnChunk) -> bool {
        let may_be_codes = leaf.physical == Physical::Bytes && chunk.has_codes();
        self.describes_codes || !may_be_codes
    }

    /// Whether counts of nulls can be believed.
    pub(crate) fn counts_nulls(self) -> bool {
        self.counts_nulls
    }

    /// Whether bloom filters can be believed.
    pub(crate) fn fills_blooms(self) -> bool {
        self.fills_blooms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writers_are_known_by_their_name_and_version() {
        let writer = |name| Writer::of(Some(name));
        let good = writer("parquet-mr version 1.13.1 (build db4183)");
        assert!(good.counts_nulls && good.describes_codes && good.fills_blooms);
        assert!(!Writer::of(None).counts_nulls);
        assert!(!writer("Arrow2 - Native Rust implementation of Arrow").counts_nulls);
        assert!(!writer("parquet-rs version 4.1.0 (build x)").counts_nulls);
        assert!(writer("parquet-rs version 53.2.0").counts_nulls);
        assert!(!writer("parquet-cpp version 1.5.1-SNAPSHOT").describes_codes);
        assert!(!writer("parquet-cpp-arrow version 11.0.0").describes_codes);
        assert!(writer("parquet-cpp-arrow version 12.0.0").describes_codes);
        assert!(!writer("parquet-go version 18.0.0").fills_blooms);
        assert!(!writer("parquet-mr-trino version 450 (build n/a)").fills_blooms);
    }
}
