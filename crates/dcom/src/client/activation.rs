//! Asking a host for an object.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, Weak};

use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

use super::error::{Error, ErrorKind, Step};
use super::exporter::Details;
use super::housekeeper::Chore;
use super::machine::{Machine, lock};
use super::{During, Options, Proxy};
use crate::Status;
use crate::wire::activator::{ActivationResponse, RemoteCreateInstance, opnum};
use crate::wire::{
    ActivationProperties, ComVersion, InterfacePointer, OrpcThis, Property, PropsOutInfo,
    ScmReplyInfo, iid,
};

/// A client with its identity. Clones share connections and one ping set for each host.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

struct Shared {
    options: Arc<Options>,
    /// Names the context of this process, as Windows does.
    context_id: Uuid,
    machines: Mutex<HashMap<String, Weak<Machine>>>,
}

impl Client {
    /// A client that has not yet connected to anything.
    pub fn new(options: Options) -> Self {
        let shared = Shared {
            options: Arc::new(options),
            context_id: Uuid::new_v4(),
            machines: Mutex::default(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// A new object of class `clsid` on `host`, by each of the interfaces `iids`.
    ///
    /// Must be called within a tokio runtime.
    ///
    /// # Errors
    /// Says which step failed. An object that lacks one of the interfaces is an error too.
    pub async fn activate(
        &self,
        host: &str,
        clsid: Uuid,
        iids: &[Uuid],
        deadline: Instant,
    ) -> Result<Vec<Proxy>, Error> {
        let machine = self.machine(host);
        let step = || Step::Activate { clsid };
        let mut version = machine.version();
        let mut answer = self.create_instance(&machine, clsid, iids, version, deadline).await?;
        if Status(answer.hresult) == Status::RPC_E_VERSION_MISMATCH {
            version = machine.negotiate_version(deadline).await?;
            answer = self.create_instance(&machine, clsid, iids, version, deadline).await?;
        }
        if Status(answer.hresult).is_failure() {
            return Err(machine.refusal(step(), Status(answer.hresult)).await);
        }
        let (objects, exporter) = read_answer(&answer).during(step)?;
        let details = Details::new(
            exporter.bindings,
            exporter.ipid_rem_unknown,
            exporter.authn_hint,
            exporter.version,
        )
        .during(step)?;
        let exporter = machine.exporter(exporter.oxid, Some(details));
        // Whatever came is taken up first, so that it is given back should one be missing.
        let proxies: Vec<Result<Proxy, ErrorKind>> = objects
            .interfaces
            .iter()
            .map(|interface| match &interface.reference.0 {
                _ if Status(interface.hresult).is_failure() => {
                    Err(ErrorKind::Refused(Status(interface.hresult)))
                }
                Some(reference) => {
                    let (std, _) = reference.remote().ok_or(ErrorKind::ByValue)?;
                    Ok(Proxy::new(exporter.clone(), interface.iid, *std))
                }
                None => Err(ErrorKind::Incomplete("no reference where there is no error")),
            })
            .collect();
        let proxies: Vec<Proxy> = proxies.into_iter().collect::<Result<_, _>>().during(step)?;
        let in_order = proxies.iter().map(Proxy::iid).eq(iids.iter().copied());
        if in_order {
            Ok(proxies)
        } else {
            Err(Error::new(step(), ErrorKind::Incomplete("other interfaces than were wanted")))
        }
    }

    /// Waits until all references that have been dropped are given back. For a program that is
    /// about to end.
    ///
    /// References that are not given back in time go when the servers miss the pings.
    pub async fn settle(&self, deadline: Instant) {
        let machines: Vec<Arc<Machine>> =
            lock(&self.shared.machines).values().filter_map(Weak::upgrade).collect();
        for machine in machines {
            let (report, done) = oneshot::channel();
            machine.leave(Chore::Report(report));
            let _ = timeout_at(deadline, done).await;
        }
    }

    fn machine(&self, host: &str) -> Arc<Machine> {
        let mut machines = lock(&self.shared.machines);
        let name = host.to_ascii_lowercase();
        if let Some(known) = machines.get(&name).and_then(Weak::upgrade) {
            return known;
        }
        machines.retain(|_, machine| machine.strong_count() > 0);
        let machine = Machine::new(host, self.shared.options.clone());
        machines.insert(name, Arc::downgrade(&machine));
        machine
    }

    async fn create_instance(
        &self,
        machine: &Machine,
        clsid: Uuid,
        iids: &[Uuid],
        version: ComVersion,
        deadline: Instant,
    ) -> Result<ActivationResponse, Error> {
        let level = u32::from(self.shared.options.level.code());
        let properties = ActivationProperties::request(
            &machine.host,
            clsid,
            iids,
            level,
            self.shared.context_id,
        );
        let request = RemoteCreateInstance {
            // Windows sets the flag in activations alone.
            this: OrpcThis { flags: 1, ..OrpcThis::new(version, Uuid::new_v4()) },
            outer: InterfacePointer::null(),
            properties: properties.to_request().into(),
        };
        let step = || Step::Activate { clsid };
        machine
            .call_resolver(
                iid::REMOTE_SCM_ACTIVATOR,
                opnum::REMOTE_CREATE_INSTANCE,
                &request,
                step,
                deadline,
            )
            .await
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("options", &self.shared.options).finish_non_exhaustive()
    }
}

/// A new object, for a program that needs just one; others share a [`Client`].
///
/// # Errors
/// As [`Client::activate`].
pub async fn activate(
    host: &str,
    clsid: Uuid,
    iids: &[Uuid],
    options: &Options,
    deadline: Instant,
) -> Result<Vec<Proxy>, Error> {
    Client::new(options.clone()).activate(host, clsid, iids, deadline).await
}

/// The two properties that every answer must have.
fn read_answer(answer: &ActivationResponse) -> Result<(PropsOutInfo, ScmReplyInfo), ErrorKind> {
    let reference =
        answer.properties.0.as_ref().ok_or(ErrorKind::Incomplete("no activation properties"))?;
    let (mut objects, mut exporter) = (None, None);
    for property in ActivationProperties::from_answer(reference)?.properties {
        match property {
            Property::PropsOut(info) => objects = Some(info),
            Property::ScmReply(info) => exporter = Some(info),
            _ => {}
        }
    }
    Ok((
        objects.ok_or(ErrorKind::Incomplete("no PropsOutInfo"))?,
        exporter.ok_or(ErrorKind::Incomplete("no ScmReplyInfo"))?,
    ))
}
