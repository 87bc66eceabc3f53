//! A clock that stands still until it is moved.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use winreach_kerberos::client::Clock;

/// A clock that a test moves. Clones move together.
#[derive(Debug, Clone)]
pub struct TestClock(Arc<AtomicU64>);

impl Default for TestClock {
    /// In the year 2026.
    fn default() -> Self {
        Self(Arc::new(AtomicU64::new(1_770_000_000)))
    }
}

impl TestClock {
    /// What it shows.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(self.0.load(Ordering::SeqCst))
    }

    /// Moves it forward.
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(by.as_secs(), Ordering::SeqCst);
    }

    /// The clock, so many seconds ahead.
    #[must_use]
    pub fn ahead(&self, seconds: i64) -> Clock {
        let clock = self.clone();
        Arc::new(move || {
            let by = Duration::from_secs(seconds.unsigned_abs());
            if seconds < 0 { clock.now() - by } else { clock.now() + by }
        })
    }

    /// The clock, for those who take one.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.ahead(0)
    }
}
