//! One interface of one remote object.

use std::fmt;
use std::sync::Arc;

use tokio::sync::OnceCell;
use tokio::time::Instant;
use uuid::Uuid;
use winreach_ndr::Encoder;

use super::error::{Error, ErrorKind, Step};
use super::exporter::{Exporter, Target};
use super::housekeeper::Chore;
use super::{During, Reply, SecurityInfo};
use crate::Status;
use crate::wire::rem_unknown::{
    InterfaceRefs, RemAddRefResponse, RemInterfaceRef, RemQueryInterface,
    RemQueryInterfaceResponse, opnum,
};
use crate::wire::{ObjRef, StdObjRef};

/// How many references to ask for, as Windows does.
const REFERENCES: u32 = 5;

/// One interface of one remote object.
///
/// Clones share the references that the server counts. While there is a handle to any interface of
/// an object, the object is kept alive by pings; when the last handle is dropped, the references
/// are given back in the background, many in one call.
#[derive(Clone)]
pub struct Proxy {
    interface: Arc<Interface>,
}

struct Interface {
    exporter: Arc<Exporter>,
    iid: Uuid,
    std: StdObjRef,
    /// The references that we own; a server may hand out none, and then we ask for some first.
    references: OnceCell<u32>,
}

impl Proxy {
    pub(crate) fn new(exporter: Arc<Exporter>, iid: Uuid, std: StdObjRef) -> Self {
        if std.flags & StdObjRef::NO_PING == 0 {
            exporter.machine.pings().add(std.oid);
        }
        let owned = (std.public_refs != 0).then_some(std.public_refs);
        let references = OnceCell::new_with(owned);
        Self { interface: Arc::new(Interface { exporter, iid, std, references }) }
    }

    /// The interface.
    pub fn iid(&self) -> Uuid {
        self.interface.iid
    }

    /// Which interface of which object of which exporter.
    pub fn identity(&self) -> &StdObjRef {
        &self.interface.std
    }

