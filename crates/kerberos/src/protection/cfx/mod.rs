//! Tokens under AES keys (RFC 4121 section 4.2, [MS-KILE] 3.4.5.4.1).
//!
//! ```text
//! MIC  : 04 04 | flags | FF | FFFF | FFFF | number (8) | checksum
//! Wrap : 05 04 | flags | FF | EC   | RRC  | number (8) | what is wrapped
//! ```
//! What is sealed is `E(confounder | body | filler | header) | checksum`, the filler EC bytes long,
//! the header that of the token with RRC 0. In DCE style it is turned to the right by EC + RRC
//! bytes, RRC the length of header and checksum. So the encrypted body comes to lie at the end,
//! where the body was, and all the rest goes into the token:
//!
//! ```text
//! header (16) | filler (EC) | header (16) | checksum | confounder (16)
//! ```

mod header;

use header::{ACCEPTOR_SUBKEY, HEADER_LEN, Header, MIC, NONE, SEALED, SENT_BY_ACCEPTOR, WRAP};

use super::{Message, ProtectionError, Role, Unwrapped, check_length};
use crate::crypto::KeyUsage;
use crate::crypto::derive::AesKey;
use crate::crypto::mac::Mac;
use crate::crypto::sealer::{Pieces, Sealer};

const CONFOUNDER_LEN: usize = 16;

/// The filler that we seal in DCE style is as long as that of Windows.
const EXTRA: u16 = 16;
const FILLER_LEN: usize = EXTRA as usize;

/// The two ways between two peers.
pub(super) struct Cfx {
    outgoing: Direction,
    incoming: Direction,
    tag_len: u8,
    /// Room for the end of a message that is being opened.
    tail: Vec<u8>,
}

impl Cfx {
    pub(super) fn new(
        key: &AesKey<'_>,
        acceptor_subkey: bool,
        role: Role,
        send_seq: u64,
        recv_seq: u64,
    ) -> Self {
        let subkey = if acceptor_subkey { ACCEPTOR_SUBKEY } else { 0 };
        let initiator = |next| Direction {
            flags: subkey,
            next,
            mic: key.mac(KeyUsage::INITIATOR_SIGN),
            sealer: key.sealer(KeyUsage::INITIATOR_SEAL),
            checksum: key.mac(KeyUsage::INITIATOR_SEAL),
        };
        let acceptor = |next| Direction {
            flags: subkey | SENT_BY_ACCEPTOR,
            next,
            mic: key.mac(KeyUsage::ACCEPTOR_SIGN),
            sealer: key.sealer(KeyUsage::ACCEPTOR_SEAL),
            checksum: key.mac(KeyUsage::ACCEPTOR_SEAL),
        };
        let (outgoing, incoming) = match role {
            Role::Initiator => (initiator(send_seq), acceptor(recv_seq)),
            Role::Acceptor => (acceptor(send_seq), initiator(recv_seq)),
        };
        Self { outgoing, incoming, tag_len: key.hash.tag_len(), tail: Vec::new() }
    }

    pub(super) fn mic_len(&self) -> usize {
        HEADER_LEN + usize::from(self.tag_len)
    }

    pub(super) fn seal_len(&self) -> usize {
        HEADER_LEN + FILLER_LEN + HEADER_LEN + usize::from(self.tag_len) + CONFOUNDER_LEN
    }

    /// RRC in DCE style.
    fn rotation(&self) -> u16 {
        u16::from(self.tag_len) + 16
    }

    pub(super) fn sign(
        &mut self,
        parts: &[&[u8]],
        token: &mut [u8],
    ) -> Result<(), ProtectionError> {
        check_length(token, self.mic_len())?;
        let header = self.outgoing.header(MIC, 0, NONE, NONE).to_bytes();
        let tag = self.outgoing.mic.tag(parts.iter().copied().chain([header.as_slice()]));
        let (head, checksum) = token.split_at_mut(HEADER_LEN);
        head.copy_from_slice(&header);
        checksum.copy_from_slice(tag.as_bytes());
        self.outgoing.advance();
        Ok(())
    }

