//! Why a server ended a connection.

use std::io;

use winreach_auth as auth;

use crate::channel::Violation;
use crate::pdu;

/// Why a connection ended otherwise than by the client's wish.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The stream failed.
    #[error("the connection failed: {0}")]
    Io(#[from] io::Error),
    /// The client sent bytes that are no PDU.
    #[error(transparent)]
    Pdu(#[from] pdu::Error),
    /// The client broke the rules of the protocol.
    #[error("the client broke the protocol: {0}")]
    Protocol(&'static str),
    /// A request was tampered with or is not protected as agreed.
    #[error("a request was tampered with or is not protected as agreed: {0}")]
    Tampered(String),
    /// An answer could not be protected.
    #[error("an answer could not be protected: {0}")]
    Security(#[from] auth::Error),
    /// The client did not bind in time.
    #[error("the client did not bind in time")]
    BindTimeout,
    /// Nothing moved for too long.
    #[error("the connection was idle for too long")]
    Idle,
}

impl From<Violation> for Error {
    fn from(violation: Violation) -> Self {
        Self::Tampered(violation.to_string())
    }
}
