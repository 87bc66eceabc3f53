//! Signed and sealed messages of two peers who share a key (RFC 4121, 4757; [MS-KILE] 3.4.5).
//!
//! AES keys make the tokens of RFC 4121 ("CFX"), RC4 keys those of RFC 4757. A message can be
//! * signed ([`Protection::sign`]): a token goes beside it (`GSS_GetMIC`);
//! * sealed as DCE/RPC does ([`Protection::seal`]): its body is encrypted where it lies, and a
//!   token goes beside it (`GSS_WrapEx` in DCE style);
//! * wrapped ([`Protection::wrap`]): it becomes a token (`GSS_Wrap`).
//!
//! ```
//! use winreach_kerberos::crypto::{EncryptionType, Key};
//! use winreach_kerberos::protection::{Protection, Role};
//!
//! let key = Key::random(EncryptionType::Aes256CtsHmacSha1)?;
//! let mut client = Protection::new(&key, true, Role::Initiator, 7, 1000);
//! let mut server = Protection::new(&key, true, Role::Acceptor, 1000, 7);
//!
//! let (header, mut body, trailer) = ([5; 24], *b"a secret", [0; 8]);
//! let mut token = vec![0; client.seal_len()];
//! client.seal(&header, &mut body, &trailer, true, &mut token)?;
//! assert_ne!(&body, b"a secret");
//! server.unseal(&header, &mut body, &trailer, true, &token)?;
//! assert_eq!(&body, b"a secret");
//! // What was received once is not received again.
//! assert!(server.unseal(&header, &mut body, &trailer, true, &token).is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod arcfour;
mod cfx;
mod error;
#[cfg(test)]
mod tests;

pub use error::ProtectionError;

use crate::crypto::Key;

/// Which side of the exchange a peer is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// The client: it sent the AP-REQ.
    Initiator,
    /// The server.
    Acceptor,
}

/// The keys and message numbers of two peers.
///
/// Messages are numbered, and opened only in the order in which they were protected: a replayed,
/// lost or reordered message is refused. After an error the two sides are out of step, and the
/// connection is lost.
pub struct Protection(Scheme);

enum Scheme {
    Cfx(Box<cfx::Cfx>),
    Arcfour(Box<arcfour::Arcfour>),
}

/// A message that came wrapped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unwrapped {
    /// The message.
    pub message: Vec<u8>,
    /// Whether it was encrypted, and not only signed.
    pub confidential: bool,
}

impl Protection {
    /// The protection between two peers who share `key`: the acceptor's subkey where it sent one
    /// (`acceptor_subkey`), else the initiator's, else the session key.
    ///
    /// `send_seq` and `recv_seq` are the numbers of the first message of either side: those of
    /// AP-REQ and AP-REP. Windows starts at 0 where the AP-REQ asked for neither
    /// `GSS_C_REPLAY_FLAG` nor `GSS_C_SEQUENCE_FLAG`.
    #[must_use]
    pub fn new(key: &Key, acceptor_subkey: bool, role: Role, send_seq: u64, recv_seq: u64) -> Self {
        Self(match key.aes() {
            Some(aes) => {
                let cfx = cfx::Cfx::new(&aes, acceptor_subkey, role, send_seq, recv_seq);
                Scheme::Cfx(Box::new(cfx))
            }
            None => Scheme::Arcfour(Box::new(arcfour::Arcfour::new(key, role, send_seq, recv_seq))),
        })
    }

    /// Length in bytes of the token that [`sign`](Self::sign) makes.
    #[must_use]
    pub fn mic_len(&self) -> usize {
        match &self.0 {
            Scheme::Cfx(cfx) => cfx.mic_len(),
            Scheme::Arcfour(_) => arcfour::MIC_LEN,
        }
    }

    /// Length in bytes of the token that [`seal`](Self::seal) makes. A peer's may differ.
    #[must_use]
    pub fn seal_len(&self) -> usize {
        match &self.0 {
            Scheme::Cfx(cfx) => cfx.seal_len(),
            Scheme::Arcfour(_) => arcfour::SEAL_LEN,
        }
    }

