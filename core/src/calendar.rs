//! Days, dates and RFC 3339 instants in the proleptic Gregorian calendar, without a clock or a time zone database.

use std::fmt::Write as _;

/// Microseconds of a second.
pub(crate) const MICROS_PER_SECOND: i64 = 1_000_000;
/// Microseconds of a day; UTC here has no leap seconds.
pub(crate) const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;

/// 0000-01-01T00:00:00Z, the first instant RFC 3339 can write.
const INSTANT_MIN_US: i64 = -719_528 * MICROS_PER_DAY;
/// 9999-12-31T23:59:59.999999Z, the last one.
const INSTANT_MAX_US: i64 = 2_932_897 * MICROS_PER_DAY - 1;

/// The day number, 1970-01-01 being 0, of a date; `month` is 1 to 12 and `day` 1 to 31.
///
/// Years are counted from March, so that the leap day is a year's last and needs no special case.
pub(crate) fn days_from_civil(year: i64, month: u32, day: u32) -> i64 {
    let (month, day) = (i64::from(month), i64::from(day));
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The year, month (1 to 12) and day (1 to 31) of a day number; the inverse of [`days_from_civil`].
pub(crate) fn civil_from_days(days: i64) -> (i64, u32, u32) {
    // Shifted to 0000-03-01; the saturation only matters for day numbers no calendar names.
    let days = days.saturating_add(719_468);
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month as u32, day as u32)
}

