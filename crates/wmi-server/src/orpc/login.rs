//! The way in: `IWbemLevel1Login` and what goes with it.

use futures_core::future::BoxFuture;
use uuid::Uuid;
use winreach_auth::ImpersonationLevel;
use winreach_cim::WbemStatus;
use winreach_dcom::server::{Call, Object, Results};
use winreach_dcom::wire::ObjRef;
use winreach_ndr::ConformantVarying;
use winreach_rpc::Fault;
use winreach_wmi_proto::login::{
    EstablishPosition, NTLMLogin, RequestChallenge, SetClientInfo, SetClientInfoEx, WBEMLogin,
};
use winreach_wmi_proto::{HResult, Method, iid};

use super::Shared;
use super::method::{answer, export, hresult, parameters, refusal, respond};
use super::services::Services;

/// The object that a client activates.
///
/// Source: `[MS-WMI] 3.1.4.1`, 3.1.4.8.
pub(crate) struct Login {
    shared: Shared,
}

const INTERFACES: [Uuid; 3] = [iid::LEVEL1_LOGIN, iid::LOGIN_CLIENT_ID, iid::LOGIN_CLIENT_ID_EX];

/// Names of locales that are not known are passed over.
const LOCALE_VERSION: u32 = 1;

impl Login {
    pub(crate) fn new(shared: Shared) -> Self {
        Self { shared }
    }

    fn dispatch(&self, call: &Call) -> Result<Results, Fault> {
        match (call.iid, call.opnum) {
            (iid::LEVEL1_LOGIN, EstablishPosition::OPNUM) => {
                parameters::<EstablishPosition>(call)?;
                respond::<EstablishPosition>(LOCALE_VERSION, HResult::OK)
            }
            (iid::LEVEL1_LOGIN, RequestChallenge::OPNUM) => {
                parameters::<RequestChallenge>(call)?;
                let nothing = ConformantVarying { max_count: 0, elements: Vec::new() };
                respond::<RequestChallenge>(nothing, hresult(WbemStatus::E_NOT_SUPPORTED))
            }
            (iid::LEVEL1_LOGIN, WBEMLogin::OPNUM) => {
                parameters::<WBEMLogin>(call)?;
                respond::<WBEMLogin>(None, HResult::NOT_IMPLEMENTED)
            }
            (iid::LEVEL1_LOGIN, NTLMLogin::OPNUM) => {
                let request = parameters(call)?;
                answer::<NTLMLogin>(self.log_in(call, &request).map(Some), || None)
            }
            (iid::LOGIN_CLIENT_ID, SetClientInfo::OPNUM) => {
                let SetClientInfo { machine, process, .. } = parameters(call)?;
                tracing::debug!(account = %call.caller, ?machine, process, "the client's name");
                respond::<SetClientInfo>((), HResult::OK)
            }
            (iid::LOGIN_CLIENT_ID_EX, SetClientInfoEx::OPNUM) => {
                let SetClientInfoEx { machine_fqdn: machine, process, .. } = parameters(call)?;
                tracing::debug!(account = %call.caller, ?machine, process, "the client's name");
                respond::<SetClientInfoEx>((), HResult::OK)
            }
            _ => Err(Fault::OP_RANGE_ERROR),
        }
    }

    /// Opens a namespace. The locales that the client prefers choose nothing: there is no text in
    /// several languages.
    ///
    /// Whoever does not let the server act in its name gets no namespace (`[MS-WMI] 3.1.4`).
    fn log_in(&self, call: &Call, request: &NTLMLogin) -> Result<ObjRef, HResult> {
        let impersonation = call.caller.impersonation;
        if impersonation < ImpersonationLevel::Impersonate {
            tracing::info!(account = %call.caller, %impersonation, "a log-in was refused");
            return Err(hresult(WbemStatus::E_ACCESS_DENIED));
        }
        let path = match &request.network_resource.0 {
            Some(path) if request.flags == 0 => &path.0,
            _ => return Err(hresult(WbemStatus::E_INVALID_PARAMETER)),
        };
        let namespace =
            self.shared.engine.namespace(path).map_err(|error| refusal(call, &error))?;
        let name = namespace.name().to_owned();
        let services = Services::new(self.shared.clone(), namespace);
        let reference = export(call, services, iid::SERVICES)?;
        let peer = call.connection.peer.map(tracing::field::display);
        tracing::info!(account = %call.caller, peer, namespace = name, "opened a namespace");
        Ok(reference)
    }
}

impl Object for Login {
    fn interfaces(&self) -> &[Uuid] {
        &INTERFACES
    }

    fn call(&self, call: Call) -> BoxFuture<'_, Result<Results, Fault>> {
        Box::pin(std::future::ready(self.dispatch(&call)))
    }
}
