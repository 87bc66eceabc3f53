//! The objects that clients want to be kept alive.
//!
//! A state machine without a clock: time is passed in.
//!
//! Source: `[MS-DCOM] 3.1.2.1`, `3.1.2.5.1.3`.

use std::collections::{HashMap, HashSet};

use tokio::time::Instant;
use uuid::Uuid;

use super::Limits;
use super::owner::Owner;
use crate::Status;
use crate::wire::object_exporter::ComplexPing;

/// All ping sets.
#[derive(Default)]
pub(crate) struct PingSets {
    sets: HashMap<u64, PingSet>,
}

struct PingSet {
    owner: Owner,
    objects: HashSet<u64>,
    sequence: u16,
    last_ping: Instant,
}

impl PingSets {
    /// A sign of life.
    pub(crate) fn simple(&mut self, set_id: u64, owner: &Owner, now: Instant) -> Status {
        match self.find(set_id, owner) {
            Some(set) => {
                set.last_ping = now;
                Status::S_OK
            }
            None => Status::OR_INVALID_SET,
        }
    }

    /// A sign of life and a change. `exists` says which objects the owner has; others are passed
    /// over: they went between the client's decision and its ping, and some clients do not survive
    /// an error here.
    pub(crate) fn complex(
        &mut self,
        ping: &ComplexPing,
        owner: &Owner,
        exists: impl Fn(u64) -> bool,
        limits: &Limits,
        now: Instant,
    ) -> Result<u64, Status> {
        let set_id = match ping.set_id {
            0 => self.create(ping.sequence, owner, limits, now)?,
            set_id => set_id,
        };
        let set = self.find(set_id, owner).ok_or(Status::OR_INVALID_SET)?;
        // A ping that was overtaken by a later one changes nothing.
        if set.sequence <= ping.sequence {
            set.objects.extend(ping.add.iter().filter(|oid| exists(**oid)));
            for oid in &ping.remove {
                set.objects.remove(oid);
            }
            set.sequence = ping.sequence;
            set.last_ping = now;
        }
        Ok(set_id)
    }

    /// Drops the sets without a sign of life for too long, and the objects that are gone.
    pub(crate) fn sweep(&mut self, limits: &Limits, now: Instant, exists: impl Fn(u64) -> bool) {
        self.sets.retain(|_, set| {
            set.objects.retain(|oid| exists(*oid));
            now.saturating_duration_since(set.last_ping) < limits.lifetime
        });
    }

    /// All objects that somebody wants to be kept.
    pub(crate) fn objects(&self) -> HashSet<u64> {
        self.sets.values().flat_map(|set| set.objects.iter().copied()).collect()
    }

    fn create(
        &mut self,
        sequence: u16,
        owner: &Owner,
        limits: &Limits,
        now: Instant,
    ) -> Result<u64, Status> {
        let held = self.sets.values().filter(|set| set.owner == *owner).count();
        if held >= limits.ping_sets {
            return Err(Status::RPC_S_OUT_OF_RESOURCES);
        }
        let (set_id, _) = Uuid::new_v4().as_u64_pair();
        let set =
            PingSet { owner: owner.clone(), objects: HashSet::new(), sequence, last_ping: now };
        self.sets.insert(set_id, set);
        Ok(set_id)
    }

    fn find(&mut self, set_id: u64, owner: &Owner) -> Option<&mut PingSet> {
        self.sets.get_mut(&set_id).filter(|set| set.owner == *owner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn owner(user: &str) -> Owner {
        Owner::from(&winreach_auth::Identity::new(winreach_auth::AuthType::Ntlm, "", user))
    }

    fn ping(set_id: u64, sequence: u16, add: &[u64], remove: &[u64]) -> ComplexPing {
        ComplexPing { set_id, sequence, add: add.to_vec(), remove: remove.to_vec() }
    }

    #[test]
    fn a_set_keeps_what_exists_until_it_is_not_pinged_any_more() {
        let (mut sets, limits, start) = (PingSets::default(), Limits::default(), Instant::now());
        let (alice, bob) = (owner("alice"), owner("bob"));
        let exists = |oid| oid < 10;
        let after = |seconds| start + Duration::from_secs(seconds);
        let set = sets.complex(&ping(0, 1, &[1, 2, 99], &[]), &alice, exists, &limits, start);
        let set = set.unwrap();
        assert_eq!(sets.objects(), HashSet::from([1, 2]));
        sets.complex(&ping(set, 2, &[3], &[1]), &alice, exists, &limits, after(100)).unwrap();
        sets.complex(&ping(set, 1, &[4], &[3]), &alice, exists, &limits, after(100)).unwrap();
        assert_eq!(
            sets.objects(),
            HashSet::from([2, 3]),
            "a ping that was overtaken changes nothing"
        );

        assert_eq!(sets.simple(set, &bob, after(100)), Status::OR_INVALID_SET);
        let error = sets.complex(&ping(set, 3, &[], &[2]), &bob, exists, &limits, after(100));
        assert_eq!(error, Err(Status::OR_INVALID_SET));

        assert_eq!(sets.simple(set, &alice, after(200)), Status::S_OK);
        sets.sweep(&limits, after(559), |oid| oid != 2);
        assert_eq!(sets.objects(), HashSet::from([3]));
        sets.sweep(&limits, after(560), |_| true);
        assert_eq!(sets.simple(set, &alice, after(560)), Status::OR_INVALID_SET);
    }

    #[test]
    fn an_account_has_only_so_many_sets() {
        let limits = Limits { ping_sets: 1, ..Limits::default() };
        let (mut sets, now) = (PingSets::default(), Instant::now());
        let new = ping(0, 1, &[], &[]);
        sets.complex(&new, &owner("alice"), |_| true, &limits, now).unwrap();
        let error = sets.complex(&new, &owner("alice"), |_| true, &limits, now);
        assert_eq!(error, Err(Status::RPC_S_OUT_OF_RESOURCES));
        sets.complex(&new, &owner("bob"), |_| true, &limits, now).unwrap();
    }
}
