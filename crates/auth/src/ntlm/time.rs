//! The time as NTLM tells it.

use std::time::{SystemTime, UNIX_EPOCH};

/// Seconds from 1601-01-01 to 1970-01-01.
const EPOCH_OFFSET: u64 = 11_644_473_600;

/// Now, in units of 100 ns since 1601-01-01 UTC.
pub(super) fn filetime_now() -> u64 {
    let since_unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    since_unix
        .as_secs()
        .saturating_add(EPOCH_OFFSET)
        .saturating_mul(10_000_000)
        .saturating_add(u64::from(since_unix.subsec_nanos()) / 100)
}
