//! Bodies of the PDUs that negotiate presentation contexts (C706 12.6.4.3, 12.6.4.4, 12.6.4.5).

use std::fmt;

use bytes::Bytes;

use super::Error;
use super::cursor::{Reader, Writer};
use crate::SyntaxId;

/// Body of a bind or alter_context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bind {
    /// The largest fragment the client will send.
    pub max_xmit_frag: u16,
    /// The largest fragment the client takes.
    pub max_recv_frag: u16,
    /// The association group to join; 0 asks for a new one.
    pub assoc_group_id: u32,
    /// What the client proposes.
    pub contexts: Vec<ContextElement>,
}

/// One proposed presentation context: an interface and the encodings to choose from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContextElement {
    /// The number that requests will carry.
    pub id: u16,
    /// The interface.
    pub abstract_syntax: SyntaxId,
    /// The encodings, or an offer of [`crate::Features`].
    pub transfer_syntaxes: Vec<SyntaxId>,
}

impl Bind {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Error> {
        let max_xmit_frag = reader.u16("max_xmit_frag")?;
        let max_recv_frag = reader.u16("max_recv_frag")?;
        let assoc_group_id = reader.u32("assoc_group_id")?;
        let count = reader.u8("n_context_elem")?;
        reader.bytes(3, "reserved")?;
        let contexts =
            (0..count).map(|_| ContextElement::read(reader)).collect::<Result<_, _>>()?;
        Ok(Self { max_xmit_frag, max_recv_frag, assoc_group_id, contexts })
    }

    pub(super) fn write(&self, writer: &mut Writer<'_>) -> Result<(), Error> {
        writer.u16(self.max_xmit_frag);
        writer.u16(self.max_recv_frag);
        writer.u32(self.assoc_group_id);
        writer.count8(self.contexts.len(), "n_context_elem")?;
        writer.zeros(3);
        self.contexts.iter().try_for_each(|element| element.write(writer))
    }
}

impl ContextElement {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Error> {
        let id = reader.u16("p_cont_id")?;
        let count = reader.u8("n_transfer_syn")?;
        reader.u8("reserved")?;
        let abstract_syntax = reader.syntax("abstract_syntax")?;
        let transfer_syntaxes =
            (0..count).map(|_| reader.syntax("transfer_syntax")).collect::<Result<_, _>>()?;
        Ok(Self { id, abstract_syntax, transfer_syntaxes })
    }

    fn write(&self, writer: &mut Writer<'_>) -> Result<(), Error> {
        writer.u16(self.id);
        writer.count8(self.transfer_syntaxes.len(), "n_transfer_syn")?;
        writer.u8(0);
        writer.syntax(&self.abstract_syntax);
        self.transfer_syntaxes.iter().for_each(|syntax| writer.syntax(syntax));
        Ok(())
    }
}

/// Body of a bind_ack or alter_context_resp.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BindAck {
    /// The largest fragment the server will send.
    pub max_xmit_frag: u16,
    /// The largest fragment the server takes.
    pub max_recv_frag: u16,
    /// The association group of the connection.
    pub assoc_group_id: u32,
    /// The endpoint in text with a closing NUL; empty in an alter_context_resp.
    pub secondary_address: Bytes,
    /// One answer for each proposed context, in the same order.
    pub results: Vec<ContextResult>,
}

/// The answer to one proposed presentation context (`p_result_t`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContextResult {
    /// [`ContextResult::ACCEPTANCE`] or one of the other constants.
    pub result: u16,
    /// Why not, or a mask of [`crate::Features`] when the result is `NEGOTIATE_ACK`.
    pub reason: u16,
    /// The encoding that was chosen; [`SyntaxId::NIL`] when none was.
    pub transfer_syntax: SyntaxId,
}

impl ContextResult {
    /// The context is agreed.
    pub const ACCEPTANCE: u16 = 0;
    /// Refused by the application.
    pub const USER_REJECTION: u16 = 1;
    /// Refused by the runtime.
    pub const PROVIDER_REJECTION: u16 = 2;
    /// The answer to an offer of features (`[MS-RPCE] 2.2.2.4`).
    pub const NEGOTIATE_ACK: u16 = 3;
    /// Reason: the server does not offer this interface.
    pub const ABSTRACT_SYNTAX_NOT_SUPPORTED: u16 = 1;
    /// Reason: the server speaks none of the encodings.
    pub const TRANSFER_SYNTAXES_NOT_SUPPORTED: u16 = 2;
    /// Reason: no room for another context.
    pub const LOCAL_LIMIT_EXCEEDED: u16 = 3;
}

