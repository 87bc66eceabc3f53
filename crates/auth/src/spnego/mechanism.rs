//! The names of mechanisms: object identifiers.

use std::fmt;

use der::asn1::ObjectIdentifier;

use crate::AuthType;

/// A mechanism that peers negotiate ([MS-SPNG] 1.9.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mechanism {
    /// Kerberos by the identifier that Windows 2000 made of its true one, and that Windows still
    /// puts first ([MS-SPNG] 3.1.5.2).
    MsKerberos,
    /// Kerberos (RFC 4121).
    Kerberos,
    /// NEGOEX: another negotiation inside of this one. Nobody here speaks it.
    NegoEx,
    /// NTLM.
    Ntlm,
}

/// SPNEGO itself, which frames the first token.
pub(super) const SPNEGO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.2");

const MS_KERBEROS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.48018.1.2.2");
const KERBEROS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113554.1.2.2");
const NEGOEX: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.311.2.2.30");
const NTLM: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.311.2.2.10");

impl Mechanism {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::MsKerberos, Self::Kerberos, Self::NegoEx, Self::Ntlm];

    /// The object identifier.
    #[must_use]
    pub fn oid(self) -> ObjectIdentifier {
        match self {
            Self::MsKerberos => MS_KERBEROS,
            Self::Kerberos => KERBEROS,
            Self::NegoEx => NEGOEX,
            Self::Ntlm => NTLM,
        }
    }

    /// The security provider that conducts it; `None` for NEGOEX.
    #[must_use]
    pub fn auth_type(self) -> Option<AuthType> {
        match self {
            Self::MsKerberos | Self::Kerberos => Some(AuthType::Kerberos),
            Self::Ntlm => Some(AuthType::Ntlm),
            Self::NegoEx => None,
        }
    }
}

impl fmt::Display for Mechanism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MsKerberos => "MS-Kerberos",
            Self::Kerberos => "Kerberos",
            Self::NegoEx => "NEGOEX",
            Self::Ntlm => "NTLM",
        })
    }
}

/// The object identifier of a mechanism as it stands in a message, known here or not: the bytes
/// of its DER value, without tag and length.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MechType(Vec<u8>);

impl MechType {
    pub(super) fn from_value(value: &[u8]) -> Self {
        Self(value.to_vec())
    }

    pub(super) fn value(&self) -> &[u8] {
        &self.0
    }

    /// The mechanism, if it is known here.
    #[must_use]
    pub fn mechanism(&self) -> Option<Mechanism> {
        Mechanism::ALL.into_iter().find(|mechanism| mechanism.oid().as_bytes() == self.0)
    }
}

impl From<Mechanism> for MechType {
    fn from(mechanism: Mechanism) -> Self {
        Self::from_value(mechanism.oid().as_bytes())
    }
}

impl fmt::Display for MechType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(mechanism) = self.mechanism() {
            return mechanism.fmt(f);
        }
        match ObjectIdentifier::<39>::from_bytes(&self.0) {
            Ok(oid) => oid.fmt(f),
            Err(_) => f.write_str("an unreadable object identifier"),
        }
    }
}
