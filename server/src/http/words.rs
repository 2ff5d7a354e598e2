//! The words of an address: what stands behind its `?`.

use axum::extract::Query;
use axum::http::Uri;
use serde::de::DeserializeOwned;

use super::problem::Problem;

/// Reads the words of an address; the error is what a user is to be told of them.
pub(super) fn read<T: DeserializeOwned>(uri: &Uri) -> Result<T, String> {
    check(uri).map_err(str::to_owned)?;
    let Query(words) = Query::try_from_uri(uri).map_err(|rejection| {
        let text = rejection.body_text();
        // The library's own words would help nobody.
        let why = text.strip_prefix("Failed to deserialize query string: ");
        why.unwrap_or(&text).to_owned()
    })?;
    Ok(words)
}

/// One word of an address, decoded; the first if there are several.
pub(super) fn one(uri: &Uri, name: &str) -> Result<Option<String>, Problem> {
    check(uri).map_err(Problem::bad_request)?;
    let Query(words) = Query::<Vec<(String, String)>>::try_from_uri(uri)
        .map_err(|rejection| Problem::bad_request(rejection.body_text()))?;
    let mut words = words.into_iter();
    Ok(words.find_map(|(word, value)| (word == name).then_some(value)))
}

/// The library reads bytes that are no text as `�`, and would ask for something else than was meant.
fn check(uri: &Uri) -> Result<(), &'static str> {
    let is_text = std::str::from_utf8(&decode(uri.query().unwrap_or_default())).is_ok();
    is_text.then_some(()).ok_or(
        "what stands behind the ? is not UTF-8 when its %-escapes are decoded; send text as UTF-8",
    )
}

/// The bytes that escapes stand for; what is no escape stays as it is, as the library reads it too.
fn decode(mut encoded: &str) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(encoded.len());
    while let Some(at) = encoded.find('%') {
        decoded.extend_from_slice(&encoded.as_bytes()[..at]);
        let digits = encoded.get(at + 1..at + 3);
        let is_hex = |digits: &&str| digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        let byte = digits
            .filter(is_hex)
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        decoded.push(byte.unwrap_or(b'%'));
        encoded = &encoded[at + if byte.is_some() { 3 } else { 1 }..];
    }
    decoded.extend_from_slice(encoded.as_bytes());
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_and_other_bytes_are_refused() {
        for (query, value) in [
            ("a=%C3%A9%2F1", Some("é/1")),
            ("a=100%&b=1", Some("100%")),
            ("a=%zz%4", Some("%zz%4")),
            ("b=1&a=x+y", Some("x y")),
            ("b=1", None),
            ("", None),
        ] {
            let uri = format!("/?{query}").parse().unwrap();
            assert_eq!(one(&uri, "a"), Ok(value.map(str::to_owned)), "{query}");
        }
        for query in ["a=%ff", "b=%C3", "%fe=1", "a=%C3%28"] {
            let uri = format!("/?{query}").parse().unwrap();
            assert!(one(&uri, "a").is_err(), "{query}");
            assert!(read::<Vec<(String, String)>>(&uri).is_err(), "{query}");
        }
    }
}
