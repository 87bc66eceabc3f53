//! `Win32_TimeZone`: the local zone, out of `/etc/localtime`.

use crate::provider::{ProviderError, Request};

use super::machine::Machine;
use super::table::{Source, Table, table};

/// The rules of a zone for all years to come.
pub(super) struct Zone {
    /// Its name in the zone database, where the machine tells it.
    name: Option<String>,
    rules: Rules,
}

/// What stands at the end of zone data, such as `CET-1CEST,M3.5.0,M10.5.0/3`.
///
/// Source: POSIX.1-2024, *Other Environment Variables*, `TZ`; RFC 9636, 3.3.
#[derive(Clone, PartialEq, Debug)]
struct Rules {
    standard: Period,
    daylight: Option<Period>,
}

/// One of the two halves of a year.
#[derive(Clone, PartialEq, Debug)]
struct Period {
    name: String,
    /// Seconds by which local time is ahead of UTC.
    offset: i32,
    /// When the period begins, where that can be said as Windows says it.
    begins: Option<Change>,
}

/// The n-th of a weekday in a month, at a time; the fifth is the last.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Change {
    month: u32,
    week: u32,
    weekday: u8,
    hour: u32,
    minute: u32,
    second: u32,
}

/// Takes a rule apart from left to right.
struct Reader<'a>(&'a str);

impl<'a> Reader<'a> {
    /// What stands before the first character that is not `wanted`.
    fn take(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let end = self.0.find(|c| !wanted(c)).unwrap_or(self.0.len());
        let (taken, rest) = self.0.split_at_checked(end).unwrap_or((self.0, ""));
        self.0 = rest;
        taken
    }

    fn skip(&mut self, prefix: &str) -> bool {
        let rest = self.0.strip_prefix(prefix);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn number(&mut self) -> Option<u32> {
        self.take(|c| c.is_ascii_digit()).parse().ok()
    }

    /// A name of letters, or of anything between angle brackets.
    fn name(&mut self) -> Option<String> {
        let name = if self.skip("<") {
            let name = self.take(|c| c != '>');
            self.skip(">").then_some(name)?
        } else {
            self.take(|c| c.is_ascii_alphabetic())
        };
        (!name.is_empty()).then(|| name.to_owned())
    }

    /// Seconds out of `[+-]hh[:mm[:ss]]`.
    fn time(&mut self) -> Option<i32> {
        let negative = self.skip("-");
        self.skip("+");
        let mut seconds = self.number()?.checked_mul(3600)?;
        for unit in [60, 1] {
            if self.skip(":") {
                seconds = seconds.checked_add(self.number()?.checked_mul(unit)?)?;
            }
        }
        let seconds = i32::try_from(seconds).ok()?;
        Some(if negative { -seconds } else { seconds })
    }

    /// `,Mm.w.d[/time]`. Other forms, and times that fall on another day, Windows cannot say.
    fn change(&mut self) -> Option<Change> {
        self.skip(",").then_some(())?;
        let rule = self.take(|c| c != ',');
        let mut rule = Reader(rule);
        rule.skip("M").then_some(())?;
        let month = rule.number()?;
        let week = rule.skip(".").then(|| rule.number())??;
        let weekday = rule.skip(".").then(|| rule.number())??;
        let seconds = if rule.skip("/") { rule.time()? } else { 2 * 3600 };
        let seconds = u32::try_from(seconds).ok().filter(|seconds| *seconds < 86_400)?;
        Some(Change {
            month,
            week,
            weekday: u8::try_from(weekday).ok()?,
            hour: seconds / 3600,
            minute: seconds / 60 % 60,
            second: seconds % 60,
        })
    }
}

impl Rules {
    fn parse(text: &str) -> Option<Self> {
        let mut reader = Reader(text);
        let standard = reader.name()?;
        // POSIX counts how far local time is behind UTC.
        let offset = reader.time()?.checked_neg()?;
        let mut standard = Period { name: standard, offset, begins: None };
        let Some(name) = reader.name() else { return Some(Self { standard, daylight: None }) };
        let ahead = offset.checked_add(3600)?;
        let offset = if reader.0.starts_with(',') || reader.0.is_empty() {
            ahead
        } else {
            reader.time()?.checked_neg()?
        };
        let daylight = Period { name, offset, begins: reader.change() };
        standard.begins = reader.change();
        Some(Self { standard, daylight: Some(daylight) })
    }

    /// The rules of the machine; UTC where it has set no zone.
    fn of(machine: &Machine) -> Option<Self> {
        let Some(data) = machine.bytes("/etc/localtime") else { return Self::parse("UTC0") };
        // The rules stand between the last two line ends.
        let text = data.strip_suffix(b"\n")?.rsplit(|byte| *byte == b'\n').next()?;
        Self::parse(std::str::from_utf8(text).ok()?)
    }
}

impl Zone {
    fn caption(&self) -> String {
        let offset = self.rules.standard.offset;
        let (sign, ahead) = (if offset < 0 { '-' } else { '+' }, offset.unsigned_abs() / 60);
        let name = self.name.as_deref().unwrap_or(&self.rules.standard.name);
        format!("(UTC{sign}{:02}:{:02}) {name}", ahead / 60, ahead % 60)
    }

