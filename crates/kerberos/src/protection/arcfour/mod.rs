//! Tokens under RC4 keys (RFC 4757 section 7, [MS-KILE] 3.4.5.4.1).
//!
//! ```text
//! 60 length | mechanism | kind | algorithms | number (8) | checksum (8) | [confounder (8)]
//! ```
//! The number and the side that counted it are encrypted under the checksum; confounder and body
//! are one stream encrypted under the number. The checksum of a message that is only signed does
//! not cover its number: whoever knows the number can change it, and so order is no better
//! protected than that by these tokens. Another reason to prefer AES.

mod token;

use rc4::StreamCipher as _;
use zeroize::Zeroizing;

use token::{Fields, Kind};
pub(super) use token::{MIC_LEN, SEAL_LEN};

use super::{Message, ProtectionError, Role, Unwrapped, check_length};
use crate::crypto::Key;
use crate::crypto::arcfour::{CONFOUNDER_LEN, HmacMd5, checksum_with, hmac_md5, rc4, signing};
use crate::crypto::mac::keyed;

/// What wrapped messages end with outside of DCE style: one byte of padding.
const PADDING: [u8; 1] = [1];

/// The keys two peers share, and what they count.
pub(super) struct Arcfour {
    /// Makes checksums.
    signing: HmacMd5,
    /// Makes the key of a number out of its checksum.
    numbering: HmacMd5,
    /// Makes the key of a message out of its number.
    sealing: HmacMd5,
    outgoing: Direction,
    incoming: Direction,
}

impl Arcfour {
    pub(super) fn new(key: &Key, role: Role, send_seq: u64, recv_seq: u64) -> Self {
        let derived = |key: &[u8]| keyed(&*hmac_md5(&keyed(key), &[&[0; 4]]));
        let key = key.as_bytes();
        let flipped = Zeroizing::new(key.iter().map(|byte| byte ^ 0xf0).collect::<Vec<u8>>());
        let peer = match role {
            Role::Initiator => Role::Acceptor,
            Role::Acceptor => Role::Initiator,
        };
        Self {
            signing: signing(key),
            numbering: derived(key),
            sealing: derived(&flipped),
            outgoing: Direction::new(role, send_seq),
            incoming: Direction::new(peer, recv_seq),
        }
    }

    pub(super) fn sign(
        &mut self,
        parts: &[&[u8]],
        token: &mut [u8],
    ) -> Result<(), ProtectionError> {
        check_length(token, MIC_LEN)?;
        let checksum = self.checksum(Kind::Mic, parts.iter().copied());
        self.write(token, Kind::Mic, checksum, &[]);
        Ok(())
    }

    pub(super) fn verify(&mut self, parts: &[&[u8]], token: &[u8]) -> Result<(), ProtectionError> {
        check_length(token, MIC_LEN)?;
        let fields = Fields::parse(token)?;
        fields.check(Kind::Mic)?;
        let number = self.crypt_number(&fields.checksum, fields.number);
        if !fields.proves(&self.checksum(Kind::Mic, parts.iter().copied())) {
            return Err(ProtectionError::Checksum);
        }
        self.receive(number)
    }

    /// Seals a message in DCE style, the random bytes it takes given.
    pub(super) fn seal(
        &mut self,
        message: Message<'_>,
        token: &mut [u8],
        random: [u8; 16],
    ) -> Result<(), ProtectionError> {
        check_length(token, SEAL_LEN)?;
        let Message { header, body, trailer } = message;
        let mut confounder = confounder(random);
        let checksum = self.checksum(Kind::Sealed, [&confounder, header, body, trailer]);
        self.crypt(self.outgoing.next, &mut confounder, body);
        self.write(token, Kind::Sealed, checksum, &confounder);
        Ok(())
    }

    pub(super) fn unseal(
        &mut self,
        message: Message<'_>,
        token: &[u8],
    ) -> Result<(), ProtectionError> {
        check_length(token, SEAL_LEN)?;
        let fields = Fields::parse(token)?;
        if fields.kind == *Kind::Signed.bytes() {
            return Err(ProtectionError::NotSealed);
        }
        fields.check(Kind::Sealed)?;
        let Message { header, body, trailer } = message;
        let (mut confounder, _) = fields.confounder(token)?;
        let number = self.crypt_number(&fields.checksum, fields.number);
        self.crypt(count(number), &mut confounder, body);
        if !fields.proves(&self.checksum(Kind::Sealed, [&confounder, header, body, trailer])) {
            return Err(ProtectionError::Checksum);
        }
        self.receive(number)
    }

