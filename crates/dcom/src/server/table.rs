//! The objects of an exporter and who holds references to them.
//!
//! A state machine without a clock: time is passed in. Objects that leave it are handed out, so that
//! they can be dropped without the lock.
//!
//! Source: `[MS-DCOM] 3.1.1.1`, `3.1.1.5`.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::time::Instant;
use uuid::Uuid;

use super::owner::Owner;
use super::{Limits, Object};
use crate::Status;
use crate::wire::iid::UNKNOWN;

/// Everything that is exported.
#[derive(Default)]
pub(crate) struct Table {
    objects: HashMap<u64, ObjectEntry>,
    interfaces: HashMap<Uuid, InterfaceEntry>,
    /// One object has one number for each owner.
    numbers: HashMap<(usize, Owner), u64>,
    usage: HashMap<Owner, Usage>,
}

struct ObjectEntry {
    object: Arc<dyn Object>,
    owner: Owner,
    /// Of each interface that was ever handed out and not yet released, its IPID.
    ipids: HashMap<Uuid, Uuid>,
    last_used: Instant,
    running: usize,
}

struct InterfaceEntry {
    oid: u64,
    iid: Uuid,
    public_refs: u64,
    private_refs: u64,
}

/// What an owner holds.
#[derive(Default)]
struct Usage {
    objects: usize,
    references: u64,
}

/// Which interface of which object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Identifiers {
    pub(crate) oid: u64,
    pub(crate) ipid: Uuid,
}

impl Table {
    /// Hands out references to an interface of an object.
    pub(crate) fn export(
        &mut self,
        object: &Arc<dyn Object>,
        iid: Uuid,
        owner: &Owner,
        references: u32,
        limits: &Limits,
        now: Instant,
    ) -> Result<Identifiers, Status> {
        if !has_interface(object, iid) {
            return Err(Status::E_NOINTERFACE);
        }
        self.admit(owner, references, limits)?;
        let key = (address(object), owner.clone());
        let oid = match self.numbers.get(&key) {
            Some(oid) => *oid,
            None => self.register(object, key, limits, now)?,
        };
        self.hand_out(oid, iid, references, now)
    }

    /// Hands out references to another interface of the object that `ipid` belongs to.
    pub(crate) fn query(
        &mut self,
        ipid: Uuid,
        iid: Uuid,
        owner: &Owner,
        references: u32,
        limits: &Limits,
        now: Instant,
    ) -> Result<Identifiers, Status> {
        let (_, oid) = self.find(ipid, owner)?;
        let entry = self.objects.get(&oid).ok_or(Status::RPC_E_DISCONNECTED)?;
        if !has_interface(&entry.object, iid) {
            return Err(Status::E_NOINTERFACE);
        }
        self.admit(owner, references, limits)?;
        self.hand_out(oid, iid, references, now)
    }

    /// Adds references to an interface that the owner has already.
    pub(crate) fn add(
        &mut self,
        ipid: Uuid,
        owner: &Owner,
        (public, private): (u32, u32),
        limits: &Limits,
        now: Instant,
    ) -> Result<(), Status> {
        let (_, oid) = self.find(ipid, owner)?;
        self.admit(owner, public.saturating_add(private), limits)?;
        if let Some(interface) = self.interfaces.get_mut(&ipid) {
            interface.public_refs += u64::from(public);
            interface.private_refs += u64::from(private);
        }
        self.count(owner, u64::from(public) + u64::from(private));
        self.touch(oid, now);
        Ok(())
    }

    /// Takes references back, as many as there are; hands out the object when they were the last.
    /// What belongs to somebody else is left alone.
    pub(crate) fn release(
        &mut self,
        ipid: Uuid,
        owner: &Owner,
        (public, private): (u32, u32),
    ) -> Option<Arc<dyn Object>> {
        let (iid, oid) = self.find(ipid, owner).ok()?;
        let interface = self.interfaces.get_mut(&ipid)?;
        let public = interface.public_refs.min(public.into());
        let private = interface.private_refs.min(private.into());
        interface.public_refs -= public;
        interface.private_refs -= private;
        let is_last = interface.public_refs == 0 && interface.private_refs == 0;
        if let Some(usage) = self.usage.get_mut(owner) {
            usage.references -= public + private;
        }
        if !is_last {
            return None;
        }
        self.interfaces.remove(&ipid);
        let object = self.objects.get_mut(&oid)?;
        object.ipids.remove(&iid);
        if object.ipids.is_empty() { self.remove(oid) } else { None }
    }

    /// The object behind an interface, for a call; [`end`](Self::end) must follow.
    pub(crate) fn begin(
        &mut self,
        ipid: Uuid,
        owner: &Owner,
    ) -> Result<(Arc<dyn Object>, Uuid, u64), Status> {
        let (iid, oid) = self.find(ipid, owner)?;
        let entry = self.objects.get_mut(&oid).ok_or(Status::RPC_E_DISCONNECTED)?;
        entry.running += 1;
        Ok((entry.object.clone(), iid, oid))
    }

