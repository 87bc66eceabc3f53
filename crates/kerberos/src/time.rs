//! Times with microseconds, which Kerberos keeps apart from the seconds.

use std::time::{SystemTime, UNIX_EPOCH};

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
