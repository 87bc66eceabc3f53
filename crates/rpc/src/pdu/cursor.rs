//! Reading and writing the fields of a PDU in the byte order of its sender.

use bytes::{BufMut, BytesMut};
use uuid::Uuid;

use super::{ByteOrder, Error, ErrorKind};
use crate::SyntaxId;

/// Reads fields off a slice; every error says where it happened.
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
    offset: usize,
    order: ByteOrder,
}

impl<'a> Reader<'a> {
    /// Reads `bytes`, whose first byte stands at `offset` of the PDU.
    pub(crate) fn new(bytes: &'a [u8], offset: usize, order: ByteOrder) -> Self {
        Self { rest: bytes, offset, order }
    }

    pub(crate) fn offset(&self) -> usize {
        self.offset
    }

    pub(crate) fn remaining(&self) -> usize {
        self.rest.len()
    }

    pub(crate) fn bytes(&mut self, length: usize, field: &'static str) -> Result<&'a [u8], Error> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or_else(|| {
            let kind = ErrorKind::Truncated { needed: length, available: self.rest.len() };
            Error::new(self.offset, field, kind)
        })?;
        self.rest = rest;
        self.offset += length;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], Error> {
        let mut array = [0; N];
        array.copy_from_slice(self.bytes(N, field)?);
        Ok(array)
    }

    pub(crate) fn u8(&mut self, field: &'static str) -> Result<u8, Error> {
        self.array(field).map(|[byte]| byte)
    }

    pub(crate) fn u16(&mut self, field: &'static str) -> Result<u16, Error> {
        let bytes = self.array(field)?;
        Ok(match self.order {
            ByteOrder::Little => u16::from_le_bytes(bytes),
            ByteOrder::Big => u16::from_be_bytes(bytes),
        })
    }

    pub(crate) fn u32(&mut self, field: &'static str) -> Result<u32, Error> {
        let bytes = self.array(field)?;
        Ok(match self.order {
            ByteOrder::Little => u32::from_le_bytes(bytes),
            ByteOrder::Big => u32::from_be_bytes(bytes),
        })
    }

    pub(crate) fn uuid(&mut self, field: &'static str) -> Result<Uuid, Error> {
        let bytes = self.array(field)?;
        Ok(match self.order {
            ByteOrder::Little => Uuid::from_bytes_le(bytes),
            ByteOrder::Big => Uuid::from_bytes(bytes),
        })
    }

    /// The version is one number with the major version in its lower half.
    pub(crate) fn syntax(&mut self, field: &'static str) -> Result<SyntaxId, Error> {
        let uuid = self.uuid(field)?;
        let [major_low, major_high, minor_low, minor_high] = self.u32(field)?.to_le_bytes();
        let major = u16::from_le_bytes([major_low, major_high]);
        Ok(SyntaxId::new(uuid, major, u16::from_le_bytes([minor_low, minor_high])))
    }
}

/// Appends fields to a buffer.
pub(crate) struct Writer<'a> {
    out: &'a mut BytesMut,
    start: usize,
    order: ByteOrder,
}

impl<'a> Writer<'a> {
    /// Writes a PDU behind what `out` already holds.
    pub(crate) fn new(out: &'a mut BytesMut, order: ByteOrder) -> Self {
        let start = out.len();
        Self { out, start, order }
    }

    /// Bytes written so far.
    pub(crate) fn len(&self) -> usize {
        self.out.len() - self.start
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    pub(crate) fn zeros(&mut self, count: usize) {
        self.out.put_bytes(0, count);
    }

    pub(crate) fn u8(&mut self, value: u8) {
        self.out.put_u8(value);
    }

    pub(crate) fn u16(&mut self, value: u16) {
        match self.order {
            ByteOrder::Little => self.out.put_u16_le(value),
            ByteOrder::Big => self.out.put_u16(value),
        }
    }

    pub(crate) fn u32(&mut self, value: u32) {
        match self.order {
            ByteOrder::Little => self.out.put_u32_le(value),
            ByteOrder::Big => self.out.put_u32(value),
        }
    }

    pub(crate) fn uuid(&mut self, value: Uuid) {
        match self.order {
            ByteOrder::Little => self.bytes(&value.to_bytes_le()),
            ByteOrder::Big => self.bytes(value.as_bytes()),
        }
    }

    pub(crate) fn syntax(&mut self, value: &SyntaxId) {
        self.uuid(value.uuid);
        self.u32(u32::from(value.major) | u32::from(value.minor) << 16);
    }

    /// A count that the wire holds in one byte.
    pub(crate) fn count8(&mut self, count: usize, field: &'static str) -> Result<(), Error> {
        let kind = ErrorKind::TooLong(count);
        let value = u8::try_from(count).map_err(|_| Error::new(self.len(), field, kind))?;
        self.u8(value);
        Ok(())
    }

    /// A count that the wire holds in two bytes.
    pub(crate) fn count16(&mut self, count: usize, field: &'static str) -> Result<(), Error> {
        let kind = ErrorKind::TooLong(count);
        let value = u16::try_from(count).map_err(|_| Error::new(self.len(), field, kind))?;
        self.u16(value);
        Ok(())
    }
}
