//! Shell patterns: `*`, `?`, `[a-z]`, `[!a-z]`, `{a,b}` within a name, and `**` for any number of folders.

/// Whether `text` has a character that makes it a pattern.
pub(crate) fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?', '[', '{'])
}

/// Whether the name of a file or folder fits a pattern that has no `/`.
///
/// A leading dot must be matched by a dot, and a leading `_` by a `_`: names that begin so are not data.
pub(crate) fn matches(pattern: &str, name: &str) -> bool {
    let hidden = name.starts_with(['.', '_']);
    expand(pattern).iter().any(|pattern| {
        let written_out = hidden && pattern.starts_with(['.', '_']);
        (!hidden || written_out) && matches_plain(pattern, name)
    })
}

/// Writes the first `{a,b}` out, and those in what comes of it, up to a bound that no honest pattern meets.
fn expand(pattern: &str) -> Vec<String> {
    const PATTERNS_MAX: usize = 1_000;
    let mut done = Vec::new();
    let mut queue = vec![pattern.to_owned()];
    while let Some(pattern) = queue.pop() {
        match first_braces(&pattern) {
            Some((before, alternatives, after)) if queue.len() + done.len() < PATTERNS_MAX => {
                for alternative in alternatives {
                    queue.push(format!("{before}{alternative}{after}"));
                }
            }
            _ => done.push(pattern),
        }
    }
    done
}

/// The innermost first pair of braces with a comma in it, split into what is before, in and after it.
fn first_braces(pattern: &str) -> Option<(&str, Vec<&str>, &str)> {
    for (close, _) in pattern.match_indices('}') {
        let Some(open) = pattern[..close].rfind('{') else {
            continue;
        };
        let inside = &pattern[open + 1..close];
        if inside.contains(',') {
            return Some((
                &pattern[..open],
                inside.split(',').collect(),
                &pattern[close + 1..],
            ));
        }
    }
    None
}

/// The classic two-pointer walk: on a mismatch the last `*` swallows one character more, so the work is at most
/// pattern times name.
fn matches_plain(pattern: &str, name: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    let (mut at, mut pos) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while pos < name.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, pos));
                at += 1;
            }
            Some(&wanted) => match one(&pattern, at, wanted, name[pos]) {
                Some(next) => {
                    at = next;
                    pos += 1;
                }
                None => match star {
                    Some((star_at, star_pos)) => {
                        star = Some((star_at, star_pos + 1));
                        at = star_at + 1;
                        pos = star_pos + 1;
                    }
                    None => return false,
                },
            },
            None => match star {
                Some((star_at, star_pos)) => {
                    star = Some((star_at, star_pos + 1));
                    at = star_at + 1;
                    pos = star_pos + 1;
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|&rest| rest == '*')
}

/// Matches one character; the position in the pattern after it, or none.
fn one(pattern: &[char], at: usize, wanted: char, found: char) -> Option<usize> {
    match wanted {
        '?' => Some(at + 1),
        '[' => match class(pattern, at, found) {
            Some((true, next)) => Some(next),
            Some((false, _)) => None,
            // An unclosed bracket is a bracket.
            None => (found == '[').then_some(at + 1),
        },
        _ => (wanted == found).then_some(at + 1),
    }
}

/// Reads the class that begins at `at`: whether `found` is in it, and the position after it. None if it isn't closed.
fn class(pattern: &[char], at: usize, found: char) -> Option<(bool, usize)> {
    let mut at = at + 1;
    let negated = matches!(pattern.get(at), Some('!' | '^'));
    at += usize::from(negated);
    let first = at;
    let mut inside = false;
    loop {
        let &low = pattern.get(at)?;
        if low == ']' && at > first {
            return Some((inside != negated, at + 1));
        }
        match (pattern.get(at + 1), pattern.get(at + 2)) {
            (Some('-'), Some(&high)) if high != ']' => {
                inside |= (low..=high).contains(&found);
                at += 3;
            }
            _ => {
                inside |= low == found;
                at += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_as_in_a_shell() {
        for (pattern, name, fits) in [
            ("*.parquet", "a.parquet", true),
            ("*.parquet", "a.parquet.tmp", false),
            ("part-*-c000*", "part-00000-abc-c000.snappy.parquet", true),
            ("*", "", true),
            ("a?c", "aüc", true),
            ("a?c", "ac", false),
            ("date=2026-11-2[0-3]", "date=2026-11-23", true),
            ("date=2026-11-2[!0-3]", "date=2026-11-23", false),
            ("[]x]", "]", true),
            ("[a-", "[a-", true),
            ("{a,b}.parquet", "b.parquet", true),
            ("{a,b}.parquet", "c.parquet", false),
            ("x{1,{2,3}}", "x3", true),
            ("{solo}", "{solo}", true),
            ("}{a,b}", "}b", true),
            ("*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false),
        ] {
            assert_eq!(matches(pattern, name), fits, "{pattern} on {name}");
        }
    }

    #[test]
    fn names_that_are_not_data_must_be_written_out() {
        assert!(!matches("*", ".hidden.parquet"));
        assert!(!matches("*", "_metadata"));
        assert!(!matches("?metadata", "_metadata"));
        assert!(matches("_meta*", "_metadata"));
        assert!(matches(".*", ".hidden.parquet"));
    }
}