/// How many days a month has.
pub(crate) fn days_in_month(year: i64, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Microseconds since 1970 of an RFC 3339 text with any offset; digits beyond microseconds are cut.
///
/// The error is what is wrong, as the end of a sentence.
pub(crate) fn parse_instant(text: &str) -> Result<i64, &'static str> {
    const SHAPE: &str = "is not RFC 3339, such as 2026-11-23T10:00:00Z";
    let bytes = text.as_bytes();
    let number = |from: usize, to: usize| -> Result<u32, &'static str> {
        let digits = bytes.get(from..to).ok_or(SHAPE)?;
        digits.iter().try_fold(0, |sum, digit| match digit {
            b'0'..=b'9' => Ok(sum * 10 + u32::from(digit - b'0')),
            _ => Err(SHAPE),
        })
    };
    let is = |at: usize, allowed: &[u8]| bytes.get(at).is_some_and(|byte| allowed.contains(byte));

    let (year, month, day) = (i64::from(number(0, 4)?), number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    if !(is(4, b"-") && is(7, b"-") && is(10, b"Tt ") && is(13, b":") && is(16, b":")) {
        return Err(SHAPE);
    }
    if !(1..=12).contains(&month) || day == 0 || day > days_in_month(year, month) {
        return Err("names a day that does not exist");
    }
    if hour > 23 || minute > 59 || second > 60 {
        return Err("names a time of day that does not exist");
    }

    let mut at = 19;
    let mut fraction_us = 0;
    if is(at, b".") {
        at += 1;
        let digits = bytes[at..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        if digits == 0 {
            return Err(SHAPE);
        }
        let kept = digits.min(6);
        fraction_us = i64::from(number(at, at + kept)? * 10_u32.pow(6 - kept as u32));
        at += digits;
    }
    let offset_minutes = if is(at, b"Zz") && bytes.len() == at + 1 {
        0
    } else if is(at, b"+-") && is(at + 3, b":") && bytes.len() == at + 6 {
        let (hours, minutes) = (number(at + 1, at + 3)?, number(at + 4, at + 6)?);
        if hours > 23 || minutes > 59 {
            return Err("has an offset that does not exist");
        }
        let minutes = i64::from(hours * 60 + minutes);
        if bytes[at] == b'-' { -minutes } else { minutes }
    } else if bytes.len() == at {
        return Err("has no offset from UTC (add Z or, for example, +02:00)");
    } else {
        return Err(SHAPE);
    };

    let minutes =
        days_from_civil(year, month, day) * 1_440 + i64::from(hour * 60 + minute) - offset_minutes;
    // A leap second ends a UTC day; it is the same instant as the next day's first, as in POSIX.
    if second == 60 && minutes.rem_euclid(1_440) != 1_439 {
        return Err("names a time of day that does not exist");
    }
    let instant_us = (minutes * 60 + i64::from(second)) * MICROS_PER_SECOND + fraction_us;
    if (INSTANT_MIN_US..=INSTANT_MAX_US).contains(&instant_us) {
        Ok(instant_us)
    } else {
        Err("is outside the years 0000 to 9999 in UTC")
    }
}

/// `2026-11-23` of a day number; years outside 0000 to 9999 get a sign, as in ISO 8601.
pub(crate) fn write_date(out: &mut String, days: i64) {
    let (year, month, day) = civil_from_days(days);
    match year {
        0..=9999 => push_digits::<4>(out, year),
        // Writing to a string can't fail.
        _ => drop(write!(out, "{year:+05}")),
    }
    for number in [month, day] {
        out.push('-');
        push_digits::<2>(out, number.into());
    }
}

/// `2026-11-23T10:00:00.25Z` of microseconds since 1970: a fraction only where there is one.
pub(crate) fn write_instant(out: &mut String, instant_us: i64) {
    write_date(out, instant_us.div_euclid(MICROS_PER_DAY));
    let of_day_us = instant_us.rem_euclid(MICROS_PER_DAY);
    let seconds = of_day_us / MICROS_PER_SECOND;
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    for (lead, number) in [('T', hour), (':', minute), (':', second)] {
        out.push(lead);
        push_digits::<2>(out, number);
    }
    let fraction_us = of_day_us % MICROS_PER_SECOND;
    if fraction_us != 0 {
        out.push('.');
        push_digits::<6>(out, fraction_us);
        out.truncate(out.trim_end_matches('0').len());
    }
    out.push('Z');
}

/// Appends the last digits of a number, with zeros before it. The formatting machinery takes ten times as long, and every event
/// has two instants.
fn push_digits<const N: usize>(out: &mut String, mut number: i64) {
    let mut digits = ['0'; N];
    for digit in digits.iter_mut().rev() {
        *digit = char::from(b'0' + (number % 10) as u8);
        number /= 10;
    }
    out.extend(digits);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instant(us: i64) -> String {
        let mut out = String::new();
        write_instant(&mut out, us);
        out
    }

    #[test]
    fn every_day_of_the_years_0000_to_9999_is_itself_again() {
        let mut expected = (0, 1, 1);
        for days in -719_528..2_932_897 {
            assert_eq!(civil_from_days(days), expected);
            assert_eq!(days_from_civil(expected.0, expected.1, expected.2), days);
            let (year, month, day) = expected;
            expected = match (month, day == days_in_month(year, month)) {
                (_, false) => (year, month, day + 1),
                (12, true) => (year + 1, 1, 1),
                (_, true) => (year, month + 1, 1),
            };
        }
        assert_eq!(expected, (10_000, 1, 1));
        assert_eq!(civil_from_days(0), (1970, 1, 1));
    }

    #[test]
    fn offsets_are_converted_and_microseconds_kept() {
        for (given, utc) in [
            ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
            ("2026-11-23T10:00:00+02:00", "2026-11-23T08:00:00Z"),
            ("2026-11-23T23:30:00-05:30", "2026-11-24T05:00:00Z"),
            ("1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"),
            ("2026-02-28T23:59:59.120Z", "2026-02-28T23:59:59.12Z"),
            (
                "2026-02-28t23:59:59.1234569z",
                "2026-02-28T23:59:59.123456Z",
            ),
            ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
            ("2017-01-01T01:59:60+02:00", "2017-01-01T00:00:00Z"),
            ("0000-01-01T00:00:00Z", "0000-01-01T00:00:00Z"),
            ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
            ("2024-02-29 12:00:00Z", "2024-02-29T12:00:00Z"),
        ] {
            assert_eq!(
                parse_instant(given).map(instant).as_deref(),
                Ok(utc),
                "{given}"
            );
        }
        assert_eq!(parse_instant("1969-12-31T23:59:59.999999Z"), Ok(-1));
    }

    #[test]
    fn what_is_not_an_instant_is_refused() {
        for text in [
            "",
            "yesterday",
            "2026-11-23",
            "2026-11-23T10:00:00",
            "2026-02-30T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2023-02-29T00:00:00Z",
            "1900-02-29T00:00:00Z",
            "2026-11-23T24:00:00Z",
            "2026-11-23T10:60:00Z",
            "2026-11-23T10:00:60Z",
            "2026-11-23T10:00:00.Z",
            "2026-11-23T10:00:00+0200",
            "2026-11-23T10:00:00+24:00",
            "2026-11-23T10:00:00Zx",
            "10000-01-01T00:00:00Z",
            "0000-01-01T00:00:00+00:01",
            "9999-12-31T23:59:59-00:01",
            "2026-11-23T10:00:0٣Z",
            "+026-11-23T10:00:00Z",
            "2026-11-23T10:00:00.123",
        ] {
            assert!(parse_instant(text).is_err(), "{text}");
        }
    }

    #[test]
    fn years_of_more_digits_are_signed() {
        let mut out = String::new();
        write_date(&mut out, days_from_civil(10_000, 1, 1));
        write_date(&mut out, days_from_civil(-1, 12, 31));
        assert_eq!(out, "+10000-01-01-0001-12-31");
    }
}
