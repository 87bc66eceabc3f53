//! Signing and sealing with extended session security ([MS-NLMP] 3.4).

use hmac::Mac;
use rc4::{Rc4, StreamCipher};
use subtle::ConstantTimeEq;

use super::flags::NegotiateFlags;
use super::keys::{self, HmacMd5, Key, Sender};
use crate::{AuthLevel, Error, Pdu, SecurityContext};

/// Length of a signature.
const TOKEN_LEN: usize = 16;

/// What every signature begins with.
const TOKEN_VERSION: [u8; 4] = [1, 0, 0, 0];

/// The security context of an NTLM exchange.
pub(super) struct Context {
    flags: NegotiateFlags,
    outgoing: Direction,
    incoming: Direction,
    expects_mechanisms_signed: bool,
}

impl Context {
    /// The context of the side that sends as `local`.
    pub(super) fn new(flags: NegotiateFlags, session_key: &[u8; 16], local: Sender) -> Self {
        let remote = match local {
            Sender::Client => Sender::Server,
            Sender::Server => Sender::Client,
        };
        Self {
            flags,
            outgoing: Direction::new(flags, session_key, local),
            incoming: Direction::new(flags, session_key, remote),
            expects_mechanisms_signed: false,
        }
    }

    /// Remembers whether the peer protected the messages of the exchange.
    pub(super) fn with_protected_exchange(mut self, protected: bool) -> Self {
        self.expects_mechanisms_signed = protected && self.flags.contains(NegotiateFlags::SIGN);
        self
    }

    /// Whether `level` takes a token, once token length and level are acceptable.
    fn check(&self, level: AuthLevel, token: &[u8]) -> Result<bool, Error> {
        let expected = self.token_len(level);
        if token.len() != expected {
            return Err(Error::TokenLength { expected, actual: token.len() });
        }
        let lacks = |flag| !self.flags.contains(flag);
        if level.signs() && lacks(NegotiateFlags::SIGN)
            || level.seals() && lacks(NegotiateFlags::SEAL)
        {
            return Err(Error::LevelNotNegotiated(level));
        }
        Ok(level.signs())
    }
}

impl SecurityContext for Context {
    fn token_len(&self, level: AuthLevel) -> usize {
        if level.signs() { TOKEN_LEN } else { 0 }
    }

    fn protect(&mut self, level: AuthLevel, pdu: Pdu<'_>, token: &mut [u8]) -> Result<(), Error> {
        if !self.check(level, token)? {
            return Ok(());
        }
        let pass = if level.seals() { Pass::Seal } else { Pass::Sign };
        let signature = self.outgoing.signature(pdu.header, pdu.body, pdu.trailer, pass);
        token.copy_from_slice(&signature);
        self.outgoing.advance();
        Ok(())
    }

    fn unprotect(&mut self, level: AuthLevel, pdu: Pdu<'_>, token: &[u8]) -> Result<(), Error> {
        if !self.check(level, token)? {
            return Ok(());
        }
        let pass = if level.seals() { Pass::Open } else { Pass::Sign };
        let expected = self.incoming.signature(pdu.header, pdu.body, pdu.trailer, pass);
        if bool::from(expected.ct_eq(token)) {
            self.incoming.advance();
            Ok(())
        } else {
            if level.seals() {
                pdu.body.fill(0);
            }
            Err(Error::Signature)
        }
    }

    fn sign_mechanisms(&mut self, list: &[u8]) -> Result<Vec<u8>, Error> {
        let mut token = [0; TOKEN_LEN];
        let pdu = Pdu { header: list, body: &mut [], trailer: &[], sign_header: true };
        self.protect(AuthLevel::Integrity, pdu, &mut token)?;
        self.outgoing.restart_cipher();
        Ok(token.to_vec())
    }

    fn verify_mechanisms(&mut self, list: &[u8], mic: &[u8]) -> Result<(), Error> {
        let pdu = Pdu { header: list, body: &mut [], trailer: &[], sign_header: true };
        self.unprotect(AuthLevel::Integrity, pdu, mic)?;
        self.incoming.restart_cipher();
        Ok(())
    }

    fn can_sign_mechanisms(&self) -> bool {
        self.flags.contains(NegotiateFlags::SIGN)
    }

    fn expects_mechanisms_signed(&self) -> bool {
        self.expects_mechanisms_signed
    }
}

/// What happens to the body of a message while it is hashed.
#[derive(Clone, Copy)]
enum Pass {
    /// It stays as it is.
    Sign,
    /// It is in clear, and is sealed.
    Seal,
    /// It is sealed, and is opened.
    Open,
}

/// The state of the messages that go one way.
struct Direction {
    /// Keyed once: a message starts from a copy.
    mac: HmacMd5,
    sealing_key: Key,
    cipher: Rc4,
    /// Number of the next message. It wraps; the cipher state never repeats.
    sequence: u32,
    /// Whether checksums go through the cipher, as they do after a key exchange.
    seals_checksum: bool,
}

impl Direction {
    fn new(flags: NegotiateFlags, session_key: &[u8; 16], sender: Sender) -> Self {
        let sealing_key = keys::sealing_key(session_key, flags, sender);
        Self {
            mac: keys::keyed_hmac(&keys::signing_key(session_key, sender)),
            cipher: keys::rc4(&sealing_key),
            sealing_key,
            sequence: 0,
            seals_checksum: flags.contains(NegotiateFlags::KEY_EXCH),
        }
    }

    /// The cipher state from the beginning, while the sequence number goes on: what recorded
    /// Windows 10 traffic shows after an exchange of `mechListMIC`.
    fn restart_cipher(&mut self) {
        self.cipher = keys::rc4(&self.sealing_key);
    }

    /// The signature of the next message, whose body goes through the cipher on the way
    /// ([MS-NLMP] 3.4.3 and 3.4.4.2).
    ///
    /// It covers the body in clear, and takes the cipher after the body.
    fn signature(
        &mut self,
        header: &[u8],
        body: &mut [u8],
        trailer: &[u8],
        pass: Pass,
    ) -> [u8; TOKEN_LEN] {
        let mut mac = self.mac.clone();
        mac.update(&self.sequence.to_le_bytes());
        mac.update(header);
        match pass {
            Pass::Sign => mac.update(body),
            Pass::Seal => {
                mac.update(body);
                self.cipher.apply_keystream(body);
            }
            Pass::Open => {
                self.cipher.apply_keystream(body);
                mac.update(body);
            }
        }
        mac.update(trailer);

        let mut checksum: [u8; 16] = mac.finalize().into_bytes().into();
        let (checksum, _) = checksum.split_at_mut(8);
        if self.seals_checksum {
            self.cipher.apply_keystream(checksum);
        }
        let mut token = [0; TOKEN_LEN];
        let parts = [TOKEN_VERSION.as_slice(), checksum, &self.sequence.to_le_bytes()];
        let bytes = parts.into_iter().flatten();
        token.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        token
    }

    /// Goes on to the next message.
    fn advance(&mut self) {
        self.sequence = self.sequence.wrapping_add(1);
    }
}
