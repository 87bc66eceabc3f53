//! CIM date-times and intervals.

mod calendar;

use std::cmp::Ordering;
use std::fmt;
use std::ops::Range;
use std::str::FromStr;
use std::time::Duration;

pub(crate) use calendar::{days_from_civil, month_length};

/// A CIM `datetime`: a point in time `yyyymmddHHMMSS.mmmmmm±UUU` or an interval
/// `ddddddddHHMMSS.mmmmmm:000`, where asterisks stand for whole fields that are not known.
///
/// It holds the 25 characters that travel, so what a server sent is what you get back, and two
/// values are equal when their characters are; [`DateTime::compare`] compares what they mean.
/// A text that a server sends in place of a date-time is none; carry it as a string.
///
/// Source: DSP0004; `[MS-WMIO] 2.3.1`; WMI SDK, *CIM_DATETIME* and *Interval Format*.
///
/// ```
/// use winreach_cim::DateTime;
/// let noon: DateTime = "20240101120000.000000+060".parse()?;
/// assert_eq!(noon.to_unix_micros(), Some(1_704_106_800_000_000));
/// assert_eq!(DateTime::from_unix_micros(1_704_106_800_000_000, 60), Some(noon));
/// # Ok::<(), winreach_cim::DateTimeError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct DateTime {
    text: [u8; 25],
}

/// A text is not a CIM date-time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not a CIM date-time from position {position} on")]
pub struct DateTimeError {
    /// Where the first wrong character or field stands, from 0; the length of the text where it
    /// is too short.
    pub position: usize,
}

/// The fields of a point in time; `None` where asterisks stand.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Fields {
    /// 0 to 9999.
    pub year: Option<u16>,
    /// 1 to 12.
    pub month: Option<u8>,
    /// 1 to 31.
    pub day: Option<u8>,
    /// 0 to 23.
    pub hour: Option<u8>,
    /// 0 to 59.
    pub minute: Option<u8>,
    /// 0 to 59.
    pub second: Option<u8>,
    /// 0 to 999,999.
    pub microsecond: Option<u32>,
    /// Minutes from UTC, -840 to 840, positive to the east.
    pub offset: Option<i16>,
}

const YEAR: Range<usize> = 0..4;
const MONTH: Range<usize> = 4..6;
const DAY: Range<usize> = 6..8;
const HOUR: Range<usize> = 8..10;
const MINUTE: Range<usize> = 10..12;
const SECOND: Range<usize> = 12..14;
const MICROSECOND: Range<usize> = 15..21;
const OFFSET: Range<usize> = 22..25;
/// The days of an interval.
const DAYS: Range<usize> = 0..8;

const MICROS_PER_SECOND: i64 = 1_000_000;
const SECONDS_PER_DAY: i64 = 86_400;

impl DateTime {
    /// A point in time out of its fields.
    ///
    /// # Errors
    /// When a field lies outside its range; the position is that of the field.
    pub fn from_fields(fields: &Fields) -> Result<Self, DateTimeError> {
        fn text<T: fmt::Display>(value: Option<T>, width: usize) -> String {
            value.map_or_else(|| "*".repeat(width), |value| format!("{value:0width$}"))
        }
        let sign = if fields.offset.is_some_and(|offset| offset < 0) { '-' } else { '+' };
        [
            text(fields.year, 4),
            text(fields.month, 2),
            text(fields.day, 2),
            text(fields.hour, 2),
            text(fields.minute, 2),
            text(fields.second, 2),
            ".".to_owned(),
            text(fields.microsecond, 6),
            sign.to_string(),
            text(fields.offset.map(i16::unsigned_abs), 3),
        ]
        .concat()
        .parse()
    }

    /// The point in time so many microseconds after 1970-01-01 00:00 UTC, as a clock `offset`
    /// minutes east of UTC shows it. Nothing outside the years 0 to 9999 or for an offset of more
    /// than 14 hours.
    pub fn from_unix_micros(micros: i64, offset: i16) -> Option<Self> {
        let local = micros.checked_add(i64::from(offset) * 60 * MICROS_PER_SECOND)?;
        let seconds = local.div_euclid(MICROS_PER_SECOND);
        let (year, month, day) = calendar::civil_from_days(seconds.div_euclid(SECONDS_PER_DAY));
        let of_day = seconds.rem_euclid(SECONDS_PER_DAY);
        let fields = Fields {
            year: Some(year.try_into().ok()?),
            month: Some(month),
            day: Some(day),
            hour: (of_day / 3600).try_into().ok(),
            minute: (of_day / 60 % 60).try_into().ok(),
            second: (of_day % 60).try_into().ok(),
            microsecond: local.rem_euclid(MICROS_PER_SECOND).try_into().ok(),
            offset: Some(offset),
        };
        Self::from_fields(&fields).ok()
    }

    /// An interval; nothing for more than 99,999,999 days. What is below a microsecond is dropped.
    pub fn from_duration(duration: Duration) -> Option<Self> {
        let seconds = duration.as_secs();
        let (days, hours) = (seconds / 86_400, seconds / 3600 % 24);
        let (minutes, rest) = (seconds / 60 % 60, seconds % 60);
        let micros = duration.subsec_micros();
        format!("{days:08}{hours:02}{minutes:02}{rest:02}.{micros:06}:000").parse().ok()
    }

    /// The 25 characters.
    pub fn as_str(&self) -> &str {
        // Only ASCII digits, signs and asterisks ever get in.
        std::str::from_utf8(&self.text).unwrap_or_default()
    }

    /// Whether this is an interval rather than a point in time.
    pub fn is_interval(&self) -> bool {
        self.text[21] == b':'
    }

