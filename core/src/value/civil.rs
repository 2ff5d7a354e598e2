//! Days and instants as queries write them, years far beyond four digits included.

use crate::calendar::{civil_from_days, days_from_civil};

/// Nanoseconds of a day.
pub(crate) const DAY_NANOS: i128 = 86_400_000_000_000;

/// The Monday of the week that `days` is in.
pub(crate) fn start_of_week(days: i64) -> i64 {
    // 1970-01-01 was a Thursday.
    let since_monday = (i128::from(days) + 3).rem_euclid(7) as i64;
    days.saturating_sub(since_monday)
}

/// The first day of the month that `days` is in.
pub(crate) fn start_of_month(days: i64) -> i64 {
    days.saturating_sub(i64::from(civil_from_days(days).2) - 1)
}

/// Nanoseconds since 1970-01-01T00:00:00 of what `text` says: a date, or a date and time with or without an offset.
///
/// Without an offset the clock of the column is meant. `None` for anything else.
pub(crate) fn parse_instant(text: &str) -> Option<i128> {
    let mut rest = Rest(text.trim());
    let negative = rest.take('-');
    if !negative {
        rest.take('+');
    }
    let (year, year_digits) = rest.number(4, 12)?;
    // More than four digits only with a sign, as ISO 8601 has it; that keeps `20261123` from being a year.
    if year_digits > 4 && text.trim().starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let year = if negative { -year } else { year };
    rest.expect('-')?;
    let (month, _) = rest.number(2, 2)?;
    rest.expect('-')?;
    let (day, _) = rest.number(2, 2)?;
    let date = (i64::try_from(year).ok()?, month as u32, day as u32);
    let days = days_from_civil(date.0, date.1, date.2);
    if !(1..=12).contains(&month) || civil_from_days(days) != date {
        return None;
    }
    let midnight = i128::from(days) * DAY_NANOS;
    if rest.0.is_empty() {
        return Some(midnight);
    }
    if !(rest.take('T') || rest.take('t') || rest.take(' ')) {
        return None;
    }
    Some(midnight + time_of_day(&mut rest)?)
}

/// `HH:MM[:SS[.fraction]][Z|±HH[:MM]]`, to the end.
fn time_of_day(rest: &mut Rest<'_>) -> Option<i128> {
    let (hours, _) = rest.number(2, 2)?;
    rest.expect(':')?;
    let (minutes, _) = rest.number(2, 2)?;
    let seconds = if rest.take(':') {
        rest.number(2, 2)?.0
    } else {
        0
    };
    let mut nanos = 0;
    if rest.take('.') {
        let (fraction, digits) = rest.number(1, 18)?;
        nanos = if digits > 9 {
            fraction / 10_i128.pow(digits - 9)
        } else {
            fraction * 10_i128.pow(9 - digits)
        };
    }
    // 24:00 is the midnight that ends a day; nothing comes after it.
    let is_beyond = hours > 24 || hours == 24 && (minutes, seconds, nanos) != (0, 0, 0);
    if is_beyond || minutes > 59 || seconds > 60 {
        return None;
    }
    rest.0 = rest.0.trim_start();
    let offset_minutes = if rest.0.is_empty() || rest.take('Z') || rest.take('z') {
        0
    } else {
        let west = rest.take('-');
        if !west {
            rest.expect('+')?;
        }
        let (hours, _) = rest.number(2, 2)?;
        rest.take(':');
        let minutes = if rest.0.is_empty() {
            0
        } else {
            rest.number(2, 2)?.0
        };
        if hours > 23 || minutes > 59 {
            return None;
        }
        (hours * 60 + minutes) * if west { -1 } else { 1 }
    };
    if !rest.0.is_empty() {
        return None;
    }
    let seconds = (hours * 60 + minutes - offset_minutes) * 60 + seconds;
    Some(seconds * 1_000_000_000 + nanos)
}

/// What is left of a text that is read from the front.
struct Rest<'a>(&'a str);

impl Rest<'_> {
    fn take(&mut self, sign: char) -> bool {
        let taken = self.0.strip_prefix(sign);
        self.0 = taken.unwrap_or(self.0);
        taken.is_some()
    }

    fn expect(&mut self, sign: char) -> Option<()> {
        self.take(sign).then_some(())
    }

    /// Digits, as a number and how many there were.
    fn number(&mut self, digits_min: usize, digits_max: usize) -> Option<(i128, u32)> {
        let digits = self
            .0
            .bytes()
            .take(digits_max)
            .take_while(u8::is_ascii_digit)
            .count();
        if digits < digits_min {
            return None;
        }
        let (number, rest) = self.0.split_at(digits);
        self.0 = rest;
        Some((number.parse().ok()?, digits as u32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_start_on_monday_and_months_on_the_first() {
        let sunday = parse_instant("2026-11-29").unwrap() / DAY_NANOS;
        let monday = parse_instant("2026-11-23").unwrap() / DAY_NANOS;
        assert_eq!(i128::from(start_of_week(sunday as i64)), monday);
        assert_eq!(start_of_month(monday as i64), monday as i64 - 22);
    }

    #[test]
    fn instants_in_their_usual_forms() {
        let second = 1_000_000_000;
        for (text, nanos) in [
            ("1970-01-01", Some(0)),
            ("1970-01-01T00:00:01Z", Some(second)),
            ("1970-01-01 00:01", Some(60 * second)),
            ("1970-01-01T01:00:00+01:00", Some(0)),
            ("1969-12-31T23:59:59.999999999Z", Some(-1)),
            ("1970-01-01T24:00:00Z", Some(DAY_NANOS)),
            ("1970-01-01T24:00:00.1Z", None),
            ("1970-01-01T24:30", None),
            ("1970-02-30", None),
            ("1970-1-1", None),
            ("19700101", None),
            ("noon", None),
            ("1970-01-01T00:00:00Zebra", None),
        ] {
            assert_eq!(parse_instant(text), nanos, "{text}");
        }
    }
}
