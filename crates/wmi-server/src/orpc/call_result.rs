//! `IWbemCallResult`: a read that goes on after its call has returned.

use futures_core::future::BoxFuture;
use tokio::sync::watch;
use uuid::Uuid;
use winreach_cim::{Object as CimObject, WbemStatus};
use winreach_dcom::server::{Call, Object, Results};
use winreach_ndr::Bstr;
use winreach_rpc::Fault;
use winreach_wmi_proto::call_result::{
    GetCallStatus, GetResultObject, GetResultServices, GetResultString,
};
use winreach_wmi_proto::{HResult, Method, Timeout, iid};

use super::deadline::Deadline;
use super::method::{answer, hresult, parameters, respond};
use super::refusal::Refusal;
use super::services::to_wire;
use crate::engine::Error;

/// The outcome of a `GetObject` or an `ExecMethod`, once there is one.
///
/// Source: `[MS-WMI] 3.1.4.5`.
pub(super) struct CallResult {
    outcome: watch::Receiver<Option<Outcome>>,
}

type Outcome = Result<CimObject, Error>;

const INTERFACES: [Uuid; 1] = [iid::CALL_RESULT];

impl CallResult {
    /// The result of what `work` comes to, which need not be waited for.
    pub(super) fn of(work: impl Future<Output = Outcome> + Send + 'static) -> Self {
        let (sender, outcome) = watch::channel(None);
        tokio::spawn(async move {
            // Nobody is there to hear it where the client has released the result before.
            let _ = sender.send(Some(work.await));
        });
        Self { outcome }
    }

    async fn dispatch(&self, call: Call) -> Result<Results, Fault> {
        match call.opnum {
            GetResultObject::OPNUM => {
                let GetResultObject { timeout } = parameters(&call)?;
                let object = self.success(timeout).await.and_then(|object| Ok(to_wire(&object)?));
                answer::<GetResultObject>(object.map(Some), || None)
            }
            GetResultString::OPNUM => {
                let GetResultString { timeout } = parameters(&call)?;
                respond::<GetResultString>(Bstr::null(), self.other_kind(timeout).await)
            }
            GetResultServices::OPNUM => {
                let GetResultServices { timeout } = parameters(&call)?;
                respond::<GetResultServices>(None, self.other_kind(timeout).await)
            }
            GetCallStatus::OPNUM => {
                let GetCallStatus { timeout } = parameters(&call)?;
                let status = self.outcome(timeout).await.map(|outcome| match outcome {
                    Ok(_) => HResult::OK,
                    Err(error) => hresult(error.status),
                });
                answer::<GetCallStatus>(status, HResult::default)
            }
            _ => Err(Fault::OP_RANGE_ERROR),
        }
    }

    /// The outcome, if it is there in time.
    async fn outcome(&self, timeout: Timeout) -> Result<Outcome, HResult> {
        let deadline = Deadline::after(timeout)?;
        let mut outcome = self.outcome.clone();
        match deadline.within(outcome.wait_for(Option::is_some)).await {
            None => Err(HResult::TIMED_OUT),
            Some(there) => {
                let there = there.ok().and_then(|outcome| outcome.clone());
                Ok(there.unwrap_or_else(|| Err(Error::crashed())))
            }
        }
    }

    async fn success(&self, timeout: Timeout) -> Result<CimObject, Refusal> {
        self.outcome(timeout).await?.map_err(|error| Refusal::unlogged(&error, ""))
    }

    /// Why there is no result of another kind than an object.
    async fn other_kind(&self, timeout: Timeout) -> HResult {
        match self.success(timeout).await {
            Ok(_) => hresult(WbemStatus::E_INVALID_OPERATION),
            Err(refusal) => refusal.status,
        }
    }
}

impl Object for CallResult {
    fn interfaces(&self) -> &[Uuid] {
        &INTERFACES
    }

    fn call(&self, call: Call) -> BoxFuture<'_, Result<Results, Fault>> {
        Box::pin(self.dispatch(call))
    }
}
