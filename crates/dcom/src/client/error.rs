//! What can go wrong on the way to an object.

use std::fmt;
use std::io;
use std::sync::Arc;

use uuid::Uuid;
use winreach_auth::{AuthLevel, LeftOut};
use winreach_rpc::client::{self as rpc, SecurityInfo};
use winreach_rpc::pdu::RejectReason;

use super::advice;
use crate::Status;

/// A call that did not succeed: which step failed, and how.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{step}: {kind}{}{}", Weakness(.security.as_deref()), Instead(.left_out.as_deref()))]
#[non_exhaustive]
pub struct Error {
    /// What was being done.
    pub step: Step,
    /// What went wrong.
    #[source]
    pub kind: ErrorKind,
    /// How the call was protected that the other side refused.
    pub security: Option<Box<SecurityInfo>>,
    /// What could not be used in the place of the log-on that the other side refused.
    pub left_out: Option<Box<LeftOut>>,
}

/// What of the protection a server may have disliked.
struct Weakness<'a>(Option<&'a SecurityInfo>);

impl fmt::Display for Weakness<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(security) if security.level < AuthLevel::Integrity => {
                write!(f, " (at level {})", security.level)
            }
            Some(security) if security.identity.is_anonymous() => f.write_str(" (as nobody)"),
            _ => Ok(()),
        }
    }
}

/// What might have been taken instead.
struct Instead<'a>(Option<&'a LeftOut>);

impl fmt::Display for Instead<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(left_out) => write!(f, " ({left_out})"),
            None => Ok(()),
        }
    }
}

/// What was being done when something went wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Step {
    /// Looking up the name of the host.
    Resolve {
        /// The host.
        host: String,
    },
    /// Connecting to the resolver of the host.
    Connect {
        /// Host and port.
        address: String,
    },
    /// Agreeing with a server on interfaces.
    Bind {
        /// Host and port.
        address: String,
    },
    /// Proving who we are.
    Authenticate {
        /// Host and port.
        address: String,
    },
    /// Asking for a new object.
    Activate {
        /// The class.
        clsid: Uuid,
    },
    /// Asking the resolver where an object lives.
    ResolveExporter {
        /// The exporter of the object.
        oxid: u64,
    },
    /// Connecting to the exporter, in which the object lives.
    ConnectExporter {
        /// The exporter.
        oxid: u64,
    },
    /// Asking an object for another interface.
    QueryInterface {
        /// The interface.
        iid: Uuid,
    },
    /// Taking up a reference that came in an answer.
    Adopt,
    /// Calling a method.
    Call {
        /// The interface.
        iid: Uuid,
        /// The number of the method.
        opnum: u16,
    },
}

/// What went wrong.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// No address took a connection.
    #[error("no address could be reached; tried {}", Listed(.0))]
    Unreachable(Vec<Attempt>),
    /// The host offers no address for TCP.
    #[error("the server gives no address for TCP")]
    NoAddress,
    /// RPC failed.
    #[error(transparent)]
    Rpc(#[from] rpc::Error),
    /// The other side answered with a status of failure.
    #[error("{0}")]
    Refused(Status),
    /// The answer is not what the interface definition says.
    #[error("malformed answer: {0}")]
    Malformed(#[from] winreach_ndr::Error),
    /// The answer lacks something that must be there.
    #[error("incomplete answer: {0}")]
    Incomplete(&'static str),
    /// The reference holds an object by value, which nobody can call.
    #[error("the reference is to an object by value")]
    ByValue,
}

/// An address that was tried, and why in vain.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Host and port.
    pub address: String,
    /// What happened.
    pub error: Arc<io::Error>,
}

struct Listed<'a>(&'a [Attempt]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, attempt) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{}: {}", attempt.address, attempt.error)?;
        }
        Ok(())
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resolve { host } => write!(f, "resolving the name {host}"),
            Self::Connect { address } => write!(f, "connecting to {address}"),
            Self::Bind { address } => write!(f, "binding to {address}"),
            Self::Authenticate { address } => write!(f, "authenticating to {address}"),
            Self::Activate { clsid } => write!(f, "activating class {clsid}"),
            Self::ResolveExporter { oxid } => write!(f, "resolving exporter {oxid:016x}"),
            Self::ConnectExporter { oxid } => write!(f, "connecting to exporter {oxid:016x}"),
            Self::QueryInterface { iid } => write!(f, "asking for interface {iid}"),
            Self::Adopt => f.write_str("taking up a reference"),
            Self::Call { iid, opnum } => write!(f, "calling method {opnum} of interface {iid}"),
        }
    }
}

impl Error {
    pub(crate) fn new(step: Step, kind: impl Into<ErrorKind>) -> Self {
        Self { step, kind: kind.into(), security: None, left_out: None }
    }

    /// The refusal of a call that went under this protection.
    pub(crate) fn under(self, security: SecurityInfo) -> Self {
        let left_out = security.left_out.clone().filter(|_| self.is_denial());
        Self { security: Some(Box::new(security)), ..self }.without(left_out)
    }

    /// A failure that might not have been one had this been used.
    pub(crate) fn without(self, left_out: Option<Box<LeftOut>>) -> Self {
        Self { left_out, ..self }
    }

    /// Whether the other side does not like who we are, or how we show it.
    pub(super) fn is_denial(&self) -> bool {
        const DENIALS: [Status; 3] = [
            Status::ERROR_ACCESS_DENIED,
            Status::E_ACCESSDENIED,
            Status::RPC_S_UNSUPPORTED_AUTHN_LEVEL,
        ];
        self.status().is_some_and(|status| DENIALS.contains(&status))
    }

    /// The status with which the other side refused, be it the HRESULT of a method or the fault of
    /// a call, or the one by which Windows calls the refusal of a security provider.
    pub fn status(&self) -> Option<Status> {
        match &self.kind {
            ErrorKind::Refused(status) => Some(*status),
            ErrorKind::Rpc(rpc::Error::BindRefused(
                RejectReason::AUTHENTICATION_TYPE_NOT_RECOGNIZED,
            )) => Some(Status::RPC_S_UNKNOWN_AUTHN_SERVICE),
            ErrorKind::Rpc(error) => {
                // DCE has numbers of its own for what Win32 knows too.
                error.fault().map(|fault| Status(fault.win32()))
            }
            _ => None,
        }
    }

    /// Whether the deadline passed.
    pub fn is_timeout(&self) -> bool {
        match &self.kind {
            ErrorKind::Rpc(error) => matches!(error, rpc::Error::Deadline),
            ErrorKind::Unreachable(attempts) => {
                attempts.iter().any(|attempt| attempt.error.kind() == io::ErrorKind::TimedOut)
            }
            _ => false,
        }
    }

    /// The usual cause and what to try, for failures that are well known.
    pub fn advice(&self) -> Option<crate::Advice> {
        advice::on(self)
    }
}

/// Turns a kind of failure into an error, given the step.
pub(crate) trait During<T> {
    /// Says what was being done.
    fn during(self, step: impl FnOnce() -> Step) -> Result<T, Error>;
}

impl<T, E: Into<ErrorKind>> During<T> for Result<T, E> {
    fn during(self, step: impl FnOnce() -> Step) -> Result<T, Error> {
        self.map_err(|kind| Error::new(step(), kind))
    }
}
