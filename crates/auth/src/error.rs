//! What goes wrong in authentication and protection.

use std::sync::Arc;

use winreach_kerberos::protection::ProtectionError;
use winreach_kerberos::{self as kerberos, PrincipalError};

use crate::{AuthLevel, AuthType, spnego};

/// Why authentication or protection failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The peer sent bytes that are not what they should be.
    #[error("malformed {message}: {field} at offset {offset}: {problem}")]
    Malformed {
        /// The message that was read.
        message: &'static str,
        /// The field that is wrong.
        field: &'static str,
        /// Where it stands, in bytes from the start of the message.
        offset: usize,
        /// What is wrong with it.
        problem: Problem,
    },
    /// A token came that this side of the exchange does not wait for.
    #[error("{0} came out of turn")]
    OutOfTurn(&'static str),
    /// The peer dropped protection that the level takes; somebody may be tampering with the
    /// exchange.
    #[error("the peer does not agree to {missing}, which level {level} takes (downgrade refused)")]
    Downgrade {
        /// What is missing.
        missing: String,
        /// The level that was asked for.
        level: AuthLevel,
    },
    /// The caller names no account.
    #[error("anonymous authentication is refused: name a user")]
    AnonymousRefused,
    /// The mechanism cannot let a server act in the caller's name on other machines.
    #[error("{0} cannot delegate: that takes Kerberos with a forwardable ticket")]
    NoDelegation(AuthType),
    /// The peer authenticates by a protocol version that proves too little.
    #[error("{0} is refused: NTLMv2 is the least that is accepted")]
    WeakProtocol(&'static str),
    /// The caller did not prove that it knows the password of an account.
    #[error("logon denied: unknown user name or wrong password")]
    LogonDenied,
    /// The caller proved who it is, and is not among those who are let in.
    #[error("logon denied: {0:?} may not log on here")]
    NotAdmitted(String),
    /// The exchange was changed on its way: its integrity code is wrong.
    #[error("the exchange was tampered with: its message integrity code does not match")]
    Tampered,
    /// The caller is bound to another channel than this one.
    #[error("the channel binding does not match this connection")]
    ChannelBinding,
    /// A message is not what the peer signed, or came out of order.
    #[error("the signature of a message does not match: it was changed, replayed or reordered")]
    Signature,
    /// A message under Kerberos is not what the peer protected, or came out of order.
    #[error("{0}")]
    Protection(ProtectionError),
    /// Kerberos failed.
    #[error(transparent)]
    Kerberos(#[from] KerberosFailure),
    /// What was said about the account cannot be used on this machine.
    #[error("{0}")]
    Configuration(String),
    /// The name of a service is none.
    #[error("{name:?} names no service: {error}")]
    ServiceName {
        /// The name.
        name: String,
        /// What is wrong with it.
        error: PrincipalError,
    },
    /// The token's length is not the one that the level takes.
    #[error("a security token of {actual} bytes where {expected} are due")]
    TokenLength {
        /// Length the context gives and takes at this level.
        expected: usize,
        /// Length that came.
        actual: usize,
    },
    /// Messages were to be protected at a level for which the exchange agreed on too little.
    #[error("level {0} was not negotiated for this security context")]
    LevelNotNegotiated(AuthLevel),
    /// A mechanism cannot be used here and now, and nothing that was said about the account is
    /// wrong: another mechanism may do.
    #[error("{mechanism} is not available: {reason}")]
    Unavailable {
        /// The mechanism.
        mechanism: &'static str,
        /// What is missing.
        reason: String,
    },
    /// The peers did not agree on a mechanism.
    #[error(transparent)]
    Negotiation(#[from] spnego::Failure),
    /// A name is too long for the messages of the mechanism.
    #[error("{0} is too long")]
    TooLong(&'static str),
    /// The operating system gave no random bytes.
    #[error("no random bytes from the operating system: {0}")]
    Random(getrandom::Error),
}

impl Error {
    /// Whether another mechanism may be tried in the place of the one that failed so.
    ///
    /// It may where the mechanism has nothing to work with: no key distribution centre that can be
    /// reached, no account. It may not once the account was refused; a wrong password stays one.
    #[must_use]
    pub fn allows_fallback(&self) -> bool {
        match self {
            Self::Unavailable { .. } | Self::AnonymousRefused => true,
            Self::Kerberos(failure) => failure.is_unavailable(),
            _ => false,
        }
    }
}

/// What is wrong with a field of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// It goes beyond the end of the message.
    #[error("{needed} bytes where {available} are left")]
    Truncated {
        /// Bytes it says it has.
        needed: usize,
        /// Bytes there are.
        available: usize,
    },
    /// It lies inside the fixed part of the message.
    #[error("it overlaps the fixed part of the message")]
    Overlap,
    /// It has a length that the field cannot have.
    #[error("a length of {0} bytes cannot be")]
    Length(usize),
    /// It has a value that the field cannot have.
    #[error("the value {0:#x} cannot be")]
    Value(u32),
    /// It is no UTF-16 text.
    #[error("it is no UTF-16 text")]
    Text,
    /// It is there twice.
    #[error("it is there twice")]
    Repeated,
    /// It has to be there and is not.
    #[error("it is missing")]
    Missing,
    /// There are more of them than are taken.
    #[error("{0} of them are too many")]
    Count(usize),
    /// More bytes follow than belong to it.
    #[error("{0} bytes too many follow")]
    Trailing(usize),
    /// It names a mechanism that it cannot name.
    #[error("another mechanism stands there")]
    Mechanism,
    /// An ASN.1 value begins with a tag that cannot stand there.
    #[error("the ASN.1 tag {0:#04x} cannot stand here")]
    Tag(u8),
    /// An ASN.1 value does not keep the distinguished encoding rules (DER).
    #[error("it is not encoded as DER demands")]
    Encoding,
}

/// Why Kerberos failed, as [`winreach_kerberos::Error`] says it. Clones are cheap.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub struct KerberosFailure(Arc<kerberos::Error>);

impl std::ops::Deref for KerberosFailure {
    type Target = kerberos::Error;

    fn deref(&self) -> &kerberos::Error {
        &self.0
    }
}

/// Two failures are the same where one is a clone of the other.
impl PartialEq for KerberosFailure {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for KerberosFailure {}

impl From<kerberos::Error> for Error {
    fn from(error: kerberos::Error) -> Self {
        Self::Kerberos(KerberosFailure(Arc::new(error)))
    }
}

impl From<getrandom::Error> for Error {
    fn from(error: getrandom::Error) -> Self {
        Self::Random(error)
    }
}
