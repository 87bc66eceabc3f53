//! Calls of WMI methods.

use tokio::time::Instant;
use winreach_dcom::client::Proxy;
use winreach_wmi_proto::{Method, Parameters, Response};

use crate::error::Cause;

/// Calls a method; a status of failure is an error.
pub(crate) async fn invoke<M: Method>(
    proxy: &Proxy,
    request: &M,
    deadline: Instant,
) -> Result<Response<M::Out>, Cause> {
    let reply = proxy.call(M::OPNUM, |encoder| request.write(encoder), deadline).await?;
    let response = Response::<M::Out>::decode(reply.stub(), reply.decoder().endian())?;
    tracing::trace!(method = M::NAME, status = %response.status, bytes = reply.stub().len());
    match response.status.is_failure() {
        true => Err(Cause::Status(response.status.0)),
        false => Ok(response),
    }
}
