//! What is no Parquet file, was cut off, or is larger than the limits.

use bytes::Bytes;

use super::{footer, properties, sample};
use crate::testing::thrift::{Fields, fields};
use crate::{ErrorKind, Limits};

#[test]
fn limits_hold_at_under_and_over() {
    let (file, _) = sample(10, 10, properties());
    let footer_bytes = footer(&file, &Limits::default()).unwrap().bytes_len();
    let fits = |limits: Limits| match footer(&file, &limits) {
        Ok(_) => true,
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Limit, "{error}");
            false
        }
    };
    for (over, expected) in [(0, true), (1, true), (-1, false)] {
        let of = |real: i64| real + over;
        let default = Limits::default;
        let columns = Limits {
            columns_max: of(10) as usize,
            ..default()
        };
        let row_groups = Limits {
            row_groups_max: of(2) as usize,
            ..default()
        };
        let footer = Limits {
            footer_bytes_max: of(footer_bytes as i64) as u64,
            ..default()
        };
        for limits in [columns, row_groups, footer] {
            assert_eq!(fits(limits.clone()), expected, "{limits:?}");
        }
    }
}

#[test]
fn what_is_not_a_parquet_file_is_refused() {
    let limits = Limits::default();
    let kind = |file: &[u8]| {
        footer(&Bytes::copy_from_slice(file), &limits)
            .unwrap_err()
            .kind()
    };
    assert_eq!(kind(b""), ErrorKind::NotParquet);
    assert_eq!(
        kind(b"event_type,Host\nknife purchased,cox"),
        ErrorKind::NotParquet
    );
    assert_eq!(kind(b"PARE\0\0\0\0\0\0\0\0PARE"), ErrorKind::Encrypted);
    assert_eq!(kind(b"PAR1\xff\xff\xff\x03PAR1"), ErrorKind::Corrupt);
    assert_eq!(kind(b"PAR1\xff\xff\xff\xffPAR1"), ErrorKind::Limit);
}

#[test]
fn a_footer_that_does_not_add_up_is_refused_also_where_rows_are_only_counted() {
    let schema = || {
        let root = fields().text(4, "m").int(5, 1);
        vec![root, fields().int(1, 1).int(3, 0).text(4, "k")]
    };
    let chunk = || {
        fields()
            .long(2, 4)
            .nested(3, &fields().int(1, 1).long(5, 3))
    };
    let group = |chunks: &[Fields]| fields().list(1, chunks).long(2, 9).long(3, 3);
    for (rows, chunks, problem) in [
        (3, vec![chunk()], None),
        (-3, vec![chunk()], Some("the footer claims -3 rows")),
        (
            3,
            vec![],
            Some("row group 0 has 0 columns, the schema has 1"),
        ),
        (
            3,
            vec![chunk(), chunk()],
            Some("row group 0 has 2 columns, the schema has 1"),
        ),
    ] {
        let bytes = fields()
            .int(1, 1)
            .list(2, &schema())
            .long(3, rows)
            .list(4, &[group(&chunks)])
            .end();
        let len = (bytes.len() as u32).to_le_bytes();
        let file = [&b"PAR1"[..], &bytes, &len, b"PAR1"].concat();
        let refused = footer(&file.into(), &Limits::default()).err();
        assert_eq!(refused.as_ref().map(|error| error.message()), problem);
    }
}

#[test]
fn a_file_that_has_only_lost_its_first_bytes_is_read() {
    let (file, _) = sample(10, 10, properties());
    let mut damaged = file.to_vec();
    damaged[..4].copy_from_slice(b"GAP1");
    let rows = footer(&damaged.into(), &Limits::default()).map(|footer| footer.rows());
    assert_eq!(rows.unwrap(), 20);
}

#[test]
fn a_file_that_begins_as_parquet_and_has_no_end_was_cut_off() {
    let (small, _) = sample(10, 10, properties());
    // Longer than what is read of a file's end at first: its beginning is asked for.
    let large = [&small[..], &[7; 100_000]].concat().into();
    for file in [small, large] {
        for cut in [4, 8, 11, 12, 100, file.len() / 2, file.len() - 1] {
            let error = footer(&file.slice(..cut), &Limits::default()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Corrupt, "{cut}: {error}");
            let said = "has no footer at its end: it was cut off";
            assert!(error.message().contains(said), "{cut}: {error}");
        }
    }
    let other: Bytes = vec![7; 100_000].into();
    let error = footer(&other, &Limits::default()).unwrap_err();
    assert_eq!(
        error.message(),
        "this is not a Parquet file: it does not begin with PAR1"
    );
}
