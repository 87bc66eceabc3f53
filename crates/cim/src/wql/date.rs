//! Date-times as queries write them.

use std::cmp::Ordering;

use crate::DateTime;
use crate::datetime::{days_from_civil, month_length};

/// A point in time in a query.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Moment {
    /// A CIM date-time or interval.
    Cim(DateTime),
    /// Microseconds from 1970-01-01 on the clock of whatever it is compared with: the text says
    /// no offset from UTC.
    Local(i64),
}

impl Moment {
    /// Reads a CIM date-time, or one of the forms of *WQL-Supported Date Formats* and *Time
    /// Formats* with a year of four digits: `yyyymmdd`, `yyyymm` and `yyyy`; three numbers between
    /// equal separators with the year first (`yyyy-mm-dd`) or last (`mm/dd/yyyy` as in the United
    /// States, `dd/mm/yyyy` where only that is possible); the month by its English name. A time
    /// `hh[:mm[:ss[:mmm]]] [AM|PM]` may follow.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(value) = text.parse() {
            return Some(Self::Cim(value));
        }
        let (date, time) = split_time(text);
        let (year, month, day) = date_of(date.trim())?;
        let micros_of_day = match time.trim() {
            "" => 0,
            time => time_of(time)?,
        };
        let is_date = (1..=12).contains(&month) && (1..=month_length(year, month)).contains(&day);
        is_date.then(|| Self::Local(days_from_civil(year, month, day) * DAY + micros_of_day))
    }

    /// How `value` stands to this moment; nothing where the two cannot be ordered.
    pub(super) fn order_of(&self, value: &DateTime) -> Option<Ordering> {
        match self {
            Self::Cim(moment) => value.compare(moment),
            Self::Local(micros) => Some(value.local_micros()?.cmp(micros)),
        }
    }
}

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Cuts before the time: before the digits at the first colon, or before an hour with AM or PM.
fn split_time(text: &str) -> (&str, &str) {
    let end = text.find(':').or_else(|| {
        let hour = without_half_day(text).0;
        (hour.len() < text.len()).then_some(hour.len())
    });
    let head = end.and_then(|end| text.get(..end)).unwrap_or(text);
    let before = head.trim_end_matches(|c: char| c.is_ascii_digit());
    match end {
        Some(_) => text.split_at_checked(before.len()).unwrap_or((text, "")),
        None => (text, ""),
    }
}

/// A time without its AM (0) or PM (12).
fn without_half_day(text: &str) -> (&str, Option<i64>) {
    let cut = text.len().saturating_sub(2);
    let half = match text.get(cut..) {
        Some(end) if end.eq_ignore_ascii_case("am") => 0,
        Some(end) if end.eq_ignore_ascii_case("pm") => 12,
        _ => return (text, None),
    };
    match text.get(..cut).map(str::trim_end) {
        Some(rest) if rest.ends_with(|c: char| c.is_ascii_digit()) => (rest, Some(half)),
        _ => (text, None),
    }
}

/// Microseconds since midnight.
fn time_of(text: &str) -> Option<i64> {
    let (text, half_day) = without_half_day(text);
    let mut parts = text.split(':').map(number);
    let mut next = |most: u32| match parts.next() {
        None => Some(0),
        Some(part) => part.filter(|part| *part <= most).map(i64::from),
    };
    let (hour, minute, second, milli) = (next(23)?, next(59)?, next(59)?, next(999)?);
    let hour = match half_day {
        Some(half) if (1..=12).contains(&hour) => hour % 12 + half,
        Some(_) => return None,
        None => hour,
    };
    parts.next().is_none().then(|| ((hour * 60 + minute) * 60 + second) * SECOND + milli * 1000)
}

/// Year, month and day.
fn date_of(text: &str) -> Option<(i64, u8, u8)> {
    if text.bytes().all(|b| b.is_ascii_digit()) {
        let part = |range| text.get(range).map_or(Some(1), |part| number(part)?.try_into().ok());
        return match text.len() {
            4 | 6 | 8 => Some((number(text.get(..4)?)?.into(), part(4..6)?, part(6..8)?)),
            _ => None,
        };
    }
    let separator = text.find(['-', '/', '.']).and_then(|at| text.get(at..=at));
    match separator {
        Some(separator) => separated_date(text.split(separator)),
        None => named_date(text),
    }
}

