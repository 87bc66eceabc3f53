//! Which objects a resolver is told to keep alive.

use std::collections::{BTreeMap, BTreeSet};

use crate::Status;
use crate::wire::object_exporter::{ComplexPing, ComplexPingResponse, SimplePing};

/// How many objects one ping adds or removes at most; the rest goes with the next.
const MAX_CHANGES: usize = 16_384;

/// The objects of one resolver, and what it knows of them: a state machine that is asked for a
/// ping and told the answer.
///
/// Objects that come and go between two pings never show, so a short session costs none.
///
/// Source: `[MS-DCOM] 3.2.6.1`.
#[derive(Debug, Default)]
pub(crate) struct PingSet {
    /// How many references there are to each object.
    held: BTreeMap<u64, usize>,
    /// The objects in the set that the resolver keeps.
    known: BTreeSet<u64>,
    /// The set; 0 where there is none.
    set_id: u64,
    sequence: u16,
}

/// What to send.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Ping {
    /// Nothing has changed.
    Simple(SimplePing),
    /// The set is made or changes.
    Complex(ComplexPing),
}

impl PingSet {
    /// One more reference to an object.
    pub(crate) fn add(&mut self, oid: u64) {
        *self.held.entry(oid).or_default() += 1;
    }

    /// One reference to an object less.
    pub(crate) fn remove(&mut self, oid: u64) {
        if let Some(count) = self.held.get_mut(&oid) {
            *count -= 1;
            if *count == 0 {
                self.held.remove(&oid);
            }
        }
    }

    /// The ping that is due now, if there is anything to keep or to let go.
    pub(crate) fn next(&mut self) -> Option<Ping> {
        let add = self.held.keys().filter(|oid| !self.known.contains(oid));
        let add: Vec<u64> = add.copied().take(MAX_CHANGES).collect();
        let remove = self.known.iter().filter(|oid| !self.held.contains_key(oid));
        let remove: Vec<u64> = remove.copied().take(MAX_CHANGES).collect();
        if !add.is_empty() || !remove.is_empty() {
            self.sequence = self.sequence.wrapping_add(1);
            let (set_id, sequence) = (self.set_id, self.sequence);
            return Some(Ping::Complex(ComplexPing { set_id, sequence, add, remove }));
        }
        (self.set_id != 0).then_some(Ping::Simple(SimplePing { set_id: self.set_id }))
    }

    /// Whether everything that is held is in the set.
    pub(crate) fn is_complete(&self) -> bool {
        self.held.keys().all(|oid| self.known.contains(oid))
    }

    /// Takes note of the answer to a simple ping.
    pub(crate) fn simple_answer(&mut self, status: Status) {
        if status == Status::OR_INVALID_SET {
            self.forget();
        }
    }

    /// Takes note of the answer to a complex ping.
    pub(crate) fn complex_answer(&mut self, ping: &ComplexPing, answer: &ComplexPingResponse) {
        match Status(answer.status) {
            // An object that the resolver does not know is not going to be kept; the others are.
            Status::S_OK | Status::OR_INVALID_OID => {
                self.set_id = answer.set_id;
                self.known.extend(&ping.add);
                for oid in &ping.remove {
                    self.known.remove(oid);
                }
                if self.known.is_empty() && self.held.is_empty() {
                    self.forget();
                }
            }
            Status::OR_INVALID_SET => self.forget(),
            _ => {}
        }
    }

    /// The resolver has no set any more: the next ping makes a new one.
    fn forget(&mut self) {
        self.known.clear();
        self.set_id = 0;
        self.sequence = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complex(ping: Option<Ping>) -> ComplexPing {
        match ping {
            Some(Ping::Complex(ping)) => ping,
            other => panic!("{other:?}"),
        }
    }

    fn accept(set: &mut PingSet, ping: &ComplexPing, set_id: u64) {
        set.complex_answer(ping, &ComplexPingResponse { set_id, backoff: 0, status: 0 });
    }

    #[test]
    fn a_set_is_made_kept_changed_and_given_up() {
        let mut set = PingSet::default();
        assert_eq!(set.next(), None);
        set.add(1);
        set.add(2);
        set.add(2);
        let ping = complex(set.next());
        assert_eq!(ping, ComplexPing { set_id: 0, sequence: 1, add: vec![1, 2], remove: vec![] });
        accept(&mut set, &ping, 7);
        assert_eq!(set.next(), Some(Ping::Simple(SimplePing { set_id: 7 })));
        set.remove(2);
        assert_eq!(set.next(), Some(Ping::Simple(SimplePing { set_id: 7 })), "held twice");
        set.remove(2);
        set.add(3);
        let ping = complex(set.next());
        assert_eq!(ping, ComplexPing { set_id: 7, sequence: 2, add: vec![3], remove: vec![2] });
        accept(&mut set, &ping, 7);
        set.remove(1);
        set.remove(3);
        let ping = complex(set.next());
        assert_eq!(ping.remove, [1, 3]);
        accept(&mut set, &ping, 7);
        assert_eq!(set.next(), None);
    }

    #[test]
    fn a_change_that_was_not_answered_is_asked_for_again() {
        let mut set = PingSet::default();
        set.add(1);
        assert_eq!(complex(set.next()).sequence, 1);
        assert_eq!(complex(set.next()).add, [1]);
    }

    #[test]
    fn a_set_that_the_resolver_forgot_is_made_anew() {
        let mut set = PingSet::default();
        set.add(1);
        let ping = complex(set.next());
        accept(&mut set, &ping, 7);
        set.simple_answer(Status::OR_INVALID_SET);
        let ping = complex(set.next());
        assert_eq!(ping, ComplexPing { set_id: 0, sequence: 1, add: vec![1], remove: vec![] });
    }

    #[test]
    fn many_objects_go_in_several_pings() {
        let mut set = PingSet::default();
        (0..40_000).for_each(|oid| set.add(oid));
        let mut pings = 0;
        while !set.is_complete() {
            let ping = complex(set.next());
            accept(&mut set, &ping, 7);
            pings += 1;
        }
        assert_eq!(pings, 3);
    }
}
