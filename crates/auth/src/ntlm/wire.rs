//! Fixed parts and payload of NTLM messages ([MS-NLMP] 2.2): reading with every length checked,
//! and writing.

use std::ops::Range;

use crate::{Error, Problem};

/// What every message begins with.
pub(super) const SIGNATURE: &[u8; 8] = b"NTLMSSP\0";

/// Bytes of a peer, read with the name of what they are for error reports.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    message: &'static str,
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    /// A reader of `bytes` that are to be a `message`.
    pub(super) fn new(message: &'static str, bytes: &'a [u8]) -> Self {
        Self { message, bytes }
    }

    /// A reader of a whole message, once its signature and type are what they should be.
    pub(super) fn open(
        message: &'static str,
        message_type: u32,
        bytes: &'a [u8],
    ) -> Result<Self, Error> {
        let reader = Self::new(message, bytes);
        if reader.array::<8>(0, "Signature")? != *SIGNATURE {
            return Err(reader.error("Signature", 0, Problem::Value(reader.u32(0, "Signature")?)));
        }
        match reader.u32(8, "MessageType")? {
            found if found == message_type => Ok(reader),
            found => Err(reader.error("MessageType", 8, Problem::Value(found))),
        }
    }

    pub(super) fn error(&self, field: &'static str, offset: usize, problem: Problem) -> Error {
        Error::Malformed { message: self.message, field, offset, problem }
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// `len` bytes at `offset`.
    pub(super) fn bytes(
        &self,
        offset: usize,
        len: usize,
        field: &'static str,
    ) -> Result<&'a [u8], Error> {
        let rest = self.bytes.get(offset..).unwrap_or_default();
        rest.get(..len).ok_or_else(|| {
            let problem = Problem::Truncated { needed: len, available: rest.len() };
            self.error(field, offset, problem)
        })
    }

    pub(super) fn array<const N: usize>(
        &self,
        offset: usize,
        field: &'static str,
    ) -> Result<[u8; N], Error> {
        let mut array = [0; N];
        array.copy_from_slice(self.bytes(offset, N, field)?);
        Ok(array)
    }

    pub(super) fn u16(&self, offset: usize, field: &'static str) -> Result<u16, Error> {
        self.array(offset, field).map(u16::from_le_bytes)
    }

    pub(super) fn u32(&self, offset: usize, field: &'static str) -> Result<u32, Error> {
        self.array(offset, field).map(u32::from_le_bytes)
    }

    /// Where the payload item lies whose length, maximum and offset stand at `fields`.
    ///
    /// It must lie behind the fixed part, which ends at `fixed_end`, and inside the message. The
    /// offset of an empty item means nothing.
    pub(super) fn item(
        &self,
        fields: usize,
        fixed_end: usize,
        field: &'static str,
    ) -> Result<Option<Range<usize>>, Error> {
        let len = usize::from(self.u16(fields, field)?);
        let offset = self.u32(fields.saturating_add(4), field)?;
        if len == 0 {
            return Ok(None);
        }
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        if offset < fixed_end {
            return Err(self.error(field, fields, Problem::Overlap));
        }
        self.bytes(offset, len, field)?;
        Ok(Some(offset..offset.saturating_add(len)))
    }

    /// The bytes of an item that [`item`](Self::item) found.
    pub(super) fn slice(&self, item: Option<&Range<usize>>) -> &'a [u8] {
        item.and_then(|range| self.bytes.get(range.clone())).unwrap_or_default()
    }

    /// The UTF-16 text of an item that [`item`](Self::item) found.
    pub(super) fn text(
        &self,
        item: Option<&Range<usize>>,
        field: &'static str,
    ) -> Result<String, Error> {
        decode_utf16(self.slice(item))
            .ok_or_else(|| self.error(field, item.map_or(0, |range| range.start), Problem::Text))
    }
}

/// The variable part of a message that is being written.
pub(super) struct Payload {
    start: usize,
    bytes: Vec<u8>,
}

impl Payload {
    /// A payload that begins at `start` of its message.
    pub(super) fn new(start: usize) -> Self {
        Self { start, bytes: Vec::new() }
    }

    /// Appends an item and returns the eight bytes of the fixed part that point to it.
    pub(super) fn push(&mut self, item: &[u8], name: &'static str) -> Result<[u8; 8], Error> {
        let len = u16::try_from(item.len()).map_err(|_| Error::TooLong(name))?;
        let offset = u32::try_from(self.start.saturating_add(self.bytes.len()))
            .map_err(|_| Error::TooLong(name))?;
        self.bytes.extend_from_slice(item);
        let [l0, l1] = len.to_le_bytes();
        let [o0, o1, o2, o3] = offset.to_le_bytes();
        Ok([l0, l1, l0, l1, o0, o1, o2, o3])
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// `text` as UTF-16, little endian, without terminator.
pub(super) fn encode_utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// The text of UTF-16 bytes; `None` for an odd length or unpaired surrogates.
pub(super) fn decode_utf16(bytes: &[u8]) -> Option<String> {
    let (units, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    char::decode_utf16(units.iter().map(|unit| u16::from_le_bytes(*unit)))
        .collect::<Result<_, _>>()
        .ok()
}
