//! Keyed hashes: HMAC under one key, its output cut as the encryption type says.

use hmac::digest::common::Key;
use hmac::{Hmac, KeyInit};
use sha1::Sha1;
use sha2::{Sha256, Sha384};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

use super::Secret;

/// The hash under the checksums of an AES type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hash {
    Sha1,
    Sha256,
    Sha384,
}

impl Hash {
    /// Length of a checksum in bytes (RFC 3962 section 6, RFC 8009 section 6).
    pub(crate) const fn tag_len(self) -> u8 {
        match self {
            Self::Sha1 => 12,
            Self::Sha256 => 16,
            Self::Sha384 => 24,
        }
    }
}

/// HMAC under one key: keyed once, every message starts from a copy.
pub(crate) struct Mac {
    hash: Hash,
    keyed: Keyed,
}

enum Keyed {
    Sha1(Hmac<Sha1>),
    Sha256(Hmac<Sha256>),
    Sha384(Hmac<Sha384>),
}

impl Mac {
    pub(crate) fn new(hash: Hash, key: &Secret) -> Self {
        let key = key.as_slice();
        let keyed = match hash {
            Hash::Sha1 => Keyed::Sha1(keyed(key)),
            Hash::Sha256 => Keyed::Sha256(keyed(key)),
            Hash::Sha384 => Keyed::Sha384(keyed(key)),
        };
        Self { hash, keyed }
    }

    pub(crate) const fn hash(&self) -> Hash {
        self.hash
    }

    /// The checksum of a message in parts.
    pub(crate) fn tag<'a>(&self, parts: impl IntoIterator<Item = &'a [u8]>) -> Tag {
        let bytes = self.digest(parts);
        Tag { bytes: *bytes, len: self.hash.tag_len().into() }
    }

    /// The whole hash of a message in parts, zeros after it.
    pub(crate) fn digest<'a>(
        &self,
        parts: impl IntoIterator<Item = &'a [u8]>,
    ) -> Zeroizing<[u8; 48]> {
        let mut out = Zeroizing::new([0; 48]);
        match &self.keyed {
            Keyed::Sha1(mac) => fill(&mut *out, &digest(mac, parts)),
            Keyed::Sha256(mac) => fill(&mut *out, &digest(mac, parts)),
            Keyed::Sha384(mac) => fill(&mut *out, &digest(mac, parts)),
        }
        out
    }
}

/// A checksum.
pub(crate) struct Tag {
    bytes: [u8; 48],
    len: usize,
}

impl Tag {
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.bytes.split_at(self.len).0
    }

    /// Whether it is the one that came, found out in constant time.
    pub(crate) fn is(&self, other: &[u8]) -> bool {
        self.as_bytes().ct_eq(other).into()
    }
}

/// A keyed hash from a key no longer than the block of the hash.
///
/// HMAC fills a short key with zeros up to the block, and a whole block cannot be refused.
pub(crate) fn keyed<M: KeyInit>(key: &[u8]) -> M {
    let mut block = Key::<M>::default();
    fill(&mut block, key);
    let mac = M::new(&block);
    block.as_mut_slice().zeroize();
    mac
}

fn digest<'a, M: hmac::Mac + Clone>(
    keyed: &M,
    parts: impl IntoIterator<Item = &'a [u8]>,
) -> hmac::digest::Output<M> {
    let mut mac = keyed.clone();
    parts.into_iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes()
}

/// Copies as many bytes as both have.
pub(crate) fn fill(to: &mut [u8], from: &[u8]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
}
