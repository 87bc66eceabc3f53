//! Writing a stub.

use uuid::Uuid;

use crate::{Encode, FIRST_REFERENT};

/// Writes a stub, little-endian, with padding of zeros.
///
/// Alignment counts from the first byte written. Referents are handed out as Windows does:
/// 0x00020000 for the first pointer that is not null and four more for each that follows.
#[derive(Clone, Debug)]
pub struct Encoder {
    stub: Vec<u8>,
    next_referent: u32,
}

impl Default for Encoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Encoder {
    /// An empty stub.
    pub const fn new() -> Self {
        Self { stub: Vec::new(), next_referent: FIRST_REFERENT }
    }

    /// How many bytes have been written.
    pub fn len(&self) -> usize {
        self.stub.len()
    }

    /// Whether nothing has been written.
    pub fn is_empty(&self) -> bool {
        self.stub.is_empty()
    }

    /// The stub.
    pub fn finish(self) -> Vec<u8> {
        self.stub
    }

    /// A whole value: itself, then everything that it points to.
    pub fn put<T: Encode + ?Sized>(&mut self, value: &T) {
        value.encode(self);
        value.encode_deferred(self);
    }

    /// Pads with zeros to a multiple of `to` bytes, which is a power of two.
    pub fn align(&mut self, to: usize) {
        self.stub.resize(self.stub.len().next_multiple_of(to), 0);
    }

    /// One byte.
    pub fn u8(&mut self, value: u8) {
        self.stub.push(value);
    }

    /// Two bytes, aligned.
    pub fn u16(&mut self, value: u16) {
        self.align(2);
        self.bytes(&value.to_le_bytes());
    }

    /// Four bytes, aligned.
    pub fn u32(&mut self, value: u32) {
        self.align(4);
        self.bytes(&value.to_le_bytes());
    }

    /// Eight bytes, aligned (an NDR hyper).
    pub fn u64(&mut self, value: u64) {
        self.align(8);
        self.bytes(&value.to_le_bytes());
    }

    /// Four bytes, aligned, signed.
    pub fn i32(&mut self, value: i32) {
        self.u32(value.cast_unsigned());
    }

    /// A GUID: 16 bytes at a multiple of four.
    pub fn uuid(&mut self, value: &Uuid) {
        self.align(4);
        self.bytes(&value.to_bytes_le());
    }

    /// Bytes as they are, where the stub stands.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.stub.extend_from_slice(bytes);
    }

    /// UTF-16 units, aligned to two, without count or terminator.
    pub fn units(&mut self, units: impl IntoIterator<Item = u16>) {
        self.align(2);
        self.stub.extend(units.into_iter().flat_map(u16::to_le_bytes));
    }

    /// The number of elements of an array, as its conformance.
    ///
    /// A stub holds less than 4 GiB; a longer array saturates and is refused by any reader.
    pub fn count(&mut self, elements: usize) {
        self.u32(u32::try_from(elements).unwrap_or(u32::MAX));
    }

    /// The referent of a unique pointer: a fresh number where there is a pointee, 0 for null.
    pub fn referent(&mut self, present: bool) {
        if present {
            self.u32(self.next_referent);
            self.next_referent = self.next_referent.wrapping_add(4);
        } else {
            self.u32(0);
        }
    }

    /// Writes over four bytes that were written at `at`; does nothing where there are none.
    pub fn patch_u32(&mut self, at: usize, value: u32) {
        if let Some(place) = self.stub.get_mut(at..).and_then(<[u8]>::first_chunk_mut) {
            *place = value.to_le_bytes();
        }
    }
}
