//! The principal behind the name of a service.

use winreach_kerberos::{NameType, Principal, PrincipalError};

/// The service that a service principal name (`RPCSS/server.example`, `host/server@REALM`) names.
pub(super) fn service(spn: &str) -> Result<Principal, PrincipalError> {
    Ok(spn.parse::<Principal>()?.with_type(NameType::SRV_INST))
}
