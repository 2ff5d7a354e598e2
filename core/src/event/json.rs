//! A strict JSON scanner that finds where values begin and end and keeps them as they were written.
//!
//! It is not recursive: nesting is a stack of bits, so that no input can exhaust the thread's stack.

use std::borrow::Cow;

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

/// The text of a JSON string as written, quotes included; `None` for another value or for half a surrogate pair.
pub(super) fn text_of(value: &str) -> Option<Cow<'_, str>> {
    unescape(value.strip_prefix('"')?.strip_suffix('"')?)
}

/// Appends `text` as a JSON string.
pub(super) fn write_text(out: &mut Vec<u8>, text: &str) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    out.push(b'"');
    for &byte in text.as_bytes() {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0..0x20 => {
                out.extend_from_slice(b"\\u00");
                out.extend_from_slice(&[HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
            }
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

/// Appends a value as written, without line breaks: those can only stand between its tokens, never in a string.
pub(super) fn write_raw(out: &mut Vec<u8>, value: &str) {
    if value.bytes().any(|byte| matches!(byte, b'\n' | b'\r')) {
        out.extend(value.bytes().filter(|byte| !matches!(byte, b'\n' | b'\r')));
    } else {
        out.extend_from_slice(value.as_bytes());
    }
}

fn keep_last_of_repeated(fields: &mut Vec<Field<'_>>) {
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

fn unescape(content: &str) -> Option<Cow<'_, str>> {
    if memchr::memchr(b'\\', content.as_bytes()).is_none() {
        return Some(Cow::Borrowed(content));
    }
    let mut out = String::with_capacity(content.len());
    let mut rest = content;
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        let escape = *rest.as_bytes().get(at + 1)?;
        rest = &rest[at + 2..];
        out.push(match escape {
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'u' => {
                let high = unit(rest)?;
                rest = rest.get(4..)?;
                if (0xd800..0xdc00).contains(&high) {
                    let low = unit(rest.strip_prefix("\\u")?)?;
                    rest = rest.get(6..)?;
                    char::decode_utf16([high, low]).next()?.ok()?
                } else {
                    char::from_u32(u32::from(high))?
                }
            }
            other => char::from(other),
        });
    }
    out.push_str(rest);
    Some(Cow::Owned(out))
}

fn unit(hex: &str) -> Option<u16> {
    let digits = hex.get(..4)?;
    digits
        .bytes()
        .all(|byte| byte.is_ascii_hexdigit())
        .then(|| u16::from_str_radix(digits, 16).ok())?
}

/// What is left of the bounds while one event is read.
struct Budget {
    depth_max: usize,
    fields_left: usize,
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The next byte that is not white space; the scanner stands on it.
    fn peek(&mut self) -> Option<u8> {
        while let Some(byte) = self.byte() {
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Some(byte);
            }
            self.at += 1;
        }
        None
    }

    fn expected(&self, expected: &'static str) -> Problem {
        Problem::Syntax {
            byte: self.at,
            expected,
        }
    }

    fn end(&mut self) -> Result<(), Problem> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.expected("nothing more")),
        }
    }

    /// A member's name and its colon; stands on the value afterwards.
    fn name(&mut self, budget: &mut Budget) -> Result<Cow<'a, str>, Problem> {
        if self.peek() != Some(b'"') {
            return Err(self.expected("a name in double quotes"));
        }
        budget.fields_left = budget.fields_left.checked_sub(1).ok_or(Problem::Fields)?;
        let start = self.at;
        self.string()?;
        let name = text_of(&self.text[start..self.at]);
        let name = name.ok_or(Problem::Syntax {
            byte: start,
            expected: "both halves of a surrogate pair",
        })?;
        if self.peek() != Some(b':') {
            return Err(self.expected("`:`"));
        }
        self.at += 1;
        self.peek();
        Ok(name)
    }

    fn value(&mut self, bounds: Bounds) -> Result<(), Problem> {
        self.value_within(&mut Budget {
            depth_max: bounds.depth_max,
            fields_left: bounds.fields_max,
        })
    }

    /// Steps over one value of any nesting.
    fn value_within(&mut self, budget: &mut Budget) -> Result<(), Problem> {
        let mut open = Nesting::default();
        loop {
            match self.peek() {
                Some(opening @ (b'{' | b'[')) => {
                    if open.depth == budget.depth_max {
                        return Err(Problem::Depth);
                    }
                    self.at += 1;
                    let is_object = opening == b'{';
                    if self.peek() == Some(if is_object { b'}' } else { b']' }) {
                        self.at += 1;
                    } else {
                        open.push(is_object);
                        if is_object {
                            self.name(budget)?;
                        }
                        continue;
                    }
                }
                Some(b'"') => self.string()?,
                Some(b'-' | b'0'..=b'9') => self.number()?,
                Some(b't') => self.literal("true")?,
                Some(b'f') => self.literal("false")?,
                Some(b'n') => self.literal("null")?,
                _ => return Err(self.expected("a value")),
            }
            // A value is complete; so is every object or array that ends right after it.
            loop {
                let Some(in_object) = open.top() else {
                    return Ok(());
                };
                match (self.peek(), in_object) {
                    (Some(b','), _) => {
                        self.at += 1;
                        if in_object {
                            self.name(budget)?;
                        }
                        break;
                    }
                    (Some(b'}'), true) | (Some(b']'), false) => {
                        self.at += 1;
                        open.pop();
                    }
                    (_, true) => return Err(self.expected("`,` or `}`")),
                    (_, false) => return Err(self.expected("`,` or `]`")),
                }
            }
        }
    }

    fn string(&mut self) -> Result<(), Problem> {
        self.at += 1;
        let bytes = self.text.as_bytes();
        loop {
            match bytes.get(self.at) {
                Some(b'"') => break self.at += 1,
                Some(b'\\') => match bytes.get(self.at + 1) {
                    Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 2,
                    Some(b'u') if self.text.get(self.at + 2..).and_then(unit).is_some() => {
                        self.at += 6;
                    }
                    _ => return Err(self.expected("an escape that JSON has")),
                },
                Some(0x20..) => self.at += 1,
                Some(_) => return Err(self.expected("no control character in a string")),
                None => return Err(self.expected("the end of a string")),
            }
        }
        Ok(())
    }

    fn number(&mut self) -> Result<(), Problem> {
        if self.byte() == Some(b'-') {
            self.at += 1;
        }
        match self.byte() {
            Some(b'0') => self.at += 1,
            _ => self.digits()?,
        }
        if self.byte() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.byte(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.byte(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), Problem> {
        let start = self.at;
        while matches!(self.byte(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start {
            Err(self.expected("a digit"))
        } else {
            Ok(())
        }
    }

    fn literal(&mut self, word: &'static str) -> Result<(), Problem> {
        if self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
            self.at += word.len();
            Ok(())
        } else {
            Err(self.expected("a value"))
        }
    }
}

/// Which brackets are open: one bit a level, set for an object.
#[derive(Default)]
struct Nesting {
    bits: Vec<u64>,
    depth: usize,
}

impl Nesting {
    fn push(&mut self, is_object: bool) {
        let (word, bit) = (self.depth / 64, self.depth % 64);
        if word == self.bits.len() {
            self.bits.push(0);
        }
        self.bits[word] = self.bits[word] & !(1 << bit) | u64::from(is_object) << bit;
        self.depth += 1;
    }

    fn pop(&mut self) {
        self.depth -= 1;
    }

    fn top(&self) -> Option<bool> {
        let level = self.depth.checked_sub(1)?;
        Some(self.bits[level / 64] >> (level % 64) & 1 == 1)
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
        let text = r#" {"a" : 1 , "b":[ 1E2, -0.0 ],"é\u0041":"x\ud83d","a":123456789012345678901234567890} "#;
        let expected = [
            ("a", "123456789012345678901234567890"),
            ("b", "[ 1E2, -0.0 ]"),
            ("éA", r#""x\ud83d""#),
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
