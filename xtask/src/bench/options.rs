//! The options that benchmarks have in common.

use anyhow::{Context, Result, bail};

/// How to measure, and what.
pub(super) struct Options<'a> {
    /// Whether to build first what is measured.
    pub(super) build: bool,
    pub(super) rounds: usize,
    /// Only works whose names hold one of these; all if there are none.
    pub(super) words: Vec<&'a str>,
}

impl<'a> Options<'a> {
    /// Reads them; `takes` says which there are.
    pub(super) fn parse(options: &[&'a str], rounds: usize, takes: &'static str) -> Result<Self> {
        let mut parsed = Self {
            build: true,
            rounds,
            words: Vec::new(),
        };
        let mut rest = options.iter();
        while let Some(&option) = rest.next() {
            match option {
                "--no-build" => parsed.build = false,
                "--rounds" => {
                    let number = rest.next().and_then(|number| number.parse().ok());
                    parsed.rounds = number.filter(|&number| number > 0).context(takes)?;
                }
                _ if option.starts_with('-') => bail!("{takes}"),
                word => parsed.words.push(word),
            }
        }
        Ok(parsed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_may_stand_among_words_and_others_are_refused() {
        let parsed = Options::parse(&["plain", "--rounds", "2", "--no-build"], 5, "takes").unwrap();
        assert_eq!((parsed.build, parsed.rounds), (false, 2));
        assert_eq!(parsed.words, ["plain"]);
        for refused in [&["--rounds"][..], &["--rounds", "0"], &["--fast"]] {
            let Err(error) = Options::parse(refused, 5, "takes") else {
                panic!("{refused:?} was taken");
            };
            assert_eq!(error.to_string(), "takes");
        }
    }
}
