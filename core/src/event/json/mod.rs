//! A strict JSON scanner that finds where values begin and end and keeps them as they were written.
//!
//! It is not recursive: nesting is a stack of bits, so that no input can exhaust the thread's stack.

mod scanner;
mod text;

use std::borrow::Cow;

use scanner::{Budget, Scanner};
pub(super) use text::{text_of, write_raw, write_text};

/// One member of an object: its name decoded, its value as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) value: &'a str,
}

/// Why a text is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    /// It is not JSON: where, and what would have been.
    Syntax { byte: usize, expected: &'static str },
    /// Objects and arrays are nested deeper than the bound.
    Depth,
    /// There are more members than the bound.
    Fields,
}

/// What a value may hold at most.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) depth_max: usize,
    pub(super) fields_max: usize,
}

impl Bounds {
    /// Bounded by the text's length alone.
    pub(super) const NONE: Bounds = Bounds {
        depth_max: usize::MAX,
        fields_max: usize::MAX,
    };
}

/// Reads `text`, which must be one object, into its members; of a repeated name the last value stays, in the first's place.
///
/// `Ok(None)` is any other JSON value.
pub(super) fn read_object(text: &str, bounds: Bounds) -> Result<Option<Vec<Field<'_>>>, Problem> {
    let mut scanner = Scanner::new(text);
    if scanner.peek() != Some(b'{') {
        scanner.value(bounds)?;
        scanner.end()?;
        return Ok(None);
    }
    let mut fields = Vec::with_capacity(16);
    let mut budget = Budget {
        depth_max: bounds.depth_max.saturating_sub(1),
        fields_left: bounds.fields_max,
    };
    if bounds.depth_max == 0 {
        return Err(Problem::Depth);
    }
    scanner.at += 1;
    if scanner.peek() == Some(b'}') {
        scanner.at += 1;
    } else {
        loop {
            let name = scanner.name(&mut budget)?;
            let start = scanner.at;
            scanner.value_within(&mut budget)?;
            fields.push(Field {
                name,
                value: &text[start..scanner.at],
            });
            match scanner.peek() {
                Some(b',') => scanner.at += 1,
                Some(b'}') => break scanner.at += 1,
                _ => return Err(scanner.expected("`,` or `}`")),
            }
        }
    }
    scanner.end()?;
    keep_last_of_repeated(&mut fields);
    Ok(Some(fields))
}

/// Calls `each` with every element of `text` if that is an array, or with the one value that it is.
pub(super) fn elements<'a>(
    text: &'a str,
    mut each: impl FnMut(&'a str) -> bool,
) -> Result<(), Problem> {
    let mut scanner = Scanner::new(text);
    let is_array = scanner.peek() == Some(b'[');
    if is_array {
        scanner.at += 1;
        if scanner.peek() == Some(b']') {
            scanner.at += 1;
            return scanner.end();
        }
    }
    loop {
        scanner.peek();
        let start = scanner.at;
        scanner.value(Bounds::NONE)?;
        let go_on = each(&text[start..scanner.at]);
        if !is_array {
            return scanner.end();
        }
        match scanner.peek() {
            _ if !go_on => return Ok(()),
            Some(b',') => scanner.at += 1,
            Some(b']') => {
                scanner.at += 1;
                return scanner.end();
            }
            _ => return Err(scanner.expected("`,` or `]`")),
        }
    }
}

/// Members up to which it is quicker to compare each name with each other than to sort them.
const FEW: usize = 24;

