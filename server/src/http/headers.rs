//! Which headers of a request become part of its events.

use axum::http::{HeaderMap, HeaderName, Uri, header};

/// The configured list, ready to look up.
#[derive(Debug)]
pub(super) struct AllowList {
    names: Vec<(HeaderName, String)>,
}

impl AllowList {
    /// `names` as they are to be logged; the configuration has checked them.
    pub(super) fn new(names: &[String]) -> Self {
        let parsed = names
            .iter()
            .filter_map(|name| Some((HeaderName::try_from(name).ok()?, name.clone())));
        Self {
            names: parsed.collect(),
        }
    }

    /// The headers that are there, in the list's order; several lines of one name are joined by commas, as WSGI servers do.
    pub(super) fn pick(&self, headers: &HeaderMap, uri: &Uri) -> Vec<(String, String)> {
        let mut picked = Vec::with_capacity(self.names.len());
        for (name, logged) in &self.names {
            // HTTP/2 has an authority instead of `Host`, and in HTTP/1.1 a target with one beats `Host` (RFC 9112, 3.2.2).
            let authority = uri.authority().filter(|_| name == header::HOST);
            let value = match authority {
                Some(authority) => Some(without_user(authority.as_str()).to_owned()),
                None => joined(headers, name),
            };
            picked.extend(value.map(|value| (logged.clone(), value)));
        }
        picked
    }
}

/// An authority's host and port; what stands before them is a credential, which is never logged.
fn without_user(authority: &str) -> &str {
    authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host)
}

fn joined(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let mut values = headers.get_all(name).iter();
    let first = text(values.next()?.as_bytes());
    Some(values.fold(first, |all, value| all + "," + &text(value.as_bytes())))
}

/// A header's value as text: UTF-8 if it is, otherwise a byte is a character, as HTTP/1.1 once said.
fn text(value: &[u8]) -> String {
    match std::str::from_utf8(value) {
        Ok(text) => text.to_owned(),
        Err(_) => value.iter().copied().map(char::from).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_listed_headers_are_picked_under_their_listed_names() {
        let list = AllowList::new(&[
            "Host".to_owned(),
            "User-Agent".to_owned(),
            "Accept".to_owned(),
        ]);
        let mut headers = HeaderMap::new();
        headers.insert("host", "user46.earthlink.com".parse().unwrap());
        headers.insert("cookie", "secret=1".parse().unwrap());
        headers.append("accept", "text/html".parse().unwrap());
        headers.append("accept", "*/*".parse().unwrap());
        let picked = list.pick(&headers, &Uri::from_static("/"));
        let expected = [
            ("Host", "user46.earthlink.com"),
            ("Accept", "text/html,*/*"),
        ];
        assert_eq!(
            picked,
            expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
    }

    #[test]
    fn a_host_that_is_only_in_the_address_counts_and_old_bytes_become_text() {
        let list = AllowList::new(&["Host".to_owned(), "Referer".to_owned()]);
        let mut headers = HeaderMap::new();
        headers.insert(
            "referer",
            axum::http::HeaderValue::from_bytes(b"caf\xe9").unwrap(),
        );
        let picked = list.pick(
            &headers,
            &Uri::from_static("http://a.cox.net:8080/purchase/x"),
        );
        assert_eq!(picked[0].1, "a.cox.net:8080");
        assert_eq!(picked[1].1, "café");
        headers.insert("host", "other".parse().unwrap());
        let picked = list.pick(
            &headers,
            &Uri::from_static("http://user:secret@a.cox.net/purchase/x"),
        );
        assert_eq!(picked[0].1, "a.cox.net", "the target's host wins");
    }
}
