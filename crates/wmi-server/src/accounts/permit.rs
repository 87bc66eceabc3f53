//! Who may log on without a password here, because a domain vouches for him.

use std::fmt;
use std::str::FromStr;

use winreach_auth::kerberos::{Principal, PrincipalError};
use winreach_auth::{Identity, Sid, ntlm};

/// The longest name of a principal, in characters.
const MAX_NAME: usize = 512;

/// Decides whether a caller may log on whose mechanism proved who he is, but not that he has an
/// account here: Kerberos does so, NTLM does not.
pub trait Admission: Send + Sync {
    /// Whether he is let in.
    fn admits(&self, caller: &Identity) -> bool;
}

/// Accounts with passwords alone: nobody else is let in.
impl Admission for ntlm::UserTable {
    fn admits(&self, _caller: &Identity) -> bool {
        false
    }
}

/// Who is let in by Kerberos.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Permit {
    /// A principal.
    Principal(PrincipalName),
    /// Whoever the domain controller says is in this group, or is this account.
    Group(Sid),
}

impl fmt::Display for Permit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Principal(name) => name.fmt(f),
            Self::Group(sid) => sid.fmt(f),
        }
    }
}

/// A principal with its realm, such as `alice@EXAMPLE.COM`.
///
/// Names compare without regard to the case of ASCII letters, as Windows compares them. Realms
/// compare exactly, as RFC 4120 section 6.1 has it: they are upper case nearly everywhere.
///
/// ```
/// use winreach_wmi_server::accounts::PrincipalName;
///
/// let alice: PrincipalName = "alice@EXAMPLE.COM".parse()?;
/// assert_eq!(alice, "Alice@EXAMPLE.COM".parse()?);
/// assert_ne!(alice, "alice@example.com".parse()?);
/// assert!("alice".parse::<PrincipalName>().is_err());
/// # Ok::<(), winreach_wmi_server::accounts::PrincipalNameError>(())
/// ```
#[derive(Clone, Debug)]
pub struct PrincipalName(Principal);

/// A text cannot be the name of a principal that is let in.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum PrincipalNameError {
    #[error("{0}")]
    Name(#[from] PrincipalError),
    #[error("the realm is missing: write name@REALM")]
    NoRealm,
    #[error("a principal has at most {MAX_NAME} characters")]
    TooLong,
    #[error("a principal cannot contain {character:?}")]
    Character { character: char },
    #[error("a principal cannot begin or end with a blank")]
    Edge,
}

impl PrincipalName {
    /// What tells it from others.
    pub(super) fn key(&self) -> (String, String) {
        (self.0.name().to_ascii_lowercase(), self.0.realm.clone())
    }
}

impl FromStr for PrincipalName {
    type Err = PrincipalNameError;

    fn from_str(text: &str) -> Result<Self, PrincipalNameError> {
        if text.chars().count() > MAX_NAME {
            return Err(PrincipalNameError::TooLong);
        }
        if text.trim() != text {
            return Err(PrincipalNameError::Edge);
        }
        let principal: Principal = text.parse()?;
        if principal.realm.is_empty() {
            return Err(PrincipalNameError::NoRealm);
        }
        let parts = principal.components.iter().chain([&principal.realm]);
        if let Some(character) = parts.flat_map(|part| part.chars()).find(|c| c.is_control()) {
            return Err(PrincipalNameError::Character { character });
        }
        Ok(Self(principal))
    }
}

impl PartialEq for PrincipalName {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for PrincipalName {}

impl fmt::Display for PrincipalName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