    /// Signs a message that lies in parts, and fills `token`.
    ///
    /// # Errors
    /// [`ProtectionError::Length`] for a token that is not [`mic_len`](Self::mic_len) bytes long.
    pub fn sign(&mut self, parts: &[&[u8]], token: &mut [u8]) -> Result<(), ProtectionError> {
        match &mut self.0 {
            Scheme::Cfx(cfx) => cfx.sign(parts, token),
            Scheme::Arcfour(arcfour) => arcfour.sign(parts, token),
        }
    }

    /// Verifies the peer's signature of a message that lies in parts.
    ///
    /// # Errors
    /// What is wrong with the token, [`ProtectionError::Checksum`] where the message is not what
    /// was signed, [`ProtectionError::Sequence`] where it is not the one that is due.
    pub fn verify(&mut self, parts: &[&[u8]], token: &[u8]) -> Result<(), ProtectionError> {
        match &mut self.0 {
            Scheme::Cfx(cfx) => cfx.verify(parts, token),
            Scheme::Arcfour(arcfour) => arcfour.verify(parts, token),
        }
    }

    /// Seals `body` in place and fills `token`. What goes before and after the body is signed
    /// with it where the peers agreed on that (`sign_header`).
    ///
    /// # Errors
    /// [`ProtectionError::Length`] for a token that is not [`seal_len`](Self::seal_len) bytes
    /// long, [`ProtectionError::Random`].
    pub fn seal(
        &mut self,
        header: &[u8],
        body: &mut [u8],
        trailer: &[u8],
        sign_header: bool,
        token: &mut [u8],
    ) -> Result<(), ProtectionError> {
        let message = Message::new(header, body, trailer, sign_header);
        let mut confounder = [0; 16];
        getrandom::fill(&mut confounder)?;
        match &mut self.0 {
            Scheme::Cfx(cfx) => cfx.seal(message, token, confounder, [0; 16]),
            Scheme::Arcfour(arcfour) => arcfour.seal(message, token, confounder),
        }
    }

    /// Opens `body` in place; the counterpart of [`seal`](Self::seal).
    ///
    /// # Errors
    /// As [`verify`](Self::verify); the body then holds nothing but zeros.
    pub fn unseal(
        &mut self,
        header: &[u8],
        body: &mut [u8],
        trailer: &[u8],
        sign_header: bool,
        token: &[u8],
    ) -> Result<(), ProtectionError> {
        let message = Message::new(header, body, trailer, sign_header);
        let opened = match &mut self.0 {
            Scheme::Cfx(cfx) => cfx.unseal(message, token),
            Scheme::Arcfour(arcfour) => arcfour.unseal(message, token),
        };
        if opened.is_err() {
            body.fill(0);
        }
        opened
    }

    /// Makes a token out of a message, encrypted where it is to be `confidential`.
    ///
    /// # Errors
    /// [`ProtectionError::Random`].
    pub fn wrap(&mut self, message: &[u8], confidential: bool) -> Result<Vec<u8>, ProtectionError> {
        let mut confounder = [0; 16];
        getrandom::fill(&mut confounder)?;
        match &mut self.0 {
            Scheme::Cfx(cfx) => Ok(cfx.wrap(message, confidential, confounder)),
            Scheme::Arcfour(arcfour) => arcfour.wrap(message, confidential, confounder),
        }
    }

    /// Opens a token that the peer [wrapped](Self::wrap).
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    pub fn unwrap(&mut self, token: &[u8]) -> Result<Unwrapped, ProtectionError> {
        match &mut self.0 {
            Scheme::Cfx(cfx) => cfx.unwrap(token),
            Scheme::Arcfour(arcfour) => arcfour.unwrap(token),
        }
    }
}

impl std::fmt::Debug for Protection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Protection(..)")
    }
}

/// A message to seal or to open in place.
struct Message<'a> {
    header: &'a [u8],
    body: &'a mut [u8],
    trailer: &'a [u8],
}

impl<'a> Message<'a> {
    /// The message, without what is not signed.
    fn new(header: &'a [u8], body: &'a mut [u8], trailer: &'a [u8], sign_header: bool) -> Self {
        if sign_header {
            Self { header, body, trailer }
        } else {
            Self { header: &[], body, trailer: &[] }
        }
    }
}

/// Refuses a token of another length than the one that is due.
fn check_length(token: &[u8], expected: usize) -> Result<(), ProtectionError> {
    let actual = token.len();
    if actual == expected { Ok(()) } else { Err(ProtectionError::Length { expected, actual }) }
}
