//! A key for each use out of one key (RFC 3961 section 5.3, RFC 8009 section 3).

use super::mac::{Hash, Mac, fill};
use super::sealer::Sealer;
use super::stealing::{BLOCK, Cipher};
use super::{KeyUsage, Secret};

/// A key of an AES type, out of which keys for each use are made.
pub(crate) struct AesKey<'a> {
    /// What the type makes checksums with.
    pub(crate) hash: Hash,
    /// Length of the key in bytes.
    pub(super) len: usize,
    pub(super) secret: &'a Secret,
}

impl AesKey<'_> {
    /// What makes checksums in one usage.
    pub(crate) fn mac(&self, usage: KeyUsage) -> Mac {
        Mac::new(self.hash, &self.derive(usage, Purpose::Checksum))
    }

    /// What encrypts in one usage.
    pub(crate) fn sealer(&self, usage: KeyUsage) -> Sealer {
        Sealer {
            cipher: Cipher::new(&self.derive(usage, Purpose::Encryption), self.len),
            integrity: Mac::new(self.hash, &self.derive(usage, Purpose::Integrity)),
        }
    }

    fn derive(&self, usage: KeyUsage, purpose: Purpose) -> Secret {
        let [a, b, c, d] = usage.0.to_be_bytes();
        let len = match (self.hash, purpose) {
            (Hash::Sha384, Purpose::Checksum | Purpose::Integrity) => 24,
            _ => self.len,
        };
        self.expand(&[a, b, c, d, purpose as u8], len)
    }

    /// A key of `len` bytes that follows from this one and a constant.
    pub(super) fn expand(&self, constant: &[u8], len: usize) -> Secret {
        match self.hash {
            Hash::Sha1 => by_encryption(&Cipher::new(self.secret, self.len), constant, len),
            Hash::Sha256 | Hash::Sha384 => {
                by_hash(&Mac::new(self.hash, self.secret), constant, len)
            }
        }
    }
}

/// What a derived key does; the octet that stands for it.
#[derive(Clone, Copy)]
enum Purpose {
    /// Kc.
    Checksum = 0x99,
    /// Ke.
    Encryption = 0xaa,
    /// Ki.
    Integrity = 0x55,
}

/// DK of RFC 3961: the folded constant encrypted, and what came out of it again.
fn by_encryption(cipher: &Cipher, constant: &[u8], len: usize) -> Secret {
    let mut key = Secret::default();
    let mut block = fold(constant);
    for chunk in key.split_at_mut(len).0.chunks_mut(BLOCK) {
        cipher.encrypt_block(&mut block);
        fill(chunk, &block);
    }
    key
}

/// KDF-HMAC-SHA2 of RFC 8009: the counter mode of SP 800-108, its counter never past 1.
fn by_hash(mac: &Mac, constant: &[u8], len: usize) -> Secret {
    let bits = u32::try_from(len * 8).unwrap_or(u32::MAX).to_be_bytes();
    let digest = mac.digest([&[0, 0, 0, 1], constant, &[0], &bits]);
    let mut key = Secret::default();
    fill(key.split_at_mut(len).0, &*digest);
    key
}

/// n-fold of RFC 3961 section 5.1: `data`, again and again and each time 13 bits further to the
/// right, added up in ones' complement.
fn fold<const N: usize>(data: &[u8]) -> [u8; N] {
    let mut sums = [0_u32; N];
    let rounds = N / gcd(N, data.len());
    for (position, sum_at) in (0..data.len() * rounds).zip((0..N).cycle()) {
        let (round, at) = (position / data.len(), position % data.len());
        if let Some(sum) = sums.get_mut(sum_at) {
            *sum += u32::from(rotated(data, at, 13 * round));
        }
    }
    // The carries of every byte go to the one before it, those of the first to the last.
    let mut carry = 0;
    while sums.iter().any(|&sum| sum > 0xff) || carry > 0 {
        for sum in sums.iter_mut().rev() {
            *sum += carry;
            carry = *sum >> 8;
            *sum &= 0xff;
        }
    }
    sums.map(|sum| sum.to_le_bytes()[0])
}

/// The byte at `at` of `data` turned to the right by `bits`.
fn rotated(data: &[u8], at: usize, bits: usize) -> u8 {
    let all = data.len() * 8;
    let start = (at * 8 + all - bits % all) % all;
    let byte = |at: usize| data.get(at % data.len()).copied().unwrap_or_default();
    let pair = u16::from_be_bytes([byte(start / 8), byte(start / 8 + 1)]);
    (pair << (start % 8)).to_be_bytes()[0]
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 3961 appendix A.1.
    #[test]
    fn folds_as_the_specification_does() {
        assert_eq!(fold(b"012345"), [0xbe, 0x07, 0x26, 0x31, 0x27, 0x6b, 0x19, 0x55]);
        assert_eq!(fold(b"password"), [0x78, 0xa0, 0x7b, 0x6c, 0xaf, 0x85, 0xfa]);
        assert_eq!(
            fold(b"Rough Consensus, and Running Code"),
            [0xbb, 0x6e, 0xd3, 0x08, 0x70, 0xb7, 0xf0, 0xe0]
        );
        assert_eq!(
            fold(b"MASSACHVSETTS INSTITVTE OF TECHNOLOGY"),
            [
                0xdb, 0x3b, 0x0d, 0x8f, 0x0b, 0x06, 0x1e, 0x60, 0x32, 0x82, 0xb3, 0x08, 0xa5, 0x08,
                0x41, 0x22, 0x9a, 0xd7, 0x98, 0xfa, 0xb9, 0x54, 0x0c, 0x1b
            ]
        );
        assert_eq!(fold(b"Q"), [0x51, 0x8a, 0x54, 0xa2, 0x15, 0xa8, 0x45, 0x2a]);
        assert_eq!(fold(b"kerberos"), *b"kerberos\x7b\x9b\x5b\x2b\x93\x13\x2b\x93");
    }
}