    /// A call is over.
    pub(crate) fn end(&mut self, oid: u64, now: Instant) {
        if let Some(entry) = self.objects.get_mut(&oid) {
            entry.running -= 1;
            entry.last_used = now;
        }
    }

    /// Whether there is such an object of this owner.
    pub(crate) fn is_owned(&self, oid: u64, owner: &Owner) -> bool {
        self.objects.get(&oid).is_some_and(|entry| entry.owner == *owner)
    }

    /// Takes out the objects that showed no sign of life for too long: no call, and no ping
    /// according to `is_pinged`.
    pub(crate) fn sweep(
        &mut self,
        limits: &Limits,
        now: Instant,
        is_pinged: impl Fn(u64) -> bool,
    ) -> Vec<Arc<dyn Object>> {
        let dead = |(oid, entry): (&u64, &ObjectEntry)| {
            let idle = now.saturating_duration_since(entry.last_used);
            (entry.running == 0 && idle >= limits.lifetime && !is_pinged(*oid)).then_some(*oid)
        };
        let dead: Vec<u64> = self.objects.iter().filter_map(dead).collect();
        dead.into_iter().filter_map(|oid| self.remove(oid)).collect()
    }

    /// Whether there is such an object.
    pub(crate) fn contains(&self, oid: u64) -> bool {
        self.objects.contains_key(&oid)
    }

    /// How many objects there are.
    pub(crate) fn len(&self) -> usize {
        self.objects.len()
    }

    /// The interface and the object behind an IPID.
    fn find(&self, ipid: Uuid, owner: &Owner) -> Result<(Uuid, u64), Status> {
        let interface = self.interfaces.get(&ipid).ok_or(Status::RPC_E_DISCONNECTED)?;
        if !self.is_owned(interface.oid, owner) {
            return Err(Status::E_ACCESSDENIED);
        }
        Ok((interface.iid, interface.oid))
    }

    /// Checks that an owner may have so many more references.
    fn admit(&self, owner: &Owner, references: u32, limits: &Limits) -> Result<(), Status> {
        let held = self.usage.get(owner).map_or(0, |usage| usage.references);
        if held + u64::from(references) > limits.references {
            return Err(Status::E_OUTOFMEMORY);
        }
        Ok(())
    }

    fn register(
        &mut self,
        object: &Arc<dyn Object>,
        key: (usize, Owner),
        limits: &Limits,
        now: Instant,
    ) -> Result<u64, Status> {
        let owner = key.1.clone();
        let usage = self.usage.entry(owner.clone()).or_default();
        if usage.objects >= limits.objects {
            return Err(Status::E_OUTOFMEMORY);
        }
        usage.objects += 1;
        let (oid, _) = Uuid::new_v4().as_u64_pair();
        self.numbers.insert(key, oid);
        let entry = ObjectEntry {
            object: object.clone(),
            owner,
            ipids: HashMap::new(),
            last_used: now,
            running: 0,
        };
        self.objects.insert(oid, entry);
        Ok(oid)
    }

    fn hand_out(
        &mut self,
        oid: u64,
        iid: Uuid,
        references: u32,
        now: Instant,
    ) -> Result<Identifiers, Status> {
        let entry = self.objects.get_mut(&oid).ok_or(Status::RPC_E_DISCONNECTED)?;
        entry.last_used = now;
        let ipid = *entry.ipids.entry(iid).or_insert_with(Uuid::new_v4);
        let owner = entry.owner.clone();
        let interface = self.interfaces.entry(ipid).or_insert(InterfaceEntry {
            oid,
            iid,
            public_refs: 0,
            private_refs: 0,
        });
        interface.public_refs += u64::from(references);
        self.count(&owner, references.into());
        Ok(Identifiers { oid, ipid })
    }

    fn count(&mut self, owner: &Owner, references: u64) {
        self.usage.entry(owner.clone()).or_default().references += references;
    }

    fn touch(&mut self, oid: u64, now: Instant) {
        if let Some(entry) = self.objects.get_mut(&oid) {
            entry.last_used = now;
        }
    }

    fn remove(&mut self, oid: u64) -> Option<Arc<dyn Object>> {
        let entry = self.objects.remove(&oid)?;
        let mut references = 0;
        for ipid in entry.ipids.values() {
            if let Some(interface) = self.interfaces.remove(ipid) {
                references += interface.public_refs + interface.private_refs;
            }
        }
        if let Some(usage) = self.usage.get_mut(&entry.owner) {
            usage.objects -= 1;
            usage.references -= references;
            if usage.objects == 0 {
                self.usage.remove(&entry.owner);
            }
        }
        self.numbers.remove(&(address(&entry.object), entry.owner));
        Some(entry.object)
    }
}

