//! The legs by which two peers authenticate, whatever the mechanism.

use std::fmt;

use futures_core::future::BoxFuture;

use crate::{AuthLevel, AuthType, Error, ImpersonationLevel, SecurityContext, Sid};

/// The outcome of one leg.
///
/// An exchange goes on while `established` is `None`. Token and context may come together: an
/// initiator's last token is for the peer, and its context is ready at once.
#[derive(Debug, Default)]
pub struct Step {
    /// What to send to the peer, if anything.
    pub token: Option<Vec<u8>>,
    /// The end of the exchange on this side.
    pub established: Option<Established>,
}

impl Step {
    /// A leg that answers and waits for the peer.
    #[must_use]
    pub fn reply(token: Vec<u8>) -> Self {
        Self { token: Some(token), established: None }
    }
}

/// A finished exchange.
pub struct Established {
    /// Protects the messages from here on.
    pub context: Box<dyn SecurityContext>,
    /// On the accepting side who called; on the initiating side who we are to the server.
    pub identity: Identity,
    /// Whether the other side proved who it is: on the initiating side that it is the service that
    /// was asked for, which NTLM cannot show.
    pub mutual: bool,
}

impl fmt::Debug for Established {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Established")
            .field("identity", &self.identity)
            .field("mutual", &self.mutual)
            .finish_non_exhaustive()
    }
}

/// A proven account, or nobody's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Domain, realm or computer the account was named in; empty where none was named.
    pub domain: String,
    /// Account name without its domain, in the case the caller wrote it.
    pub user: String,
    /// Name of the caller's machine, where it told one. It proves nothing.
    pub workstation: Option<String>,
    /// The mechanism that proved it.
    pub auth_type: AuthType,
    /// What the caller lets the server do in its name.
    pub impersonation: ImpersonationLevel,
    /// The security identifier of the account, where a domain controller vouches for it.
    pub sid: Option<Sid>,
    /// The groups of the account, where a domain controller vouches for them.
    pub groups: Vec<Sid>,
}

impl Identity {
    /// An account of a domain that a mechanism proved, without identifiers, that lets itself be
    /// impersonated.
    #[must_use]
    pub fn new(auth_type: AuthType, domain: impl Into<String>, user: impl Into<String>) -> Self {
        Self {
            domain: domain.into(),
            user: user.into(),
            workstation: None,
            auth_type,
            impersonation: ImpersonationLevel::Impersonate,
            sid: None,
            groups: Vec::new(),
        }
    }

    /// A caller that names no account.
    #[must_use]
    pub fn anonymous(auth_type: AuthType) -> Self {
        Self {
            impersonation: ImpersonationLevel::Anonymous,
            ..Self::new(auth_type, String::new(), String::new())
        }
    }

    /// Whether no account is named.
    #[must_use]
    pub fn is_anonymous(&self) -> bool {
        self.user.is_empty()
    }
}

/// `DOMAIN\user`, or `user@REALM` under Kerberos.
impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.domain.as_str(), self.user.as_str()) {
            (_, "") => f.write_str("anonymous"),
            ("", user) => f.write_str(user),
            // A KDC put both into the ticket, and they get into logs; the name comes escaped.
            (realm, user) if self.auth_type == AuthType::Kerberos => {
                write!(f, "{user}@{}", realm.escape_debug())
            }
            (domain, user) => write!(f, "{domain}\\{user}"),
        }
    }
}

/// The client's side of one exchange.
pub trait Initiator: Send {
    /// The provider to name in the security trailer.
    fn auth_type(&self) -> AuthType;

    /// Takes the peer's token (`None` on the first leg) and goes one leg further.
    ///
    /// # Errors
    /// A malformed or unacceptable token of the peer; the exchange is over then.
    fn step(&mut self, input: Option<&[u8]>) -> Result<Step, Error>;

    /// Why a mechanism that would have been preferred is not even offered; `None` where nothing is
    /// left out. Should the exchange fail, this belongs to the reason.
    fn left_out(&self) -> Option<&LeftOut> {
        None
    }
}

/// A mechanism that would have been preferred and cannot be used.
///
/// `Display`: `Kerberos was not used: no KDC of EXAMPLE.COM answers`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The mechanism.
    pub mechanism: AuthType,
    /// What keeps it from being used.
    pub reason: Error,
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} was not used: ", self.mechanism)?;
        match &self.reason {
            Error::Unavailable { reason, .. } => f.write_str(reason),
            other => other.fmt(f),
        }
    }
}

/// The server's side of one exchange.
pub trait Acceptor: Send {
    /// Takes the peer's token and goes one leg further.
    ///
    /// # Errors
    /// [`Error::LogonDenied`] for whatever shows that the caller does not know the password,
    /// and the errors of malformed tokens; the exchange is over then.
    fn step(&mut self, input: &[u8]) -> Result<Step, Error>;
}

/// Makes the client's side of exchanges: one initiator for each security context.
pub trait InitiatorSource: Send + Sync {
    /// An initiator towards the service `target_spn` (`HOST/server`, `RPCSS/server.example`)
    /// whose context will protect messages at `level`.
    ///
    /// Whatever must be asked of others first, such as a ticket of a KDC, is asked here: the legs
    /// themselves wait for nobody. Dropping the future is a clean cancel.
    ///
    /// # Errors
    /// [`Error::AnonymousRefused`] where there is no account to authenticate with, and what
    /// the mechanism finds missing.
    fn initiator<'a>(
        &'a self,
        target_spn: &'a str,
        level: AuthLevel,
    ) -> BoxFuture<'a, Result<Box<dyn Initiator>, Error>>;
}

/// Makes the server's side of exchanges: one acceptor for each security context.
pub trait Authenticator: Send + Sync {
    /// An acceptor for a client that asks for this provider and level; `None` where the server
    /// does not take that provider.
    fn acceptor(&self, auth_type: AuthType, level: AuthLevel) -> Option<Box<dyn Acceptor>>;
}
