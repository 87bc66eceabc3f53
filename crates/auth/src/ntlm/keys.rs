//! Keys, and how each follows from the one before ([MS-NLMP] 3.3.2 and 3.4.5).

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use md4::Md4;
use md5::{Digest, Md5};
use rc4::{Rc4, StreamCipher};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::flags::NegotiateFlags;
use super::wire::encode_utf16;

/// A 128-bit key, wiped on drop.
pub(super) type Key = Zeroizing<[u8; 16]>;

pub(super) type HmacMd5 = Hmac<Md5>;

/// The MD4 hash of a password: as good as the password itself to whoever holds it.
///
/// It is wiped on drop, compared in constant time and never shown by `Debug`.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct NtHash([u8; 16]);

impl NtHash {
    /// The hash of a password: NTOWFv1 of [MS-NLMP] 3.3.1.
    #[must_use]
    pub fn of_password(password: &str) -> Self {
        // Room for everything at once, so that no half of it stays behind in a smaller buffer: no
        // character takes more units of UTF-16 than bytes of UTF-8.
        let mut utf16 = Zeroizing::new(Vec::with_capacity(password.len().saturating_mul(2)));
        utf16.extend(password.encode_utf16().flat_map(u16::to_le_bytes));
        Self(Md4::digest(&utf16).into())
    }

    /// A hash that was kept.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The hash, to keep it somewhere that nobody else can read.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The key of an account's proofs: NTOWFv2 of [MS-NLMP] 3.3.2.
    ///
    /// The domain counts in the case it was sent in, the user name in upper case.
    pub(super) fn response_key(&self, domain: &str, user: &str) -> ResponseKey {
        let mut name = encode_utf16(&upper_case(user));
        name.extend(encode_utf16(domain));
        ResponseKey(hmac_md5(&self.0, &[&name]))
    }
}

impl PartialEq for NtHash {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for NtHash {}

impl fmt::Debug for NtHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NtHash(..)")
    }
}

/// What an account proves itself with: NTOWFv2.
pub(super) struct ResponseKey(Key);

impl ResponseKey {
    /// NTProofStr: the answer to the server's nonce.
    pub(super) fn proof(&self, server_challenge: &[u8; 8], covered: &[u8]) -> [u8; 16] {
        *hmac_md5(&self.0, &[server_challenge, covered])
    }

    /// The LMv2 response, for servers that tell no time.
    pub(super) fn lm_response(&self, server_challenge: &[u8; 8], nonce: &[u8; 8]) -> Vec<u8> {
        let answer = hmac_md5(&self.0, &[server_challenge, nonce]);
        [answer.as_slice(), nonce].concat()
    }

    /// SessionBaseKey, which NTLMv2 takes as the key exchange key.
    pub(super) fn key_exchange_key(&self, proof: &[u8; 16]) -> Key {
        hmac_md5(&self.0, &[proof])
    }
}

/// The key of one direction that signs or seals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sender {
    Client,
    Server,
}

/// SIGNKEY of [MS-NLMP] 3.4.5.2.
pub(super) fn signing_key(session_key: &[u8; 16], sender: Sender) -> Key {
    let magic: &[u8] = match sender {
        Sender::Client => b"session key to client-to-server signing key magic constant\0",
        Sender::Server => b"session key to server-to-client signing key magic constant\0",
    };
    md5(&[session_key, magic])
}

/// SEALKEY of [MS-NLMP] 3.4.5.3, under extended session security.
pub(super) fn sealing_key(session_key: &[u8; 16], flags: NegotiateFlags, sender: Sender) -> Key {
    let magic: &[u8] = match sender {
        Sender::Client => b"session key to client-to-server sealing key magic constant\0",
        Sender::Server => b"session key to server-to-client sealing key magic constant\0",
    };
    let strength = if flags.contains(NegotiateFlags::KEY_128) {
        16
    } else if flags.contains(NegotiateFlags::KEY_56) {
        7
    } else {
        5
    };
    let (weakened, _) = session_key.split_at(strength);
    md5(&[weakened, magic])
}

/// The message integrity code over an exchange, `authenticate` with zeros in its place
/// ([MS-NLMP] 3.1.5.1.2).
pub(super) fn exchange_mic(session_key: &[u8; 16], messages: &[&[u8]]) -> [u8; 16] {
    *hmac_md5(session_key, messages)
}

/// RC4 from a 128-bit key.
pub(super) fn rc4(key: &[u8; 16]) -> Rc4 {
    // RC4 repeats its key up to 256 bytes, so a key written twice is the same key; and that
    // length has a constructor that cannot fail.
    let mut twice = Zeroizing::new([0; 32]);
    let (first, second) = twice.split_at_mut(16);
    first.copy_from_slice(key);
    second.copy_from_slice(key);
    Rc4::new((&*twice).into())
}

/// One key under another: RC4K of [MS-NLMP] 3.1.5.1, its own inverse.
pub(super) fn exchange_key(key_exchange_key: &[u8; 16], key: &[u8; 16]) -> Key {
    let mut out = Zeroizing::new(*key);
    rc4(key_exchange_key).apply_keystream(out.as_mut_slice());
    out
}

/// HMAC-MD5 ready to take the message.
pub(super) fn keyed_hmac(key: &[u8; 16]) -> HmacMd5 {
    // HMAC fills a short key with zeros up to the block, and a whole block cannot be refused.
    let mut block = Zeroizing::new([0; 64]);
    let (head, _) = block.split_at_mut(key.len());
    head.copy_from_slice(key);
    HmacMd5::new((&*block).into())
}

fn hmac_md5(key: &[u8; 16], parts: &[&[u8]]) -> Key {
    let mut mac = keyed_hmac(key);
    parts.iter().for_each(|part| mac.update(part));
    Zeroizing::new(mac.finalize().into_bytes().into())
}

fn md5(parts: &[&[u8]]) -> Key {
    let mut hash = Md5::new();
    parts.iter().for_each(|part| hash.update(part));
    Zeroizing::new(hash.finalize().into())
}

/// Upper case as Windows has it: one character for one.
pub(super) fn upper_case(text: &str) -> String {
    text.chars()
        .map(|c| {
            let mut upper = c.to_uppercase();
            match (upper.next(), upper.next()) {
                (Some(single), None) => single,
                _ => c,
            }
        })
        .collect()
}