    /// Wraps a message, the random bytes it takes given.
    pub(super) fn wrap(
        &mut self,
        message: &[u8],
        confidential: bool,
        random: [u8; 16],
    ) -> Result<Vec<u8>, ProtectionError> {
        let kind = if confidential { Kind::Sealed } else { Kind::Signed };
        let mut confounder = confounder(random);
        let mut body = [message, &PADDING].concat();
        let checksum = self.checksum(kind, [&confounder, body.as_slice()]);
        if confidential {
            self.crypt(self.outgoing.next, &mut confounder, &mut body);
        }
        let number = self.crypt_number(&checksum, self.outgoing.number());
        let rest = &[confounder.as_slice(), &body].concat();
        let fields = Fields { kind: *kind.bytes(), number, checksum, rest };
        let token = fields.to_der().map_err(|_| ProtectionError::TooLong(message.len()))?;
        self.outgoing.advance();
        Ok(token)
    }

    pub(super) fn unwrap(&mut self, token: &[u8]) -> Result<Unwrapped, ProtectionError> {
        let fields = Fields::parse(token)?;
        let confidential = fields.kind != *Kind::Signed.bytes();
        let kind = if confidential { Kind::Sealed } else { Kind::Signed };
        fields.check(kind)?;
        let (mut confounder, body) = fields.confounder(token)?;
        let mut body = body.to_vec();
        let number = self.crypt_number(&fields.checksum, fields.number);
        if confidential {
            self.crypt(count(number), &mut confounder, &mut body);
        }
        if !fields.proves(&self.checksum(kind, [&confounder, body.as_slice()])) {
            return Err(ProtectionError::Checksum);
        }
        if !body.ends_with(&PADDING) {
            let offset = token.len().saturating_sub(PADDING.len());
            return Err(ProtectionError::Malformed { field: "padding", offset });
        }
        body.truncate(body.len() - PADDING.len());
        self.receive(number)?;
        Ok(Unwrapped { message: body, confidential })
    }

    /// The checksum of a message in parts.
    fn checksum<'a>(&self, kind: Kind, parts: impl IntoIterator<Item = &'a [u8]>) -> [u8; 8] {
        let parts = std::iter::once(kind.bytes().as_slice()).chain(parts);
        first(&checksum_with(&self.signing, kind.usage().to_le_bytes(), parts))
    }

    /// Fills the token of a message that the outgoing number goes with, and counts it.
    fn write(&mut self, token: &mut [u8], kind: Kind, checksum: [u8; 8], confounder: &[u8]) {
        let number = self.crypt_number(&checksum, self.outgoing.number());
        Fields { kind: *kind.bytes(), number, checksum, rest: confounder }.write(token);
        self.outgoing.advance();
    }

    /// Encrypts or decrypts a number under the checksum it goes with.
    fn crypt_number(&self, checksum: &[u8; 8], mut number: [u8; 8]) -> [u8; 8] {
        rc4(&hmac_md5(&self.numbering, &[checksum])).apply_keystream(&mut number);
        number
    }

    /// Encrypts or decrypts a message.
    fn crypt(&self, number: u32, confounder: &mut [u8; CONFOUNDER_LEN], body: &mut [u8]) {
        let mut stream = rc4(&hmac_md5(&self.sealing, &[&number.to_be_bytes()]));
        stream.apply_keystream(confounder);
        stream.apply_keystream(body);
    }

    /// Takes a message that is genuine, if it is the peer's and the one that is due.
    fn receive(&mut self, number: [u8; 8]) -> Result<(), ProtectionError> {
        let (due, [.., a, b, c, d]) = (self.incoming.next, number);
        if [a, b, c, d] == self.outgoing.mark {
            Err(ProtectionError::Direction)
        } else if [a, b, c, d] != self.incoming.mark {
            Err(ProtectionError::Checksum)
        } else if count(number) != due {
            let (expected, actual) = (due.into(), count(number).into());
            Err(ProtectionError::Sequence { expected, actual })
        } else {
            self.incoming.advance();
            Ok(())
        }
    }
}

/// What is counted on one way.
struct Direction {
    /// Tells the side that counts.
    mark: [u8; 4],
    next: u32,
}

impl Direction {
    fn new(sender: Role, next: u64) -> Self {
        let mark = match sender {
            Role::Initiator => [0; 4],
            Role::Acceptor => [0xff; 4],
        };
        let [.., a, b, c, d] = next.to_be_bytes();
        Self { mark, next: u32::from_be_bytes([a, b, c, d]) }
    }

    /// The number of the next message, and the side that counts.
    fn number(&self) -> [u8; 8] {
        let [a, b, c, d] = self.next.to_be_bytes();
        let [e, f, g, h] = self.mark;
        [a, b, c, d, e, f, g, h]
    }

    fn advance(&mut self) {
        self.next = self.next.wrapping_add(1);
    }
}

/// The counter in a number.
fn count([a, b, c, d, ..]: [u8; 8]) -> u32 {
    u32::from_be_bytes([a, b, c, d])
}

/// The bytes that go before a message, out of more random ones.
fn confounder(random: [u8; 16]) -> [u8; CONFOUNDER_LEN] {
    first(&random)
}

fn first(bytes: &[u8; 16]) -> [u8; 8] {
    let mut first = [0; 8];
    first.copy_from_slice(bytes.split_at(8).0);
    first
}
