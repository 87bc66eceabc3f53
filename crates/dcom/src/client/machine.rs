//! A host and its resolver, as one process sees them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{Mutex as AsyncMutex, mpsc};
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;
use winreach_auth::AuthLevel;
use winreach_ndr::{Decode, Decoder, Encode, Encoder};
use winreach_rpc::client::{self as rpc, Call, Connection};
use winreach_rpc::{Fault, SyntaxId};

use super::Options;
use super::dial::{associate, dial};
use super::error::{Error, ErrorKind, Step};
use super::exporter::{Details, Exporter};
use super::housekeeper::{self, Chore};
use super::ping_set::{Ping, PingSet};
use crate::Status;
use crate::wire::object_exporter::{
    ComplexPingResponse, ResolveOxid, ResolveOxid2Response, ServerAlive2Response, StatusResponse,
    opnum,
};
use crate::wire::{ComVersion, TOWER_TCP, iid};

/// The service by which Kerberos knows the resolver (`[MS-DCOM] 3.2.4.1.1.2`).
const RESOLVER_SERVICE: &str = "RPCSS";

/// How often a resolver is told that this process still lives (`[MS-DCOM] 3.1.2.2`).
pub(crate) const PING_PERIOD: Duration = Duration::from_secs(120);

/// When to try again after a ping that failed. The third one that is missing costs the objects.
const PING_RETRY: Duration = Duration::from_secs(30);

/// How long an answer to a ping may take.
const PING_PATIENCE: Duration = Duration::from_secs(30);

/// The parameters of a method that has none.
const NO_PARAMETERS: [u8; 0] = [];

pub(crate) struct Machine {
    pub(crate) host: String,
    pub(crate) options: Arc<Options>,
    /// What to speak with the resolver.
    version: Mutex<ComVersion>,
    resolver: AsyncMutex<Option<Connection>>,
    exporters: Mutex<HashMap<u64, Weak<Exporter>>>,
    pings: Mutex<PingSet>,
    chores: mpsc::UnboundedSender<Chore>,
}

impl Machine {
    /// A host, and a task that keeps house for it as long as it is in use.
    pub(crate) fn new(host: &str, options: Arc<Options>) -> Arc<Self> {
        Arc::new_cyclic(|machine| Self {
            host: host.to_owned(),
            options,
            version: Mutex::new(ComVersion::CURRENT),
            resolver: AsyncMutex::default(),
            exporters: Mutex::default(),
            pings: Mutex::default(),
            chores: housekeeper::start(machine.clone()),
        })
    }

    pub(crate) fn version(&self) -> ComVersion {
        *lock(&self.version)
    }

    /// The exporter of this number; `details` where an activation has just told them.
    pub(crate) fn exporter(self: &Arc<Self>, oxid: u64, details: Option<Details>) -> Arc<Exporter> {
        let mut exporters = lock(&self.exporters);
        if let Some(known) = exporters.get(&oxid).and_then(Weak::upgrade) {
            return known;
        }
        exporters.retain(|_, exporter| exporter.strong_count() > 0);
        let exporter = Arc::new(Exporter::new(self.clone(), oxid, details));
        exporters.insert(oxid, Arc::downgrade(&exporter));
        exporter
    }

