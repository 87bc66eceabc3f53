//! One security context of a connection, applied to the fragments that pass through it.

use std::collections::HashMap;

use bytes::BytesMut;
use winreach_auth::{self as auth, AuthLevel, AuthType, SecurityContext};

use crate::pdu::{AuthTrailer, Frame};

/// A finished security context with the numbers by which PDUs name it.
pub(crate) struct Channel {
    pub(crate) auth_type: AuthType,
    pub(crate) level: AuthLevel,
    pub(crate) id: u32,
    pub(crate) context: Box<dyn SecurityContext>,
}

/// The finished security contexts of a connection by their `auth_context_id`.
pub(crate) type Channels = HashMap<u32, Channel>;

/// A protected PDU that must not be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(crate) enum Violation {
    #[error(
        "security trailer of type {auth_type}, level {auth_level} where another one was agreed"
    )]
    Trailer { auth_type: u8, auth_level: u8 },
    #[error("a signature is missing where one was agreed")]
    Missing,
    #[error("{0}")]
    Signature(#[from] auth::Error),
}

impl Channel {
    /// Bytes of the token of every PDU; `None` where PDUs carry no trailer at all.
    pub(crate) fn token_len(&self) -> Option<usize> {
        self.level.signs().then(|| self.context.token_len(self.level))
    }

    /// The trailer for a PDU of this context.
    pub(crate) fn trailer(&self, pad_length: u8) -> AuthTrailer {
        AuthTrailer {
            auth_type: self.auth_type.code(),
            auth_level: self.level.code(),
            pad_length,
            context_id: self.id,
        }
    }

    /// Protects, in place, the PDU that `out` holds from `start` to its end. The header is final
    /// and the last `token_len` bytes are room for the token.
    pub(crate) fn protect(
        &mut self,
        out: &mut BytesMut,
        start: usize,
        header_len: usize,
        sign_header: bool,
    ) -> Result<(), auth::Error> {
        let token_len = self.context.token_len(self.level);
        let pdu = out.get_mut(start..).unwrap_or_default();
        let mismatch = auth::Error::TokenLength { expected: token_len, actual: pdu.len() };
        let split = |bytes, at| <[u8]>::split_at_mut_checked(bytes, at);
        let (header, rest) = split(pdu, header_len).ok_or_else(|| mismatch.clone())?;
        let body_len = rest.len().saturating_sub(AuthTrailer::LEN + token_len);
        let (body, rest) = split(rest, body_len).ok_or_else(|| mismatch.clone())?;
        let (trailer, token) = split(rest, AuthTrailer::LEN).ok_or(mismatch)?;
        self.context.protect(self.level, auth::Pdu { header, body, trailer, sign_header }, token)
    }

    /// Opens, in place, a PDU that carries `trailer` and verifies its signature.
    pub(crate) fn open(
        &mut self,
        frame: &mut Frame,
        trailer: &AuthTrailer,
        sign_header: bool,
    ) -> Result<(), Violation> {
        if AuthType::from_code(trailer.auth_type) != Some(self.auth_type)
            || effective_level(trailer.auth_level) != Some(self.level)
        {
            let AuthTrailer { auth_type, auth_level, .. } = *trailer;
            return Err(Violation::Trailer { auth_type, auth_level });
        }
        if !self.level.signs() {
            return Ok(());
        }
        let parts = frame.parts().ok_or(Violation::Missing)?;
        let (header, body, trailer) = (parts.header, parts.body, parts.trailer);
        let pdu = auth::Pdu { header, body, trailer, sign_header };
        Ok(self.context.unprotect(self.level, pdu, parts.token)?)
    }
}

/// The level that a code of the wire asks for; level 3 means level 4, and 0 the lowest
/// (`[MS-RPCE] 2.2.1.1.8`).
pub(crate) fn effective_level(code: u8) -> Option<AuthLevel> {
    match code {
        0 => Some(AuthLevel::Connect),
        _ => AuthLevel::from_code(code).map(raised),
    }
}

/// Level 3 is carried out as level 4.
pub(crate) fn raised(level: AuthLevel) -> AuthLevel {
    if level == AuthLevel::Call { AuthLevel::Packet } else { level }
}
