//! Why Kerberos failed, and what to do about it.

use std::fmt;
use std::sync::Arc;

use crate::Principal;
use crate::credentials::FileError;
use crate::crypto::{CryptoError, EncryptionType};
use crate::messages::{ErrorCode, MessageError, SealError};
use crate::transport::TransportError;

/// Why a ticket could not be had or used.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The other side sent bytes that are not what they should be.
    #[error(transparent)]
    Message(#[from] MessageError),
    /// Something could not be encrypted, decrypted or verified.
    #[error("{what}: {error}")]
    Crypto {
        /// What it was.
        what: &'static str,
        /// What went wrong.
        error: CryptoError,
    },
    /// No KDC could be asked.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// A KDC refused.
    #[error("the KDC of {realm} refused {asked}: {code}{}", Text(text))]
    Refused {
        /// The realm of the KDC.
        realm: String,
        /// What was asked.
        asked: Asked,
        /// Why.
        code: ErrorCode,
        /// What the KDC said besides.
        text: Option<String>,
    },
    /// The service refused a ticket.
    #[error("the service {server} refused the ticket: {code}{}", Text(text))]
    ServiceRefused {
        /// The service.
        server: Principal,
        /// Why.
        code: ErrorCode,
        /// What it said besides.
        text: Option<String>,
    },
    /// The password or key does not open what the KDC sent.
    #[error("the password or key of {client} is wrong")]
    WrongPassword {
        /// The client.
        client: Principal,
    },
    /// The KDC wants a kind of pre-authentication that is not spoken here.
    #[error(
        "the KDC of {realm} wants pre-authentication of a kind that is not supported (types {offered:?})"
    )]
    Preauthentication {
        /// The realm.
        realm: String,
        /// The types that it takes.
        offered: Vec<i32>,
    },
    /// No encryption type is both wanted and offered.
    #[error("no encryption type in common with {with}: wanted {}", List(wanted))]
    EncryptionTypes {
        /// With whom.
        with: String,
        /// What this side takes.
        wanted: Vec<EncryptionType>,
    },
    /// A keytab has no key that would do.
    #[error("no key of {principal} of an encryption type among {}", List(wanted))]
    NoKey {
        /// Whose.
        principal: Principal,
        /// What would have done.
        wanted: Vec<EncryptionType>,
    },
    /// The answer is not one to what was asked; somebody may be tampering with it.
    #[error("the answer does not belong to the request: {0}")]
    Mismatch(&'static str),
    /// This machine's clock and the other one's differ.
    #[error("the clock of this machine is {} {} that of {of}", Span(*seconds), if *seconds < 0 { "behind" } else { "ahead of" })]
    Skew {
        /// Whose clock the other one is.
        of: String,
        /// By how many seconds this machine is ahead.
        seconds: i64,
    },
    /// A ticket is past its end.
    #[error("the ticket for {server} expired {} ago", Span(*seconds))]
    Expired {
        /// For which service.
        server: Principal,
        /// How many seconds ago.
        seconds: i64,
    },
    /// A credential cache holds no ticket that would do.
    #[error("the credential cache of {client} holds no ticket for {server}")]
    NoTicket {
        /// For which service.
        server: Principal,
        /// Whose cache it is.
        client: Principal,
    },
    /// A credential cache or keytab cannot be read.
    #[error(transparent)]
    File(#[from] Arc<FileError>),
    /// Realms send from one to the other without end.
    #[error("the realms refer to each other without end: {}", .0.join(" -> "))]
    Referrals(Vec<String>),
    /// The KDC asks for more and more.
    #[error("the KDC of {0} did not come to an end")]
    Rounds(String),
    /// Credentials cannot be delegated to this service.
    #[error("{0}")]
    Delegation(String),
    /// A service is offered a ticket, and something in it is wrong.
    #[error("{0}")]
    Unacceptable(#[from] crate::ap::Refusal),
}

/// What was asked of a KDC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// To let a client log on.
    Logon(Principal),
    /// A ticket for a service.
    Ticket(Principal),
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Logon(client) => write!(f, "the log-on of {client}"),
            Self::Ticket(server) => write!(f, "a ticket for {server}"),
        }
    }
}

