//! The client's long-term key, of a password or out of a keytab.

use std::fmt;

use der::asn1::OctetString;
use secrecy::{ExposeSecret, SecretString};

use super::Options;
use crate::Principal;
use crate::crypto::{EncryptionType, Key};
use crate::error::Error;
use crate::messages::{EtypeInfo2Entry, PaData, pa_type, parse};

/// By what a client proves who it is.
#[derive(Clone)]
pub enum Secret {
    /// Its password.
    Password(SecretString),
    /// Its keys, as a keytab holds them.
    Keys(Vec<Key>),
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Password(_) => "Password",
            Self::Keys(_) => "Keys",
        })
    }
}

/// How the KDC wants the client's key made: RFC 4120 section 5.2.7.5.
#[derive(Debug, Clone, Default)]
pub(super) struct KeyHints {
    entries: Vec<EtypeInfo2Entry>,
    /// A salt alone, from KDCs that give no more.
    salt: Option<Vec<u8>>,
}

impl KeyHints {
    /// The hints among some pre-authentication data.
    pub(super) fn of(padata: &[PaData]) -> Result<Self, Error> {
        let find = |kind| {
            padata.iter().find(|data| data.padata_type == kind).map(|d| d.padata_value.as_bytes())
        };
        let entries = find(pa_type::ETYPE_INFO2)
            .map(|bytes| parse("ETYPE-INFO2", bytes))
            .transpose()?
            .unwrap_or_default();
        Ok(Self { entries, salt: find(pa_type::PW_SALT).map(<[u8]>::to_vec) })
    }

    /// Whether there is anything.
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.salt.is_none()
    }

    /// The first of the types that the KDC has, in its order, that is among `own`; the first of
    /// these where the KDC does not say what it has.
    pub(super) fn preferred(&self, own: &[EncryptionType]) -> Option<EncryptionType> {
        let mut theirs =
            self.entries.iter().filter_map(|entry| EncryptionType::from_code(entry.etype));
        if self.entries.is_empty() {
            own.first().copied()
        } else {
            theirs.find(|etype| own.contains(etype))
        }
    }

    fn entry(&self, etype: EncryptionType) -> Option<&EtypeInfo2Entry> {
        self.entries.iter().find(|entry| entry.etype == etype.code())
    }
}

impl Secret {
    /// The client's key of one type.
    pub(super) fn key(
        &self,
        etype: EncryptionType,
        client: &Principal,
        hints: &KeyHints,
        options: &Options,
    ) -> Result<Key, Error> {
        match self {
            Self::Keys(keys) => {
                keys.iter().find(|key| key.etype() == etype).cloned().ok_or_else(|| Error::NoKey {
                    principal: client.clone(),
                    wanted: options.etypes.clone(),
                })
            }
            Self::Password(password) => {
                let entry = hints.entry(etype);
                let default = || default_salt(client).into_bytes();
                let salt = entry
                    .and_then(|entry| entry.salt.as_ref().map(|salt| salt.0.clone().into_bytes()))
                    .or_else(|| hints.salt.clone())
                    .unwrap_or_else(default);
                let parameters =
                    entry.and_then(|entry| entry.s2kparams.as_ref()).map(OctetString::as_bytes);
                Key::from_password(etype, password.expose_secret(), &salt, parameters)
                    .map_err(Error::crypto("making a key of the password"))
            }
        }
    }

    /// The types of `wanted` for which there is a key.
    pub(super) fn etypes(&self, wanted: &[EncryptionType]) -> Vec<EncryptionType> {
        let there = |etype: &&EncryptionType| match self {
            Self::Password(_) => true,
            Self::Keys(keys) => keys.iter().any(|key| key.etype() == **etype),
        };
        wanted.iter().filter(there).copied().collect()
    }
}

/// Realm and name, as RFC 4120 section 4 has it for want of something better.
fn default_salt(client: &Principal) -> String {
    let parts = std::iter::once(&client.realm).chain(&client.components);
    parts.map(String::as_str).collect()
}
