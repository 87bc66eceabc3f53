//! Which of the two ways to read a result, and by how many rows at a time.

use std::time::Duration;

use tokio::time::Instant;
use winreach_wmi_proto::Timeout;

/// By which interface the rows of a query come.
///
/// `IEnumWbemClassObject::Next` sends the whole class with every row, many times the size of the
/// row; smart enumeration (`IWbemWCOSmartEnum`) sends each class once, but asks for two round trips
/// more before its first row. What a query costs, in round trips beyond the first connection:
///
/// | result | `Auto` | `Plain` | `Smart` |
/// |---|---|---|---|
/// | up to 15 rows | 2 | 2 | 4 |
/// | from 16 rows on | 5, then 1 a batch | 2, then 1 a batch | 4, then 1 a batch |
/// | bytes a row of `Win32_Process` | about 10,000 for each of the first 16, then 800 | 10,000 | 800 |
///
/// The connection itself costs 4, so that the first row is there after 6 round trips by
/// `IEnumWbemClassObject::Next` and after 8 by smart enumeration. Those of TCP come on top, and
/// what gives objects back goes on beside.
///
/// Batches after the first are asked for while the rows before are read, and grow or shrink to some
/// 256 KiB.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub enum Enumeration {
    /// Begins with `IEnumWbemClassObject::Next`, and where its first batch is full goes on with
    /// smart enumeration: short results come in the fewest trips, long ones in the fewest bytes. A
    /// server without smart enumeration is asked for further batches as in `Plain`.
    #[default]
    Auto,
    /// `IEnumWbemClassObject::Next` alone.
    Plain,
    /// Smart enumeration from the first row on; `Plain` where the server does not have it.
    Smart,
}

/// How many rows to ask for next.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    count: u32,
}

impl Pace {
    /// How many rows the first call asks for: what comes in fewer needs no second interface.
    pub(crate) const FIRST: u32 = 16;
    /// How many rows to ask for where nothing is known of their size.
    const BLIND: u32 = 128;
    /// How many bytes a batch should have. Windows itself sends no more than this.
    const TARGET: usize = 256 * 1024;
    /// Bounds for rows that are uncommonly large or small.
    const BOUNDS: (usize, usize) = (8, 2048);

    /// The pace of a smart enumeration whose rows nobody has seen.
    pub(crate) fn blind() -> Self {
        Self { count: Self::BLIND }
    }

    /// The pace of the first call of `IEnumWbemClassObject::Next`.
    pub(crate) fn first() -> Self {
        Self { count: Self::FIRST }
    }

    /// How many rows to ask for.
    pub(crate) fn count(self) -> u32 {
        self.count
    }

    /// Learns from a batch.
    pub(crate) fn learn(&mut self, rows: usize, bytes: usize) {
        if rows == 0 {
            return;
        }
        let (least, most) = Self::BOUNDS;
        let count = (Self::TARGET / (bytes / rows).max(1)).clamp(least, most);
        self.count = u32::try_from(count).unwrap_or(Self::BLIND);
    }
}

/// How long the server may keep rows back: shorter than the deadline, so that what it has by then
/// still arrives, and short enough for rows to show while a slow provider works.
pub(crate) fn patience(deadline: Instant) -> Timeout {
    const MOST: Duration = Duration::from_secs(5);
    let left = deadline.saturating_duration_since(Instant::now());
    let wait = (left / 10 * 9).min(MOST);
    Timeout(u32::try_from(wait.as_millis()).unwrap_or_default().max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_approach_the_same_size_whatever_the_rows() {
        let mut pace = Pace::first();
        assert_eq!(pace.count(), 16);
        pace.learn(16, 16 * 830);
        assert_eq!(pace.count(), 315);
        pace.learn(315, 315 * 10_000);
        assert_eq!(pace.count(), 26);
        pace.learn(0, 0);
        assert_eq!(pace.count(), 26);
        pace.learn(1, usize::MAX);
        assert_eq!(pace.count(), 8);
        pace.learn(100, 0);
        assert_eq!(pace.count(), 2048);
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_answers_before_the_deadline() {
        let now = Instant::now();
        assert_eq!(patience(now + Duration::from_secs(60)), Timeout(5000));
        assert_eq!(patience(now + Duration::from_secs(1)), Timeout(900));
        assert_eq!(patience(now), Timeout(1));
    }
}
