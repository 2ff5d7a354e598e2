//! JSON strings, from text and to text, and values as they were written.

use std::borrow::Cow;

/// The text of a JSON string as written, quotes included; `None` for another value or for half a surrogate pair.
pub(in crate::event) fn text_of(value: &str) -> Option<Cow<'_, str>> {
    unescape(value.strip_prefix('"')?.strip_suffix('"')?)
}

/// Appends `text` as a JSON string.
pub(in crate::event) fn write_text(out: &mut Vec<u8>, text: &str) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let is_plain = |byte: &u8| !matches!(byte, b'"' | b'\\' | 0..0x20);
    out.push(b'"');
    let mut rest = text.as_bytes();
    loop {
        let plain = plain_bytes(rest);
        let plain = plain
            + rest[plain..]
                .iter()
                .take_while(|byte| is_plain(byte))
                .count();
        out.extend_from_slice(&rest[..plain]);
        let Some((&byte, after)) = rest[plain..].split_first() else {
            break;
        };
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            _ => {
                out.extend_from_slice(b"\\u00");
                out.extend_from_slice(&[HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
            }
        }
        rest = after;
    }
    out.push(b'"');
}

/// How many bytes at the beginning stand for themselves in a string, eight looked at together; fewer than eight at the end are not.
pub(super) fn plain_bytes(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGHS: u64 = ONES << 7;
    let (eights, _) = bytes.as_chunks::<8>();
    for (at, eight) in eights.iter().enumerate() {
        let eight = u64::from_le_bytes(*eight);
        let below = |bound: u64| eight.wrapping_sub(ONES * bound) & !eight;
        let is = |byte: u8| {
            let zero_where_it_is = eight ^ (ONES * u64::from(byte));
            zero_where_it_is.wrapping_sub(ONES) & !zero_where_it_is
        };
        // A borrow can mark bytes that are plain, but only behind one that is not: the first mark is true.
        let marks = (below(0x20) | is(b'"') | is(b'\\')) & HIGHS;
        if marks != 0 {
            return 8 * at + marks.trailing_zeros() as usize / 8;
        }
    }
    8 * eights.len()
}

/// Appends a value as written, without line breaks: those can only stand between its tokens, never in a string.
pub(in crate::event) fn write_raw(out: &mut Vec<u8>, value: &str) {
    if value.bytes().any(|byte| matches!(byte, b'\n' | b'\r')) {
        out.extend(value.bytes().filter(|byte| !matches!(byte, b'\n' | b'\r')));
    } else {
        out.extend_from_slice(value.as_bytes());
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

/// The number that four hexadecimal digits are.
pub(super) fn unit(hex: &str) -> Option<u16> {
    let digits = hex.get(..4)?;
    digits
        .bytes()
        .all(|byte| byte.is_ascii_hexdigit())
        .then(|| u16::from_str_radix(digits, 16).ok())?
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn plain_bytes_end_where_one_is_not_plain(bytes in prop::collection::vec(prop_oneof![any::<u8>(), 0x1e_u8..0x24, Just(b'\\')], 0..40)) {
            let is_plain = |byte: &u8| !matches!(byte, b'"' | b'\\' | 0..0x20);
            let plain = bytes.iter().take_while(|byte| is_plain(byte)).count();
            let whole_eights = bytes.len() / 8 * 8;
            prop_assert_eq!(plain_bytes(&bytes), plain.min(whole_eights));
        }
    }
}
