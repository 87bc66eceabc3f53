//! How the tokens are laid out (RFC 4757 section 7).

use der::{Decode as _, Encode as _, Reader as _, SliceReader, Tag, TagNumber};
use subtle::ConstantTimeEq as _;

use crate::crypto::arcfour::CONFOUNDER_LEN;
use crate::protection::ProtectionError;

/// Length of the token of a signed message.
pub(in crate::protection) const MIC_LEN: usize = 2 + MECHANISM.len() + FIELDS_LEN;

/// Length of the token of a message sealed in DCE style.
pub(in crate::protection) const SEAL_LEN: usize = MIC_LEN + CONFOUNDER_LEN;

/// The object identifier of Kerberos, 1.2.840.113554.1.2.2.
const MECHANISM: [u8; 11] = [0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 1, 2, 2];

/// Length of kind, algorithms, number and checksum.
const FIELDS_LEN: usize = 24;

/// The kinds of tokens.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// Of a message that is signed beside it.
    Mic,
    /// Of a message that is encrypted.
    Sealed,
    /// Of a message that is wrapped and only signed.
    Signed,
}

impl Kind {
    /// Kind and algorithms: the checksum is HMAC-MD5, the encryption RC4 or none.
    pub(super) const fn bytes(self) -> &'static [u8; 8] {
        match self {
            Self::Mic => &[0x01, 0x01, 0x11, 0x00, 0xff, 0xff, 0xff, 0xff],
            Self::Sealed => &[0x02, 0x01, 0x11, 0x00, 0x10, 0x00, 0xff, 0xff],
            Self::Signed => &[0x02, 0x01, 0x11, 0x00, 0xff, 0xff, 0xff, 0xff],
        }
    }

    /// The key usage of its checksum.
    pub(super) const fn usage(self) -> u32 {
        match self {
            Self::Mic => 15,
            Self::Sealed | Self::Signed => 13,
        }
    }
}

/// What the tokens are framed by: `[APPLICATION 0]`.
const FRAME: Tag = Tag::Application { constructed: true, number: TagNumber(0) };

/// A token taken apart.
pub(super) struct Fields<'a> {
    /// [`Kind::bytes`].
    pub(super) kind: [u8; 8],
    /// Number and side, encrypted.
    pub(super) number: [u8; 8],
    pub(super) checksum: [u8; 8],
    /// The confounder, and in a wrapped message the message.
    pub(super) rest: &'a [u8],
}

impl<'a> Fields<'a> {
    pub(super) fn parse(token: &'a [u8]) -> Result<Self, ProtectionError> {
        let malformed = |field, offset| ProtectionError::Malformed { field, offset };
        let content = content(token).ok_or(malformed("frame", 0))?;
        let offset = token.len() - content.len();
        let rest = content.strip_prefix(&MECHANISM).ok_or(malformed("mechanism", offset))?;
        let fields = |rest: &'a [u8]| {
            let (&kind, rest) = rest.split_first_chunk()?;
            let (&number, rest) = rest.split_first_chunk()?;
            let (&checksum, rest) = rest.split_first_chunk()?;
            Some(Self { kind, number, checksum, rest })
        };
        let too_short = ProtectionError::Length { expected: MIC_LEN, actual: token.len() };
        fields(rest).ok_or(too_short)
    }

    /// Checks that a token is of the kind that is due.
    pub(super) fn check(&self, due: Kind) -> Result<(), ProtectionError> {
        let id = |[a, b, ..]: [u8; 8]| u16::from_be_bytes([a, b]);
        let (expected, actual) = (id(*due.bytes()), id(self.kind));
        if actual != expected {
            Err(ProtectionError::TokenId { expected, actual })
        } else if self.kind != *due.bytes() {
            let field = "checksum or encryption algorithm";
            Err(ProtectionError::Malformed { field, offset: MIC_LEN - FIELDS_LEN + 2 })
        } else {
            Ok(())
        }
    }

    /// The confounder, and what comes after it.
    pub(super) fn confounder(
        &self,
        token: &[u8],
    ) -> Result<([u8; CONFOUNDER_LEN], &'a [u8]), ProtectionError> {
        let too_short = ProtectionError::Length { expected: SEAL_LEN, actual: token.len() };
        let (confounder, rest) = self.rest.split_first_chunk().ok_or(too_short)?;
        Ok((*confounder, rest))
    }

    /// Fills a token that goes beside a message.
    pub(super) fn write(&self, token: &mut [u8]) {
        let len = u8::try_from(token.len() - 2).unwrap_or(u8::MAX);
        let Self { kind, number, checksum, rest } = self;
        let parts = [&[0x60, len], MECHANISM.as_slice(), kind, number, checksum, rest];
        token.iter_mut().zip(parts.into_iter().flatten()).for_each(|(to, from)| *to = *from);
    }

    /// The token of a wrapped message.
    pub(super) fn to_der(&self) -> der::Result<Vec<u8>> {
        let Self { kind, number, checksum, rest } = self;
        let content = [MECHANISM.as_slice(), kind, number, checksum, rest].concat();
        let length = der::Length::try_from(content.len())?;
        Ok([der::Header::new(FRAME, length).to_der()?, content].concat())
    }

    /// Whether the checksum is the one of the message, found out in constant time.
    pub(super) fn proves(&self, checksum: &[u8; 8]) -> bool {
        self.checksum.ct_eq(checksum).into()
    }
}

/// What is in the frame of a token, if nothing comes after it.
fn content(token: &[u8]) -> Option<&[u8]> {
    let mut reader = SliceReader::new(token).ok()?;
    let header = der::Header::decode(&mut reader).ok()?;
    let whole = header.tag() == FRAME && header.length() == reader.remaining_len();
    if whole { reader.read_slice(header.length()).ok() } else { None }
}