/// What the other side said besides, quoted since it may be any text.
struct Text<'a>(&'a Option<String>);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(text) if !text.is_empty() => write!(f, " ({text:?})"),
            _ => Ok(()),
        }
    }
}

struct List<'a>(&'a [EncryptionType]);

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, etype) in self.0.iter().enumerate() {
            write!(f, "{}{etype}", if index == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

/// A number of seconds, in a unit that people like.
struct Span(i64);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.unsigned_abs() {
            seconds @ ..120 => write!(f, "{seconds} s"),
            seconds @ ..7200 => write!(f, "{} min", seconds / 60),
            seconds @ ..172_800 => write!(f, "{} h", seconds / 3600),
            seconds => write!(f, "{} days", seconds / 86400),
        }
    }
}

impl Error {
    /// The error of cryptography while `what` was done.
    pub(crate) fn crypto(what: &'static str) -> impl Fn(CryptoError) -> Self {
        move |error| Self::Crypto { what, error }
    }

    /// The code with which a KDC or a service refused.
    #[must_use]
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Refused { code, .. } | Self::ServiceRefused { code, .. } => Some(*code),
            _ => None,
        }
    }

    /// Whether the password, key or account is at fault: asking again the same way would fail again,
    /// and may lock the account.
    #[must_use]
    pub fn is_logon_failure(&self) -> bool {
        matches!(self, Self::WrongPassword { .. } | Self::NoKey { .. })
            || matches!(
                self.code(),
                Some(
                    ErrorCode::KDC_ERR_PREAUTH_FAILED
                        | ErrorCode::KDC_ERR_CLIENT_REVOKED
                        | ErrorCode::KDC_ERR_KEY_EXPIRED
                        | ErrorCode::KDC_ERR_POLICY
                        | ErrorCode::KDC_ERR_NAME_EXP
                )
            )
    }

    /// Whether Kerberos has nothing to work with here, while nothing that was said about the account
    /// is wrong: no KDC, or none that knows the account or the service. Another mechanism may do.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::Transport(_))
            || matches!(
                self.code(),
                Some(
                    ErrorCode::KDC_ERR_C_PRINCIPAL_UNKNOWN | ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN
                )
            )
    }

    /// Where the fault lies, in a few words.
    #[must_use]
    pub fn cause(&self) -> &'static str {
        match self {
            Self::Transport(_) => "no KDC can be asked for a Kerberos ticket",
            Self::WrongPassword { .. } | Self::NoKey { .. } | Self::Preauthentication { .. } => {
                "the account does not get a Kerberos ticket"
            }
            Self::Refused { asked: Asked::Logon(_), .. } => {
                "the account does not get a Kerberos ticket"
            }
            Self::Refused { .. } | Self::EncryptionTypes { .. } => {
                "there is no Kerberos ticket for this service"
            }
            Self::ServiceRefused { .. } => "the service does not take the Kerberos ticket",
            Self::Skew { .. } => "Kerberos tickets are good for a time that the clocks disagree on",
            Self::Expired { .. } | Self::NoTicket { .. } => "no Kerberos ticket is good any more",
            Self::Delegation(_) => "the Kerberos ticket cannot be delegated",
            _ => "Kerberos failed",
        }
    }

    /// What to try, for failures that are well known.
    #[must_use]
    pub fn remedy(&self) -> Option<&'static str> {
        Some(match self {
            Self::Transport(error) => remedy_of_transport(error),
            Self::WrongPassword { .. } => WRONG_PASSWORD,
            Self::Preauthentication { .. } => {
                "use an account that logs on with a password, or log on with kinit and let its \
                 credential cache be used"
            }
            Self::EncryptionTypes { wanted, .. } | Self::NoKey { wanted, .. }
                if wanted.contains(&EncryptionType::Rc4Hmac) =>
            {
                "give the account keys of a type that this side takes (AES)"
            }
            Self::EncryptionTypes { .. } | Self::NoKey { .. } => ONLY_WEAK,
            Self::Skew { .. } => SKEW,
            Self::Expired { .. } | Self::NoTicket { .. } => EXPIRED,
            Self::Refused { code, .. } | Self::ServiceRefused { code, .. } => {
                return remedy_of(*code);
            }
            _ => return None,
        })
    }
}

