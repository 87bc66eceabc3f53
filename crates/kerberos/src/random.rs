//! Random numbers of Kerberos messages.

use crate::crypto::CryptoError;

/// A random number that every peer can read, whether it takes it for signed or not: 31 bits for a
/// nonce, and far from the end for a sequence number where one bit less is taken.
pub(crate) fn random_u31() -> Result<u32, CryptoError> {
    let mut bytes = [0; 4];
    getrandom::fill(&mut bytes)?;
    Ok(u32::from_be_bytes(bytes) >> 1)
}

/// The number of a first message: 30 bits, as MIT Kerberos has it.
pub(crate) fn random_sequence() -> Result<u32, CryptoError> {
    random_u31().map(|number| number >> 1)
}
