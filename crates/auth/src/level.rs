//! The small numbers by which DCE/RPC names mechanisms and degrees of protection.

use std::fmt;

/// A security provider: `auth_type` of the security trailer ([MS-RPCE] 2.2.1.1.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum AuthType {
    /// No authentication.
    None = 0x00,
    /// SPNEGO: the peers agree on NTLM or Kerberos.
    Spnego = 0x09,
    /// NTLM by itself.
    Ntlm = 0x0A,
    /// TLS.
    Tls = 0x0E,
    /// Kerberos by itself.
    Kerberos = 0x10,
    /// Netlogon secure channel.
    Netlogon = 0x44,
}

impl AuthType {
    /// The type a code of the wire stands for; `None` for an unknown one.
    ///
    /// 0xFF ("default") means NTLM.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Some(match code {
            0x00 => Self::None,
            0x09 => Self::Spnego,
            0x0A | 0xFF => Self::Ntlm,
            0x0E => Self::Tls,
            0x10 => Self::Kerberos,
            0x44 => Self::Netlogon,
            _ => return None,
        })
    }

    /// The code on the wire.
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8
    }
}

impl fmt::Display for AuthType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "no authentication",
            Self::Spnego => "SPNEGO",
            Self::Ntlm => "NTLM",
            Self::Tls => "TLS",
            Self::Kerberos => "Kerberos",
            Self::Netlogon => "Netlogon",
        })
    }
}

/// A degree of protection: `auth_level` of the security trailer ([MS-RPCE] 2.2.1.1.8).
///
/// The levels are ordered: each protects at least what the one before it protects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum AuthLevel {
    /// No authentication.
    None = 1,
    /// The peer is authenticated when the connection is made, and nothing is protected after.
    Connect = 2,
    /// Treated as [`Packet`](Self::Packet) by connection-oriented RPC.
    Call = 3,
    /// Every PDU carries a token of its sender.
    Packet = 4,
    /// Every PDU is signed.
    Integrity = 5,
    /// Every PDU is signed and its body sealed.
    Privacy = 6,
}

impl AuthLevel {
    /// The level a code of the wire stands for; `None` for an unknown one.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Some(match code {
            1 => Self::None,
            2 => Self::Connect,
            3 => Self::Call,
            4 => Self::Packet,
            5 => Self::Integrity,
            6 => Self::Privacy,
            _ => return None,
        })
    }

    /// The code on the wire.
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8
    }

    /// Whether each PDU carries a signature at this level.
    ///
    /// Recorded Windows 10 traffic signs at [`Packet`](Self::Packet) just as at
    /// [`Integrity`](Self::Integrity).
    #[must_use]
    pub fn signs(self) -> bool {
        self >= Self::Call
    }

    /// Whether bodies are sealed at this level.
    #[must_use]
    pub fn seals(self) -> bool {
        self == Self::Privacy
    }
}

impl fmt::Display for AuthLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Connect => "connect",
            Self::Call => "call",
            Self::Packet => "packet",
            Self::Integrity => "integrity",
            Self::Privacy => "privacy",
        })
    }
}

/// What a server may do in its caller's name ([MS-RPCE] 2.2.1.1.9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum ImpersonationLevel {
    /// Not even know who calls.
    Anonymous = 1,
    /// Know who calls, and nothing more.
    Identify = 2,
    /// Act as the caller on the server itself.
    Impersonate = 3,
    /// Act as the caller on other machines too.
    Delegate = 4,
}
