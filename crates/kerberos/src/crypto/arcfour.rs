//! RC4 with HMAC-MD5 (RFC 4757).

use hmac::{Hmac, Mac as _};
use md5::{Digest, Md5};
use rc4::{KeyInit as _, Rc4, StreamCipher};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::mac::keyed;
use super::{CryptoError, KeyUsage};

/// Length of a key and of a checksum in bytes.
pub(crate) const KEY_LEN: usize = 16;

/// Length of the random bytes before every message.
pub(crate) const CONFOUNDER_LEN: usize = 8;

/// A key of this module, wiped on drop.
pub(crate) type RcKey = Zeroizing<[u8; KEY_LEN]>;

/// HMAC-MD5 under one key, to be copied for each message.
pub(crate) type HmacMd5 = Hmac<Md5>;

/// The keys of one key and usage.
pub(crate) struct Arcfour(HmacMd5);

impl Arcfour {
    pub(crate) fn new(key: &[u8], usage: KeyUsage) -> Self {
        Self(keyed(&*hmac_md5(&keyed(key), &[&number(usage)])))
    }

    /// Encrypts `message`, which begins with its confounder, and gives its checksum.
    pub(crate) fn seal(&self, message: &mut [u8]) -> [u8; KEY_LEN] {
        let checksum = *hmac_md5(&self.0, &[message]);
        self.cipher(&checksum).apply_keystream(message);
        checksum
    }

    /// Decrypts `message` and checks it.
    ///
    /// # Errors
    /// [`CryptoError::Integrity`]; what the message holds then is not to be used.
    pub(crate) fn open(&self, message: &mut [u8], checksum: &[u8]) -> Result<(), CryptoError> {
        self.cipher(checksum).apply_keystream(message);
        if bool::from(hmac_md5(&self.0, &[message]).ct_eq(checksum)) {
            Ok(())
        } else {
            Err(CryptoError::Integrity)
        }
    }

    fn cipher(&self, checksum: &[u8]) -> Rc4 {
        rc4(&hmac_md5(&self.0, &[checksum]))
    }
}

/// The checksum KERB_CHECKSUM_HMAC_MD5, which takes keys of every type ([MS-PAC] 2.8.1).
pub(crate) fn checksum<'a>(
    key: &[u8],
    usage: KeyUsage,
    parts: impl IntoIterator<Item = &'a [u8]>,
) -> [u8; KEY_LEN] {
    checksum_with(&signing(key), number(usage), parts)
}

/// The key that checksums are made with.
pub(crate) fn signing(key: &[u8]) -> HmacMd5 {
    keyed(&*hmac_md5(&keyed(key), &[b"signaturekey\0"]))
}

/// The checksum under a signing key that is at hand.
pub(crate) fn checksum_with<'a>(
    signing: &HmacMd5,
    usage: [u8; 4],
    parts: impl IntoIterator<Item = &'a [u8]>,
) -> [u8; KEY_LEN] {
    let mut hash = Md5::new_with_prefix(usage);
    parts.into_iter().for_each(|part| hash.update(part));
    *hmac_md5(signing, &[&hash.finalize()])
}

/// The number a usage has under RC4 (RFC 4757 section 3).
///
/// Its table gives [`KeyUsage::TGS_REP_SUBKEY`] the number 8 too; Windows, MIT Kerberos and Heimdal
/// leave it alone, as an erratum says.
fn number(usage: KeyUsage) -> [u8; 4] {
    let number = match usage {
        KeyUsage::AS_REP => KeyUsage::TGS_REP_SESSION_KEY.0,
        KeyUsage::ACCEPTOR_SIGN => KeyUsage::KRB_PRIV.0,
        KeyUsage(other) => other,
    };
    number.to_le_bytes()
}

pub(crate) fn hmac_md5(keyed: &HmacMd5, parts: &[&[u8]]) -> RcKey {
    let mut mac = keyed.clone();
    parts.iter().for_each(|part| mac.update(part));
    Zeroizing::new(mac.finalize().into_bytes().into())
}

pub(crate) fn rc4(key: &RcKey) -> Rc4 {
    // RC4 repeats its key up to 256 bytes, so a key written twice is the same key; and that
    // length has a constructor that cannot fail.
    let mut twice = Zeroizing::new([0; 2 * KEY_LEN]);
    let (first, second) = twice.split_at_mut(KEY_LEN);
    first.copy_from_slice(&**key);
    second.copy_from_slice(&**key);
    Rc4::new(&(*twice).into())
}
