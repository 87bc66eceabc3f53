//! The 16 bytes that every token begins with (RFC 4121 section 4.2.6).

use crate::protection::ProtectionError;

pub(super) const MIC: u16 = 0x0404;
pub(super) const WRAP: u16 = 0x0504;

pub(super) const SENT_BY_ACCEPTOR: u8 = 1;
pub(super) const SEALED: u8 = 2;
pub(super) const ACCEPTOR_SUBKEY: u8 = 4;

/// EC and RRC where a token has neither.
pub(super) const NONE: u16 = 0xffff;

pub(super) const HEADER_LEN: usize = 16;

/// What every token begins with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) kind: u16,
    pub(super) flags: u8,
    /// EC.
    pub(super) extra: u16,
    /// RRC.
    pub(super) rotation: u16,
    pub(super) number: u64,
}

impl Header {
    /// The header of a token and what comes after it. `due` is the length that tokens have.
    pub(super) fn split(token: &[u8], due: usize) -> Result<(Self, &[u8]), ProtectionError> {
        let Some((bytes, rest)) = token.split_first_chunk::<HEADER_LEN>() else {
            return Err(ProtectionError::Length { expected: due, actual: token.len() });
        };
        let [k0, k1, flags, filler, e0, e1, r0, r1, number @ ..] = *bytes;
        if filler != 0xff {
            return Err(ProtectionError::Malformed { field: "filler", offset: 3 });
        }
        let header = Self {
            kind: u16::from_be_bytes([k0, k1]),
            flags,
            extra: u16::from_be_bytes([e0, e1]),
            rotation: u16::from_be_bytes([r0, r1]),
            number: u64::from_be_bytes(number),
        };
        Ok((header, rest))
    }

    pub(super) fn to_bytes(self) -> [u8; HEADER_LEN] {
        let bytes = u128::from(self.kind) << 112
            | u128::from(self.flags) << 104
            | 0xff << 96
            | u128::from(self.extra) << 80
            | u128::from(self.rotation) << 64
            | u128::from(self.number);
        bytes.to_be_bytes()
    }

    pub(super) const fn is_sealed(self) -> bool {
        self.flags & SEALED != 0
    }

    /// Checks the encrypted header, which ends the decrypted `tail`, against this one. Its RRC
    /// does not count.
    pub(super) fn check_copy(self, tail: &[u8]) -> Result<(), ProtectionError> {
        let (_, copy) = tail.split_at(usize::from(self.extra).min(tail.len()));
        let (copy, _) = Self::split(copy, HEADER_LEN)?;
        if (Self { rotation: self.rotation, ..copy }) == self {
            Ok(())
        } else {
            Err(ProtectionError::Malformed { field: "encrypted header", offset: HEADER_LEN })
        }
    }

    /// Says that EC and RRC do not fit.
    pub(super) fn counts_of(self, token: &[u8]) -> ProtectionError {
        let Self { extra, rotation, .. } = self;
        ProtectionError::Counts { extra, rotation, actual: token.len() }
    }
}
