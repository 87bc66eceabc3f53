//! The resolver: what answers at port 135.
//!
//! Source: `[MS-DCOM] 3.1.2.5`.

use std::sync::Arc;

use bytes::Bytes;
use futures_core::future::BoxFuture;
use uuid::Uuid;
use winreach_ndr::Unique;
use winreach_rpc::server::{Request, Service};
use winreach_rpc::{Fault, SyntaxId};

use super::activation::Activation;
use super::dispatch::{caller, parameters, results};
use super::owner::Owner;
use super::{Activator, Exporter, endpoint_mapper};
use crate::Status;
use crate::wire::endpoint_mapper::ENDPOINT_MAPPER;
use crate::wire::object_exporter::{
    ComplexPing, ComplexPingResponse, ResolveOxid, ResolveOxid2Response, ResolveOxidResponse,
    ServerAlive2Response, SimplePing, StatusResponse, opnum,
};
use crate::wire::{ComVersion, activation_v1, activator, iid};

/// The service at the port of the resolver: where objects are made and found, and by which signs of
/// life they are kept.
#[derive(Clone)]
pub struct ResolverService {
    exporter: Exporter,
    activator: Arc<dyn Activator>,
}

impl ResolverService {
    /// The resolver of one exporter, whose first objects `activator` makes.
    pub fn new(exporter: Exporter, activator: Arc<dyn Activator>) -> Self {
        Self { exporter, activator }
    }

    fn dispatch(&self, request: &Request) -> Result<Bytes, Fault> {
        match request.interface.uuid {
            iid::OBJECT_EXPORTER => self.object_exporter(request),
            iid::REMOTE_SCM_ACTIVATOR => self.scm_activator(request),
            iid::ACTIVATION => self.activation_v1(request),
            ENDPOINT_MAPPER => endpoint_mapper::call(request),
            _ => Err(Fault::UNKNOWN_INTERFACE),
        }
    }

    fn object_exporter(&self, request: &Request) -> Result<Bytes, Fault> {
        match request.opnum {
            // Whoever asks whether anybody is there need not say who he is.
            opnum::SERVER_ALIVE => Ok(results(&StatusResponse { status: 0 })),
            opnum::SERVER_ALIVE2 => Ok(results(&self.server_alive2(request))),
            opnum::RESOLVE_OXID => {
                caller(request)?;
                let answer = self.resolve(request, &parameters(request)?);
                Ok(results(&ResolveOxidResponse {
                    bindings: answer.bindings,
                    ipid_rem_unknown: answer.ipid_rem_unknown,
                    authn_hint: answer.authn_hint,
                    status: answer.status,
                }))
            }
            opnum::RESOLVE_OXID2 => {
                caller(request)?;
                Ok(results(&self.resolve(request, &parameters(request)?)))
            }
            opnum::SIMPLE_PING => {
                let owner = Owner::from(&**caller(request)?);
                let SimplePing { set_id } = parameters(request)?;
                let status = self.exporter.simple_ping(set_id, &owner);
                Ok(results(&StatusResponse { status: status.0 }))
            }
            opnum::COMPLEX_PING => {
                let owner = Owner::from(&**caller(request)?);
                let ping: ComplexPing = parameters(request)?;
                let (set_id, status) = match self.exporter.complex_ping(&ping, &owner) {
                    Ok(set_id) => (set_id, Status::S_OK),
                    Err(status) => (ping.set_id, status),
                };
                Ok(results(&ComplexPingResponse { set_id, backoff: 0, status: status.0 }))
            }
            _ => Err(Fault::OP_RANGE_ERROR),
        }
    }

    fn server_alive2(&self, request: &Request) -> ServerAlive2Response {
        ServerAlive2Response {
            version: ComVersion::CURRENT,
            bindings: Unique::some(self.exporter.addresses().resolver(&request.connection)),
            reserved: 0,
            status: 0,
        }
    }

    fn resolve(&self, request: &Request, wanted: &ResolveOxid) -> ResolveOxid2Response {
        let exporter = self.exporter.details(&request.connection);
        if exporter.oxid == wanted.oxid {
            ResolveOxid2Response {
                bindings: Unique::some(exporter.bindings),
                ipid_rem_unknown: exporter.ipid_rem_unknown,
                authn_hint: exporter.authn_hint,
                version: exporter.version,
                status: 0,
            }
        } else {
            ResolveOxid2Response {
                bindings: Unique::null(),
                ipid_rem_unknown: Uuid::nil(),
                authn_hint: 0,
                version: exporter.version,
                status: Status::OR_INVALID_OXID.0,
            }
        }
    }

    fn scm_activator(&self, request: &Request) -> Result<Bytes, Fault> {
        let activation = self.activation(request)?;
        match request.opnum {
            activator::opnum::REMOTE_CREATE_INSTANCE => {
                Ok(results(&activation.create_instance(&parameters(request)?)))
            }
            activator::opnum::REMOTE_GET_CLASS_OBJECT => {
                Ok(results(&activation.get_class_object(&parameters(request)?)))
            }
            _ => Err(Fault::OP_RANGE_ERROR),
        }
    }

    fn activation_v1(&self, request: &Request) -> Result<Bytes, Fault> {
        let activation = self.activation(request)?;
        match request.opnum {
            activation_v1::opnum::REMOTE_ACTIVATION => {
                Ok(results(&activation.activate(&parameters(request)?)))
            }
            _ => Err(Fault::OP_RANGE_ERROR),
        }
    }

    fn activation<'a>(&'a self, request: &'a Request) -> Result<Activation<'a>, Fault> {
        Ok(Activation {
            exporter: &self.exporter,
            activator: &*self.activator,
            caller: caller(request)?,
            connection: &request.connection,
        })
    }
}

impl Service for ResolverService {
    fn supports(&self, interface: &SyntaxId) -> bool {
        matches!(
            (interface.uuid, interface.major, interface.minor),
            (iid::OBJECT_EXPORTER | iid::REMOTE_SCM_ACTIVATOR | iid::ACTIVATION, 0, 0)
                | (ENDPOINT_MAPPER, 3, 0)
        )
    }

    fn call(&self, request: Request) -> BoxFuture<'_, Result<Bytes, Fault>> {
        Box::pin(async move { self.dispatch(&request) })
    }
}
