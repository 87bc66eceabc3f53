//! What can go wrong, who is at fault, and what to do.

use std::fmt;

use winreach_auth as auth;
use winreach_cim::WbemStatus;
use winreach_dcom::client as dcom;
use winreach_dcom::{Advice, Status};
use winreach_rpc::client as rpc;
use winreach_rpc::pdu::RejectReason;
use winreach_wmio::ExtendedStatus;

use crate::advice;

/// An operation that did not succeed: the step at which it failed, and why.
///
/// [`kind`](Self::kind) says who is at fault, [`code`](Self::code) and [`symbol`](Self::symbol) the
/// number and its name, and [`advice`](Self::advice) what to try where the cause is well known.
#[derive(Clone, Debug)]
pub struct Error(Box<Report>);

#[derive(Clone, Debug)]
struct Report {
    step: Step,
    cause: Cause,
    /// More about the cause than the server said.
    detail: Option<String>,
}

/// What was being done when something went wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Step {
    /// Reaching the host, authenticating, and activating WMI.
    Connect {
        /// The host as it was named.
        host: String,
    },
    /// Opening the namespace.
    Login {
        /// The namespace with its host.
        namespace: String,
    },
    /// Starting a query.
    Query,
    /// Reading the rows of a result.
    Rows,
    /// Getting a class or an instance.
    Get {
        /// The path as it was given.
        path: String,
    },
    /// Making the arguments of a method out of a Rust value.
    Arguments,
    /// Calling a method.
    Call {
        /// The path of the object or the class.
        path: String,
        /// The method.
        method: String,
    },
    /// Making a Rust value of a row.
    Deserialize,
}

/// Who is at fault.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The caller: it asks for something that cannot be.
    Misuse,
    /// The network, or the absence of the host.
    Network,
    /// The time is over.
    Deadline,
    /// Credentials, rights, or somebody who tampers with the traffic.
    Security,
    /// The RPC runtime of the server failed the call.
    Fault,
    /// COM on the server refused, by an `HRESULT`.
    HResult,
    /// WMI on the server refused, by a `WBEMSTATUS`.
    Wmi,
    /// The server sent what it must not send.
    Malformed,
}

#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum Cause {
    #[error("{0}")]
    Misuse(String),
    #[error(transparent)]
    Dcom(#[from] dcom::Error),
    /// With what the server said beside the status.
    #[error("{}{}", Named(*.0), Told(.1.as_deref()))]
    Status(u32, Option<Box<ExtendedStatus>>),
    #[error(transparent)]
    Stub(#[from] winreach_ndr::Error),
    #[error(transparent)]
    Object(#[from] winreach_wmio::Error),
    #[error("the server broke the protocol: {0}")]
    Protocol(&'static str),
    #[error(transparent)]
    Type(#[from] winreach_cim::de::Error),
}

impl Error {
    pub(crate) fn new(step: Step, cause: impl Into<Cause>) -> Self {
        Self(Box::new(Report { step, cause: cause.into(), detail: None }))
    }

    pub(crate) fn misuse(step: Step, what: impl Into<String>) -> Self {
        Self::new(step, Cause::Misuse(what.into()))
    }

    pub(crate) fn with_detail(mut self, detail: Option<String>) -> Self {
        self.0.detail = detail;
        self
    }

    /// What was being done.
    pub fn step(&self) -> &Step {
        &self.0.step
    }

    /// Who is at fault.
    pub fn kind(&self) -> ErrorKind {
        match &self.0.cause {
            Cause::Misuse(_) | Cause::Type(_) => ErrorKind::Misuse,
            Cause::Stub(_) | Cause::Object(_) | Cause::Protocol(_) => ErrorKind::Malformed,
            Cause::Status(code, _) => kind_of_status(*code),
            Cause::Dcom(error) => kind_of_dcom(error),
        }
    }

    /// The number that the server gave for its refusal: a `WBEMSTATUS`, an `HRESULT`, or the status
    /// of an RPC fault.
    pub fn code(&self) -> Option<u32> {
        match &self.0.cause {
            Cause::Status(code, _) => Some(*code),
            Cause::Dcom(error) => error.status().map(|status| status.0),
            _ => None,
        }
    }

    /// The name of the number, such as `WBEM_E_INVALID_CLASS`.
    pub fn symbol(&self) -> Option<&'static str> {
        symbol(self.code()?)
    }

    /// The status of WMI, where WMI itself refused.
    pub fn wbem_status(&self) -> Option<WbemStatus> {
        match self.0.cause {
            Cause::Status(code, _) if self.kind() == ErrorKind::Wmi => Some(WbemStatus(code)),
            _ => None,
        }
    }

    /// What the server said of its refusal beside the number: the operation, its parameter, the
    /// provider that failed, and a description.
    pub fn extended_status(&self) -> Option<&ExtendedStatus> {
        match &self.0.cause {
            Cause::Status(_, told) => told.as_deref(),
            _ => None,
        }
    }

    /// The usual cause and what to try, where they are known.
    pub fn advice(&self) -> Option<Advice> {
        match &self.0.cause {
            Cause::Status(code, _) => {
                advice::of_wbem(WbemStatus(*code)).or_else(|| Status(*code).advice())
            }
            Cause::Dcom(error) => advice::of_dcom(error),
            _ => None,
        }
    }
}

/// The name of an `HRESULT` from WMI or COM, or of an RPC status.
fn symbol(code: u32) -> Option<&'static str> {
    WbemStatus(code).name().or_else(|| Status(code).name())
}

/// A status with its name and, from WMI, its meaning.
struct Named(u32);

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match WbemStatus(self.0).name() {
            Some(_) => WbemStatus(self.0).fmt(f),
            None => Status(self.0).fmt(f),
        }
    }
}

