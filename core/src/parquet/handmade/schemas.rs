//! Schemas that are none.

use super::super::tests::footer;
use crate::testing::thrift::{Fields, fields};
use crate::{Error, ErrorKind, Limits};

/// A file without rows whose schema is these elements.
fn schema_error(elements: &[Fields]) -> Error {
    let footer_bytes = fields()
        .int(1, 1)
        .list(2, elements)
        .long(3, 0)
        .list(4, &[])
        .end();
    let len = (footer_bytes.len() as u32).to_le_bytes();
    let file = [&b"PAR1"[..], &footer_bytes, &len, b"PAR1"].concat().into();
    footer(&file, &Limits::default()).unwrap_err()
}

#[test]
fn schemas_that_do_not_add_up_are_refused() {
    let root = |children| fields().text(4, "m").int(5, children);
    let leaf = || fields().int(1, 1).text(4, "k");
    for elements in [
        &[][..],
        &[root(2), leaf()],
        &[root(1), leaf(), leaf()],
        &[root(i64::from(i32::MAX)), leaf()],
        &[root(-1), leaf()],
        &[root(1), fields().int(1, 9).text(4, "k")],
        &[root(1), fields().int(1, 7).int(2, -5).text(4, "k")],
        &[root(1), fields().int(1, 1).head(4, 8).raw(&[2, 0xff, 0xfe])],
    ] {
        assert_eq!(schema_error(elements).kind(), ErrorKind::Corrupt);
    }
}

#[test]
fn a_schema_may_be_nested_deeply_but_not_without_end() {
    let elements = vec![fields().text(4, "a_rather_long_name").int(5, 1); 300];
    let error = schema_error(&elements);
    assert_eq!(error.kind(), ErrorKind::Limit, "{error}");
    assert!(error.message().len() < 200, "{error}");
}
