//! How long a client is willing to wait.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use winreach_cim::WbemStatus;
use winreach_wmi_proto::{HResult, Timeout};

use super::method::hresult;

/// When a call has to answer, if ever.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline(Option<Instant>);

impl Deadline {
    /// So much time from now on. `lTimeout` is a signed number; a negative one that does not stand
    /// for ever is refused.
    pub(super) fn after(timeout: Timeout) -> Result<Self, HResult> {
        match timeout.milliseconds() {
            None => Ok(Self(None)),
            Some(ms) if i32::try_from(ms).is_err() => Err(hresult(WbemStatus::E_INVALID_PARAMETER)),
            Some(ms) => Ok(Self(Some(Instant::now() + Duration::from_millis(ms.into())))),
        }
    }

    /// What `future` gives, unless the time is up before. What is there already is given even if
    /// there is no time at all.
    pub(super) async fn within<F: Future>(self, future: F) -> Option<F::Output> {
        match self.0 {
            None => Some(future.await),
            Some(deadline) => timeout_at(deadline, future).await.ok(),
        }
    }
}
