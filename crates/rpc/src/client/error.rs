//! What can go wrong with a call.

use std::io;
use std::sync::Arc;

use winreach_auth::{self as auth, AuthType};

use crate::channel::Violation;
use crate::pdu::{self, RejectReason};
use crate::{Fault, SyntaxId};

/// Why a connection could not be opened or a call not be completed.
///
/// Clones are cheap: the death of a connection fails every call on it with the same error.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The stream failed.
    #[error("the connection failed: {0}")]
    Io(#[source] Arc<io::Error>),
    /// The peer closed the connection, or asked to do so, while something was outstanding.
    #[error("the server closed the connection")]
    Closed,
    /// The deadline passed.
    #[error("the deadline passed before the server answered")]
    Deadline,
    /// The server sent bytes that are no PDU.
    #[error(transparent)]
    Pdu(#[from] pdu::Error),
    /// The server broke the rules of the protocol.
    #[error("the server broke the protocol: {0}")]
    Protocol(&'static str),
    /// The server refused the association.
    #[error("the server refused the association: {0}")]
    BindRefused(RejectReason),
    /// The server does not offer the interface, or not in NDR 2.0.
    #[error("the server refused interface {interface} (result {result}, reason {reason})")]
    InterfaceRefused {
        /// The interface.
        interface: SyntaxId,
        /// `result` of [`crate::pdu::ContextResult`].
        result: u16,
        /// `reason` of [`crate::pdu::ContextResult`].
        reason: u16,
    },
    /// A call on an interface that was never negotiated on this connection: a mistake of the caller.
    #[error("interface {0} was not negotiated on this connection")]
    NotBound(SyntaxId),
    /// The server failed the call.
    #[error("the server failed the call: {fault}")]
    Fault {
        /// The status.
        fault: Fault,
        /// The server says that the call did not run, so that it can be repeated. Nothing signs
        /// this flag.
        did_not_execute: bool,
    },
    /// The mechanism could not authenticate, or could not protect a message.
    #[error("authentication failed: {0}")]
    Authentication(#[source] auth::Error),
    /// The server did not take part in an authentication that this side asked for, or asked for
    /// less than what was asked for.
    #[error("the server tried to lower the protection that was asked for: {0}")]
    Downgrade(&'static str),
    /// The server did not prove who it is, though that was required
    /// ([`super::Security::require_mutual`]).
    #[error("the server did not prove who it is, and that is required: {}", unproven(*.0))]
    NotMutual(AuthType),
    /// The signature of an answer is missing or wrong.
    #[error("an answer was tampered with or is not protected as agreed: {0}")]
    Tampered(String),
    /// The answer is longer than [`super::Config::max_response`].
    #[error("the answer is longer than {0} bytes")]
    TooLarge(usize),
    /// The connection has used up its call numbers; open another one.
    #[error("the connection has used up its call numbers")]
    Exhausted,
}

impl Error {
    /// The status that the server failed the call with.
    pub fn fault(&self) -> Option<Fault> {
        match self {
            Self::Fault { fault, .. } => Some(*fault),
            _ => None,
        }
    }
}

/// Why a mechanism leaves it open who the server is.
fn unproven(mechanism: AuthType) -> &'static str {
    match mechanism {
        AuthType::None => "at level none nobody is authenticated",
        AuthType::Ntlm => "NTLM has no way to do so",
        _ => "it left its proof out",
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Io(Arc::new(error))
    }
}

impl From<auth::Error> for Error {
    fn from(error: auth::Error) -> Self {
        Self::Authentication(error)
    }
}

impl From<Violation> for Error {
    fn from(violation: Violation) -> Self {
        Self::Tampered(violation.to_string())
    }
}
