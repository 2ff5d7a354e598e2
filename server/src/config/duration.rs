//! Times as people write them: `250ms`, `60s`, `5m`, `24h`, `400d`.

use std::time::Duration;

/// Reads a time with its unit; a number alone means nothing and is refused.
pub(super) fn parse(text: &str) -> Option<Duration> {
    let digits = text
        .find(|character: char| !character.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let milliseconds_per_unit = match unit.trim() {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60 * 1_000,
        "h" => 60 * 60 * 1_000,
        "d" => 24 * 60 * 60 * 1_000,
        _ => return None,
    };
    Some(Duration::from_millis(
        number
            .parse::<u64>()
            .ok()?
            .checked_mul(milliseconds_per_unit)?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_understood() {
        for (text, milliseconds) in [
            ("250ms", 250),
            ("60s", 60_000),
            ("5 m", 300_000),
            ("24h", 86_400_000),
            ("1d", 86_400_000),
        ] {
            assert_eq!(
                parse(text),
                Some(Duration::from_millis(milliseconds)),
                "{text}"
            );
        }
        for text in [
            "",
            "60",
            "s",
            "-1s",
            "1.5h",
            "1w",
            "99999999999999999999s",
            "99999999999999999d",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
