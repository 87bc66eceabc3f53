//! Calls of WMI methods.

use tokio::time::Instant;
use winreach_dcom::client::Proxy;
use winreach_dcom::wire::Extensions;
use winreach_wmi_proto::{ErrorObject, Method, Parameters, Response};
use winreach_wmio::ExtendedStatus;

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
        true => Err(Cause::Status(response.status.0, told(reply.extensions()).map(Box::new))),
        false => Ok(response),
    }
}

/// What the server says of a failure beside its status; nothing where that makes no sense.
fn told(extensions: &Extensions) -> Option<ExtendedStatus> {
    match ErrorObject::from_extensions(extensions)? {
        ErrorObject::Status(unit) => ExtendedStatus::decode(&unit.0).ok(),
        ErrorObject::Com(error) => Some(ExtendedStatus {
            description: error.description,
            provider_name: error.source,
            ..ExtendedStatus::default()
        }),
    }
}