    /// The fields of a point in time; nothing for an interval.
    pub fn fields(&self) -> Option<Fields> {
        fn narrow<T: TryFrom<u32>>(value: Option<u32>) -> Option<T> {
            value.and_then(|value| value.try_into().ok())
        }
        let offset: Option<i16> = narrow(self.number(OFFSET));
        (!self.is_interval()).then(|| Fields {
            year: narrow(self.number(YEAR)),
            month: narrow(self.number(MONTH)),
            day: narrow(self.number(DAY)),
            hour: narrow(self.number(HOUR)),
            minute: narrow(self.number(MINUTE)),
            second: narrow(self.number(SECOND)),
            microsecond: self.number(MICROSECOND),
            offset: if self.text[21] == b'-' { offset.map(|offset| -offset) } else { offset },
        })
    }

    /// Microseconds from 1970-01-01 00:00 UTC; nothing for an interval or where a field, the
    /// offset included, is not known.
    pub fn to_unix_micros(&self) -> Option<i64> {
        let offset = i64::from(self.fields()?.offset?);
        Some(self.local_micros()? - offset * 60 * MICROS_PER_SECOND)
    }

    /// Microseconds from 1970-01-01 00:00 on the clock that shows this time, whatever its offset
    /// from UTC; nothing for an interval or where a field is not known.
    pub fn local_micros(&self) -> Option<i64> {
        let fields = self.fields()?;
        let days = days_from_civil(fields.year?.into(), fields.month?, fields.day?);
        let minutes = i64::from(fields.hour?) * 60 + i64::from(fields.minute?);
        let seconds = days * SECONDS_PER_DAY + minutes * 60 + i64::from(fields.second?);
        Some(seconds * MICROS_PER_SECOND + i64::from(fields.microsecond?))
    }

    /// The length of an interval; nothing for a point in time.
    pub fn to_duration(&self) -> Option<Duration> {
        if !self.is_interval() {
            return None;
        }
        let number = |range| self.number(range).map(u64::from);
        let minutes = (number(DAYS)? * 24 + number(HOUR)?) * 60 + number(MINUTE)?;
        let seconds = minutes * 60 + number(SECOND)?;
        Some(Duration::from_secs(seconds) + Duration::from_micros(number(MICROSECOND)?))
    }

    /// Compares two points in time as instants and two intervals by length. Values with asterisks
    /// compare character by character, and only for equality; so there may be no answer.
    ///
    /// Source: WMI SDK, *CIM_DATETIME*.
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        if let (Some(a), Some(b)) = (self.to_unix_micros(), other.to_unix_micros()) {
            return Some(a.cmp(&b));
        }
        if let (Some(a), Some(b)) = (self.to_duration(), other.to_duration()) {
            return Some(a.cmp(&b));
        }
        (self == other).then_some(Ordering::Equal)
    }

    /// The number in a field; nothing where asterisks stand.
    fn number(&self, field: Range<usize>) -> Option<u32> {
        self.text.get(field)?.iter().try_fold(0, |number, digit| {
            digit.is_ascii_digit().then(|| number * 10 + u32::from(digit - b'0'))
        })
    }

    /// The first field that is half asterisks or lies outside its range.
    fn wrong_field(&self) -> Option<usize> {
        let point = [
            (YEAR, 0, 9999),
            (MONTH, 1, 12),
            (DAY, 1, self.days_in_month()),
            (HOUR, 0, 23),
            (MINUTE, 0, 59),
            (SECOND, 0, 59),
            (MICROSECOND, 0, 999_999),
            (OFFSET, 0, 840),
        ];
        let interval = [
            (DAYS, 0, 99_999_999),
            (HOUR, 0, 23),
            (MINUTE, 0, 59),
            (SECOND, 0, 59),
            (MICROSECOND, 0, 999_999),
            (OFFSET, 0, 0),
        ];
        let fields = if self.is_interval() { &interval[..] } else { &point[..] };
        let wrong = fields.iter().find(|(field, min, max)| match self.number(field.clone()) {
            Some(number) => !(min..=max).contains(&&number),
            None => self.is_interval() || !self.is_starred(field.clone()),
        });
        wrong.map(|(field, ..)| field.start)
    }

    fn is_starred(&self, field: Range<usize>) -> bool {
        self.text.get(field).is_some_and(|text| text.iter().all(|c| *c == b'*'))
    }

    /// 31 where the month is not known, 29 for a February of an unknown year.
    fn days_in_month(&self) -> u32 {
        let year = self.number(YEAR).unwrap_or(2000);
        let month = self.number(MONTH).and_then(|month| u8::try_from(month).ok());
        month.map_or(31, |month| u32::from(month_length(year.into(), month)))
    }
}

impl FromStr for DateTime {
    type Err = DateTimeError;

    fn from_str(text: &str) -> Result<Self, DateTimeError> {
        let bytes = text.as_bytes();
        for (position, byte) in bytes.iter().enumerate() {
            let right = match position {
                14 => *byte == b'.',
                21 => matches!(byte, b'+' | b'-' | b':'),
                0..25 => byte.is_ascii_digit() || *byte == b'*',
                _ => false,
            };
            if !right {
                return Err(DateTimeError { position });
            }
        }
        let text = bytes.try_into().map_err(|_| DateTimeError { position: bytes.len() })?;
        let value = Self { text };
        match value.wrong_field() {
            Some(position) => Err(DateTimeError { position }),
            None => Ok(value),
        }
    }
}

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DateTime({})", self.as_str())
    }
}

#[cfg(test)]
mod tests;