    fn daylight(&self) -> Option<&Period> {
        self.rules.daylight.as_ref()
    }

    /// Minutes that daylight saving time takes off the way back to UTC.
    fn daylight_bias(&self) -> i32 {
        self.daylight().map_or(0, |daylight| (self.rules.standard.offset - daylight.offset) / 60)
    }

    /// A part of when a period begins. Windows says 0 throughout where there is but one.
    fn begins<T: Default>(&self, period: Option<&Period>, part: fn(Change) -> T) -> Option<T> {
        match (self.daylight(), period) {
            (Some(_), Some(period)) => period.begins.map(part),
            _ => Some(T::default()),
        }
    }

    fn standard_begins<T: Default>(&self, part: fn(Change) -> T) -> Option<T> {
        self.begins(Some(&self.rules.standard), part)
    }

    fn daylight_begins<T: Default>(&self, part: fn(Change) -> T) -> Option<T> {
        self.begins(self.daylight(), part)
    }

    /// Windows gives both names even where the clock never changes.
    fn daylight_name(&self) -> String {
        self.daylight().unwrap_or(&self.rules.standard).name.clone()
    }
}

/// The name that `/etc/localtime` points to, or that Debian keeps apart.
fn name(machine: &Machine) -> Option<String> {
    let link = machine.link("/etc/localtime");
    let name = link.as_deref().and_then(|link| link.split_once("zoneinfo/"));
    name.map(|(_, name)| name.to_owned()).or_else(|| machine.line("/etc/timezone"))
}

impl Source for Zone {
    fn all(machine: &Machine, _: &Request) -> Result<impl Iterator<Item = Self>, ProviderError> {
        Ok(Rules::of(machine).into_iter().map(|rules| Self { name: name(machine), rules }))
    }

    fn table() -> Table<Self> {
        table! {
            /// The time zone of this computer.
            Win32_TimeZone: CIM_Setting = "{8502C4EC-5FBB-11D2-AAC1-006008C78BC7}",
                with zone: Self;
            inherits {
                Caption => zone.caption();
                Description => zone.caption();
                SettingID => zone.name.clone();
            }
            declares {
                /// By how much standard time is ahead of UTC.
                Bias: i32 [units("minutes")] => zone.rules.standard.offset / 60;
                /// What daylight saving time adds to the way from local time to UTC.
                DaylightBias: i32 [units("minutes")] => zone.daylight_bias();
                /// Week in which daylight saving time begins; 5 is the last of the month.
                DaylightDay: u32 => zone.daylight_begins(|change| change.week);
                /// Day of the week on which daylight saving time begins; 0 is Sunday.
                DaylightDayOfWeek: u8 => zone.daylight_begins(|change| change.weekday);
                /// Hour at which daylight saving time begins.
                DaylightHour: u32 => zone.daylight_begins(|change| change.hour);
                /// Millisecond at which daylight saving time begins.
                DaylightMillisecond: u32 => zone.daylight_begins(|_| 0);
                /// Minute at which daylight saving time begins.
                DaylightMinute: u32 => zone.daylight_begins(|change| change.minute);
                /// Month in which daylight saving time begins.
                DaylightMonth: u32 => zone.daylight_begins(|change| change.month);
                /// What daylight saving time is called.
                DaylightName: String => zone.daylight_name();
                /// Second at which daylight saving time begins.
                DaylightSecond: u32 => zone.daylight_begins(|change| change.second);
                /// Year in which daylight saving time begins; 0 is every year.
                DaylightYear: u32 => zone.daylight_begins(|_| 0);
                /// What standard time adds to the way from local time to UTC.
                StandardBias: u32 [units("minutes")] => 0;
                /// Week in which standard time begins; 5 is the last of the month.
                StandardDay: u32 => zone.standard_begins(|change| change.week);
                /// Day of the week on which standard time begins; 0 is Sunday.
                StandardDayOfWeek: u8 => zone.standard_begins(|change| change.weekday);
                /// Hour at which standard time begins.
                StandardHour: u32 => zone.standard_begins(|change| change.hour);
                /// Millisecond at which standard time begins.
                StandardMillisecond: u32 => zone.standard_begins(|_| 0);
                /// Minute at which standard time begins.
                StandardMinute: u32 => zone.standard_begins(|change| change.minute);
                /// Month in which standard time begins.
                StandardMonth: u32 => zone.standard_begins(|change| change.month);
                /// What standard time is called.
                StandardName: String [key] => zone.rules.standard.name.clone();
                /// Second at which standard time begins.
                StandardSecond: u32 => zone.standard_begins(|change| change.second);
                /// Year in which standard time begins; 0 is every year.
                StandardYear: u32 => zone.standard_begins(|_| 0);
            }
        }
    }
}
