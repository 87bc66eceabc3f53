//! Making objects for clients.
//!
//! Source: `[MS-DCOM] 3.1.2.5.2.3`.

use std::sync::Arc;

use uuid::Uuid;
use winreach_auth::Identity;
use winreach_ndr::{Conformant, Unique};
use winreach_rpc::server::ConnectionInfo;

use super::dispatch::check_version;
use super::{Activator, Exporter};
use crate::Status;
use crate::wire::activation_v1::{MODE_CLASS_FACTORY, RemoteActivation, RemoteActivationResponse};
use crate::wire::activator::{ActivationResponse, RemoteCreateInstance, RemoteGetClassObject};
use crate::wire::{
    ActivationProperties, InstantiationInfo, InterfacePointer, InterfaceResult, OrpcThat, Property,
    PropsOutInfo,
};

/// How many interfaces a client may ask for at once (`MAX_REQUESTED_INTERFACES`).
const MAX_INTERFACES: usize = 0x8000;

/// The flags of the header of an answer, as Windows writes them.
const HEADER: OrpcThat = OrpcThat { flags: 1, extensions: Unique::null() };

/// Makes objects for one client.
pub(super) struct Activation<'a> {
    pub(super) exporter: &'a Exporter,
    pub(super) activator: &'a dyn Activator,
    pub(super) caller: &'a Arc<Identity>,
    pub(super) connection: &'a ConnectionInfo,
}

impl Activation<'_> {
    /// `RemoteCreateInstance`.
    pub(super) fn create_instance(&self, request: &RemoteCreateInstance) -> ActivationResponse {
        let created = check_version(&request.this)
            .and_then(|()| instantiation(&request.properties))
            .and_then(|info| self.create(info.class_id, &info.iids));
        match created {
            Ok(interfaces) => {
                let exporter = self.exporter.details(self.connection);
                let answer = ActivationProperties::answer(PropsOutInfo { interfaces }, exporter);
                ActivationResponse {
                    that: HEADER,
                    properties: answer.to_answer().into(),
                    hresult: 0,
                }
            }
            Err(status) => refusal(status),
        }
    }

    /// `RemoteGetClassObject`: no class has a factory that can be reached from outside.
    pub(super) fn get_class_object(&self, request: &RemoteGetClassObject) -> ActivationResponse {
        let known = check_version(&request.this)
            .and_then(|()| instantiation(&request.properties))
            .and_then(|info| self.activator.create(info.class_id, self.caller));
        refusal(known.err().unwrap_or(Status::CLASS_E_CLASSNOTAVAILABLE))
    }

    /// `RemoteActivation`.
    pub(super) fn activate(&self, request: &RemoteActivation) -> RemoteActivationResponse {
        let iids = request.iids.0.as_ref().map(|iids| iids.0.as_slice()).unwrap_or_default();
        let created = check_version(&request.this).and_then(|()| match request.mode {
            MODE_CLASS_FACTORY => Err(Status::CLASS_E_CLASSNOTAVAILABLE),
            _ => self.create(request.clsid, iids),
        });
        let exporter = self.exporter.details(self.connection);
        let (hresult, references, results) = match created {
            Ok(interfaces) => {
                let (references, results) =
                    interfaces.into_iter().map(|one| (one.reference, one.hresult)).unzip();
                (0, references, results)
            }
            Err(status) => {
                (status.0, vec![InterfacePointer::null(); iids.len()], vec![0; iids.len()])
            }
        };
        RemoteActivationResponse {
            that: HEADER,
            oxid: exporter.oxid,
            bindings: Unique::some(exporter.bindings),
            ipid_rem_unknown: exporter.ipid_rem_unknown,
            authn_hint: exporter.authn_hint,
            version: exporter.version,
            hresult,
            references: Conformant(references),
            results: Conformant(results),
            status: 0,
        }
    }

    /// An object, by as many of the interfaces as it has; one at least.
    fn create(&self, clsid: Uuid, iids: &[Uuid]) -> Result<Vec<InterfaceResult>, Status> {
        if iids.is_empty() || iids.len() > MAX_INTERFACES {
            return Err(Status::E_INVALIDARG);
        }
        let object = self.activator.create(clsid, self.caller)?;
        let export = |iid: &Uuid| {
            let result = self.exporter.export(&object, *iid, self.caller, self.connection);
            let (hresult, reference) = match result {
                Ok(reference) => (0, reference.into()),
                Err(status) => (status.0, InterfacePointer::null()),
            };
            InterfaceResult { iid: *iid, hresult, reference }
        };
        let interfaces: Vec<InterfaceResult> = iids.iter().map(export).collect();
        match interfaces.first() {
            Some(first) if interfaces.iter().all(|one| one.hresult != 0) => {
                Err(Status(first.hresult))
            }
            _ => Ok(interfaces),
        }
    }
}

/// What is wanted. The order of the properties is free, and those that say nothing here may be
/// missing.
fn instantiation(properties: &InterfacePointer) -> Result<InstantiationInfo, Status> {
    let reference = properties.0.as_ref().ok_or(Status::E_INVALIDARG)?;
    let properties = ActivationProperties::from_request(reference).map_err(|error| {
        tracing::debug!(%error, "activation properties that cannot be read");
        Status::E_INVALIDARG
    })?;
    properties
        .properties
        .into_iter()
        .find_map(|property| match property {
            Property::Instantiation(info) => Some(info),
            _ => None,
        })
        .ok_or(Status::E_INVALIDARG)
}

const fn refusal(status: Status) -> ActivationResponse {
    ActivationResponse { that: HEADER, properties: InterfacePointer::null(), hresult: status.0 }
}
