//! Getting one object.

use tokio::time::Instant;
use winreach_cim::Object;
use winreach_ndr::Bstr;
use winreach_wmi_proto::Slot;
use winreach_wmi_proto::services::GetObject;
use winreach_wmio::Unit;

use crate::error::Cause;
use crate::invoke::invoke;
use crate::services::Options;
use crate::session::Session;

/// The class or the instance at a path.
pub(crate) async fn object(
    session: &Session,
    path: &str,
    options: &Options,
    deadline: Instant,
) -> Result<Object, Cause> {
    let request = GetObject {
        path: Bstr::from(path),
        flags: options.flags,
        context: options.context.clone(),
        object: Slot::Empty,
        call: Slot::Absent,
    };
    let response = invoke(&session.services, &request, deadline).await?;
    let object = response.out.object.filled();
    let object = object.ok_or(Cause::Protocol("a success without an object"))?;
    Ok(Unit::decode(&object.0)?.into_object())
}
