//! The remote objects: what a client sees of the engine.
//!
//! A client activates a [`Login`], which gives it the `Services` of a namespace, which give it an
//! `Enumerator` for a query, which has a `SmartEnumerator` as its twin. Each belongs to the account
//! that it was handed out to: nobody else can call it, and nobody at all below packet integrity.
//!
//! Source: `[MS-WMI] 3.1.4`.

mod call_result;
mod deadline;
mod enumeration;
mod enumerator;
mod exec_method;
mod login;
mod method;
mod prototype;
mod refusal;
mod services;
mod smart;
mod unsupported;

use std::sync::Arc;

use uuid::Uuid;
use winreach_cim::{Name, WbemStatus};
use winreach_dcom::server::Call;
use winreach_wmi_proto::{HResult, iid};

pub(crate) use login::Login;

use crate::engine::Engine;
use crate::quota::{Quota, Share};

/// The interfaces of all objects.
pub(crate) const INTERFACES: [Uuid; 8] = [
    iid::LEVEL1_LOGIN,
    iid::LOGIN_CLIENT_ID,
    iid::LOGIN_CLIENT_ID_EX,
    iid::SERVICES,
    iid::CALL_RESULT,
    iid::ENUM_CLASS_OBJECT,
    iid::FETCH_SMART_ENUM,
    iid::WCO_SMART_ENUM,
];

/// What all objects work with. Clones share it.
#[derive(Clone)]
pub(crate) struct Shared {
    engine: Arc<Engine>,
    enumerators: Arc<Quota<Name>>,
    lookups: Arc<Quota<Name>>,
    methods: Arc<Quota<Name>>,
}

impl Shared {
    pub(crate) fn new(engine: Arc<Engine>) -> Self {
        let limits = engine.limits();
        let enumerators = Quota::new(limits.enumerators, limits.enumerators_per_account);
        let lookups = Quota::new(limits.lookups, limits.lookups_per_account);
        let methods = Quota::new(limits.methods, limits.methods_per_account);
        Self { engine, enumerators, lookups, methods }
    }

    /// The right to look one more object up. Kept while that goes on: a client need not wait for
    /// the one before.
    fn lookup(&self, call: &Call) -> Result<Share<Name>, HResult> {
        self.lookups.take(account(call)).map_err(|exceeded| {
            tracing::warn!(account = %call.caller, %exceeded, "a look-up was refused");
            method::hresult(WbemStatus::E_SERVER_TOO_BUSY)
        })
    }

    fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    /// The right to carry out one more method. Kept while that goes on, whether the client waits for
    /// it or not.
    fn method(&self, call: &Call) -> Result<Share<Name>, HResult> {
        self.methods.take(call.caller.user.as_str().into()).map_err(|exceeded| {
            tracing::warn!(account = %call.caller, %exceeded, "a method was refused");
            method::hresult(WbemStatus::E_SERVER_TOO_BUSY)
        })
    }

    /// The right to one more enumerator.
    fn enumerator(&self, call: &Call) -> Result<Share<Name>, HResult> {
        self.enumerators.take(account(call)).map_err(|exceeded| {
            tracing::warn!(account = %call.caller, %exceeded, "an enumerator was refused");
            method::hresult(WbemStatus::E_QUOTA_VIOLATION)
        })
    }
}

/// By what an account is known, whatever realm it is in.
fn account(call: &Call) -> Name {
    call.caller.to_string().as_str().into()
}