fn separated_date<'a>(mut parts: impl Iterator<Item = &'a str>) -> Option<(i64, u8, u8)> {
    let [first, middle, last] = [parts.next()?, parts.next()?, parts.next()?];
    if parts.next().is_some() {
        return None;
    }
    let small = |text: &str| number(text)?.try_into().ok();
    if first.len() == 4 {
        return Some((number(first)?.into(), small(middle)?, small(last)?));
    }
    let (month, day): (u8, u8) = (small(first)?, small(middle)?);
    let year = number(last).filter(|_| last.len() == 4)?.into();
    Some(if month > 12 { (year, day, month) } else { (year, month, day) })
}

/// A month by name, a year and perhaps a day, in any order.
fn named_date(text: &str) -> Option<(i64, u8, u8)> {
    let mut rest = text;
    let (mut year, mut month, mut day) = (None, None, None);
    while let Some(c) = rest.chars().next() {
        let run = |wanted: fn(char) -> bool| rest.find(|c| !wanted(c)).unwrap_or(rest.len());
        let (part, after) = if c.is_ascii_digit() {
            rest.split_at_checked(run(|c| c.is_ascii_digit()))?
        } else if c.is_alphabetic() {
            rest.split_at_checked(run(char::is_alphabetic))?
        } else if c == ',' || c.is_whitespace() {
            rest.split_at_checked(c.len_utf8())?
        } else {
            return None;
        };
        rest = after;
        let taken = if c.is_alphabetic() {
            month.replace(month_of(part)?).is_some()
        } else if part.len() == 4 && c.is_ascii_digit() {
            year.replace(number(part)?.into()).is_some()
        } else if c.is_ascii_digit() {
            day.replace(number(part)?.try_into().ok()?).is_some()
        } else {
            false
        };
        if taken {
            return None;
        }
    }
    Some((year?, month?, day.unwrap_or(1)))
}

/// A month by its name or the first three letters of it.
fn month_of(name: &str) -> Option<u8> {
    let name = name.to_ascii_lowercase();
    let is = |month: &str| month == name || (name.len() == 3 && month.starts_with(&name));
    let at = MONTHS.iter().position(|month| is(month))?;
    u8::try_from(at + 1).ok()
}

/// Digits only, no sign.
fn number(text: &str) -> Option<u32> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(cim: &str) -> Option<Moment> {
        let value: DateTime = format!("{cim}+000").parse().unwrap();
        Some(Moment::Local(value.local_micros().unwrap()))
    }

    #[test]
    fn the_documented_forms_are_read() {
        let day = local("19320121000000.000000");
        for text in [
            "January 21, 1932",
            "Jan 21 1932",
            "January 1932 21",
            "21 January, 1932",
            "21 Jan1932",
            "21 1932 January",
            "1932 January 21",
            "1932 21 January",
            "1/21/1932",
            "01-21-1932",
            "21.1.1932",
            "1932/01/21",
            "1932-01-21",
            "19320121",
        ] {
            assert_eq!(Moment::parse(text), day, "{text}");
        }
        let month = local("19320101000000.000000");
        for text in ["January 1932", "Jan, 1932", "1932 Jan", "193201", "1932"] {
            assert_eq!(Moment::parse(text), month, "{text}");
        }
        for (text, cim) in [
            ("2024-02-29 13:14:15:678", "20240229131415.678000"),
            ("20240229 4 PM", "20240229160000.000000"),
            ("20240229 4PM", "20240229160000.000000"),
            ("20240229 12 am", "20240229000000.000000"),
            ("Feb 29 2024 3:23", "20240229032300.000000"),
            ("2/29/2024 3:23 AM", "20240229032300.000000"),
            ("2024-02-29 3:23:00PM", "20240229152300.000000"),
        ] {
            assert_eq!(Moment::parse(text), local(cim), "{text}");
        }
        let cim = "20240229131415.678000+060";
        assert_eq!(Moment::parse(cim), Some(Moment::Cim(cim.parse().unwrap())));
    }

    #[test]
    fn what_is_no_date_or_could_be_several_is_refused() {
        for text in [
            "",
            "yesterday",
            "2023-02-29",
            "13/13/2020",
            "1/2/20",
            "Jan 21 32",
            "2020-01/02",
            "2020-01-02 25:00",
            "2020-01-02 13:00 PM",
            "2020-01-02 10:00:00:000:0",
            "10:00",
            "Jan Feb 2020",
            "2020 2021 Jan",
            "123",
            "2020-01-02x",
            "4 PM",
            "é pm",
        ] {
            assert_eq!(Moment::parse(text), None, "{text}");
        }
    }
}
