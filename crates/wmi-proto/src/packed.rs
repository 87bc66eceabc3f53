//! A reader of what is neither NDR nor aligned: object references and contexts.

use bytes::{Buf, Bytes};
use uuid::Uuid;
use winreach_ndr::{Error, ErrorKind};

/// Little-endian fields one after the other, whatever the byte order of the stub around them.
#[derive(Clone)]
pub(crate) struct Packed {
    data: Bytes,
    /// Where `data` ends in the stub.
    end: usize,
}

impl Packed {
    /// Reads `data`, which lies `offset` bytes into the stub.
    pub(crate) fn new(data: Bytes, offset: usize) -> Self {
        Self { end: offset + data.len(), data }
    }

    pub(crate) fn u16(&mut self, field: &'static str) -> Result<u16, Error> {
        self.data.try_get_u16_le().map_err(|_| self.truncated(2, field))
    }

    pub(crate) fn u32(&mut self, field: &'static str) -> Result<u32, Error> {
        self.data.try_get_u32_le().map_err(|_| self.truncated(4, field))
    }

    pub(crate) fn uuid(&mut self, field: &'static str) -> Result<Uuid, Error> {
        let mut bytes = [0; 16];
        self.data.try_copy_to_slice(&mut bytes).map_err(|_| self.truncated(16, field))?;
        Ok(Uuid::from_bytes_le(bytes))
    }

    /// The next `count` bytes, shared with the stub.
    pub(crate) fn bytes(&mut self, count: usize, field: &'static str) -> Result<Bytes, Error> {
        if count > self.data.len() {
            return Err(self.truncated(count, field));
        }
        Ok(self.data.split_to(count))
    }

    pub(crate) fn offset(&self) -> usize {
        self.end - self.data.len()
    }

    pub(crate) fn remaining(&self) -> usize {
        self.data.len()
    }

    pub(crate) fn invalid(&self, field: &'static str, problem: &'static str) -> Error {
        Error { offset: self.offset(), field, kind: ErrorKind::Invalid(problem) }
    }

    fn truncated(&self, needed: usize, field: &'static str) -> Error {
        let kind = ErrorKind::Truncated { needed, available: self.data.len() };
        Error { offset: self.offset(), field, kind }
    }
}