    pub(super) fn verify(&mut self, parts: &[&[u8]], token: &[u8]) -> Result<(), ProtectionError> {
        check_length(token, self.mic_len())?;
        let (header, checksum) = Header::split(token, self.mic_len())?;
        self.incoming.check(header, MIC)?;
        let signed = header.to_bytes();
        let parts = parts.iter().copied().chain([signed.as_slice()]);
        if !self.incoming.mic.tag(parts).is(checksum) {
            return Err(ProtectionError::Checksum);
        }
        self.incoming.receive(header.number)
    }

    /// Seals a message in DCE style, its random bytes given.
    pub(super) fn seal(
        &mut self,
        message: Message<'_>,
        token: &mut [u8],
        mut confounder: [u8; CONFOUNDER_LEN],
        filler: [u8; FILLER_LEN],
    ) -> Result<(), ProtectionError> {
        check_length(token, self.seal_len())?;
        let (head, rest) = token.split_at_mut(HEADER_LEN);
        let (tail, rest) = rest.split_at_mut(FILLER_LEN + HEADER_LEN);
        let (checksum, last) = rest.split_at_mut(self.tag_len.into());

        let header = self.outgoing.header(WRAP, SEALED, EXTRA, 0);
        let (tail_filler, tail_header) = tail.split_at_mut(FILLER_LEN);
        tail_filler.copy_from_slice(&filler);
        tail_header.copy_from_slice(&header.to_bytes());
        head.copy_from_slice(&Header { rotation: self.rotation(), ..header }.to_bytes());

        let tag = self.outgoing.sealer.seal(message.pieces(&mut confounder, tail));
        checksum.copy_from_slice(tag.as_bytes());
        last.copy_from_slice(&confounder);
        self.outgoing.advance();
        Ok(())
    }

    pub(super) fn unseal(
        &mut self,
        message: Message<'_>,
        token: &[u8],
    ) -> Result<(), ProtectionError> {
        let (header, rest) = Header::split(token, self.seal_len())?;
        self.incoming.check(header, WRAP)?;
        if !header.is_sealed() {
            return Err(ProtectionError::NotSealed);
        }
        // A peer with another RRC would put the encrypted body elsewhere than where the body was.
        let tail_len = usize::from(header.extra) + HEADER_LEN;
        let due = tail_len + usize::from(self.tag_len) + CONFOUNDER_LEN;
        if header.rotation != self.rotation() || rest.len() != due {
            return Err(header.counts_of(token));
        }
        let (tail, rest) = rest.split_at(tail_len);
        let (checksum, last) = rest.split_at(self.tag_len.into());
        let mut confounder = [0; CONFOUNDER_LEN];
        confounder.copy_from_slice(last);
        self.tail.clear();
        self.tail.extend_from_slice(tail);

        let pieces = message.pieces(&mut confounder, &mut self.tail);
        self.incoming.sealer.open(pieces, checksum).map_err(|_| ProtectionError::Checksum)?;
        header.check_copy(&self.tail)?;
        self.incoming.receive(header.number)
    }

    /// Wraps a message, its random bytes given.
    pub(super) fn wrap(
        &mut self,
        message: &[u8],
        confidential: bool,
        mut confounder: [u8; CONFOUNDER_LEN],
    ) -> Vec<u8> {
        let token = if confidential {
            let header = self.outgoing.header(WRAP, SEALED, 0, 0).to_bytes();
            let (mut body, mut tail) = (message.to_vec(), header);
            let message = Message { header: &[], body: &mut body, trailer: &[] };
            let tag = self.outgoing.sealer.seal(message.pieces(&mut confounder, &mut tail));
            [header.as_slice(), &confounder, &body, &tail, tag.as_bytes()].concat()
        } else {
            let header = self.outgoing.header(WRAP, 0, 0, 0);
            let tag = self.outgoing.checksum.tag([message, &header.to_bytes()]);
            let header = Header { extra: self.tag_len.into(), ..header };
            [&header.to_bytes(), message, tag.as_bytes()].concat()
        };
        self.outgoing.advance();
        token
    }

