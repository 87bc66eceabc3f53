//! Encryption types, keys and checksums (RFC 3961, 3962, 8009, 4757).
//!
//! A [`Key`] encrypts, decrypts and makes checksums for a [`KeyUsage`], which keeps what was meant
//! for one place of the protocol from being good in another.
//!
//! ```
//! use winreach_kerberos::crypto::{EncryptionType, Key, KeyUsage};
//!
//! let salt = b"EXAMPLE.COMalice";
//! let key = Key::from_password(EncryptionType::Aes256CtsHmacSha1, "open sesame", salt, None)?;
//! let sealed = key.encrypt(KeyUsage::PA_ENC_TIMESTAMP, b"20260101000000Z")?;
//! assert_eq!(*key.decrypt(KeyUsage::PA_ENC_TIMESTAMP, &sealed)?, b"20260101000000Z");
//! assert!(key.decrypt(KeyUsage::TICKET, &sealed).is_err());
//! # Ok::<(), winreach_kerberos::crypto::CryptoError>(())
//! ```

pub(crate) mod arcfour;
mod checksum;
pub(crate) mod derive;
mod etype;
mod key;
pub(crate) mod mac;
pub(crate) mod sealer;
mod stealing;
mod string_to_key;
#[cfg(test)]
mod tests;
mod usage;

pub use checksum::ChecksumType;
pub use etype::EncryptionType;
pub use key::Key;
pub use usage::KeyUsage;

/// A key or what becomes one: as many bytes as it has, zeros up to the longest key.
///
/// The zeros are harmless: HMAC fills its keys with zeros itself, and every cipher knows how many
/// bytes it takes.
pub(crate) type Secret = zeroize::Zeroizing<[u8; 32]>;

/// Why a key could not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CryptoError {
    /// The bytes are no key of this type.
    #[error("a key of {actual} bytes where {etype} has {expected}")]
    KeyLength {
        /// The type of the key.
        etype: EncryptionType,
        /// Length of its keys in bytes.
        expected: usize,
        /// Length that came.
        actual: usize,
    },
    /// Something is encrypted in a type that is not known, or not that of the key.
    #[error("encryption type {0} is not known, or not that of the key")]
    EncryptionType(i32),
    /// A text names no encryption type, or more than one.
    #[error("{0:?} is no encryption type")]
    UnknownName(String),
    /// Encrypted bytes end before what every message has.
    #[error(
        "encrypted data of {actual} bytes, too short to hold the {least} that every message has"
    )]
    TooShort {
        /// Length in bytes of an empty message.
        least: usize,
        /// Length that came.
        actual: usize,
    },
    /// Another key, another usage, or bytes that were changed on their way.
    #[error("the integrity check failed: wrong key, or the data was changed")]
    Integrity,
    /// A checksum of another type than the key makes.
    #[error("a key of type {etype} makes no checksum of type {checksum}")]
    ChecksumType {
        /// The type of the key.
        etype: EncryptionType,
        /// The checksum's type.
        checksum: ChecksumType,
    },
    /// The parameters that turn a password into a key are not of the form the type has.
    #[error("string-to-key parameters of {actual} bytes where {etype} has {expected}")]
    Parameters {
        /// The type of the key.
        etype: EncryptionType,
        /// Length of its parameters in bytes.
        expected: usize,
        /// Length that came.
        actual: usize,
    },
    /// An iteration count that makes a password easy to guess, or keeps us busy for long.
    #[error("an iteration count of {count}, outside of {least} to {most}")]
    Iterations {
        /// What was asked for.
        count: u64,
        /// The least that is accepted.
        least: u32,
        /// The most that is accepted.
        most: u32,
    },
    /// The operating system gave no random bytes.
    #[error("no random bytes from the operating system: {0}")]
    Random(#[from] getrandom::Error),
}
