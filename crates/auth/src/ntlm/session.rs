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
        }
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
        let checksum = self.outgoing.checksum(&[pdu.header, pdu.body, pdu.trailer]);
        if level.seals() {
            self.outgoing.cipher.apply_keystream(pdu.body);
        }
        token.copy_from_slice(&self.outgoing.signature(checksum));
        Ok(())
    }

    fn unprotect(&mut self, level: AuthLevel, pdu: Pdu<'_>, token: &[u8]) -> Result<(), Error> {
        if !self.check(level, token)? {
            return Ok(());
        }
        if level.seals() {
            self.incoming.cipher.apply_keystream(pdu.body);
        }
        let checksum = self.incoming.checksum(&[pdu.header, pdu.body, pdu.trailer]);
        let verified = self.incoming.verify(checksum, token);
        if verified.is_err() && level.seals() {
            pdu.body.fill(0);
        }
        verified
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

    /// The first half of MAC ([MS-NLMP] 3.4.4.2): over the message in clear.
    fn checksum(&self, parts: &[&[u8]]) -> [u8; 8] {
        let mut mac = self.mac.clone();
        mac.update(&self.sequence.to_le_bytes());
        parts.iter().for_each(|part| mac.update(part));
        let digest: [u8; 16] = mac.finalize().into_bytes().into();
        let [a, b, c, d, e, f, g, h, ..] = digest;
        [a, b, c, d, e, f, g, h]
    }

    /// The second half of MAC: to come after the body went through the cipher.
    fn signature(&mut self, checksum: [u8; 8]) -> [u8; TOKEN_LEN] {
        let token = self.token(checksum);
        self.sequence = self.sequence.wrapping_add(1);
        token
    }

    /// Compares in constant time; a message that fails takes no sequence number.
    fn verify(&mut self, checksum: [u8; 8], token: &[u8]) -> Result<(), Error> {
        if bool::from(self.token(checksum).ct_eq(token)) {
            self.sequence = self.sequence.wrapping_add(1);
            Ok(())
        } else {
            Err(Error::Signature)
        }
    }

    fn token(&mut self, mut checksum: [u8; 8]) -> [u8; TOKEN_LEN] {
        if self.seals_checksum {
            self.cipher.apply_keystream(&mut checksum);
        }
        let mut token = [0; TOKEN_LEN];
        let parts = [TOKEN_VERSION.as_slice(), &checksum, &self.sequence.to_le_bytes()];
        let bytes = parts.into_iter().flatten();
        token.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        token
    }
}