    /// The security in effect on the connection to the object. Its level is above
    /// [`asked`](SecurityInfo::asked) where the exporter takes no less.
    ///
    /// Nothing as long as none of its exporter's objects has been called, because there is no
    /// connection before that.
    ///
    /// ```no_run
    /// # use winreach_dcom::client::{Error, Proxy};
    /// # async fn example(object: Proxy, deadline: tokio::time::Instant) -> Result<(), Error> {
    /// object.call(3, |_| {}, deadline).await?;
    /// if let Some(security) = object.security() {
    ///     println!("{security}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn security(&self) -> Option<SecurityInfo> {
        self.interface.exporter.security()
    }

    /// Calls a method: `arguments` writes what stands behind the ORPC header.
    ///
    /// The HRESULT of the method is part of the reply.
    ///
    /// # Errors
    /// Where the call does not come back with results: the connection failed, the server refused
    /// the call, or the deadline passed.
    pub async fn call(
        &self,
        opnum: u16,
        arguments: impl FnOnce(&mut Encoder),
        deadline: Instant,
    ) -> Result<Reply, Error> {
        let Interface { exporter, iid, std, .. } = &*self.interface;
        self.interface.acquire(deadline).await?;
        exporter.call(Target { iid: *iid, ipid: std.ipid, opnum }, arguments, deadline).await
    }

    /// Another interface of the same object.
    ///
    /// # Errors
    /// [`Status::E_NOINTERFACE`] where it has none of this kind, or as [`Proxy::call`].
    pub async fn query_interface(&self, iid: Uuid, deadline: Instant) -> Result<Self, Error> {
        let Interface { exporter, std, .. } = &*self.interface;
        let step = || Step::QueryInterface { iid };
        self.interface.acquire(deadline).await?;
        let request =
            RemQueryInterface { ipid: std.ipid, references: REFERENCES, iids: vec![iid].into() };
        let reply =
            exporter.call_rem_unknown(opnum::REM_QUERY_INTERFACE, &request, deadline).await?;
        let answer: RemQueryInterfaceResponse = reply.decoder().get().during(step)?;
        let result = answer.results.0.and_then(|results| results.0.into_iter().next());
        match result {
            Some(result) if !Status(result.hresult).is_failure() => {
                // The object stays in its exporter, whatever the answer says.
                let std = StdObjRef { oxid: self.interface.std.oxid, ..result.std };
                Ok(Self::new(exporter.clone(), iid, std))
            }
            Some(result) => Err(Error::new(step(), ErrorKind::Refused(Status(result.hresult)))),
            None if Status(answer.hresult).is_failure() => {
                Err(Error::new(step(), ErrorKind::Refused(Status(answer.hresult))))
            }
            None => Err(Error::new(step(), ErrorKind::Incomplete("no result"))),
        }
    }

    /// Takes up a reference that came in an answer of this object.
    ///
    /// The object may live in another exporter of the same host; where that is, is asked with the
    /// first call.
    ///
    /// # Errors
    /// Where the reference is to an object by value.
    pub fn adopt(&self, reference: &ObjRef) -> Result<Self, Error> {
        let Some((std, _resolver)) = reference.remote() else {
            return Err(Error::new(Step::Adopt, ErrorKind::ByValue));
        };
        let exporter = &self.interface.exporter;
        let exporter = if std.oxid == self.interface.std.oxid {
            exporter.clone()
        } else {
            exporter.machine.exporter(std.oxid, None)
        };
        Ok(Self::new(exporter, reference.iid, *std))
    }

    /// Gives the references back and waits until the server has them, unless there are other
    /// handles to this interface.
    ///
    /// # Errors
    /// As [`Proxy::call`]; the server then reclaims the object when it misses the pings.
    pub async fn release(self, deadline: Instant) -> Result<(), Error> {
        let Some(mut interface) = Arc::into_inner(self.interface) else { return Ok(()) };
        let Some(public_refs) = interface.references.take() else { return Ok(()) };
        let reference = RemInterfaceRef { ipid: interface.std.ipid, public_refs, private_refs: 0 };
        let references = InterfaceRefs { references: vec![reference].into() };
        interface.exporter.release(&references, deadline).await
    }
}

impl Interface {
    /// Makes sure that we own references.
    async fn acquire(&self, deadline: Instant) -> Result<(), Error> {
        self.references.get_or_try_init(|| self.add_references(deadline)).await.map(drop)
    }

    async fn add_references(&self, deadline: Instant) -> Result<u32, Error> {
        let step = || Step::Adopt;
        let reference =
            RemInterfaceRef { ipid: self.std.ipid, public_refs: REFERENCES, private_refs: 0 };
        let request = InterfaceRefs { references: vec![reference].into() };
        let reply = self.exporter.call_rem_unknown(opnum::REM_ADD_REF, &request, deadline).await?;
        let answer: RemAddRefResponse = reply.decoder().get().during(step)?;
        let failures = answer.results.0.into_iter().chain([answer.hresult]);
        match failures.map(Status).find(|status| status.is_failure()) {
            Some(status) => Err(Error::new(step(), ErrorKind::Refused(status))),
            None => Ok(REFERENCES),
        }
    }
}

impl Drop for Interface {
    fn drop(&mut self) {
        let machine = &self.exporter.machine;
        if self.std.flags & StdObjRef::NO_PING == 0 {
            machine.pings().remove(self.std.oid);
        }
        if let Some(references) = self.references.take() {
            let exporter = self.exporter.clone();
            machine.leave(Chore::Release { exporter, ipid: self.std.ipid, references });
        }
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy")
            .field("host", &self.interface.exporter.machine.host)
            .field("iid", &self.interface.iid)
            .field("identity", &self.interface.std)
            .finish_non_exhaustive()
    }
}
