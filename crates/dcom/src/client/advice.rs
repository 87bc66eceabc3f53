//! What usually lies behind a failure on the way to an object.

use winreach_auth::{self as auth, AuthLevel};
use winreach_rpc::client as rpc;
use winreach_rpc::pdu::RejectReason;

use super::error::{Error, ErrorKind};
use crate::{Advice, Status};

/// Calls below packet integrity are refused by Windows since June 2022, and cannot be allowed any
/// more since March 2023 (KB5004442, CVE-2021-26414).
const TOO_WEAK: Advice = Advice {
    cause: "Windows refuses activations and calls below packet integrity since the hardening of DCOM (2021 to 2023)",
    remedy: "ask for level integrity or privacy, the default; if that is refused too, check user and password",
};

const NOBODY: Advice =
    Advice { cause: "the server takes no anonymous callers", remedy: "name a user and a password" };

const PROVIDER_FAILED: Advice = Advice {
    cause: "the security provider of the server failed on what we sent: it does not know the principal that was \
            named, clocks differ, or a policy forbids this way of authentication",
    remedy: "check the name of the server and the clocks, or try another way of authentication",
};

const NOT_MUTUAL: Advice = Advice {
    cause: "mutual authentication is required, and what was agreed on cannot prove who the server is",
    remedy: "use Kerberos, or do without mutual authentication",
};

const NO_DELEGATION: Advice = Advice {
    cause: "impersonation level delegate was asked for, which this way of authentication does not have",
    remedy: "use Kerberos with a forwardable ticket, or level impersonate, which is enough for most calls",
};

pub(super) fn on(error: &Error) -> Option<Advice> {
    match &error.kind {
        ErrorKind::Unreachable(_) => Status::RPC_S_SERVER_UNAVAILABLE.advice(),
        ErrorKind::Rpc(rpc::Error::BindRefused(RejectReason::INVALID_CHECKSUM)) => {
            Some(PROVIDER_FAILED)
        }
        ErrorKind::Rpc(rpc::Error::NotMutual(_)) => Some(NOT_MUTUAL),
        ErrorKind::Rpc(rpc::Error::Authentication(auth::Error::NoDelegation(_))) => {
            Some(NO_DELEGATION)
        }
        _ => denied(error).or_else(|| error.status()?.advice()),
    }
}

/// Advice on a denial that the protection of the call explains.
fn denied(error: &Error) -> Option<Advice> {
    let security = error.security.as_deref().filter(|_| error.is_denial())?;
    match security.level {
        level if level < AuthLevel::Integrity => Some(TOO_WEAK),
        _ if security.identity.is_anonymous() => Some(NOBODY),
        _ => None,
    }
}