/// What the server said, after the status. It may be any text, and gets no say over the terminal.
struct Told<'a>(Option<&'a ExtendedStatus>);

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(told) = self.0 else { return Ok(()) };
        if let Some(description) = &told.description {
            write!(f, "; the server says: {}", description.trim_end().escape_debug())?;
        }
        let facts = [
            ("operation", &told.operation),
            ("parameter", &told.parameter_info),
            ("provider", &told.provider_name),
        ];
        let known = facts.iter().filter_map(|(name, fact)| Some((name, fact.as_ref()?)));
        for (i, (name, fact)) in known.enumerate() {
            write!(f, "{}{name} {}", if i == 0 { "; " } else { ", " }, fact.escape_debug())?;
        }
        Ok(())
    }
}

fn kind_of_status(code: u32) -> ErrorKind {
    match WbemStatus(code).name() {
        Some(_) => ErrorKind::Wmi,
        None if is_security(Status(code)) => ErrorKind::Security,
        None => ErrorKind::HResult,
    }
}

fn kind_of_dcom(error: &dcom::Error) -> ErrorKind {
    use dcom::ErrorKind as Dcom;
    match &error.kind {
        Dcom::Unreachable(_) | Dcom::NoAddress => ErrorKind::Network,
        Dcom::Refused(status) if is_security(*status) => ErrorKind::Security,
        Dcom::Refused(_) => ErrorKind::HResult,
        Dcom::Malformed(_) | Dcom::Incomplete(_) | Dcom::ByValue => ErrorKind::Malformed,
        Dcom::Rpc(error) => kind_of_rpc(error),
        _ => ErrorKind::HResult,
    }
}

fn kind_of_rpc(error: &rpc::Error) -> ErrorKind {
    match error {
        rpc::Error::Deadline => ErrorKind::Deadline,
        rpc::Error::Io(_) | rpc::Error::Closed | rpc::Error::Exhausted => ErrorKind::Network,
        rpc::Error::Authentication(
            auth::Error::AnonymousRefused | auth::Error::NoDelegation(_) | auth::Error::TooLong(_),
        )
        | rpc::Error::NotBound(_) => ErrorKind::Misuse,
        rpc::Error::Authentication(_)
        | rpc::Error::Downgrade(_)
        | rpc::Error::NotMutual(_)
        | rpc::Error::Tampered(_)
        | rpc::Error::BindRefused(
            RejectReason::AUTHENTICATION_TYPE_NOT_RECOGNIZED | RejectReason::INVALID_CHECKSUM,
        ) => ErrorKind::Security,
        rpc::Error::Fault { fault, .. } if is_security(Status(fault.win32())) => {
            ErrorKind::Security
        }
        rpc::Error::Fault { .. }
        | rpc::Error::BindRefused(_)
        | rpc::Error::InterfaceRefused { .. } => ErrorKind::Fault,
        _ => ErrorKind::Malformed,
    }
}

fn is_security(status: Status) -> bool {
    const SSPI: std::ops::RangeInclusive<u32> = 0x8009_0300..=0x8009_03FF;
    matches!(
        status,
        Status::ERROR_ACCESS_DENIED
            | Status::E_ACCESSDENIED
            | Status::RPC_S_SEC_PKG_ERROR
            | Status::RPC_S_UNKNOWN_AUTHN_SERVICE
            | Status::RPC_S_UNKNOWN_AUTHN_LEVEL
            | Status::RPC_S_UNSUPPORTED_AUTHN_LEVEL
            | Status::RPC_S_INVALID_AUTH_IDENTITY
    ) || SSPI.contains(&status.0)
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report { step, cause, detail } = &*self.0;
        write!(f, "{step}: {cause}")?;
        match detail {
            Some(detail) => write!(f, " ({detail})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0.cause {
            Cause::Dcom(error) => Some(error),
            Cause::Stub(error) => Some(error),
            Cause::Object(error) => Some(error),
            Cause::Type(error) => Some(error),
            Cause::Misuse(_) | Cause::Status(..) | Cause::Protocol(_) => None,
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect { host } => write!(f, "connecting to {host}"),
            Self::Login { namespace } => write!(f, "opening {namespace}"),
            Self::Query => f.write_str("running the query"),
            Self::Rows => f.write_str("reading the rows"),
            Self::Get { path } => write!(f, "getting {path}"),
            Self::Arguments => f.write_str("reading a Rust value as arguments"),
            Self::Call { path, method } => write!(f, "calling {method} of {path}"),
            Self::Deserialize => f.write_str("reading a row as a Rust value"),
        }
    }
}
