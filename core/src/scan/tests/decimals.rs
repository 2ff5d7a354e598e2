//! Decimals that 128 bits do not hold, beside those that they do.

use parquet::file::properties::WriterProperties;

use crate::testing::{Column, ask, file, query, rows};
use crate::value::Whole;

/// The whole number of these digits in 32 bytes, the highest first.
fn bytes(number: &str) -> Vec<u8> {
    let mut whole = Whole::ZERO;
    for digit in number.trim_start_matches('-').bytes() {
        whole.multiply_add(10, u64::from(digit - b'0'));
    }
    if number.starts_with('-') {
        whole = whole.negated();
    }
    let limbs = whole.limbs().iter().rev().skip(1);
    limbs.flat_map(|limb| limb.to_be_bytes()).collect()
}

#[test]
fn they_are_grouped_compared_and_added_up_with_all_their_digits() {
    let nines = "9".repeat(76);
    let minus = format!("-{nines}");
    let wide = "170141183460469231731687303715884105728";
    let numbers = [
        Some(nines.as_str()),
        Some("25"),
        None,
        Some(minus.as_str()),
        Some(wide),
        Some(nines.as_str()),
        Some("-1"),
    ];
    let values: Vec<_> = numbers.iter().map(|number| number.map(bytes)).collect();
    let point = |digits: &str| {
        let (whole, fraction) = digits.split_at(digits.len() - 2);
        format!("{whole}.{fraction}")
    };
    let (top, bottom) = (point(&nines), point(&minus));
    // Twice the nines less once, 25 - 1, and 2^127, as Python adds them.
    let sum = "10000000000000000000000000000000000000170141183460469231731687303715884105751";
    for dictionary in [true, false] {
        let properties = WriterProperties::builder().set_dictionary_enabled(dictionary);
        let file = file(
            "optional fixed_len_byte_array(32) v (DECIMAL(76,2));",
            properties.build(),
            &[vec![Column::Fixed(values.clone())]],
        );
        let asked = |group_by: &str, measure: &str, filter: &str| {
            rows(&ask(&query(group_by, measure, filter), &[("f", &file)]).unwrap())
        };
        assert_eq!(
            asked("v", "count", ""),
            [
                format!("{top}|2"),
                format!("{bottom}|1"),
                "-0.01|1".into(),
                "0.25|1".into(),
                format!("{}|1", point(wide)),
                "null|1".into(),
            ]
        );
        assert_eq!(
            asked("", "count(v),min(v),max(v),distinct(v)", ""),
            [format!("6|{bottom}|{top}|5")]
        );
        assert_eq!(asked("", "sum(v)", ""), [point(sum)]);
        for (filter, count) in [
            (format!("v = {top}"), "2"),
            (format!("v > {}", point(wide)), "2"),
            (format!("v >= {}", point(wide)), "3"),
            (format!("v < {bottom}"), "0"),
            (format!("v <= {bottom}"), "1"),
            (format!("v in ({top}, 0.25, {bottom})"), "4"),
            (format!("v != {top}"), "4"),
            (format!("v > {}.995", &top[..74]), "0"),
            ("v < 1e90".into(), "6"),
            ("v > -1e90".into(), "6"),
            ("v > 0".into(), "4"),
        ] {
            assert_eq!(asked("", "count", &filter), [count], "{filter}");
        }
    }
}
