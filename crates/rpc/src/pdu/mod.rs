//! The protocol data units of connection-oriented RPC: parsed, checked and written.
//!
//! Nothing here knows what a PDU does; the associations do. [`Frame::split_from`] cuts PDUs from a stream of
//! bytes, [`Pdu::parse`] takes one apart without copying it.
//!
//! Source: `[MS-RPCE] 2.2.2`, DCE 1.1: RPC (C706) chapter 12.

mod bind;
mod call;
mod cursor;
mod error;
mod frame;
mod header;
pub mod verification;

use bytes::{Bytes, BytesMut};

pub use self::bind::{Bind, BindAck, BindNak, ContextElement, ContextResult, RejectReason};
pub use self::call::{FaultBody, Request, Response};
pub(crate) use self::cursor::{Reader, Writer};
pub use self::error::{Error, ErrorKind};
pub use self::frame::Frame;
pub use self::header::{AuthTrailer, ByteOrder, Flags, Header, Type};

/// One PDU.
///
/// ```
/// use winreach_rpc::pdu::{Body, Flags, Pdu};
///
/// let orphaned = Pdu::new(7, Flags::WHOLE, Body::Orphaned);
/// let bytes = orphaned.to_bytes()?;
/// assert_eq!(bytes.len(), 16);
/// assert_eq!(Pdu::parse(bytes)?, orphaned);
/// # Ok::<(), winreach_rpc::pdu::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pdu {
    /// `pfc_flags`.
    pub flags: Flags,
    /// How its numbers are written.
    pub order: ByteOrder,
    /// Which call, or which exchange of binds.
    pub call_id: u32,
    /// What it says.
    pub body: Body,
    /// The security trailer with its token.
    pub auth: Option<Auth>,
}

/// What a PDU says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "named as in C706 12.6.4 and [MS-RPCE] 2.2.2")]
pub enum Body {
    Request(Request),
    Response(Response),
    Fault(FaultBody),
    Bind(Bind),
    BindAck(BindAck),
    BindNak(BindNak),
    AlterContext(Bind),
    AlterContextResp(BindAck),
    Auth3,
    Shutdown,
    CoCancel,
    Orphaned,
}

/// The security trailer of a PDU, its token and the padding before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Auth {
    /// The security provider, not yet checked.
    pub auth_type: u8,
    /// The protection level, not yet checked.
    pub auth_level: u8,
    /// Which security context of the connection.
    pub context_id: u32,
    /// What stands between the stub and the trailer. Peers fill it with what they like.
    pub padding: Bytes,
    /// The authentication token.
    pub token: Bytes,
}

impl Body {
    /// Which PDU this is the body of.
    pub fn ptype(&self) -> Type {
        match self {
            Self::Request(_) => Type::Request,
            Self::Response(_) => Type::Response,
            Self::Fault(_) => Type::Fault,
            Self::Bind(_) => Type::Bind,
            Self::BindAck(_) => Type::BindAck,
            Self::BindNak(_) => Type::BindNak,
            Self::AlterContext(_) => Type::AlterContext,
            Self::AlterContextResp(_) => Type::AlterContextResp,
            Self::Auth3 => Type::Auth3,
            Self::Shutdown => Type::Shutdown,
            Self::CoCancel => Type::CoCancel,
            Self::Orphaned => Type::Orphaned,
        }
    }
}

impl Pdu {
    /// A little-endian PDU without a security trailer.
    pub fn new(call_id: u32, flags: Flags, body: Body) -> Self {
        Self { flags, order: ByteOrder::Little, call_id, body, auth: None }
    }

