//! The sixteen bytes that open every PDU, and the trailer that closes a protected one.

use super::cursor::{Reader, Writer};
use super::{Error, ErrorKind};

/// Which PDU (C706 12.6.4, `[MS-RPCE] 2.2.2.10`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
#[non_exhaustive]
pub enum Type {
    /// A fragment of a call.
    Request = 0,
    /// A fragment of an answer.
    Response = 2,
    /// The call failed.
    Fault = 3,
    /// Opens an association.
    Bind = 11,
    /// Accepts it.
    BindAck = 12,
    /// Refuses it.
    BindNak = 13,
    /// Adds presentation or security contexts.
    AlterContext = 14,
    /// Answers that.
    AlterContextResp = 15,
    /// The third and last leg of an authentication; not answered.
    Auth3 = 16,
    /// The server asks the client to close.
    Shutdown = 17,
    /// The client asks to cancel a call.
    CoCancel = 18,
    /// The client has given up a call.
    Orphaned = 19,
}

impl Type {
    fn from_code(code: u8) -> Option<Self> {
        Some(match code {
            0 => Self::Request,
            2 => Self::Response,
            3 => Self::Fault,
            11 => Self::Bind,
            12 => Self::BindAck,
            13 => Self::BindNak,
            14 => Self::AlterContext,
            15 => Self::AlterContextResp,
            16 => Self::Auth3,
            17 => Self::Shutdown,
            18 => Self::CoCancel,
            19 => Self::Orphaned,
            _ => return None,
        })
    }
}

bitflags::bitflags! {
    /// `pfc_flags` of the common header.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub struct Flags: u8 {
        /// First fragment.
        const FIRST = 0x01;
        /// Last fragment.
        const LAST = 0x02;
        /// In bind, bind_ack, alter_context, alter_context_resp and auth3: the sender can sign
        /// headers (`[MS-RPCE] 2.2.2.3`).
        const HEADER_SIGN = 0x04;
        /// In all other PDUs: a cancel was pending at the sender.
        const PENDING_CANCEL = 0x04;
        /// Several calls may be outstanding on the connection.
        const CONC_MPX = 0x10;
        /// In a fault: the call did not run.
        const DID_NOT_EXECUTE = 0x20;
        /// No answer is wanted.
        const MAYBE = 0x40;
        /// An object UUID stands before the stub.
        const OBJECT = 0x80;
        /// A PDU of one fragment.
        const WHOLE = Self::FIRST.bits() | Self::LAST.bits();
        /// Bits without a meaning are kept.
        const _ = !0;
    }
}

/// The byte order in which a peer writes headers and stubs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ByteOrder {
    /// Least significant byte first, as Windows sends.
    #[default]
    Little,
    /// Most significant byte first.
    Big,
}

impl ByteOrder {
    /// Reads a data representation label (C706 14.1): only ASCII and IEEE floats are spoken.
    fn from_label(label: &[u8]) -> Result<Self, Error> {
        match label {
            [0x10, 0, ..] => Ok(Self::Little),
            [0x00, 0, ..] => Ok(Self::Big),
            [integer, float, ..] => {
                let value = u32::from(u16::from_le_bytes([*integer, *float]));
                Err(Error::new(4, "packed_drep", ErrorKind::Value(value)))
            }
            _ => Err(Error::new(4, "packed_drep", ErrorKind::Length(label.len()))),
        }
    }

    /// The four bytes that announce this order.
    pub(crate) fn label(self) -> [u8; 4] {
        match self {
            Self::Little => [0x10, 0, 0, 0],
            Self::Big => [0; 4],
        }
    }
}

/// The common header, with its lengths checked against each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Which PDU.
    pub ptype: Type,
    /// `pfc_flags`.
    pub flags: Flags,
    /// How the numbers of this PDU are written.
    pub order: ByteOrder,
    /// Bytes of the whole PDU.
    pub frag_length: u16,
    /// Bytes of the authentication token; 0 when there is no trailer.
    pub auth_length: u16,
    /// Which call, or which exchange of binds.
    pub call_id: u32,
}

impl Header {
    /// Bytes of a common header.
    pub const LEN: usize = 16;

