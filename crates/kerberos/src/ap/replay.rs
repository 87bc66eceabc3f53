//! Authenticators that were seen before (RFC 4120 section 3.2.3).

use std::collections::{BTreeSet, HashSet};
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};

/// How many authenticators are remembered. One more than that within their time is refused: to
/// forget one that could still be replayed would be worse.
const CAPACITY: usize = 1 << 18;

/// The authenticators that a service has seen while they could still be replayed.
///
/// One cache serves all that have the same keys. It keeps no clock: each look says what time it is.
#[derive(Debug, Default)]
pub struct ReplayCache {
    seen: Mutex<Seen>,
}

type Fingerprint = [u8; 16];

#[derive(Debug, Default)]
struct Seen {
    known: HashSet<Fingerprint>,
    /// The same, by the second after which each is of no use to anybody.
    until: BTreeSet<(u64, Fingerprint)>,
}

/// Why an authenticator is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Replay {
    Repeated,
    Full,
}

impl ReplayCache {
    /// Notes an authenticator that is good until the second `until`.
    pub(super) fn note(&self, authenticator: &[u8], now: u64, until: u64) -> Result<(), Replay> {
        let digest: [u8; 32] = Sha256::digest(authenticator).into();
        let (fingerprint, _) = digest.split_first_chunk().ok_or(Replay::Full)?;
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.forget(now);
        if seen.known.contains(fingerprint) {
            return Err(Replay::Repeated);
        }
        if seen.known.len() >= CAPACITY {
            return Err(Replay::Full);
        }
        seen.known.insert(*fingerprint);
        seen.until.insert((until, *fingerprint));
        Ok(())
    }
}

impl Seen {
    fn forget(&mut self, now: u64) {
        while let Some((until, fingerprint)) = self.until.first().copied()
            && until < now
        {
            self.until.pop_first();
            self.known.remove(&fingerprint);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_authenticator_is_refused_while_it_is_good() {
        let cache = ReplayCache::default();
        assert_eq!(cache.note(b"one", 100, 400), Ok(()));
        assert_eq!(cache.note(b"two", 100, 400), Ok(()));
        assert_eq!(cache.note(b"one", 400, 700), Err(Replay::Repeated));
        assert_eq!(cache.note(b"one", 401, 701), Ok(()));
    }

    #[test]
    fn a_full_cache_takes_nothing_new_until_time_has_passed() {
        let cache = ReplayCache::default();
        for i in 0..CAPACITY {
            cache.note(&i.to_le_bytes(), 0, 10).unwrap();
        }
        assert_eq!(cache.note(b"one more", 10, 20), Err(Replay::Full));
        assert_eq!(cache.note(b"one more", 11, 20), Ok(()));
    }
}
