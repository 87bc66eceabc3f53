//! Cutting PDUs from a stream of bytes.

use bytes::BytesMut;

use super::{AuthTrailer, Error, Header, Pdu};

/// The bytes of one PDU, still writable so that a sealed stub can be opened in place.
#[derive(Debug)]
pub struct Frame {
    header: Header,
    bytes: BytesMut,
}

/// The parts of a frame that take part in its protection.
pub(crate) struct Parts<'a> {
    /// Up to the first byte of the stub.
    pub(crate) header: &'a [u8],
    /// Stub and padding.
    pub(crate) body: &'a mut [u8],
    /// The security trailer without its token.
    pub(crate) trailer: &'a [u8],
    /// The token.
    pub(crate) token: &'a [u8],
}

impl Frame {
    /// Takes the next whole PDU off the front of `input`, or nothing when more bytes are needed.
    /// The PDU is split off, not copied; it is never longer than 65535 bytes, which is all that its
    /// length field can say.
    ///
    /// # Errors
    /// When `input` does not begin with a PDU header: what follows cannot be understood then.
    pub fn split_from(input: &mut BytesMut) -> Result<Option<Self>, Error> {
        if input.len() < Header::LEN {
            return Ok(None);
        }
        let header = Header::parse(input)?;
        let length = usize::from(header.frag_length);
        if input.len() < length {
            return Ok(None);
        }
        Ok(Some(Self { header, bytes: input.split_to(length) }))
    }

    /// The common header.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The security trailer, when there is one.
    ///
    /// # Errors
    /// When its padding is longer than the body.
    pub fn auth_trailer(&self) -> Result<Option<AuthTrailer>, Error> {
        self.header.auth_trailer(&self.bytes)
    }

    /// The parts that were signed and sealed; nothing when the PDU is too short to have a stub.
    pub(crate) fn parts(&mut self) -> Option<Parts<'_>> {
        let (stub, end) = (self.header.stub_offset(), self.header.body_end());
        let (header, rest) = self.bytes.split_at_mut_checked(stub)?;
        let (body, rest) = rest.split_at_mut_checked(end.checked_sub(stub)?)?;
        let (trailer, token) = rest.split_at_checked(AuthTrailer::LEN)?;
        Some(Parts { header, body, trailer, token })
    }

    /// Takes the PDU apart.
    ///
    /// # Errors
    /// As [`Pdu::parse`].
    pub fn parse(self) -> Result<Pdu, Error> {
        Pdu::parse(self.bytes.freeze())
    }
}