fn keep_last_of_repeated(fields: &mut Vec<Field<'_>>) {
    if fields.len() <= FEW {
        let is_repeated = |at: usize| {
            fields[..at]
                .iter()
                .any(|field| field.name == fields[at].name)
        };
        if !(1..fields.len()).any(is_repeated) {
            return;
        }
    }
    let mut order: Vec<usize> = (0..fields.len()).collect();
    order.sort_by(|&a, &b| fields[a].name.cmp(&fields[b].name).then(a.cmp(&b)));
    let mut repeated = vec![];
    let mut first = 0;
    for at in 1..order.len() {
        if fields[order[at]].name == fields[order[first]].name {
            fields[order[first]].value = fields[order[at]].value;
            repeated.push(order[at]);
        } else {
            first = at;
        }
    }
    if !repeated.is_empty() {
        repeated.sort_unstable();
        let mut at = 0;
        fields.retain(|_| {
            at += 1;
            repeated.binary_search(&(at - 1)).is_err()
        });
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn names_and_values(text: &str) -> Vec<(String, String)> {
        let fields = read_object(text, Bounds::NONE).unwrap().unwrap();
        fields
            .into_iter()
            .map(|field| (field.name.into_owned(), field.value.to_owned()))
            .collect()
    }

    #[test]
    fn values_stay_as_written_and_the_last_of_a_repeated_name_wins() {
        let text = r#" {"a" : 1 , "b":[ 1E2, -0.0 ],"é\u0041":"x\ud83d","c":{"\udc00":1},"a":123456789012345678901234567890} "#;
        let expected = [
            ("a", "123456789012345678901234567890"),
            ("b", "[ 1E2, -0.0 ]"),
            ("éA", r#""x\ud83d""#),
            ("c", r#"{"\udc00":1}"#),
        ];
        assert_eq!(
            names_and_values(text),
            expected.map(|(a, b)| (a.to_owned(), b.to_owned()))
        );
    }

    #[test]
    fn what_is_not_json_is_refused() {
        for text in [
            "",
            "{",
            "{}x",
            "{'a':1}",
            "{a:1}",
            r#"{"a"}"#,
            r#"{"a":}"#,
            r#"{"a":1,}"#,
            r#"{"a":01}"#,
            r#"{"a":+1}"#,
            r#"{"a":1.}"#,
            r#"{"a":.5}"#,
            r#"{"a":NaN}"#,
            r#"{"a":tru}"#,
            r#"{"a":"\x"}"#,
            r#"{"a":"\u12g4"}"#,
            r#"{"a":[1}}"#,
            r#"{"a":{"b":1]}"#,
            r#"{"a":[1,]}"#,
            r#"{"a":-}"#,
            r#"{"a":1e}"#,
            "{\"a\":\"\n\"}",
            r#"{"\ud800":1}"#,
            r#"{"a":1 2}"#,
            r#"{"a":"x}"#,
        ] {
            assert!(
                matches!(read_object(text, Bounds::NONE), Err(Problem::Syntax { .. })),
                "{text}"
            );
        }
    }

    #[test]
    fn bounds_hold_and_no_nesting_exhausts_the_stack() {
        let bounds = Bounds {
            depth_max: 64,
            fields_max: 3,
        };
        let nested =
            |levels: usize| format!("{{\"x\":{}{}}}", "[".repeat(levels), "]".repeat(levels));
        assert!(read_object(&nested(63), bounds).is_ok());
        assert_eq!(read_object(&nested(64), bounds), Err(Problem::Depth));
        assert!(read_object(&nested(1_000_000), Bounds::NONE).is_ok());
        let deep_object = format!("{}1{}", "{\"a\":".repeat(500_000), "}".repeat(500_000));
        assert!(read_object(&deep_object, Bounds::NONE).is_ok());
        assert_eq!(
            read_object(
                &deep_object,
                Bounds {
                    depth_max: 64,
                    fields_max: 1_000
                }
            ),
            Err(Problem::Depth)
        );
        assert!(read_object(r#"{"a":{"b":1},"c":2}"#, bounds).is_ok());
        assert_eq!(
            read_object(r#"{"a":{"b":1},"c":2,"d":3}"#, bounds),
            Err(Problem::Fields)
        );
    }

    proptest! {
        #[test]
        fn any_text_can_be_written_and_read(text: String) {
            let mut out = vec![];
            write_text(&mut out, &text);
            let written = String::from_utf8(out).unwrap();
            prop_assert_eq!(text_of(&written).unwrap(), text.as_str());
            prop_assert_eq!(serde_json::from_str::<String>(&written).unwrap(), text);
        }

        #[test]
        fn the_scanner_agrees_with_serde(text in r#"[\[\]{}",:0-9eE.+\-truefalsn\\ u]{0,24}"#) {
            let ours = { let mut scanner = Scanner::new(&text); scanner.value(Bounds::NONE).and_then(|()| scanner.end()) };
            let theirs = serde_json::from_str::<&serde_json::value::RawValue>(&text);
            prop_assert_eq!(ours.is_ok(), theirs.is_ok(), "{}", text);
        }
    }
}