    pub(crate) fn pings(&self) -> MutexGuard<'_, PingSet> {
        lock(&self.pings)
    }

    /// Leaves something to the task that keeps house.
    pub(crate) fn leave(&self, chore: Chore) {
        // Without a runtime the task is gone; the server then misses our pings.
        let _ = self.chores.send(chore);
    }

    /// A call on the resolver; the last leg of the authentication goes out with the first one.
    pub(crate) async fn call_resolver<T: Decode>(
        &self,
        interface: Uuid,
        opnum: u16,
        arguments: &(impl Encode + Sync),
        step: impl Fn() -> Step,
        deadline: Instant,
    ) -> Result<T, Error> {
        let (connection, fresh) = self.resolver(deadline).await?;
        let mut encoder = Encoder::new();
        encoder.put(arguments);
        let call = Call {
            interface: SyntaxId::new(interface, 0, 0),
            opnum,
            object: None,
            stub: Bytes::from(encoder.finish()),
        };
        let stub = match connection.call(call, deadline).await {
            Ok(stub) => stub,
            Err(error) => {
                let refused = fresh && error.fault() == Some(Fault::ACCESS_DENIED);
                if refused {
                    *self.resolver.lock().await = None;
                }
                // A refused password shows with the first call, and so does a level that is too
                // low for the call.
                let step = match refused && self.options.level >= AuthLevel::Integrity {
                    true => Step::Authenticate { address: self.resolver_address() },
                    false => step(),
                };
                return Err(Error::new(step, error).under(connection.security()));
            }
        };
        Decoder::new(&stub).get().map_err(|error| Error::new(step(), error))
    }

    /// The connection to the resolver, and whether it has just been made.
    async fn resolver(&self, deadline: Instant) -> Result<(Connection, bool), Error> {
        let waited = timeout_at(deadline, self.resolver.lock()).await;
        let mut place = waited.map_err(|_| {
            Error::new(Step::Bind { address: self.resolver_address() }, rpc::Error::Deadline)
        })?;
        if let Some(connection) = place.as_ref().filter(|connection| connection.death().is_none()) {
            return Ok((connection.clone(), false));
        }
        let interfaces =
            [iid::REMOTE_SCM_ACTIVATOR, iid::OBJECT_EXPORTER].map(|iid| SyntaxId::new(iid, 0, 0));
        let options = &self.options;
        let dialled = dial(options, &self.host, options.resolver_port, deadline)
            .await
            .map_err(|attempt| attempt.at_resolver(&self.host))?;
        let connection =
            associate(options, dialled, RESOLVER_SERVICE, options.level, &interfaces, deadline)
                .await?;
        Ok((place.insert(connection).clone(), true))
    }

    /// A refusal in an answer of the resolver.
    pub(crate) async fn refusal(&self, step: Step, status: Status) -> Error {
        let security = self.resolver.lock().await.as_ref().map(Connection::security);
        let error = Error::new(step, ErrorKind::Refused(status));
        match security {
            Some(security) => error.under(security),
            None => error,
        }
    }

    fn resolver_address(&self) -> String {
        super::dial::address(&self.host, self.options.resolver_port)
    }

    /// Asks which version the server speaks, and speaks that from now on.
    pub(crate) async fn negotiate_version(&self, deadline: Instant) -> Result<ComVersion, Error> {
        let step = || Step::Bind { address: self.resolver_address() };
        let answer: Result<ServerAlive2Response, Error> = self
            .call_resolver(
                iid::OBJECT_EXPORTER,
                opnum::SERVER_ALIVE2,
                &NO_PARAMETERS,
                step,
                deadline,
            )
            .await;
        let theirs = match answer {
            Ok(answer) => answer.version,
            Err(error) if error.status() == Some(Status::RPC_S_PROCNUM_OUT_OF_RANGE) => {
                ComVersion::OLDEST
            }
            Err(error) => return Err(error),
        };
        let agreed = ComVersion::CURRENT.negotiate(theirs).ok_or_else(|| {
            Error::new(step(), ErrorKind::Refused(Status::RPC_E_VERSION_MISMATCH))
        })?;
        *lock(&self.version) = agreed;
        Ok(agreed)
    }

    /// Asks where an exporter is.
    pub(crate) async fn resolve(&self, oxid: u64, deadline: Instant) -> Result<Details, Error> {
        let step = || Step::ResolveExporter { oxid };
        let request = ResolveOxid { oxid, protocols: vec![TOWER_TCP].into() };
        let answer: ResolveOxid2Response = self
            .call_resolver(iid::OBJECT_EXPORTER, opnum::RESOLVE_OXID2, &request, step, deadline)
            .await?;
        match (answer.status, answer.bindings.0) {
            (0, Some(bindings)) => {
                Details::new(bindings, answer.ipid_rem_unknown, answer.authn_hint, answer.version)
                    .map_err(|kind| Error::new(step(), kind))
            }
            (0, None) => Err(Error::new(step(), ErrorKind::Incomplete("no bindings"))),
            (status, _) => Err(Error::new(step(), ErrorKind::Refused(Status(status)))),
        }
    }

    /// Keeps the objects of this host alive, and says when to do so again.
    pub(crate) async fn ping(&self) -> Duration {
        loop {
            let Some(ping) = self.pings().next() else { return PING_PERIOD };
            match self.send(ping).await {
                Ok(Status::S_OK) if self.pings().is_complete() => return PING_PERIOD,
                Ok(Status::S_OK) => {}
                Ok(status) => {
                    tracing::debug!(host = self.host, %status, "the resolver refused a ping");
                    return PING_RETRY;
                }
                Err(error) => {
                    tracing::debug!(host = self.host, %error, "a ping failed");
                    return PING_RETRY;
                }
            }
        }
    }

    async fn send(&self, ping: Ping) -> Result<Status, Error> {
        let deadline = Instant::now() + PING_PATIENCE;
        let step = |opnum| move || Step::Call { iid: iid::OBJECT_EXPORTER, opnum };
        match ping {
            Ping::Simple(ping) => {
                let opnum = opnum::SIMPLE_PING;
                let answer: StatusResponse = self
                    .call_resolver(iid::OBJECT_EXPORTER, opnum, &ping, step(opnum), deadline)
                    .await?;
                self.pings().simple_answer(Status(answer.status));
                // A set that is gone is made anew at once.
                let gone = answer.status == Status::OR_INVALID_SET.0;
                Ok(if gone { Status::S_OK } else { Status(answer.status) })
            }
            Ping::Complex(ping) => {
                let opnum = opnum::COMPLEX_PING;
                let answer: ComplexPingResponse = self
                    .call_resolver(iid::OBJECT_EXPORTER, opnum, &ping, step(opnum), deadline)
                    .await?;
                self.pings().complex_answer(&ping, &answer);
                Ok(Status(answer.status))
            }
        }
    }
}

/// Locks what no panic can leave half done.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
