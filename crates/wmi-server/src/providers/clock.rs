//! Time as the machine's clock and zone show it.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use winreach_cim::DateTime;

use super::machine::Machine;

/// The local time zone of a machine, and when it was started.
#[derive(Clone, Debug)]
pub(super) struct Clock {
    zone: TimeZone,
    boot: Option<SystemTime>,
}

impl Clock {
    pub(super) fn of(machine: &Machine) -> Self {
        let zone = machine.bytes("/etc/localtime").and_then(|b| TimeZone::tzif("local", &b).ok());
        let boot = machine.text("/proc/stat").and_then(|stat| {
            let seconds = stat.lines().find_map(|line| line.strip_prefix("btime "))?;
            after_epoch(Duration::from_secs(seconds.trim().parse().ok()?))
        });
        Self { zone: zone.unwrap_or(TimeZone::UTC), boot }
    }

    /// When the machine was started.
    pub(super) fn boot(&self) -> Option<SystemTime> {
        self.boot
    }

    /// A CIM date-time with the offset that holds in the zone at that time.
    pub(super) fn date_time(&self, time: SystemTime) -> Option<DateTime> {
        let time = Timestamp::try_from(time).ok()?;
        let offset = self.zone.to_offset(time);
        let local = offset.to_datetime(time);
        let minutes = offset.seconds() / 60;
        format!(
            "{:04}{:02}{:02}{:02}{:02}{:02}.{:06}{}{:03}",
            local.year(),
            local.month(),
            local.day(),
            local.hour(),
            local.minute(),
            local.second(),
            local.subsec_nanosecond() / 1000,
            if minutes < 0 { '-' } else { '+' },
            minutes.abs(),
        )
        .parse()
        .ok()
    }

    /// Minutes by which local time is ahead of UTC.
    pub(super) fn minutes_ahead(&self, time: SystemTime) -> Option<i16> {
        let offset: Offset = self.zone.to_offset(Timestamp::try_from(time).ok()?);
        i16::try_from(offset.seconds() / 60).ok()
    }

    /// Whether daylight saving time is in effect.
    pub(super) fn is_daylight(&self, time: SystemTime) -> Option<bool> {
        Some(self.zone.to_offset_info(Timestamp::try_from(time).ok()?).dst().is_dst())
    }
}

/// A time so long after 1970 began; nothing where no clock reaches that far.
pub(super) fn after_epoch(duration: Duration) -> Option<SystemTime> {
    SystemTime::UNIX_EPOCH.checked_add(duration)
}