    pub(super) fn unwrap(&mut self, token: &[u8]) -> Result<Unwrapped, ProtectionError> {
        let (header, rest) = Header::split(token, self.mic_len())?;
        self.incoming.check(header, WRAP)?;
        let (extra, tag_len) = (usize::from(header.extra), usize::from(self.tag_len));
        let mut rest = rest.to_vec();
        let rotation = usize::from(header.rotation).checked_rem(rest.len()).unwrap_or_default();
        rest.rotate_left(rotation);
        let Some(len) = rest.len().checked_sub(tag_len) else {
            return Err(header.counts_of(token));
        };
        let tag = rest.split_off(len);

        let message = if header.is_sealed() {
            let body_len = len.checked_sub(CONFOUNDER_LEN + extra + HEADER_LEN);
            let Some((body_len, (confounder, rest))) =
                body_len.zip(rest.split_first_chunk_mut::<CONFOUNDER_LEN>())
            else {
                return Err(header.counts_of(token));
            };
            let mut body = rest.to_vec();
            let message = Message { header: &[], body: &mut body, trailer: &[] };
            let pieces = message.pieces(confounder, &mut []);
            self.incoming.sealer.open(pieces, &tag).map_err(|_| ProtectionError::Checksum)?;
            header.check_copy(body.split_at(body_len).1)?;
            body.truncate(body_len);
            body
        } else {
            if extra != tag_len {
                return Err(header.counts_of(token));
            }
            let signed = Header { extra: 0, rotation: 0, ..header }.to_bytes();
            if !self.incoming.checksum.tag([&rest, signed.as_slice()]).is(&tag) {
                return Err(ProtectionError::Checksum);
            }
            rest
        };
        self.incoming.receive(header.number)?;
        Ok(Unwrapped { message, confidential: header.is_sealed() })
    }
}

impl<'a> Message<'a> {
    fn pieces(self, confounder: &'a mut [u8; CONFOUNDER_LEN], tail: &'a mut [u8]) -> Pieces<'a> {
        let Self { header, body, trailer } = self;
        Pieces { confounder, header, body, trailer, tail }
    }
}

/// The keys of one way, and the number of its next message.
struct Direction {
    /// The flags that all its tokens have.
    flags: u8,
    next: u64,
    mic: Mac,
    sealer: Sealer,
    /// For messages that are wrapped and not sealed.
    checksum: Mac,
}

impl Direction {
    fn header(&self, kind: u16, flags: u8, extra: u16, rotation: u16) -> Header {
        Header { kind, flags: self.flags | flags, extra, rotation, number: self.next }
    }

    /// Checks that a token is of the kind that is due, the peer's, and made with our key.
    fn check(&self, header: Header, kind: u16) -> Result<(), ProtectionError> {
        let differs = header.flags ^ self.flags;
        if header.kind != kind {
            Err(ProtectionError::TokenId { expected: kind, actual: header.kind })
        } else if differs & SENT_BY_ACCEPTOR != 0 {
            Err(ProtectionError::Direction)
        } else if differs & ACCEPTOR_SUBKEY != 0 {
            Err(ProtectionError::Subkey)
        } else {
            Ok(())
        }
    }

    /// Takes a message that is genuine, if it is the one that is due.
    fn receive(&mut self, number: u64) -> Result<(), ProtectionError> {
        if number != self.next {
            return Err(ProtectionError::Sequence { expected: self.next, actual: number });
        }
        self.advance();
        Ok(())
    }

    fn advance(&mut self) {
        self.next = self.next.wrapping_add(1);
    }
}