const WRONG_PASSWORD: &str =
    "check the password and the spelling of the account; the realm is case-sensitive";
const SKEW: &str = "set the clock of this machine (NTP, chronyc makestep), and look at the KDC's; \
                    Kerberos takes five minutes of difference at most";
const EXPIRED: &str = "get a new ticket with kinit, or log on with a password or a keytab";
const ONLY_WEAK: &str = "the other side may have RC4 keys alone: let its account use AES \
                         (msDS-SupportedEncryptionTypes = 24, and set its password again), or allow \
                         RC4 knowingly (--allow-rc4, allow_rc4 in krb5.conf)";

/// What to try where no KDC answers.
fn remedy_of_transport(error: &TransportError) -> &'static str {
    match error {
        TransportError::NoKdc { .. } => {
            "name the KDC, which in a domain is any domain controller: --kdc HOST, [realms] in \
             krb5.conf, or DNS of the domain"
        }
        _ => "check that a domain controller is up and that port 88 (TCP and UDP) is open to it",
    }
}

/// What to try against a refusal.
fn remedy_of(code: ErrorCode) -> Option<&'static str> {
    Some(match code {
        ErrorCode::KDC_ERR_PREAUTH_FAILED => WRONG_PASSWORD,
        ErrorCode::KDC_ERR_C_PRINCIPAL_UNKNOWN => {
            "check the spelling of the account and its realm; user@REALM says both"
        }
        ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN => {
            "name the host as its service principal names do, which is not by an address: setspn -L \
             HOST lists them; or give one with --spn, or use NTLM (--auth ntlm)"
        }
        ErrorCode::KDC_ERR_CLIENT_REVOKED | ErrorCode::KDC_ERR_NAME_EXP => {
            "have the account unlocked, enabled or prolonged"
        }
        ErrorCode::KDC_ERR_KEY_EXPIRED => "change the password (kpasswd) and try again",
        ErrorCode::KDC_ERR_ETYPE_NOSUPP => ONLY_WEAK,
        ErrorCode::KDC_ERR_POLICY => {
            "ask the domain's administrators: log-on hours, allowed workstations or an \
             authentication policy stand in the way"
        }
        ErrorCode::KRB_AP_ERR_SKEW => SKEW,
        ErrorCode::KRB_AP_ERR_TKT_EXPIRED => EXPIRED,
        ErrorCode::KRB_AP_ERR_TKT_NYV => SKEW,
        ErrorCode::KRB_AP_ERR_MODIFIED | ErrorCode::KRB_AP_ERR_BAD_INTEGRITY => {
            "another account than the host's may hold the service principal name, or the host's key \
             is out of date: setspn -X finds duplicates; get a fresh ticket after kdestroy"
        }
        ErrorCode::KDC_ERR_WRONG_REALM => "name the realm of the account: user@REALM",
        ErrorCode::KDC_ERR_BADOPTION => {
            "the account or the ticket does not allow what was asked, such as forwarding"
        }
        _ => return None,
    })
}

impl From<FileError> for Error {
    fn from(error: FileError) -> Self {
        Self::File(Arc::new(error))
    }
}

impl From<SealError> for Error {
    fn from(error: SealError) -> Self {
        match error {
            SealError::Crypto(error) => Self::Crypto { what: "sealing a message", error },
            SealError::Message(error) => Self::Message(error),
        }
    }
}
