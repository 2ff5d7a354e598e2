//! Promise: whoever wrote a file, and whatever is in it: where DuckDB or pyarrow say that it is fine, they and Questlog agree on every value.

use anyhow::Result;
use questlog_tests::cases::{cases, check_all};

#[test]
fn random_schemas_of_several_writers() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let cases = cases("random_files.py", folder.path())?;
    assert!(
        cases.len() > 2_000,
        "only {} questions were asked",
        cases.len()
    );
    check_all(&cases, |case| case.asked()?.expect(&case.truth))
}
