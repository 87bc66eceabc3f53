//! One process as seen by DCOM: its objects, and the numbers by which clients name them.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::{Instant, sleep};
use uuid::Uuid;
use winreach_auth::{AuthLevel, Identity};
use winreach_rpc::server::ConnectionInfo;

use super::owner::Owner;
use super::ping_sets::PingSets;
use super::table::{Identifiers, Table};
use super::{Addresses, Limits, Object};
use crate::Status;
use crate::wire::object_exporter::ComplexPing;
use crate::wire::{ComVersion, ObjRef, ScmReplyInfo, StdObjRef};

/// How many references come with an object that is handed out (`[MS-DCOM] 3.1.1.5.1`).
pub(crate) const REFERENCES: u32 = 5;

/// The lowest level at which anything but a sign of life is answered, since the hardening of
/// CVE-2021-26414.
pub(crate) const LEAST_LEVEL: AuthLevel = AuthLevel::Integrity;

/// A set of objects under one exporter number (OXID). Clones share it.
///
/// Each reference belongs to the account that got it: nobody else can use it.
#[derive(Clone)]
pub struct Exporter {
    shared: Arc<Shared>,
}

struct Shared {
    oxid: u64,
    ipid_rem_unknown: Uuid,
    addresses: Addresses,
    limits: Limits,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    table: Table,
    pings: PingSets,
}

impl Exporter {
    /// An exporter without objects.
    pub fn new(addresses: Addresses, limits: Limits) -> Self {
        let (oxid, _) = Uuid::new_v4().as_u64_pair();
        let shared = Shared {
            oxid,
            ipid_rem_unknown: Uuid::new_v4(),
            addresses,
            limits,
            state: Mutex::default(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// A reference to an object, for one account. The connection decides which address of this host
    /// comes first in it.
    ///
    /// # Errors
    /// [`Status::E_NOINTERFACE`] where the object lacks the interface, [`Status::E_OUTOFMEMORY`]
    /// where the account holds too much already.
    pub fn export(
        &self,
        object: &Arc<dyn Object>,
        iid: Uuid,
        owner: &Identity,
        connection: &ConnectionInfo,
    ) -> Result<ObjRef, Status> {
        let (owner, limits) = (owner.into(), &self.shared.limits);
        let now = Instant::now();
        let identifiers =
            self.state().table.export(object, iid, &owner, REFERENCES, limits, now)?;
        let resolver = self.shared.addresses.resolver(connection);
        Ok(ObjRef::standard(iid, self.reference(identifiers, REFERENCES), resolver))
    }

    /// How many objects there are.
    pub fn len(&self) -> usize {
        self.state().table.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Lets go of the objects that nobody has called or pinged for [`Limits::lifetime`].
    pub fn sweep(&self, now: Instant) {
        let limits = &self.shared.limits;
        let mut state = self.state();
        let State { table, pings } = &mut *state;
        pings.sweep(limits, now, |oid| table.contains(oid));
        let pinged = pings.objects();
        let dead = table.sweep(limits, now, |oid| pinged.contains(&oid));
        drop(state);
        if !dead.is_empty() {
            tracing::debug!(objects = dead.len(), "reclaimed what nobody pings");
        }
    }

    /// Sweeps for ever; to be run as a task beside the server.
    pub async fn sweep_regularly(&self) {
        loop {
            sleep(self.shared.limits.lifetime / 12).await;
            self.sweep(Instant::now());
        }
    }

    /// What an activation tells of this exporter.
    pub(crate) fn details(&self, connection: &ConnectionInfo) -> ScmReplyInfo {
        ScmReplyInfo {
            oxid: self.shared.oxid,
            bindings: self.shared.addresses.exporter(connection),
            ipid_rem_unknown: self.shared.ipid_rem_unknown,
            authn_hint: LEAST_LEVEL.code().into(),
            version: ComVersion::CURRENT,
        }
    }

    pub(crate) fn addresses(&self) -> &Addresses {
        &self.shared.addresses
    }

    pub(crate) fn is_rem_unknown(&self, ipid: Uuid) -> bool {
        ipid == self.shared.ipid_rem_unknown
    }

    /// The object behind an interface, for the length of a call.
    pub(crate) fn begin(&self, ipid: Uuid, owner: &Owner) -> Result<Running, Status> {
        let (object, iid, oid) = self.state().table.begin(ipid, owner)?;
        Ok(Running { exporter: self.clone(), object, iid, oid })
    }

    /// References to another interface of an object.
    pub(crate) fn query(
        &self,
        ipid: Uuid,
        iid: Uuid,
        owner: &Owner,
        references: u32,
    ) -> Result<StdObjRef, Status> {
        let (limits, now) = (&self.shared.limits, Instant::now());
        let identifiers = self.state().table.query(ipid, iid, owner, references, limits, now)?;
        Ok(self.reference(identifiers, references))
    }

    pub(crate) fn add(&self, ipid: Uuid, owner: &Owner, references: (u32, u32)) -> Status {
        let (limits, now) = (&self.shared.limits, Instant::now());
        match self.state().table.add(ipid, owner, references, limits, now) {
            Ok(()) => Status::S_OK,
            Err(Status::RPC_E_DISCONNECTED) => Status::CO_E_OBJNOTREG,
            Err(status) => status,
        }
    }

    pub(crate) fn release(&self, ipid: Uuid, owner: &Owner, references: (u32, u32)) {
        // Bound first, so that the object is dropped without the lock.
        let _object = self.state().table.release(ipid, owner, references);
    }

    pub(crate) fn simple_ping(&self, set_id: u64, owner: &Owner) -> Status {
        self.state().pings.simple(set_id, owner, Instant::now())
    }

    pub(crate) fn complex_ping(&self, ping: &ComplexPing, owner: &Owner) -> Result<u64, Status> {
        let limits = &self.shared.limits;
        let mut state = self.state();
        let State { table, pings } = &mut *state;
        pings.complex(ping, owner, |oid| table.is_owned(oid, owner), limits, Instant::now())
    }

    fn reference(&self, Identifiers { oid, ipid }: Identifiers, public_refs: u32) -> StdObjRef {
        StdObjRef { flags: 0, public_refs, oxid: self.shared.oxid, oid, ipid }
    }

    /// Locks what no panic can leave half done.
    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Exporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exporter")
            .field("oxid", &format_args!("{:016x}", self.shared.oxid))
            .field("objects", &self.len())
            .finish_non_exhaustive()
    }
}

/// A call that runs: its object is not reclaimed meanwhile.
pub(crate) struct Running {
    exporter: Exporter,
    pub(crate) object: Arc<dyn Object>,
    pub(crate) iid: Uuid,
    oid: u64,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.exporter.state().table.end(self.oid, Instant::now());
    }
}