    /// Takes apart the PDU that `frame` holds from its first to its last byte. Stubs, tokens and
    /// other opaque parts are views into `frame`.
    ///
    /// A sealed stub must have been opened before (see [`Header::auth_trailer`]); otherwise it
    /// comes out sealed.
    ///
    /// # Errors
    /// When a field is missing, unknown or contradicts another one.
    pub fn parse(frame: Bytes) -> Result<Self, Error> {
        let header = Header::parse(&frame)?;
        if usize::from(header.frag_length) != frame.len() {
            return Err(Error::new(8, "frag_length", ErrorKind::Length(header.frag_length.into())));
        }
        let auth = Self::parse_auth(&header, &frame)?;
        let padding = auth.as_ref().map_or(0, |auth| auth.padding.len());
        let body = frame.get(Header::LEN..header.body_end() - padding).unwrap_or_default();
        let mut reader = Reader::new(body, Header::LEN, header.order);
        let body = match header.ptype {
            Type::Request => {
                let has_object = header.flags.contains(Flags::OBJECT);
                Body::Request(Request::read(&mut reader, &frame, has_object)?)
            }
            Type::Response => Body::Response(Response::read(&mut reader, &frame)?),
            Type::Fault => Body::Fault(FaultBody::read(&mut reader, &frame)?),
            Type::Bind => Body::Bind(Bind::read(&mut reader)?),
            Type::BindAck => Body::BindAck(BindAck::read(&mut reader, &frame)?),
            Type::BindNak => Body::BindNak(BindNak::read(&mut reader, &frame)?),
            Type::AlterContext => Body::AlterContext(Bind::read(&mut reader)?),
            Type::AlterContextResp => Body::AlterContextResp(BindAck::read(&mut reader, &frame)?),
            Type::Auth3 => Body::Auth3,
            Type::Shutdown => Body::Shutdown,
            Type::CoCancel => Body::CoCancel,
            Type::Orphaned => Body::Orphaned,
        };
        let Header { flags, order, call_id, .. } = header;
        Ok(Self { flags, order, call_id, body, auth })
    }

    fn parse_auth(header: &Header, frame: &Bytes) -> Result<Option<Auth>, Error> {
        let Some(trailer) = header.auth_trailer(frame)? else { return Ok(None) };
        let end = header.body_end();
        Ok(Some(Auth {
            auth_type: trailer.auth_type,
            auth_level: trailer.auth_level,
            context_id: trailer.context_id,
            padding: frame.slice(end - usize::from(trailer.pad_length)..end),
            token: frame.slice(end + AuthTrailer::LEN..),
        }))
    }

    /// The bytes of the PDU.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub fn to_bytes(&self) -> Result<Bytes, Error> {
        let mut out = BytesMut::new();
        self.write(&mut out)?;
        Ok(out.freeze())
    }

    /// Appends the PDU to `out`.
    ///
    /// # Errors
    /// When a list or the PDU as a whole is longer than the wire can say; `out` then holds a part
    /// of it.
    pub fn write(&self, out: &mut BytesMut) -> Result<(), Error> {
        let start = out.len();
        let mut writer = Writer::new(out, self.order);
        let token = self.auth.as_ref().map_or(0, |auth| auth.token.len());
        let auth_length = u16::try_from(token)
            .map_err(|_| Error::new(10, "auth_length", ErrorKind::TooLong(token)))?;
        let ptype = self.body.ptype();
        let Self { flags, order, call_id, .. } = *self;
        Header { ptype, flags, order, frag_length: 0, auth_length, call_id }.write(&mut writer);
        match &self.body {
            Body::Request(body) => body.write(&mut writer),
            Body::Response(body) => body.write(&mut writer),
            Body::Fault(body) => body.write(&mut writer),
            Body::Bind(body) | Body::AlterContext(body) => body.write(&mut writer)?,
            Body::BindAck(body) | Body::AlterContextResp(body) => body.write(&mut writer)?,
            Body::BindNak(body) => body.write(&mut writer)?,
            Body::Auth3 => writer.zeros(4),
            Body::Shutdown | Body::CoCancel | Body::Orphaned => {}
        }
        if let Some(auth) = &self.auth {
            auth.write(&mut writer)?;
        }

        let length = writer.len();
        let frag_length = u16::try_from(length)
            .map_err(|_| Error::new(8, "frag_length", ErrorKind::TooLong(length)))?;
        if let Some(field) = out.get_mut(start + 8..start + 10) {
            field.copy_from_slice(&match order {
                ByteOrder::Little => frag_length.to_le_bytes(),
                ByteOrder::Big => frag_length.to_be_bytes(),
            });
        }
        Ok(())
    }
}

impl Auth {
    fn write(&self, writer: &mut Writer<'_>) -> Result<(), Error> {
        writer.bytes(&self.padding);
        let kind = ErrorKind::TooLong(self.padding.len());
        let pad_length = u8::try_from(self.padding.len())
            .map_err(|_| Error::new(writer.len(), "auth_pad_length", kind))?;
        let Self { auth_type, auth_level, context_id, .. } = *self;
        AuthTrailer { auth_type, auth_level, pad_length, context_id }.write(writer);
        writer.bytes(&self.token);
        Ok(())
    }
}
