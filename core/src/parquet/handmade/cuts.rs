//! Chunks whose headers lie, cut at every row: what comes of the parts is what comes of the whole.

use std::sync::Arc;

use super::super::tests::footer;
use super::{A_B, CODES, File, PLAIN, RLE_DICTIONARY, data, data_v2, dictionary, page};
use crate::testing::thrift::fields;
use crate::testing::{Reading, info, query, run};
use crate::{Limits, Part, Partial, Scan};

/// What the file answers, cut before these rows: the merged partial, or the sentence of the first part that fails.
fn counted(file: &File, cuts: &[i64]) -> Result<Vec<u8>, String> {
    let bytes = file.bytes();
    let footer = Arc::new(footer(&bytes, &Limits::default()).unwrap());
    let query = query("k", "count,min(k),count(k)", "");
    let mut whole = Partial::empty(&query);
    let edges: Vec<i64> = [&[0], cuts, &[file.rows]].concat();
    for edge in edges.windows(2) {
        let rows = Part::of_rows(0, edge[0] as u64..edge[1] as u64);
        let info = info("f", &bytes);
        let scan = Scan::with_footer(&query, info, footer.clone(), rows, &Limits::default());
        let part = run(scan, &bytes, Reading::default());
        whole
            .merge(part.map_err(|error| error.to_string())?)
            .unwrap();
    }
    Ok(whole.to_bytes())
}

#[test]
fn headers_that_lie_near_a_cut_are_found_out_as_without_it() {
    let levels = [4, 1, 2, 0];
    let codes = || data(4, RLE_DICTIONARY, CODES);
    for (rows, optional, pages) in [
        // Three values are claimed where there are two, and one where there are two.
        (
            7,
            false,
            vec![
                data(2, PLAIN, A_B),
                data(3, PLAIN, A_B),
                data(2, PLAIN, A_B),
            ],
        ),
        (
            5,
            false,
            vec![
                data(2, PLAIN, A_B),
                data(1, PLAIN, A_B),
                data(2, PLAIN, A_B),
            ],
        ),
        // More and fewer rows than the row group has.
        (
            6,
            false,
            vec![
                data(2, PLAIN, A_B),
                data(2, PLAIN, A_B),
                data(i32::MAX.into(), PLAIN, A_B),
            ],
        ),
        (6, false, vec![data(2, PLAIN, A_B), data(5, PLAIN, A_B)]),
        (6, false, vec![data(2, PLAIN, A_B), data(2, PLAIN, A_B)]),
        (
            6,
            false,
            vec![
                data(2, PLAIN, A_B),
                data(-2, PLAIN, A_B),
                data(4, PLAIN, A_B),
            ],
        ),
        // Pages without rows, and pages of sorts that nobody knows.
        (
            4,
            false,
            vec![
                data(2, PLAIN, A_B),
                data(0, PLAIN, b""),
                page(77, 3, b"abc", (6, &fields())),
                data(2, PLAIN, A_B),
            ],
        ),
        // A bad page, also one whose levels say more than the column has.
        (
            4,
            false,
            vec![data(2, PLAIN, A_B), data(2, PLAIN, &A_B[..7])],
        ),
        (
            5,
            true,
            vec![
                data_v2(3, &levels, A_B, A_B.len(), false),
                data_v2(2, &[4, 9], A_B, A_B.len(), false),
            ],
        ),
        (
            6,
            true,
            vec![
                data_v2(3, &levels, A_B, A_B.len(), false),
                data_v2(3, &[6, 0], b"", 0, true),
            ],
        ),
        // Codes, values after them, codes again; a dictionary too few, too small, and one too many.
        (
            10,
            false,
            vec![dictionary(2, A_B), codes(), data(2, PLAIN, A_B), codes()],
        ),
        (6, false, vec![data(2, PLAIN, A_B), codes()]),
        (
            6,
            false,
            vec![dictionary(1, &A_B[..5]), data(2, PLAIN, A_B), codes()],
        ),
        (
            6,
            false,
            vec![
                dictionary(2, A_B),
                codes(),
                dictionary(2, A_B),
                data(2, PLAIN, A_B),
            ],
        ),
    ] {
        let file = File {
            optional,
            ..File::new(rows, &pages)
        };
        let whole = counted(&file, &[]);
        for first in 0..=rows {
            for second in first..=rows {
                assert_eq!(counted(&file, &[first, second]), whole, "{first} {second}");
            }
        }
        let all: Vec<i64> = (1..rows).collect();
        assert_eq!(counted(&file, &all), whole);
    }
}
