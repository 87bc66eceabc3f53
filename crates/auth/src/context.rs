//! Protection of messages once the peers are authenticated.

use std::fmt;

use crate::{AuthLevel, Error};

/// The parts of one message that protection covers, in the order in which they are covered.
///
/// For a DCE/RPC PDU: the header (24 or 40 bytes) with its final lengths and flags, the body
/// (stub, verification trailer and authentication padding), and the 8-byte security trailer
/// without its token ([MS-RPCE] 3.3.1.5.2.2).
///
/// `Debug` does not show what it says.
pub struct Pdu<'a> {
    /// What goes before the body; signed where `sign_header` is set.
    pub header: &'a [u8],
    /// What is signed, and sealed in place at [`AuthLevel::Privacy`].
    pub body: &'a mut [u8],
    /// What goes between body and token; signed where `sign_header` is set.
    pub trailer: &'a [u8],
    /// Whether the connection agreed on header signing.
    ///
    /// NTLM with extended session security signs all three parts either way
    /// ([MS-NLMP] 3.4.6.1); Kerberos obeys it.
    pub sign_header: bool,
}

impl fmt::Debug for Pdu<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pdu")
            .field("body_len", &self.body.len())
            .field("sign_header", &self.sign_header)
            .finish_non_exhaustive()
    }
}

/// The keys, cipher states and sequence numbers two authenticated peers share.
///
/// A context works in order: the peer must open messages in the order in which they were
/// protected. After an error the two sides are out of step, and the connection is lost.
pub trait SecurityContext: Send {
    /// Length in bytes of the token that goes with every message at `level`; zero where
    /// messages carry none.
    fn token_len(&self, level: AuthLevel) -> usize;

    /// Signs the message, seals its body in place at [`AuthLevel::Privacy`], and fills `token`,
    /// which must be [`token_len`](Self::token_len) bytes.
    ///
    /// # Errors
    /// [`Error::TokenLength`] for a token of another length, [`Error::LevelNotNegotiated`]
    /// where the exchange did not agree on what `level` takes.
    fn protect(&mut self, level: AuthLevel, pdu: Pdu<'_>, token: &mut [u8]) -> Result<(), Error>;

    /// Opens the body in place at [`AuthLevel::Privacy`] and verifies the signature, always.
    ///
    /// # Errors
    /// [`Error::Signature`] where the message is not what the peer protected or comes out of
    /// order: the body then holds nothing to be used. The errors of
    /// [`protect`](Self::protect) besides.
    fn unprotect(&mut self, level: AuthLevel, pdu: Pdu<'_>, token: &[u8]) -> Result<(), Error>;

    /// Signs the list of mechanisms that SPNEGO offered: our `mechListMIC` (RFC 4178 section 5).
    ///
    /// To be called before the first [`protect`](Self::protect). Under NTLM it takes the
    /// first sequence number and leaves a fresh cipher state behind, as recorded Windows 10
    /// traffic does.
    ///
    /// # Errors
    /// [`Error::LevelNotNegotiated`] where the exchange agreed on no signatures.
    fn sign_mechanisms(&mut self, list: &[u8]) -> Result<Vec<u8>, Error>;

    /// Verifies the peer's `mechListMIC` over `list`; the counterpart of
    /// [`sign_mechanisms`](Self::sign_mechanisms).
    ///
    /// # Errors
    /// [`Error::Signature`] where it is not the peer's.
    fn verify_mechanisms(&mut self, list: &[u8], mic: &[u8]) -> Result<(), Error>;

    /// Whether [`sign_mechanisms`](Self::sign_mechanisms) can sign: NTLM does not agree on
    /// signatures where no message will be signed.
    fn can_sign_mechanisms(&self) -> bool {
        true
    }

    /// Whether the peer is known to send a `mechListMIC` whenever it negotiates, so that a missing
    /// one was taken out on the way: NTLM clients that protect their own messages do
    /// ([MS-SPNG] note 8).
    fn expects_mechanisms_signed(&self) -> bool {
        false
    }
}
