//! A process on a host, in which objects live.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use tokio::sync::{Mutex as AsyncMutex, OnceCell};
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;
use winreach_auth::AuthLevel;
use winreach_ndr::{Encode, Encoder};
use winreach_rpc::SyntaxId;
use winreach_rpc::client::{self as rpc, Call, Connection, SecurityInfo};

use super::addresses::candidates;
use super::dial::{associate, dial_first};
use super::error::{Error, ErrorKind, Step};
use super::machine::{Machine, lock};
use super::{During, Reply};
use crate::Status;
use crate::wire::rem_unknown::{InterfaceRefs, opnum};
use crate::wire::{ComVersion, DualStringArray, OrpcThis, iid};

/// The service by which Kerberos knows a program of the machine.
const EXPORTER_SERVICE: &str = "HOST";

/// IRemUnknown2 came with this version (`[MS-DCOM] 3.1.1.5.7`).
const REM_UNKNOWN2_SINCE: ComVersion = ComVersion { major: 5, minor: 6 };

/// What an activation or the resolver tells of an exporter.
#[derive(Debug)]
pub(crate) struct Details {
    bindings: DualStringArray,
    ipid_rem_unknown: Uuid,
    /// The lowest level that the exporter takes.
    level: AuthLevel,
    /// What to speak with it.
    version: ComVersion,
}

impl Details {
    pub(crate) fn new(
        bindings: DualStringArray,
        ipid_rem_unknown: Uuid,
        authn_hint: u32,
        version: ComVersion,
    ) -> Result<Self, ErrorKind> {
        let version = ComVersion::CURRENT
            .negotiate(version)
            .ok_or(ErrorKind::Refused(Status::RPC_E_VERSION_MISMATCH))?;
        let hint = u8::try_from(authn_hint).ok().and_then(AuthLevel::from_code);
        let level = hint.unwrap_or(AuthLevel::None);
        Ok(Self { bindings, ipid_rem_unknown, level, version })
    }

    const fn rem_unknown(&self) -> Uuid {
        if self.version.minor >= REM_UNKNOWN2_SINCE.minor {
            iid::REM_UNKNOWN2
        } else {
            iid::REM_UNKNOWN
        }
    }
}

/// Which method of which interface.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target {
    pub(crate) iid: Uuid,
    pub(crate) ipid: Uuid,
    pub(crate) opnum: u16,
}

impl Target {
    const fn step(self) -> Step {
        Step::Call { iid: self.iid, opnum: self.opnum }
    }
}

pub(crate) struct Exporter {
    pub(crate) machine: Arc<Machine>,
    oxid: u64,
    details: OnceCell<Details>,
    connection: AsyncMutex<Option<Connection>>,
    /// That of the connection which was made last.
    security: Mutex<Option<SecurityInfo>>,
}

impl Exporter {
    pub(crate) fn new(machine: Arc<Machine>, oxid: u64, details: Option<Details>) -> Self {
        Self {
            machine,
            oxid,
            details: OnceCell::new_with(details),
            connection: AsyncMutex::default(),
            security: Mutex::default(),
        }
    }

    /// The security in effect, once there is a connection.
    pub(crate) fn security(&self) -> Option<SecurityInfo> {
        lock(&self.security).clone()
    }

    /// A call on an object.
    pub(crate) async fn call(
        &self,
        target: Target,
        arguments: impl FnOnce(&mut Encoder),
        deadline: Instant,
    ) -> Result<Reply, Error> {
        let details = self.details(deadline).await?;
        let connection = self.connection(details, target.iid, deadline).await?;
        let stub = call_stub(details, arguments);
        invoke(&connection, target, stub, deadline).await
    }

    /// A call on the object that counts references.
    pub(crate) async fn call_rem_unknown(
        &self,
        opnum: u16,
        arguments: &impl Encode,
        deadline: Instant,
    ) -> Result<Reply, Error> {
        let details = self.details(deadline).await?;
        let target = Target { iid: details.rem_unknown(), ipid: details.ipid_rem_unknown, opnum };
        self.call(target, |encoder| encoder.put(arguments), deadline).await
    }

    /// Gives references back, unless there is no connection any more: none is made for that.
    pub(crate) async fn release(
        &self,
        references: &InterfaceRefs,
        deadline: Instant,
    ) -> Result<(), Error> {
        let alive = self.connection.lock().await.as_ref().is_some_and(|c| c.death().is_none());
        if !alive {
            return Ok(());
        }
        let reply = self.call_rem_unknown(opnum::REM_RELEASE, references, deadline).await?;
        reply.finish(|| Step::Call { iid: iid::REM_UNKNOWN2, opnum: opnum::REM_RELEASE })
    }

    async fn details(&self, deadline: Instant) -> Result<&Details, Error> {
        self.details.get_or_try_init(|| self.machine.resolve(self.oxid, deadline)).await
    }

    /// The connection; a new one agrees at once on everything that is going to be called.
    async fn connection(
        &self,
        details: &Details,
        iid: Uuid,
        deadline: Instant,
    ) -> Result<Connection, Error> {
        let step = || Step::ConnectExporter { oxid: self.oxid };
        let mut place = timeout_at(deadline, self.connection.lock())
            .await
            .map_err(|_elapsed| rpc::Error::Deadline)
            .during(step)?;
        if let Some(connection) = place.as_ref().filter(|connection| connection.death().is_none()) {
            return Ok(connection.clone());
        }
        let options = &self.machine.options;
        let addresses = candidates(&self.machine.host, &details.bindings, options.addresses);
        let dialled = dial_first(options, addresses, deadline).await.during(step)?;
        let mut iids = vec![details.rem_unknown(), iid];
        iids.extend(&options.preload);
        let mut interfaces: Vec<SyntaxId> = Vec::with_capacity(iids.len());
        for interface in iids.into_iter().map(|iid| SyntaxId::new(iid, 0, 0)) {
            if !interfaces.contains(&interface) {
                interfaces.push(interface);
            }
        }
        let level = options.level.max(details.level);
        let connection =
            associate(options, dialled, EXPORTER_SERVICE, level, &interfaces, deadline).await?;
        let mut security = connection.security();
        security.asked = options.level;
        *lock(&self.security) = Some(security);
        Ok(place.insert(connection).clone())
    }
}

/// The request: each call from outside begins a causality chain of its own.
fn call_stub(details: &Details, arguments: impl FnOnce(&mut Encoder)) -> Bytes {
    let mut encoder = Encoder::new();
    encoder.put(&OrpcThis::new(details.version, Uuid::new_v4()));
    arguments(&mut encoder);
    encoder.finish().into()
}

/// Calls, and agrees with the server on the interface where that has not been done: a server may
/// refuse one until the first object has it.
async fn invoke(
    connection: &Connection,
    target: Target,
    stub: Bytes,
    deadline: Instant,
) -> Result<Reply, Error> {
    let interface = SyntaxId::new(target.iid, 0, 0);
    let call = Call { interface, opnum: target.opnum, object: Some(target.ipid), stub };
    let mut result = connection.call(call.clone(), deadline).await;
    if let Err(rpc::Error::NotBound(_) | rpc::Error::InterfaceRefused { .. }) = result {
        connection.add_interfaces(&[interface], deadline).await.during(|| target.step())?;
        result = connection.call(call, deadline).await;
    }
    let results =
        result.during(|| target.step()).map_err(|refusal| refusal.under(connection.security()))?;
    Reply::read(results).during(|| target.step())
}
