//! How calls are to be protected, and how they really are.

use std::fmt;

use winreach_auth::{AuthLevel, AuthType, Identity, ImpersonationLevel, Initiator, LeftOut};

use super::Error;
use crate::channel::raised;

/// How calls are to be protected: who the client is and how much of its traffic is signed.
///
/// Whatever the server answers, it is this level or an error; [`SecurityInfo`] tells the rest.
pub struct Security {
    pub(super) initiator: Box<dyn Initiator>,
    pub(super) asked: AuthLevel,
    pub(super) requires_mutual: bool,
}

impl Security {
    /// Authenticates with `initiator` and protects every call at `level`. Level
    /// [`AuthLevel::Call`] is raised to [`AuthLevel::Packet`] (`[MS-RPCE] 2.2.1.1.8`). At
    /// [`AuthLevel::None`] nobody is authenticated, as if there were no security at all.
    pub fn new(initiator: Box<dyn Initiator>, level: AuthLevel) -> Self {
        Self { initiator, asked: level, requires_mutual: false }
    }

    /// Whether the server must prove who it is; default no. NTLM has no way to do so. Where it
    /// does not, that is [`Error::NotMutual`] before any call is made.
    #[must_use]
    pub fn require_mutual(self, required: bool) -> Self {
        Self { requires_mutual: required, ..self }
    }

    /// What would be preferred to the mechanisms that are offered, and cannot be used.
    #[must_use]
    pub fn left_out(&self) -> Option<&LeftOut> {
        self.initiator.left_out()
    }

    /// The level that goes over the wire.
    pub(super) fn level(&self) -> AuthLevel {
        raised(self.asked)
    }

    /// Nothing at level none.
    pub(super) fn unless_none(self) -> Result<Option<Self>, Error> {
        match self.asked {
            AuthLevel::None if self.requires_mutual => Err(Error::NotMutual(AuthType::None)),
            AuthLevel::None => Ok(None),
            _ => Ok(Some(self)),
        }
    }
}

impl fmt::Debug for Security {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Security")
            .field("auth_type", &self.initiator.auth_type())
            .field("level", &self.asked)
            .field("requires_mutual", &self.requires_mutual)
            .finish_non_exhaustive()
    }
}

/// The security of a connection as it is in effect.
///
/// `Display` has it in one line: `NTLM, level privacy, headers signed, server not proven,
/// impersonate, as EXAMPLE\alice`.
///
/// It is what the client and the bytes of the server say. Whether the server takes the account
/// shows with the first call.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SecurityInfo {
    /// The provider that the wire names. Under SPNEGO it is not yet the
    /// [mechanism](Self::mechanism).
    pub provider: AuthType,
    /// The level that was asked for.
    pub asked: AuthLevel,
    /// The level that is in effect, never below the one that was asked for: level call is carried
    /// out as level packet.
    pub level: AuthLevel,
    /// Whether both sides agreed that signatures cover headers too. NTLM covers them always.
    pub signs_headers: bool,
    /// Whether the server proved that it is the one that was meant.
    pub mutual: bool,
    /// Who we are to the server, as the mechanism has it.
    pub identity: Identity,
    /// What would have been preferred to the mechanism and cannot be used, and why.
    pub left_out: Option<Box<LeftOut>>,
}

impl SecurityInfo {
    /// No security at all.
    #[must_use]
    pub fn none() -> Self {
        Self {
            provider: AuthType::None,
            asked: AuthLevel::None,
            level: AuthLevel::None,
            signs_headers: false,
            mutual: false,
            identity: Identity::anonymous(AuthType::None),
            left_out: None,
        }
    }

    /// The mechanism that authenticates: what the peers agreed on where the provider is SPNEGO.
    #[must_use]
    pub fn mechanism(&self) -> AuthType {
        self.identity.auth_type
    }

    /// What the server may do in our name.
    #[must_use]
    pub fn impersonation(&self) -> ImpersonationLevel {
        self.identity.impersonation
    }
}

impl fmt::Display for SecurityInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.level == AuthLevel::None {
            return f.write_str("none: nobody is authenticated, nothing is protected");
        }
        write!(f, "{}", self.mechanism())?;
        if self.provider != self.mechanism() {
            write!(f, " by {}", self.provider)?;
        }
        write!(f, ", level {}", self.level)?;
        if self.asked != self.level {
            write!(f, " (asked for {})", self.asked)?;
        }
        if self.level.signs() {
            f.write_str(if self.signs_headers {
                ", headers signed"
            } else {
                ", headers unsigned"
            })?;
        }
        f.write_str(if self.mutual { ", server proven" } else { ", server not proven" })?;
        match self.identity.is_anonymous() {
            true => f.write_str(", anonymous")?,
            false => write!(f, ", {}, as {}", self.impersonation(), self.identity)?,
        }
        match &self.left_out {
            Some(left_out) => write!(f, " ({left_out})"),
            None => Ok(()),
        }
    }
}
