//! AES in CBC mode with ciphertext stealing, the last two blocks always swapped (RFC 3962
//! section 5), over a message that does not lie in one piece.

use aes::cipher::array::Array;
use aes::cipher::block::{BlockModeDecrypt, BlockModeEncrypt};
use aes::cipher::typenum::U16;
use aes::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, InnerIvInit, IvState, KeyInit};
use aes::{Aes128, Aes256};
use cbc::{Decryptor, Encryptor};
use cts::{CbcCs3, Decrypt as _, Encrypt as _};
use zeroize::Zeroizing;

use super::Secret;

/// Length of a block in bytes.
pub(crate) const BLOCK: usize = 16;

type Block = Array<u8, U16>;

/// AES under one key.
pub(crate) enum Cipher {
    Aes128(Aes128),
    Aes256(Aes256),
}

impl Cipher {
    /// AES under the first `len` bytes of `key`: 32, or else 16.
    pub(crate) fn new(key: &Secret, len: usize) -> Self {
        if len == key.len() {
            return Self::Aes256(Aes256::new(&(**key).into()));
        }
        let mut half = Zeroizing::new([0; 16]);
        half.copy_from_slice(key.split_at(16).0);
        Self::Aes128(Aes128::new(&(*half).into()))
    }

    /// Encrypts one block on its own.
    pub(crate) fn encrypt_block(&self, block: &mut [u8; BLOCK]) {
        let block = block.into();
        match self {
            Self::Aes128(cipher) => cipher.encrypt_block(block),
            Self::Aes256(cipher) => cipher.encrypt_block(block),
        }
    }

    /// Encrypts `first` ‖ `body` ‖ `tail` in place.
    pub(crate) fn encrypt(&self, first: &mut [u8; BLOCK], body: &mut [u8], tail: &mut [u8]) {
        match self {
            Self::Aes128(cipher) => encrypt(cipher, first, body, tail),
            Self::Aes256(cipher) => encrypt(cipher, first, body, tail),
        }
    }

    /// Decrypts `first` ‖ `body` ‖ `tail` in place.
    pub(crate) fn decrypt(&self, first: &mut [u8; BLOCK], body: &mut [u8], tail: &mut [u8]) {
        match self {
            Self::Aes128(cipher) => decrypt(cipher, first, body, tail),
            Self::Aes256(cipher) => decrypt(cipher, first, body, tail),
        }
    }
}

fn encrypt<C: BlockCipherEncrypt<BlockSize = U16>>(
    cipher: &C,
    first: &mut [u8; BLOCK],
    body: &mut [u8],
    tail: &mut [u8],
) {
    let mut chain = Encryptor::inner_iv_init(cipher, &Block::default());
    let (first, body) = match chained(body.len(), tail.len()) {
        Some(len) => {
            let (chained, rest) = body.split_at_mut(len);
            chain.encrypt_block(first.into());
            chain.encrypt_blocks(Block::slice_as_chunks_mut(chained).0);
            ([].as_mut_slice(), rest)
        }
        None => (first.as_mut_slice(), body),
    };
    // `cts` refuses what is shorter than a block: only an end of no bytes.
    let steal = CbcCs3::inner_iv_init(cipher, &chain.iv_state());
    in_one_piece([first, body, tail], |end| {
        let _ = steal.encrypt(end);
    });
}

fn decrypt<C: BlockCipherDecrypt<BlockSize = U16>>(
    cipher: &C,
    first: &mut [u8; BLOCK],
    body: &mut [u8],
    tail: &mut [u8],
) {
    let mut chain = Decryptor::inner_iv_init(cipher, &Block::default());
    let (first, body) = match chained(body.len(), tail.len()) {
        Some(len) => {
            let (chained, rest) = body.split_at_mut(len);
            chain.decrypt_block(first.into());
            chain.decrypt_blocks(Block::slice_as_chunks_mut(chained).0);
            ([].as_mut_slice(), rest)
        }
        None => (first.as_mut_slice(), body),
    };
    let steal = CbcCs3::inner_iv_init(cipher, &chain.iv_state());
    in_one_piece([first, body, tail], |end| {
        let _ = steal.decrypt(end);
    });
}

/// How many bytes of the body are plainly chained, before the end of the message: the two blocks
/// that take part in the stealing, and the block that body and tail share. `None` where the whole
/// message is end.
///
/// A message of one block has no end: there is nothing to steal from, and `cts` 0.7 would encrypt
/// it twice.
fn chained(body: usize, tail: usize) -> Option<usize> {
    if body + tail == 0 {
        return Some(0);
    }
    let last = (BLOCK + body + tail).div_ceil(BLOCK) - 1;
    let stealing = last.saturating_sub(1) * BLOCK;
    let shared = BLOCK + body - body % BLOCK;
    stealing.min(shared).checked_sub(BLOCK)
}

/// Does to the pieces what `work` does to them when they lie in one piece.
fn in_one_piece(mut pieces: [&mut [u8]; 3], work: impl FnOnce(&mut [u8])) {
    let mut filled = pieces.iter_mut().filter(|piece| !piece.is_empty());
    if let (Some(only), None) = (filled.next(), filled.next()) {
        return work(only);
    }
    let mut joined = Zeroizing::new(pieces.concat());
    work(&mut joined);
    let mut from = joined.as_slice();
    for piece in pieces {
        let (head, rest) = from.split_at(piece.len());
        piece.copy_from_slice(head);
        from = rest;
    }
}
