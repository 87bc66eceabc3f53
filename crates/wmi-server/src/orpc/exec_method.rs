//! `IWbemServices::ExecMethod`.

use std::sync::Arc;

use winreach_cim::{Object as CimObject, WbemStatus};
use winreach_dcom::server::Call;
use winreach_wmi_proto::services::{ExecMethod, ObjectOrCall};
use winreach_wmi_proto::{Flags, iid};

use super::call_result::CallResult;
use super::method::{export, hresult};
use super::refusal::Refusal;
use super::services::{PASSED_OVER, Services, check, to_wire};
use crate::engine::{Error, MethodRequest};

/// Flags of `ExecMethod` (`[MS-WMI] 3.1.4.3.22`).
const FLAGS: Flags = PASSED_OVER.union(Flags::RETURN_IMMEDIATELY);

impl Services {
    /// Calls a method: at once, or so that an `IWbemCallResult` tells what became of it.
    ///
    /// A synchronous call fills what the caller has room for. Some callers have room for the outcome
    /// of a semisynchronous one too, and get none, since there is nothing left to wait for.
    pub(super) async fn exec_method(
        &self,
        call: &Call,
        request: &ExecMethod,
    ) -> Result<ObjectOrCall, Refusal> {
        check(request.flags, FLAGS, request.context.as_ref())?;
        let immediately = request.flags.contains(Flags::RETURN_IMMEDIATELY);
        let (path, method) = (request.path.as_str(), request.method.as_str());
        if path.is_empty() || method.is_empty() || immediately && !request.call.is_wanted() {
            return Err(hresult(WbemStatus::E_INVALID_PARAMETER).into());
        }
        let parameter = format!("{path}::{method}");
        // Quoted, since they are what the client wrote, which may be any text.
        tracing::info!(
            account = %call.caller, namespace = self.namespace().name(), ?path, ?method, "method"
        );
        let work = self.start_method(call, request)?;
        if immediately {
            let work = async { work.await?.ok_or_else(nothing_came_out) };
            let result = export(call, CallResult::of(work), iid::CALL_RESULT)?;
            return Ok(ObjectOrCall {
                object: request.output.answer(None),
                call: request.call.answer(Some(result)),
            });
        }
        let output = work.await.map_err(|error| Refusal::of(call, &error, &parameter))?;
        let output = output.as_ref().map(to_wire).transpose()?;
        Ok(ObjectOrCall { object: request.output.answer(output), call: request.call.answer(None) })
    }

    /// Begins the method, on a thread that may block.
    fn start_method(
        &self,
        call: &Call,
        request: &ExecMethod,
    ) -> Result<impl Future<Output = Result<Option<CimObject>, Error>> + Send + use<>, Refusal>
    {
        let share = self.shared().method(call)?;
        let (engine, namespace) =
            (Arc::clone(self.shared().engine()), Arc::clone(self.namespace()));
        let (caller, request) = (Arc::clone(&call.caller), request.clone());
        let work = tokio::task::spawn_blocking(move || {
            let _until_done = share;
            let request = MethodRequest {
                path: request.path.as_str(),
                method: request.method.as_str(),
                input: request.input.as_ref().map(|unit| &*unit.0),
                caller: &caller,
            };
            engine.call(&namespace, &request).map(|output| output.map(CimObject::Instance))
        });
        Ok(async { work.await.unwrap_or_else(|_| Err(Error::crashed())) })
    }
}

/// A semisynchronous call has to give an object back; a method that is `void` has none.
fn nothing_came_out() -> Error {
    Error::new(WbemStatus::E_NOT_AVAILABLE, "the method gives nothing back; call it synchronously")
}
