//! How long things may take.

use std::time::Duration;

use tokio::time::Instant;

/// How long an operation may take as a whole: resolving, connecting, authenticating, and every row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Limit {
    /// Each operation has so much time.
    Each(Duration),
    /// All operations end by then.
    At(Instant),
}

/// What `Limit::Each` is unless somebody says otherwise.
const DEFAULT: Duration = Duration::from_secs(120);

/// How long a client that is done tries to give references back, at most.
pub(crate) const GRACE: Duration = Duration::from_secs(2);

/// Stands for a time that does not fit the clock.
const FAR: Duration = Duration::from_secs(60 * 60 * 24 * 365);

impl Default for Limit {
    fn default() -> Self {
        Self::Each(DEFAULT)
    }
}

impl Limit {
    /// The deadline of an operation that starts now.
    pub(crate) fn deadline(self) -> Instant {
        match self {
            Self::At(deadline) => deadline,
            Self::Each(time) => {
                let now = Instant::now();
                now.checked_add(time).unwrap_or_else(|| now + FAR)
            }
        }
    }
}
