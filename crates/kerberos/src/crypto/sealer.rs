//! Encryption with integrity under the AES types (RFC 3961 section 5.3, RFC 8009 section 5).

use super::CryptoError;
use super::mac::{Hash, Mac, Tag};
use super::stealing::{BLOCK, Cipher};

/// A message in pieces, in the order in which it is covered: `confounder`, `body` and `tail` are
/// encrypted in place, `header` and `trailer` only signed.
pub(crate) struct Pieces<'a> {
    pub(crate) confounder: &'a mut [u8; BLOCK],
    pub(crate) header: &'a [u8],
    pub(crate) body: &'a mut [u8],
    pub(crate) trailer: &'a [u8],
    pub(crate) tail: &'a mut [u8],
}

/// The keys Ke and Ki of one key and usage, ready to work.
pub(crate) struct Sealer {
    pub(super) cipher: Cipher,
    pub(super) integrity: Mac,
}

impl Sealer {
    /// Encrypts a message and gives its checksum: over the plain text under the types of RFC 3962,
    /// over what was encrypted under those of RFC 8009.
    pub(crate) fn seal(&self, mut pieces: Pieces<'_>) -> Tag {
        if self.signs_plain_text() {
            let tag = self.tag(&pieces);
            self.encrypt(&mut pieces);
            tag
        } else {
            self.encrypt(&mut pieces);
            self.tag(&pieces)
        }
    }

    /// Decrypts a message once its checksum is right, or as soon as it can be checked.
    ///
    /// # Errors
    /// [`CryptoError::Integrity`]; what the pieces hold then is not to be used.
    pub(crate) fn open(&self, mut pieces: Pieces<'_>, tag: &[u8]) -> Result<(), CryptoError> {
        let right = if self.signs_plain_text() {
            self.decrypt(&mut pieces);
            self.tag(&pieces).is(tag)
        } else {
            let right = self.tag(&pieces).is(tag);
            if right {
                self.decrypt(&mut pieces);
            }
            right
        };
        if right { Ok(()) } else { Err(CryptoError::Integrity) }
    }

    const fn signs_plain_text(&self) -> bool {
        matches!(self.integrity.hash(), Hash::Sha1)
    }

    fn encrypt(&self, pieces: &mut Pieces<'_>) {
        self.cipher.encrypt(pieces.confounder, pieces.body, pieces.tail);
    }

    fn decrypt(&self, pieces: &mut Pieces<'_>) {
        self.cipher.decrypt(pieces.confounder, pieces.body, pieces.tail);
    }

    fn tag(&self, pieces: &Pieces<'_>) -> Tag {
        // RFC 8009 has the cipher state before the message, which is zero here.
        let state: &[u8] = if self.signs_plain_text() { &[] } else { &[0; BLOCK] };
        let Pieces { confounder, header, body, trailer, tail } = pieces;
        self.integrity.tag([state, &**confounder, header, body, trailer, tail])
    }
}
