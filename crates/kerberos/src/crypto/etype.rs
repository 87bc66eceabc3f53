//! Encryption types (RFC 3961 section 8).

use std::fmt;
use std::str::FromStr;

use super::CryptoError;
use super::mac::Hash;

/// How keys encrypt and sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EncryptionType {
    /// AES-128 with HMAC-SHA1 cut to 96 bits (RFC 3962).
    Aes128CtsHmacSha1,
    /// AES-256 with HMAC-SHA1 cut to 96 bits (RFC 3962): what Windows takes by default.
    Aes256CtsHmacSha1,
    /// AES-128 with HMAC-SHA256 cut to 128 bits (RFC 8009).
    Aes128CtsHmacSha256,
    /// AES-256 with HMAC-SHA384 cut to 192 bits (RFC 8009).
    Aes256CtsHmacSha384,
    /// RC4 with HMAC-MD5 (RFC 4757); its keys are the MD4 hashes NTLM uses.
    Rc4Hmac,
}

use EncryptionType::{
    Aes128CtsHmacSha1, Aes128CtsHmacSha256, Aes256CtsHmacSha1, Aes256CtsHmacSha384, Rc4Hmac,
};

/// Canonical name and aliases of every type, as MIT Kerberos has them.
const NAMES: [(EncryptionType, &[&str]); 5] = [
    (Aes256CtsHmacSha1, &["aes256-cts-hmac-sha1-96", "aes256-cts", "aes256-sha1"]),
    (Aes128CtsHmacSha1, &["aes128-cts-hmac-sha1-96", "aes128-cts", "aes128-sha1"]),
    (Aes256CtsHmacSha384, &["aes256-cts-hmac-sha384-192", "aes256-sha2"]),
    (Aes128CtsHmacSha256, &["aes128-cts-hmac-sha256-128", "aes128-sha2"]),
    (Rc4Hmac, &["arcfour-hmac", "rc4-hmac", "arcfour-hmac-md5"]),
];

impl EncryptionType {
    /// Every type, the best that Windows of every age knows first.
    pub const ALL: [Self; 5] =
        [Aes256CtsHmacSha1, Aes128CtsHmacSha1, Aes256CtsHmacSha384, Aes128CtsHmacSha256, Rc4Hmac];

    /// The type that a message has by this number.
    #[must_use]
    pub fn from_code(code: i32) -> Option<Self> {
        Self::ALL.into_iter().find(|etype| etype.code() == code)
    }

    /// The number of the type in messages and files.
    #[must_use]
    pub const fn code(self) -> i32 {
        match self {
            Aes128CtsHmacSha1 => 17,
            Aes256CtsHmacSha1 => 18,
            Aes128CtsHmacSha256 => 19,
            Aes256CtsHmacSha384 => 20,
            Rc4Hmac => 23,
        }
    }

    /// Length of a key in bytes.
    #[must_use]
    pub const fn key_len(self) -> usize {
        match self {
            Aes128CtsHmacSha1 | Aes128CtsHmacSha256 | Rc4Hmac => 16,
            Aes256CtsHmacSha1 | Aes256CtsHmacSha384 => 32,
        }
    }

    /// Whether the type is to be used only where nothing better is had: RC4, whose keys come out
    /// of passwords without salt or work.
    #[must_use]
    pub const fn is_weak(self) -> bool {
        matches!(self, Rc4Hmac)
    }

    /// The types that a name in a configuration stands for: one, the family of `aes` or `rc4`, or
    /// none where the name is not known. Case does not count.
    ///
    /// ```
    /// use winreach_kerberos::crypto::EncryptionType;
    ///
    /// assert_eq!(EncryptionType::named("aes256-cts"), [EncryptionType::Aes256CtsHmacSha1]);
    /// assert_eq!(EncryptionType::named("aes").len(), 4);
    /// assert_eq!(EncryptionType::named("des3-cbc-sha1"), []);
    /// ```
    #[must_use]
    pub fn named(name: &str) -> Vec<Self> {
        match name.to_ascii_lowercase().as_str() {
            "aes" => Self::ALL.into_iter().filter(|etype| etype.hash().is_some()).collect(),
            "rc4" => vec![Rc4Hmac],
            name => NAMES
                .into_iter()
                .filter(|(_, names)| names.contains(&name))
                .map(|(etype, _)| etype)
                .collect(),
        }
    }

    /// The hash under the checksums of an AES type.
    pub(crate) const fn hash(self) -> Option<Hash> {
        match self {
            Aes128CtsHmacSha1 | Aes256CtsHmacSha1 => Some(Hash::Sha1),
            Aes128CtsHmacSha256 => Some(Hash::Sha256),
            Aes256CtsHmacSha384 => Some(Hash::Sha384),
            Rc4Hmac => None,
        }
    }
}

impl fmt::Display for EncryptionType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Aes128CtsHmacSha1 => "aes128-cts-hmac-sha1-96",
            Aes256CtsHmacSha1 => "aes256-cts-hmac-sha1-96",
            Aes128CtsHmacSha256 => "aes128-cts-hmac-sha256-128",
            Aes256CtsHmacSha384 => "aes256-cts-hmac-sha384-192",
            Rc4Hmac => "arcfour-hmac",
        })
    }
}

impl FromStr for EncryptionType {
    type Err = CryptoError;

    /// Reads a name that stands for one type; see [`EncryptionType::named`] for families.
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match *Self::named(name) {
            [etype] => Ok(etype),
            _ => Err(CryptoError::UnknownName(name.to_owned())),
        }
    }
}
