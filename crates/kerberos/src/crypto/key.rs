//! Keys and what they do.

use std::fmt;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::arcfour::{self, Arcfour};
use super::derive::AesKey;
use super::mac::fill;
use super::sealer::Pieces;
use super::stealing::BLOCK;
use super::string_to_key::string_to_key;
use super::{CryptoError, EncryptionType, KeyUsage, Secret};

/// A key: wiped on drop, compared in constant time, never shown by `Debug`.
#[derive(Clone)]
pub struct Key {
    etype: EncryptionType,
    secret: Secret,
}

impl Key {
    /// A key that somebody made.
    ///
    /// # Errors
    /// [`CryptoError::KeyLength`] where the type has keys of another length.
    pub fn new(etype: EncryptionType, bytes: &[u8]) -> Result<Self, CryptoError> {
        let (expected, actual) = (etype.key_len(), bytes.len());
        if actual != expected {
            return Err(CryptoError::KeyLength { etype, expected, actual });
        }
        let mut secret = Secret::default();
        fill(&mut *secret, bytes);
        Ok(Self { etype, secret })
    }

    /// A new key out of random bytes: a session key or subkey.
    ///
    /// # Errors
    /// [`CryptoError::Random`].
    pub fn random(etype: EncryptionType) -> Result<Self, CryptoError> {
        let mut secret = Secret::default();
        getrandom::fill(secret.split_at_mut(etype.key_len()).0)?;
        Ok(Self { etype, secret })
    }

    /// The key of a password.
    ///
    /// `salt` and `s2kparams` are what the KDC says of the account (ETYPE-INFO2, RFC 4120 section
    /// 5.2.7.5). Without parameters AES types iterate 4,096 times (SHA-1) or 32,768 times (SHA-2);
    /// fewer are refused, and so are more than 1,048,576. RC4 takes neither salt nor parameters.
    ///
    /// # Errors
    /// [`CryptoError::Parameters`] and [`CryptoError::Iterations`] for parameters that are not to
    /// be followed.
    pub fn from_password(
        etype: EncryptionType,
        password: &str,
        salt: &[u8],
        s2kparams: Option<&[u8]>,
    ) -> Result<Self, CryptoError> {
        Ok(Self { etype, secret: string_to_key(etype, password, salt, s2kparams)? })
    }

    /// The type of the key.
    #[must_use]
    pub const fn etype(&self) -> EncryptionType {
        self.etype
    }

    /// The key itself, to send it to its owner or to keep it where nobody else can read.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.secret.split_at(self.etype.key_len()).0
    }

    /// The key as one of an AES type, if it is one.
    pub(crate) fn aes(&self) -> Option<AesKey<'_>> {
        let hash = self.etype.hash()?;
        Some(AesKey { hash, len: self.etype.key_len(), secret: &self.secret })
    }

    /// Encrypts a message behind a random confounder.
    ///
    /// # Errors
    /// [`CryptoError::Random`].
    pub fn encrypt(&self, usage: KeyUsage, plaintext: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let mut confounder = [0; BLOCK];
        getrandom::fill(&mut confounder)?;
        Ok(self.encrypt_behind(&confounder, usage, plaintext))
    }

    /// Encrypts a message behind a confounder, of which RC4 takes the first half.
    pub(super) fn encrypt_behind(
        &self,
        confounder: &[u8; BLOCK],
        usage: KeyUsage,
        plaintext: &[u8],
    ) -> Vec<u8> {
        match self.aes() {
            Some(aes) => {
                let mut confounder = *confounder;
                let mut body = plaintext.to_vec();
                let tag = aes.sealer(usage).seal(Pieces {
                    confounder: &mut confounder,
                    header: &[],
                    body: &mut body,
                    trailer: &[],
                    tail: &mut [],
                });
                [&confounder, body.as_slice(), tag.as_bytes()].concat()
            }
            None => {
                let confounder = confounder.split_at(arcfour::CONFOUNDER_LEN).0;
                let mut message = [confounder, plaintext].concat();
                let checksum = Arcfour::new(self.as_bytes(), usage).seal(&mut message);
                [&checksum, message.as_slice()].concat()
            }
        }
    }

    /// Decrypts a message, and gives it out once its integrity is checked.
    ///
    /// # Errors
    /// [`CryptoError::TooShort`], and [`CryptoError::Integrity`] for another key or usage than it
    /// was encrypted with, or where it was changed.
    pub fn decrypt(
        &self,
        usage: KeyUsage,
        ciphertext: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        match self.aes() {
            Some(aes) => {
                let tag_len = usize::from(aes.hash.tag_len());
                let least = BLOCK + tag_len;
                let too_short = CryptoError::TooShort { least, actual: ciphertext.len() };
                let Some((confounder, rest)) = ciphertext.split_first_chunk::<BLOCK>() else {
                    return Err(too_short);
                };
                let Some(len) = rest.len().checked_sub(tag_len) else {
                    return Err(too_short);
                };
                let (body, tag) = rest.split_at(len);
                let mut body = Zeroizing::new(body.to_vec());
                let pieces = Pieces {
                    confounder: &mut confounder.clone(),
                    header: &[],
                    body: &mut body,
                    trailer: &[],
                    tail: &mut [],
                };
                aes.sealer(usage).open(pieces, tag)?;
                Ok(body)
            }
            None => {
                let least = arcfour::KEY_LEN + arcfour::CONFOUNDER_LEN;
                if ciphertext.len() < least {
                    return Err(CryptoError::TooShort { least, actual: ciphertext.len() });
                }
                let (checksum, message) = ciphertext.split_at(arcfour::KEY_LEN);
                let mut message = Zeroizing::new(message.to_vec());
                Arcfour::new(self.as_bytes(), usage).open(&mut message, checksum)?;
                message.drain(..arcfour::CONFOUNDER_LEN);
                Ok(message)
            }
        }
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.etype == other.etype && bool::from(self.secret.ct_eq(&*other.secret))
    }
}

impl Eq for Key {}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({}, ..)", self.etype)
    }
}
