//! Which pages of a chunk are read, when the page index tells that others need not be.

use std::ops::Range;

use super::index::PagePlace;

/// Some pages of a chunk, in order, and how far a reader is with them.
#[derive(Debug)]
pub(super) struct Selection {
    /// Where the chunk's first data page is: what comes before is its dictionary.
    pages_at: u64,
    pages: Vec<PagePlace>,
    next: usize,
}

impl Selection {
    pub(super) fn new(pages_at: u64, pages: Vec<PagePlace>) -> Self {
        Self {
            pages_at,
            pages,
            next: 0,
        }
    }

    /// Where the chunk's first data page is.
    pub(super) fn pages_at(&self) -> u64 {
        self.pages_at
    }

    /// The page to read next.
    pub(super) fn page(&self) -> Option<&PagePlace> {
        self.pages.get(self.next)
    }

    /// Is done with a page.
    pub(super) fn next(&mut self) {
        self.next += 1;
    }

    /// Where the selected pages end that follow `start` without a gap; of more than `bytes_max`, a page boundary there.
    pub(super) fn run_end(&self, start: u64, bytes_max: u64) -> u64 {
        let rest = self.pages.get(self.next..).unwrap_or_default();
        let after = rest.partition_point(|page| page.bytes.start < start);
        let mut end = start;
        for page in rest.get(after..).unwrap_or_default() {
            if page.bytes.start != end || end - start >= bytes_max {
                break;
            }
            end = page.bytes.end;
        }
        end
    }
}

/// The byte ranges to read for some pages of a chunk that begins at `chunk_at` and whose first data page is at
/// `pages_at`: its dictionary and the pages, joined where they touch.
pub(crate) fn byte_runs(chunk_at: u64, pages_at: u64, pages: &[PagePlace]) -> Vec<Range<u64>> {
    let mut runs: Vec<Range<u64>> = Vec::new();
    let dictionary = chunk_at..pages_at;
    for bytes in std::iter::once(dictionary).chain(pages.iter().map(|page| page.bytes.clone())) {
        match runs.last_mut() {
            Some(last) if last.end == bytes.start => last.end = bytes.end,
            _ if bytes.is_empty() => {}
            _ => runs.push(bytes),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(bytes: Range<u64>) -> PagePlace {
        PagePlace { rows: 0..1, bytes }
    }

    #[test]
    fn pages_that_touch_are_one_run() {
        let pages = [page(20..30), page(30..40), page(60..70)];
        assert_eq!(byte_runs(4, 20, &pages), [4..40, 60..70]);
        assert_eq!(byte_runs(4, 10, &pages), [4..10, 20..40, 60..70]);
        assert_eq!(byte_runs(20, 20, &pages), [20..40, 60..70]);
        let mut selection = Selection::new(20, pages.to_vec());
        assert_eq!(selection.run_end(20, 100), 40);
        assert_eq!(selection.run_end(20, 5), 30);
        assert_eq!(selection.run_end(50, 100), 50);
        selection.next();
        assert_eq!(selection.run_end(40, 100), 40);
        selection.next();
        assert_eq!(selection.run_end(60, 100), 70);
    }
}
