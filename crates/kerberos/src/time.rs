//! Times: with microseconds, which Kerberos keeps apart from the seconds, and by other clocks.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::messages::KerberosTime;

/// A point in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) time: KerberosTime,
    /// Below a million.
    pub(crate) microseconds: u32,
}

impl Moment {
    pub(crate) fn of(now: SystemTime) -> Self {
        let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { time: KerberosTime::of(now), microseconds: since.subsec_micros() }
    }
}

/// The time that a clock shows which is so many seconds ahead.
pub(crate) fn ahead(now: SystemTime, seconds: i64) -> SystemTime {
    let by = Duration::from_secs(seconds.unsigned_abs());
    let there = if seconds < 0 { now.checked_sub(by) } else { now.checked_add(by) };
    there.unwrap_or(now)
}

/// How many seconds `time` is ahead of `now`.
pub(crate) fn seconds_ahead(time: KerberosTime, now: SystemTime) -> i64 {
    time.0.cast_signed().saturating_sub(KerberosTime::of(now).0.cast_signed())
}
