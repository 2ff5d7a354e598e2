//! The word that was probably meant.

/// Letters of a word that are compared; longer words are cut for that.
const LETTERS_MAX: usize = 64;

/// The candidate that is most like `word`, if one is like it at all; the first of equals.
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let wanted = letters(word);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let found = letters(candidate);
        // Cheap first: words of very different length are not alike.
        let far_max = (wanted.len().max(found.len()) / 3).max(1);
        if wanted.len().abs_diff(found.len()) > far_max {
            continue;
        }
        let far = distance(&wanted, &found);
        // With every letter replaced nothing is alike: `q` is not a slip for `n`.
        let is_like = far <= far_max && far < wanted.len().max(found.len());
        if is_like && best.is_none_or(|(least, _)| far < least) {
            best = Some((far, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

fn letters(word: &str) -> Vec<char> {
    word.chars()
        .take(LETTERS_MAX)
        .flat_map(char::to_lowercase)
        .filter(|letter| !matches!(letter, '_' | '-' | ' '))
        .collect()
}

/// Letters to insert, delete, replace, or swap with their neighbour until the words are the same.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before_last = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 0..a.len() {
        let mut row = vec![i + 1];
        for j in 0..b.len() {
            let replaced = last[j] + usize::from(a[i] != b[j]);
            let mut least = replaced.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] {
                least = least.min(before_last[j - 1] + 1);
            }
            row.push(least);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_recognised_and_other_words_are_not() {
        let names = ["event_type", "Host", "timestamp", "item"];
        assert_eq!(nearest("host", names), Some("Host"));
        assert_eq!(nearest("eventtype", names), Some("event_type"));
        assert_eq!(nearest("tiem", names), Some("item"));
        assert_eq!(nearest("price", names), None);
        assert_eq!(nearest("", names), None);
        assert_eq!(nearest("q", ["n"]), None);
        assert_eq!(nearest("N", ["n"]), Some("n"));
        assert_eq!(nearest("n1", ["n"]), Some("n"));
    }
}
