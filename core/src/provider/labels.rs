//! Whole labels of host names.

/// Looks for whole labels.
#[derive(Clone, Debug)]
pub(super) struct Labels {
    /// The providers in small letters, by their first letter, with their places in the list.
    by_first: Vec<Vec<(usize, Vec<u8>)>>,
}

impl Labels {
    pub(super) fn new(names: &[String]) -> Self {
        let mut by_first = vec![Vec::new(); 256];
        for (index, name) in names.iter().enumerate() {
            let name = name.trim_end_matches('.').to_ascii_lowercase().into_bytes();
            if let Some(place) = name
                .first()
                .and_then(|first| by_first.get_mut(usize::from(*first)))
            {
                place.push((index, name));
            }
        }
        Self { by_first }
    }

    /// The first provider of the list whose labels are labels of `host` that follow each other.
    pub(super) fn first(&self, host: &[u8]) -> Option<usize> {
        let mut best = None;
        let mut rest = host;
        loop {
            let first = rest.first().map_or(0, u8::to_ascii_lowercase);
            for (index, name) in self.by_first.get(usize::from(first)).into_iter().flatten() {
                if best.is_none_or(|best| *index < best) && begins_with_labels(rest, name) {
                    best = Some(*index);
                }
            }
            match rest.iter().position(|byte| *byte == b'.') {
                Some(dot) => rest = rest.get(dot + 1..).unwrap_or_default(),
                None => return best,
            }
        }
    }
}

/// Where the labels of a host begin.
pub(super) fn labels(host: &[u8]) -> impl Iterator<Item = usize> + '_ {
    let dots = memchr::memchr_iter(b'.', host).map(|dot| dot + 1);
    std::iter::once(0).chain(dots)
}

/// Whether `text`, which begins with a label, begins with all those of `name`.
pub(super) fn begins_with_labels(text: &[u8], name: &[u8]) -> bool {
    text.split_at_checked(name.len())
        .is_some_and(|(head, rest)| {
            head.eq_ignore_ascii_case(name) && matches!(rest.first(), None | Some(b'.'))
        })
}

/// The host name in a `Host` header: no port, no dot at its end; `None` for an IPv6 address, which has no labels.
pub(super) fn host_of(text: &[u8]) -> Option<&[u8]> {
    let text = text.trim_ascii();
    let host = match text.iter().position(|byte| *byte == b':') {
        Some(colon) if text[colon + 1..].contains(&b':') => return None,
        Some(colon) => &text[..colon],
        None => text,
    };
    if host.starts_with(b"[") {
        return None;
    }
    Some(host.strip_suffix(b".").unwrap_or(host))
}