    /// Reads the header from the first 16 bytes of `bytes`.
    ///
    /// # Errors
    /// When it is not version 5.0, of an unknown type or data representation, or when its lengths
    /// contradict each other.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let mut plain = Reader::new(bytes, 0, ByteOrder::Little);
        let (major, minor) = (plain.u8("rpc_vers")?, plain.u8("rpc_vers_minor")?);
        if (major, minor) != (5, 0) {
            return Err(Error::new(0, "rpc_vers", ErrorKind::Version { major, minor }));
        }
        let code = plain.u8("PTYPE")?;
        let ptype = Type::from_code(code)
            .ok_or_else(|| Error::new(2, "PTYPE", ErrorKind::Value(code.into())))?;
        let flags = Flags::from_bits_retain(plain.u8("pfc_flags")?);
        let order = ByteOrder::from_label(plain.bytes(4, "packed_drep")?)?;

        let mut reader = Reader::new(bytes.get(8..).unwrap_or_default(), 8, order);
        let frag_length = reader.u16("frag_length")?;
        let auth_length = reader.u16("auth_length")?;
        let call_id = reader.u32("call_id")?;
        let header = Self { ptype, flags, order, frag_length, auth_length, call_id };
        let least = Self::LEN + header.trailer_len();
        if usize::from(frag_length) < least {
            let (field, length) = if auth_length == 0 {
                ("frag_length", frag_length)
            } else {
                ("auth_length", auth_length)
            };
            return Err(Error::new(8, field, ErrorKind::Length(length.into())));
        }
        Ok(header)
    }

    /// Bytes of the security trailer together with its token.
    fn trailer_len(&self) -> usize {
        match self.auth_length {
            0 => 0,
            length => AuthTrailer::LEN + usize::from(length),
        }
    }

    /// Where the body ends: at the security trailer or at the end of the PDU.
    pub(crate) fn body_end(&self) -> usize {
        usize::from(self.frag_length).saturating_sub(self.trailer_len())
    }

    /// Bytes before the stub, or before the padding of a PDU that has none.
    pub(crate) fn stub_offset(&self) -> usize {
        match self.ptype {
            Type::Request if self.flags.contains(Flags::OBJECT) => 40,
            Type::Request | Type::Response => 24,
            Type::Fault => 32,
            _ => Self::LEN,
        }
    }

    /// Reads the security trailer of the PDU in `frame`, when it has one.
    ///
    /// # Errors
    /// When the frame is shorter than the header says or the padding longer than the body.
    pub fn auth_trailer(&self, frame: &[u8]) -> Result<Option<AuthTrailer>, Error> {
        if self.auth_length == 0 {
            return Ok(None);
        }
        let at = self.body_end();
        let mut reader = Reader::new(frame.get(at..).unwrap_or_default(), at, self.order);
        let trailer = AuthTrailer::read(&mut reader)?;
        if usize::from(trailer.pad_length) > at - Self::LEN {
            let kind = ErrorKind::Length(trailer.pad_length.into());
            return Err(Error::new(at + 2, "auth_pad_length", kind));
        }
        Ok(Some(trailer))
    }

    /// Appends the header.
    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.bytes(&[5, 0, self.ptype as u8, self.flags.bits()]);
        writer.bytes(&self.order.label());
        writer.u16(self.frag_length);
        writer.u16(self.auth_length);
        writer.u32(self.call_id);
    }
}

/// The security trailer (`sec_trailer`, `[MS-RPCE] 2.2.2.11`) without its token. Type and level are
/// as the peer sent them: nobody has yet checked that they mean something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuthTrailer {
    /// The security provider.
    pub auth_type: u8,
    /// The protection level.
    pub auth_level: u8,
    /// Bytes between the end of the stub and this trailer.
    pub pad_length: u8,
    /// Which security context of the connection.
    pub context_id: u32,
}

impl AuthTrailer {
    /// Bytes of a trailer without its token.
    pub const LEN: usize = 8;

    fn read(reader: &mut Reader<'_>) -> Result<Self, Error> {
        let auth_type = reader.u8("auth_type")?;
        let auth_level = reader.u8("auth_level")?;
        let pad_length = reader.u8("auth_pad_length")?;
        reader.u8("auth_reserved")?;
        Ok(Self { auth_type, auth_level, pad_length, context_id: reader.u32("auth_context_id")? })
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.bytes(&[self.auth_type, self.auth_level, self.pad_length, 0]);
        writer.u32(self.context_id);
    }
}
