//! Checksums under a key (RFC 3961 section 4, [MS-PAC] 2.8.1).

use std::fmt;

use subtle::ConstantTimeEq;

use super::{CryptoError, EncryptionType, Key, KeyUsage, arcfour};

/// How a checksum is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChecksumType {
    /// Of keys of AES-128 with SHA-1 (RFC 3962).
    HmacSha1Aes128,
    /// Of keys of AES-256 with SHA-1 (RFC 3962).
    HmacSha1Aes256,
    /// Of keys of AES-128 with SHA-256 (RFC 8009).
    HmacSha256Aes128,
    /// Of keys of AES-256 with SHA-384 (RFC 8009).
    HmacSha384Aes256,
    /// Of RC4 keys, and in a PAC of keys of every type (RFC 4757, [MS-PAC] 2.8.1).
    HmacMd5,
}

impl ChecksumType {
    const ALL: [Self; 5] = [
        Self::HmacSha1Aes128,
        Self::HmacSha1Aes256,
        Self::HmacSha256Aes128,
        Self::HmacSha384Aes256,
        Self::HmacMd5,
    ];

    /// The type that a message has by this number.
    #[must_use]
    pub fn from_code(code: i32) -> Option<Self> {
        Self::ALL.into_iter().find(|checksum| checksum.code() == code)
    }

    /// The number of the type in messages.
    #[must_use]
    pub const fn code(self) -> i32 {
        match self {
            Self::HmacSha1Aes128 => 15,
            Self::HmacSha1Aes256 => 16,
            Self::HmacSha256Aes128 => 19,
            Self::HmacSha384Aes256 => 20,
            Self::HmacMd5 => -138,
        }
    }

    /// Length of a checksum in bytes.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "no checksum is empty")]
    pub const fn len(self) -> usize {
        match self {
            Self::HmacSha1Aes128 | Self::HmacSha1Aes256 => 12,
            Self::HmacSha256Aes128 | Self::HmacMd5 => 16,
            Self::HmacSha384Aes256 => 24,
        }
    }
}

impl fmt::Display for ChecksumType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::HmacSha1Aes128 => "hmac-sha1-96-aes128",
            Self::HmacSha1Aes256 => "hmac-sha1-96-aes256",
            Self::HmacSha256Aes128 => "hmac-sha256-128-aes128",
            Self::HmacSha384Aes256 => "hmac-sha384-192-aes256",
            Self::HmacMd5 => "hmac-md5-rc4",
        })
    }
}

impl EncryptionType {
    /// The checksum that keys of this type make.
    #[must_use]
    pub const fn checksum_type(self) -> ChecksumType {
        match self {
            Self::Aes128CtsHmacSha1 => ChecksumType::HmacSha1Aes128,
            Self::Aes256CtsHmacSha1 => ChecksumType::HmacSha1Aes256,
            Self::Aes128CtsHmacSha256 => ChecksumType::HmacSha256Aes128,
            Self::Aes256CtsHmacSha384 => ChecksumType::HmacSha384Aes256,
            Self::Rc4Hmac => ChecksumType::HmacMd5,
        }
    }
}

impl Key {
    /// The checksum of a message in parts, of the key's own type.
    #[must_use]
    pub fn checksum(&self, usage: KeyUsage, parts: &[&[u8]]) -> Vec<u8> {
        match self.aes() {
            Some(aes) => aes.mac(usage).tag(parts.iter().copied()).as_bytes().to_vec(),
            None => arcfour::checksum(self.as_bytes(), usage, parts.iter().copied()).to_vec(),
        }
    }

    /// The checksum of a given type: the key's own, or [`ChecksumType::HmacMd5`], which takes keys
    /// of every type.
    ///
    /// # Errors
    /// [`CryptoError::ChecksumType`] for any other.
    pub fn checksum_of_type(
        &self,
        checksum: ChecksumType,
        usage: KeyUsage,
        parts: &[&[u8]],
    ) -> Result<Vec<u8>, CryptoError> {
        if checksum == self.etype().checksum_type() {
            Ok(self.checksum(usage, parts))
        } else if checksum == ChecksumType::HmacMd5 {
            Ok(arcfour::checksum(self.as_bytes(), usage, parts.iter().copied()).to_vec())
        } else {
            Err(CryptoError::ChecksumType { etype: self.etype(), checksum })
        }
    }

    /// Checks a checksum that came with a message, in constant time.
    ///
    /// # Errors
    /// [`CryptoError::Integrity`] where it is not that of the message, and
    /// [`CryptoError::ChecksumType`] as in [`checksum_of_type`](Self::checksum_of_type).
    pub fn verify_checksum(
        &self,
        checksum: ChecksumType,
        usage: KeyUsage,
        parts: &[&[u8]],
        mac: &[u8],
    ) -> Result<(), CryptoError> {
        let expected = self.checksum_of_type(checksum, usage, parts)?;
        if bool::from(expected.ct_eq(mac)) { Ok(()) } else { Err(CryptoError::Integrity) }
    }
}
