//! From a call to a typed method, and from its outcome to the answer.

use std::sync::Arc;

use uuid::Uuid;
use winreach_cim::WbemStatus;
use winreach_dcom::server::{Call, Object, Results};
use winreach_dcom::wire::ObjRef;
use winreach_rpc::Fault;
use winreach_wmi_proto::{HResult, Method, Parameters, Response};

use super::refusal::Refusal;
use crate::engine::Error;

/// Reads the parameters of a method.
pub(super) fn parameters<M: Method>(call: &Call) -> Result<M, Fault> {
    M::decode(&call.stub, call.endian).map_err(|error| {
        tracing::debug!(method = M::NAME, %error, "parameters that cannot be read");
        Fault::BAD_STUB_DATA
    })
}

/// An answer with an output, which a failed method has too.
pub(super) fn respond<M: Method>(out: M::Out, status: HResult) -> Result<Results, Fault> {
    let mut results = Results::new();
    Response { out, status }.write(&mut results);
    Ok(results)
}

/// An answer with the output of the method, or its status, `nothing`, and beside them the error object.
pub(super) fn answer<M: Method>(
    outcome: Result<M::Out, impl Into<Refusal>>,
    nothing: impl FnOnce() -> M::Out,
) -> Result<Results, Fault> {
    match outcome {
        Ok(out) => respond::<M>(out, HResult::OK),
        Err(refusal) => {
            let refusal = refusal.into();
            let status = refusal.status;
            let mut results = Results::with_extensions(refusal.extensions(M::NAME));
            Response { out: nothing(), status }.write(&mut results);
            Ok(results)
        }
    }
}

/// Hands an object out to the caller.
pub(super) fn export(call: &Call, object: impl Object, iid: Uuid) -> Result<ObjRef, HResult> {
    let object: Arc<dyn Object> = Arc::new(object);
    call.export(&object, iid).map_err(|status| {
        tracing::warn!(account = %call.caller, %status, "an object was refused");
        hresult(WbemStatus::E_QUOTA_VIOLATION)
    })
}

/// A status as it travels.
pub(super) fn hresult(status: WbemStatus) -> HResult {
    HResult(status.code())
}

/// The status of an error, which is written down.
pub(super) fn refusal(call: &Call, error: &Error) -> HResult {
    // Quoted, since it repeats what the client wrote, which may be any text.
    let text = error.to_string();
    tracing::info!(account = %call.caller, error = text, "a request failed");
    hresult(error.status)
}
