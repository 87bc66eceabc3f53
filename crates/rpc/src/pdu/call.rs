//! Bodies of the PDUs of a call (C706 12.6.4.7, 12.6.4.9, 12.6.4.10).

use bytes::Bytes;
use uuid::Uuid;

use super::Error;
use super::cursor::{Reader, Writer};

/// Body of one fragment of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// 0, or the bytes of stub in this and the following fragments. A hint: never to be trusted.
    pub alloc_hint: u32,
    /// The presentation context, and so the interface.
    pub context_id: u16,
    /// The operation.
    pub opnum: u16,
    /// The object, where [`super::Flags::OBJECT`] is set.
    pub object: Option<Uuid>,
    /// The arguments in this fragment, padding left out.
    pub stub: Bytes,
}

impl Request {
    pub(super) fn read(
        reader: &mut Reader<'_>,
        frame: &Bytes,
        has_object: bool,
    ) -> Result<Self, Error> {
        Ok(Self {
            alloc_hint: reader.u32("alloc_hint")?,
            context_id: reader.u16("p_cont_id")?,
            opnum: reader.u16("opnum")?,
            object: has_object.then(|| reader.uuid("object")).transpose()?,
            stub: frame.slice_ref(reader.bytes(reader.remaining(), "stub")?),
        })
    }

    pub(super) fn write(&self, writer: &mut Writer<'_>) {
        writer.u32(self.alloc_hint);
        writer.u16(self.context_id);
        writer.u16(self.opnum);
        if let Some(object) = self.object {
            writer.uuid(object);
        }
        writer.bytes(&self.stub);
    }
}

/// Body of one fragment of a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// 0, or the bytes of stub in this and the following fragments. A hint: never to be trusted.
    pub alloc_hint: u32,
    /// The presentation context of the request.
    pub context_id: u16,
    /// Cancels that the server received.
    pub cancel_count: u8,
    /// The results in this fragment, padding left out.
    pub stub: Bytes,
}

impl Response {
    pub(super) fn read(reader: &mut Reader<'_>, frame: &Bytes) -> Result<Self, Error> {
        let alloc_hint = reader.u32("alloc_hint")?;
        let context_id = reader.u16("p_cont_id")?;
        let cancel_count = reader.u8("cancel_count")?;
        reader.u8("reserved")?;
        let stub = frame.slice_ref(reader.bytes(reader.remaining(), "stub")?);
        Ok(Self { alloc_hint, context_id, cancel_count, stub })
    }

    pub(super) fn write(&self, writer: &mut Writer<'_>) {
        writer.u32(self.alloc_hint);
        writer.u16(self.context_id);
        writer.bytes(&[self.cancel_count, 0]);
        writer.bytes(&self.stub);
    }
}

/// Body of a fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultBody {
    /// Bytes of the whole PDU where extended error information follows, else free.
    pub alloc_hint: u32,
    /// The presentation context of the request.
    pub context_id: u16,
    /// Cancels that the server received.
    pub cancel_count: u8,
    /// Bit 0: extended error information is present (`[MS-RPCE] 2.2.2.8`).
    pub flags: u8,
    /// What went wrong.
    pub status: u32,
    /// Four reserved bytes, then extended error information (`[MS-EERR]`), which is not read.
    pub rest: Bytes,
}

impl FaultBody {
    pub(super) fn read(reader: &mut Reader<'_>, frame: &Bytes) -> Result<Self, Error> {
        Ok(Self {
            alloc_hint: reader.u32("alloc_hint")?,
            context_id: reader.u16("p_cont_id")?,
            cancel_count: reader.u8("cancel_count")?,
            flags: reader.u8("reserved")?,
            status: reader.u32("status")?,
            rest: frame.slice_ref(reader.bytes(reader.remaining(), "extended error")?),
        })
    }

    pub(super) fn write(&self, writer: &mut Writer<'_>) {
        writer.u32(self.alloc_hint);
        writer.u16(self.context_id);
        writer.bytes(&[self.cancel_count, self.flags]);
        writer.u32(self.status);
        writer.bytes(&self.rest);
    }
}
