//! Promise: any query, not only the two questions, is answered as DuckDB filters and groups, and as exact arithmetic adds up.

use anyhow::Result;
use questlog_tests::cases::{cases, check_all};

const QUERIES: usize = 200;

#[test]
fn queries_put_together_at_random() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let cases = cases("random_queries.py", folder.path())?;
    assert_eq!(cases.len(), QUERIES);
    // How rows are ordered is the promise of other tests.
    check_all(&cases, |case| case.asked()?.expect_unordered(&case.truth))
}
