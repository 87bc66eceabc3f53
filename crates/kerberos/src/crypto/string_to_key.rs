//! Passwords become keys (RFC 3962 section 4, RFC 8009 section 4, RFC 4757 section 2).

use md4::{Digest, Md4};
use pbkdf2::pbkdf2_hmac;
use sha1::Sha1;
use sha2::{Sha256, Sha384};
use zeroize::Zeroizing;

use super::derive::AesKey;
use super::mac::{Hash, fill};
use super::{CryptoError, EncryptionType, Secret};

/// The most iterations that are done for a peer: some seconds of work on a slow machine.
const MOST_ITERATIONS: u32 = 1 << 20;

/// The key of a password.
pub(super) fn string_to_key(
    etype: EncryptionType,
    password: &str,
    salt: &[u8],
    parameters: Option<&[u8]>,
) -> Result<Secret, CryptoError> {
    match etype.hash() {
        Some(hash) => {
            let iterations = iterations(etype, hash, parameters)?;
            Ok(stretch(etype, hash, password, salt, iterations))
        }
        None => match parameters.unwrap_or_default() {
            [] => Ok(nt_hash(password)),
            other => Err(CryptoError::Parameters { etype, expected: 0, actual: other.len() }),
        },
    }
}

/// The iteration count that `parameters` ask for, or the type's own.
///
/// A count under the type's own is refused, as MIT Kerberos does: whoever can change what the KDC
/// says would make the password easy to guess by it.
fn iterations(
    etype: EncryptionType,
    hash: Hash,
    parameters: Option<&[u8]>,
) -> Result<u32, CryptoError> {
    let least = match hash {
        Hash::Sha1 => 4096,
        Hash::Sha256 | Hash::Sha384 => 32_768,
    };
    let Some(bytes) = parameters else { return Ok(least) };
    let count = <[u8; 4]>::try_from(bytes)
        .map(u32::from_be_bytes)
        .map_err(|_| CryptoError::Parameters { etype, expected: 4, actual: bytes.len() })?;
    if (least..=MOST_ITERATIONS).contains(&count) {
        Ok(count)
    } else {
        // Zero stands for 2^32.
        let count = if count == 0 { 1 << 32 } else { u64::from(count) };
        Err(CryptoError::Iterations { count, least, most: MOST_ITERATIONS })
    }
}

/// The key of a password for an AES type.
pub(super) fn stretch(
    etype: EncryptionType,
    hash: Hash,
    password: &str,
    salt: &[u8],
    iterations: u32,
) -> Secret {
    let mut stretched = Secret::default();
    let out = stretched.split_at_mut(etype.key_len()).0;
    let password = password.as_bytes();
    match hash {
        Hash::Sha1 => pbkdf2_hmac::<Sha1>(password, salt, iterations, out),
        Hash::Sha256 => {
            let salt = [b"aes128-cts-hmac-sha256-128\0", salt].concat();
            pbkdf2_hmac::<Sha256>(password, &salt, iterations, out);
        }
        Hash::Sha384 => {
            let salt = [b"aes256-cts-hmac-sha384-192\0", salt].concat();
            pbkdf2_hmac::<Sha384>(password, &salt, iterations, out);
        }
    }
    let len = etype.key_len();
    AesKey { hash, len, secret: &stretched }.expand(b"kerberos", len)
}

/// The MD4 hash of the password in UTF-16, without salt.
fn nt_hash(password: &str) -> Secret {
    let utf16: Zeroizing<Vec<u8>> =
        Zeroizing::new(password.encode_utf16().flat_map(u16::to_le_bytes).collect());
    let mut key = Secret::default();
    fill(&mut *key, &Md4::digest(&utf16));
    key
}