impl BindAck {
    pub(super) fn read(reader: &mut Reader<'_>, frame: &Bytes) -> Result<Self, Error> {
        let max_xmit_frag = reader.u16("max_xmit_frag")?;
        let max_recv_frag = reader.u16("max_recv_frag")?;
        let assoc_group_id = reader.u32("assoc_group_id")?;
        let length = reader.u16("sec_addr length")?;
        let secondary_address = frame.slice_ref(reader.bytes(length.into(), "sec_addr")?);
        reader.bytes(reader.offset().wrapping_neg() % 4, "sec_addr padding")?;
        let count = reader.u8("n_results")?;
        reader.bytes(3, "reserved")?;
        let results = (0..count)
            .map(|_| {
                Ok(ContextResult {
                    result: reader.u16("result")?,
                    reason: reader.u16("reason")?,
                    transfer_syntax: reader.syntax("transfer_syntax")?,
                })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { max_xmit_frag, max_recv_frag, assoc_group_id, secondary_address, results })
    }

    pub(super) fn write(&self, writer: &mut Writer<'_>) -> Result<(), Error> {
        writer.u16(self.max_xmit_frag);
        writer.u16(self.max_recv_frag);
        writer.u32(self.assoc_group_id);
        writer.count16(self.secondary_address.len(), "sec_addr length")?;
        writer.bytes(&self.secondary_address);
        writer.zeros(writer.len().wrapping_neg() % 4);
        writer.count8(self.results.len(), "n_results")?;
        writer.zeros(3);
        for result in &self.results {
            writer.u16(result.result);
            writer.u16(result.reason);
            writer.syntax(&result.transfer_syntax);
        }
        Ok(())
    }
}

/// Body of a bind_nak (`[MS-RPCE] 2.2.2.9`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BindNak {
    /// Why.
    pub reason: RejectReason,
    /// The protocol versions that the server speaks.
    pub versions: Vec<(u8, u8)>,
    /// What follows: padding, or a signature and extended error information.
    pub rest: Bytes,
}

/// Why a server refuses an association (`[MS-RPCE] 2.2.2.5`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RejectReason(pub u16);

impl RejectReason {
    /// None of the others.
    pub const NOT_SPECIFIED: Self = Self(0);
    /// To be treated as `LOCAL_LIMIT_EXCEEDED`.
    pub const TEMPORARY_CONGESTION: Self = Self(1);
    /// The server lacks resources.
    pub const LOCAL_LIMIT_EXCEEDED: Self = Self(2);
    /// A protocol error in the bind.
    pub const PROTOCOL_VERSION_NOT_SPECIFIED: Self = Self(4);
    /// The server does not know the security provider.
    pub const AUTHENTICATION_TYPE_NOT_RECOGNIZED: Self = Self(8);
    /// The security provider of the server failed.
    pub const INVALID_CHECKSUM: Self = Self(9);

    /// The symbolic name.
    pub fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::NOT_SPECIFIED => "reason_not_specified",
            Self::TEMPORARY_CONGESTION => "temporary_congestion",
            Self::LOCAL_LIMIT_EXCEEDED => "local_limit_exceeded",
            Self::PROTOCOL_VERSION_NOT_SPECIFIED => "protocol_version_not_specified",
            Self::AUTHENTICATION_TYPE_NOT_RECOGNIZED => "authentication_type_not_recognized",
            Self::INVALID_CHECKSUM => "invalid_checksum",
            _ => return None,
        })
    }
}

impl fmt::Display for RejectReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{name} ({})", self.0),
            None => write!(f, "reason {}", self.0),
        }
    }
}

impl BindNak {
    pub(super) fn read(reader: &mut Reader<'_>, frame: &Bytes) -> Result<Self, Error> {
        let reason = RejectReason(reader.u16("provider_reject_reason")?);
        let count = reader.u8("n_protocols")?;
        let versions = (0..count)
            .map(|_| Ok((reader.u8("protocol major")?, reader.u8("protocol minor")?)))
            .collect::<Result<_, Error>>()?;
        let rest = frame.slice_ref(reader.bytes(reader.remaining(), "extended error")?);
        Ok(Self { reason, versions, rest })
    }

    pub(super) fn write(&self, writer: &mut Writer<'_>) -> Result<(), Error> {
        writer.u16(self.reason.0);
        writer.count8(self.versions.len(), "n_protocols")?;
        for (major, minor) in &self.versions {
            writer.bytes(&[*major, *minor]);
        }
        writer.bytes(&self.rest);
        Ok(())
    }
}
