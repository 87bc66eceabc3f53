//! Spans of time as `krb5.conf` and `kinit` have them.

/// The seconds that a text means: `3600`, `1d12h30m15s` (units in this order, spaces between
/// them), `12:30`, `12:30:15`, `1-12:30:15`. Any number may have a minus sign. `None` for any other
/// text, and for more than 32 bits hold.
///
/// ```
/// use winreach_kerberos::credentials::config::seconds_of;
///
/// assert_eq!(seconds_of("3600"), Some(3600));
/// assert_eq!(seconds_of("1h30m"), Some(5400));
/// assert_eq!(seconds_of("8:00:00"), Some(28_800));
/// assert_eq!(seconds_of("1d"), Some(86_400));
/// assert_eq!(seconds_of("a while"), None);
/// ```
#[must_use]
pub fn seconds_of(text: &str) -> Option<i32> {
    let text = text.trim();
    let (first, rest) = number(text)?;
    match rest.chars().next() {
        None => total([first]),
        Some(':') => clock(0, first, rest.strip_prefix(':')?),
        Some('-') => {
            let (hours, rest) = short_number(rest.strip_prefix('-')?)?;
            let rest = rest.strip_prefix(':')?;
            // Behind days a time needs its seconds.
            rest.contains(':').then(|| clock(first, hours, rest))?
        }
        Some(_) => with_units(text),
    }
}

const UNITS: [(char, i64); 4] = [('d', DAY), ('h', HOUR), ('m', MINUTE), ('s', 1)];
const DAY: i64 = 86_400;
const HOUR: i64 = 3600;
const MINUTE: i64 = 60;

/// `1d 12h30m15s`; each unit at most once, in this order.
fn with_units(mut text: &str) -> Option<i32> {
    let mut units = UNITS.iter();
    let mut parts = Vec::new();
    while !text.is_empty() {
        let (count, rest) = number(text)?;
        let unit = rest.chars().next()?;
        let (_, seconds) = units.find(|(name, _)| *name == unit)?;
        parts.push(count.checked_mul(*seconds)?);
        text = rest.get(1..)?.trim_start();
    }
    total(parts)
}

/// Minutes, and seconds perhaps, behind days and hours.
fn clock(days: i64, hours: i64, text: &str) -> Option<i32> {
    let (minutes, rest) = short_number(text)?;
    let (seconds, rest) = match rest.strip_prefix(':') {
        Some(rest) => short_number(rest)?,
        None => (0, rest),
    };
    let parts =
        [days.checked_mul(DAY)?, hours.checked_mul(HOUR)?, minutes.checked_mul(MINUTE)?, seconds];
    if rest.is_empty() { total(parts) } else { None }
}

/// The sum of the parts, where it and each of them has 32 bits.
fn total(parts: impl IntoIterator<Item = i64>) -> Option<i32> {
    parts.into_iter().try_fold(0_i32, |sum, part| sum.checked_add(i32::try_from(part).ok()?))
}

/// A number of 32 bits at the start of a text, and what stands behind it.
fn number(text: &str) -> Option<(i64, &str)> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    let (digits, rest) = digits.split_at_checked(end)?;
    let number: i32 = digits.parse().ok()?;
    Some((i64::from(number) * sign, rest))
}

/// A number of one or two digits, as on a clock.
fn short_number(text: &str) -> Option<(i64, &str)> {
    let (value, rest) = number(text)?;
    let len = text.len().checked_sub(rest.len())?;
    (!text.starts_with('-') && len <= 2).then_some((value, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What MIT Kerberos takes each for.
    #[test]
    fn spans_of_time_are_what_mit_kerberos_takes_them_for() {
        let (day, hour, minute) = (86_400, 3600, 60);
        for (text, seconds) in [
            ("3d", 3 * day),
            ("3h", 3 * hour),
            ("3m", 3 * minute),
            ("3s", 3),
            ("42", 42),
            ("3d4m    42s", 3 * day + 4 * minute + 42),
            ("3d-1h", 3 * day - hour),
            ("3d -1h", 3 * day - hour),
            ("3d4h5m6s", 3 * day + 4 * hour + 5 * minute + 6),
            ("12345s", 12_345),
            ("1m 12345s", minute + 12_345),
            ("3d \n\t 0m  ", 3 * day),
            ("42-13:42:47", 42 * day + 13 * hour + 42 * minute + 47),
            ("12:34", 12 * hour + 34 * minute),
            ("1:02:03", hour + 2 * minute + 3),
            ("3:4", 3 * hour + 4 * minute),
            ("100:00:00", 100 * hour),
            ("2147483647s", i32::MAX),
            ("24855d 3h 14m 7s", i32::MAX),
            ("596523h 14m 7s", i32::MAX),
            ("35791394m7s", i32::MAX),
            ("-2147483647s", -i32::MAX),
            ("-24855d -3h -14m -7s", -i32::MAX),
            ("-596523h -848s", i32::MIN),
        ] {
            assert_eq!(seconds_of(text), Some(seconds), "{text}");
        }
    }

    #[test]
    fn what_mit_kerberos_takes_for_no_span_of_time_is_none() {
        for text in [
            "",
            " ",
            "-",
            "d",
            "3dd",
            "3d4m5h",
            "3: 4",
            "13:0003",
            "3:-4",
            "1-2",
            "1-2:3",
            "1:2:3:4",
            "3d 4",
            "3 d",
            "2147483648s",
            "24856d",
            "24855d 100000000h",
            "24855d 4h",
            "24855d 3h 14m 8s",
            "596524h",
            "596523h 848s",
            "35791394m8s",
            "-24856d",
            "-24855d -4h",
            "-596523h -849s",
            "-35791394m-9s",
            "99999999999999999999",
            "1h30",
            "1\u{e9}",
        ] {
            assert_eq!(seconds_of(text), None, "{text}");
        }
    }

    #[test]
    fn what_stands_behind_a_span_of_time_is_not_passed_over() {
        // MIT Kerberos takes the first for ten minutes and the second for a day.
        assert_eq!(seconds_of("10months"), None);
        assert_eq!(seconds_of("1day"), None);
    }
}
