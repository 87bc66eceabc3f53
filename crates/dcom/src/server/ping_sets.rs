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
