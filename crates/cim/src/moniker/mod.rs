//! Monikers: a path together with how to get there.
//!
//! Source: WMI SDK, *Constructing a Moniker String*.

mod parse;
mod privilege;

pub use privilege::Privilege;

use std::fmt;

use crate::path::Path;

/// `winmgmts:{security}[locale=…]!path`: what scripts and SSIS packages hand to `GetObject`.
///
/// A moniker holds no password. What it leaves out is `None`, and is for the client to choose.
/// Names and words compare without regard to case; it prints in the spelling of the SDK.
///
/// ```
/// use winreach_cim::moniker::{AuthenticationLevel, Moniker};
/// let moniker: Moniker =
///     r"winmgmts:{authenticationLevel=pktPrivacy,(Debug,!Shutdown)}!\\box\root\cimv2".parse()?;
/// assert_eq!(moniker.security.authentication, Some(AuthenticationLevel::PktPrivacy));
/// assert_eq!(moniker.path.namespace().server(), Some("box"));
/// # Ok::<(), winreach_cim::path::PathError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Moniker {
    /// How the connection is to be protected.
    pub security: Security,
    /// The language of descriptions, such as `ms_409` or `en-US` (`[MS-WMI] 2.2.29`).
    pub locale: Option<String>,
    /// Where to go; an empty namespace path is the default namespace of the computer at hand.
    pub path: Path,
}

/// The security settings of a moniker, all optional.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Security {
    /// What the server may do in the caller's name.
    pub impersonation: Option<ImpersonationLevel>,
    /// How much of the traffic is authenticated or encrypted.
    pub authentication: Option<AuthenticationLevel>,
    /// Who vouches for the caller.
    pub authority: Option<Authority>,
    /// Privileges to enable or to disable, in the order written.
    pub privileges: Vec<PrivilegeSetting>,
}

/// A privilege that a moniker switches.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct PrivilegeSetting {
    /// Which one.
    pub privilege: Privilege,
    /// Whether it is enabled; a `!` before the name disables it.
    pub enable: bool,
}

/// What the server may do in the caller's name (`wbemImpersonationLevelEnum`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs)]
pub enum ImpersonationLevel {
    Anonymous = 1,
    Identify = 2,
    Impersonate = 3,
    Delegate = 4,
}

/// How much of the traffic is authenticated (`wbemAuthenticationLevelEnum`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs)]
pub enum AuthenticationLevel {
    Default = 0,
    None = 1,
    Connect = 2,
    Call = 3,
    Pkt = 4,
    PktIntegrity = 5,
    PktPrivacy = 6,
}

/// Who vouches for the caller, and with it the kind of authentication.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Authority {
    /// NTLM in this domain: `ntlmdomain:DOMAIN`.
    NtlmDomain(String),
    /// Kerberos towards this principal: `kerberos:PRINCIPAL`.
    Kerberos(String),
}

impl ImpersonationLevel {
    /// Every level, the weakest first.
    pub const ALL: [Self; 4] = [Self::Anonymous, Self::Identify, Self::Impersonate, Self::Delegate];

    /// The word in a moniker.
    pub fn name(self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::Identify => "identify",
            Self::Impersonate => "impersonate",
            Self::Delegate => "delegate",
        }
    }
}

impl AuthenticationLevel {
    /// Every level, the weakest first.
    pub const ALL: [Self; 7] = [
        Self::Default,
        Self::None,
        Self::Connect,
        Self::Call,
        Self::Pkt,
        Self::PktIntegrity,
        Self::PktPrivacy,
    ];

    /// The word in a moniker.
    pub fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::None => "none",
            Self::Connect => "connect",
            Self::Call => "call",
            Self::Pkt => "pkt",
            Self::PktIntegrity => "pktIntegrity",
            Self::PktPrivacy => "pktPrivacy",
        }
    }
}

impl Security {
    /// Whether nothing is set.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl From<Path> for Moniker {
    fn from(path: Path) -> Self {
        Self { security: Security::default(), locale: None, path }
    }
}

impl fmt::Display for Moniker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("winmgmts:")?;
        if !self.security.is_empty() {
            self.security.fmt(f)?;
        }
        if let Some(locale) = &self.locale {
            write!(f, "[locale={locale}]")?;
        }
        let has_settings = !self.security.is_empty() || self.locale.is_some();
        if has_settings && !matches!(&self.path, Path::Namespace(ns) if ns.is_empty()) {
            f.write_str("!")?;
        }
        self.path.fmt(f)
    }
}

impl fmt::Display for Security {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts: Vec<String> = Vec::new();
        if let Some(level) = self.impersonation {
            parts.push(format!("impersonationLevel={}", level.name()));
        }
        if let Some(level) = self.authentication {
            parts.push(format!("authenticationLevel={}", level.name()));
        }
        if let Some(authority) = &self.authority {
            parts.push(format!("authority={authority}"));
        }
        if !self.privileges.is_empty() {
            let privileges: Vec<_> = self.privileges.iter().map(ToString::to_string).collect();
            parts.push(format!("({})", privileges.join(",")));
        }
        write!(f, "{{{}}}", parts.join(","))
    }
}

impl fmt::Display for PrivilegeSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.enable { "" } else { "!" }, self.privilege.name())
    }
}

impl fmt::Display for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NtlmDomain(domain) => write!(f, "ntlmdomain:{domain}"),
            Self::Kerberos(principal) => write!(f, "kerberos:{principal}"),
        }
    }
}

#[cfg(test)]
mod tests;