fn has_interface(object: &Arc<dyn Object>, iid: Uuid) -> bool {
    iid == UNKNOWN || object.interfaces().contains(&iid)
}

/// Tells one object from another, as long as the table holds it.
fn address(object: &Arc<dyn Object>) -> usize {
    Arc::as_ptr(object).addr()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_core::future::BoxFuture;
    use winreach_rpc::Fault;

    use super::*;
    use crate::server::{Call, Results};

    struct Thing(Vec<Uuid>);

    impl Object for Thing {
        fn interfaces(&self) -> &[Uuid] {
            &self.0
        }

        fn call(&self, _: Call) -> BoxFuture<'_, Result<Results, Fault>> {
            Box::pin(std::future::ready(Err(Fault::OP_RANGE_ERROR)))
        }
    }

    const FIRST: Uuid = Uuid::from_u128(1);
    const SECOND: Uuid = Uuid::from_u128(2);

    fn thing() -> Arc<dyn Object> {
        Arc::new(Thing(vec![FIRST, SECOND]))
    }

    fn owner(user: &str) -> Owner {
        Owner::from(&winreach_auth::Identity::new(winreach_auth::AuthType::Ntlm, "D", user))
    }

    #[test]
    fn an_object_has_one_number_and_each_interface_one_of_its_own() {
        let (mut table, limits, now) = (Table::default(), Limits::default(), Instant::now());
        let (object, alice) = (thing(), owner("alice"));
        let first = table.export(&object, FIRST, &alice, 5, &limits, now).unwrap();
        let again = table.export(&object, FIRST, &owner("ALICE"), 5, &limits, now).unwrap();
        let second = table.query(first.ipid, SECOND, &alice, 5, &limits, now).unwrap();
        let bobs = table.export(&object, FIRST, &owner("bob"), 5, &limits, now).unwrap();
        assert_eq!(first, again);
        assert_eq!(first.oid, second.oid);
        assert_ne!(first.ipid, second.ipid);
        assert_ne!(first.oid, bobs.oid);
        let absent = Uuid::from_u128(3);
        let error = table.export(&object, absent, &alice, 5, &limits, now).unwrap_err();
        assert_eq!(error, Status::E_NOINTERFACE);
    }

    #[test]
    fn the_last_reference_to_the_last_interface_takes_the_object_with_it() {
        let (mut table, limits, now) = (Table::default(), Limits::default(), Instant::now());
        let (object, alice) = (thing(), owner("alice"));
        let Identifiers { ipid, .. } =
            table.export(&object, FIRST, &alice, 5, &limits, now).unwrap();
        let second = table.query(ipid, SECOND, &alice, 5, &limits, now).unwrap();
        table.add(ipid, &alice, (2, 1), &limits, now).unwrap();
        assert!(table.release(ipid, &owner("bob"), (100, 100)).is_none());
        assert!(table.release(second.ipid, &alice, (100, 0)).is_none(), "one interface is left");
        assert!(table.release(ipid, &alice, (7, 0)).is_none(), "a private reference is left");
        assert!(table.release(ipid, &alice, (0, 1)).is_some());
        assert_eq!(table.begin(ipid, &alice).err(), Some(Status::RPC_E_DISCONNECTED));
        assert!(table.usage.is_empty() && table.numbers.is_empty() && table.interfaces.is_empty());
    }

    #[test]
    fn what_nobody_calls_or_pings_goes_after_its_lifetime() {
        let (mut table, limits, start) = (Table::default(), Limits::default(), Instant::now());
        let (pinged, alice) = (thing(), owner("alice"));
        let kept = table.export(&pinged, FIRST, &alice, 5, &limits, start).unwrap();
        let called = table.export(&thing(), FIRST, &alice, 5, &limits, start).unwrap();
        table.export(&thing(), FIRST, &alice, 5, &limits, start).unwrap();
        let after = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(table.sweep(&limits, after(359), |oid| oid == kept.oid).len(), 0);
        let (_, _, oid) = table.begin(called.ipid, &alice).unwrap();
        assert_eq!(table.sweep(&limits, after(360), |oid| oid == kept.oid).len(), 1);
        table.end(oid, after(360));
        assert_eq!(table.sweep(&limits, after(719), |oid| oid == kept.oid).len(), 0);
        assert_eq!(table.sweep(&limits, after(720), |oid| oid == kept.oid).len(), 1);
        assert_eq!(table.len(), 1);
        assert_eq!(table.sweep(&limits, after(720), |_| false).len(), 1);
        assert!(table.usage.is_empty() && table.numbers.is_empty() && table.interfaces.is_empty());
    }
}
