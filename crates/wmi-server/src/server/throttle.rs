//! Slows down whoever guesses passwords.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::peer::PeerKey;

/// How much one more failure makes the next attempt wait.
const STEP: Duration = Duration::from_millis(500);

/// The longest wait between two attempts.
const LONGEST: Duration = Duration::from_secs(8);

/// After this time without a failure an address has a clean record again.
const MEMORY: Duration = Duration::from_secs(300);

/// How many addresses are remembered. When there are more, those are forgotten that failed
/// longest ago.
const ADDRESSES: usize = 4096;

/// The failed log-ons of each peer address.
///
/// After a failure, connections of the same address are served one after another, with a growing
/// pause between them; each is good for one attempt. Guessing from many connections at once
/// gains nothing, and other addresses notice nothing.
///
/// No clock of its own: each call says what time it is.
#[derive(Debug, Default)]
pub(super) struct Throttle {
    records: Mutex<HashMap<PeerKey, Record>>,
}

#[derive(Clone, Copy, Debug)]
struct Record {
    failures: u32,
    last_failure: Instant,
    /// Before this time no further connection is served.
    next: Instant,
}

impl Throttle {
    /// When a connection that arrives `now` may be served. Taking a turn moves the next one's.
    pub(super) fn turn(&self, peer: PeerKey, now: Instant) -> Instant {
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(record) = records.get_mut(&peer) else { return now };
        if now.saturating_duration_since(record.last_failure) > MEMORY {
            records.remove(&peer);
            return now;
        }
        let turn = record.next.max(now);
        record.next = turn + record.pause();
        turn
    }

    /// Notes a failed log-on.
    pub(super) fn failed(&self, peer: PeerKey, now: Instant) {
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        if records.len() >= ADDRESSES && !records.contains_key(&peer) {
            let oldest = records.iter().min_by_key(|(_, r)| r.last_failure).map(|(peer, _)| *peer);
            oldest.map(|oldest| records.remove(&oldest));
        }
        let record =
            records.entry(peer).or_insert(Record { failures: 0, last_failure: now, next: now });
        record.failures = record.failures.saturating_add(1);
        record.last_failure = now;
        record.next = record.next.max(now + record.pause());
    }
}

impl Record {
    fn pause(&self) -> Duration {
        let doublings = self.failures.saturating_sub(1).min(16);
        STEP.saturating_mul(1 << doublings).min(LONGEST)
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn peer(text: &str) -> PeerKey {
        text.parse::<IpAddr>().unwrap().into()
    }

    #[test]
    fn a_clean_address_waits_for_nothing() {
        let throttle = Throttle::default();
        let now = Instant::now();
        throttle.failed(peer("192.0.2.1"), now);
        assert_eq!(throttle.turn(peer("192.0.2.2"), now), now);
    }

    #[test]
    fn each_failure_doubles_the_pause_up_to_the_longest() {
        let throttle = Throttle::default();
        let now = Instant::now();
        let mut pauses = Vec::new();
        for _ in 0..6 {
            throttle.failed(peer("192.0.2.1"), now);
            let record = throttle.records.lock().unwrap()[&peer("192.0.2.1")];
            pauses.push(record.pause().as_millis());
        }
        assert_eq!(pauses, [500, 1000, 2000, 4000, 8000, 8000]);
    }

    #[test]
    fn connections_at_once_get_turns_one_after_another() {
        let throttle = Throttle::default();
        let now = Instant::now();
        throttle.failed(peer("192.0.2.1"), now);
        let turns: Vec<_> = (0..3).map(|_| throttle.turn(peer("192.0.2.1"), now) - now).collect();
        assert_eq!(turns, [STEP, STEP * 2, STEP * 3]);
    }

    #[test]
    fn a_failure_is_forgotten_in_time() {
        let throttle = Throttle::default();
        let now = Instant::now();
        throttle.failed(peer("192.0.2.1"), now);
        let later = now + MEMORY + Duration::from_secs(1);
        assert_eq!(throttle.turn(peer("192.0.2.1"), later), later);
    }

    #[test]
    fn only_so_many_addresses_are_remembered() {
        let throttle = Throttle::default();
        let now = Instant::now();
        for i in 0..5000_u32 {
            throttle.failed(
                IpAddr::from(i.to_be_bytes()).into(),
                now + Duration::from_millis(i.into()),
            );
        }
        assert_eq!(throttle.records.lock().unwrap().len(), ADDRESSES);
    }
}
