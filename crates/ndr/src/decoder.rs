//! Reading a stub.

use std::collections::VecDeque;

use uuid::Uuid;

use crate::{Decode, Error, ErrorKind};

/// The byte order that a peer announced in its data representation label.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Endian {
    /// Least significant byte first, as nearly every peer does.
    #[default]
    Little,
    /// Most significant byte first.
    Big,
}

/// Reads a stub that a peer sent and believes nothing in it.
#[derive(Clone, Debug)]
pub struct Decoder<'a> {
    stub: &'a [u8],
    position: usize,
    /// What to add to a position for the offset of an error: where this stub lies in an outer one.
    base: usize,
    endian: Endian,
    /// For each embedded pointer whose pointee is still to come, whether there is one.
    pending: VecDeque<bool>,
}

impl<'a> Decoder<'a> {
    /// A little-endian stub.
    pub const fn new(stub: &'a [u8]) -> Self {
        Self::with_endian(stub, Endian::Little)
    }

    /// A stub in the byte order of the peer.
    pub const fn with_endian(stub: &'a [u8], endian: Endian) -> Self {
        Self { stub, position: 0, base: 0, endian, pending: VecDeque::new() }
    }

    /// The byte order of the peer.
    pub const fn endian(&self) -> Endian {
        self.endian
    }

    /// Reads what follows in another byte order.
    pub const fn set_endian(&mut self, endian: Endian) {
        self.endian = endian;
    }

    /// How many bytes have been read.
    pub const fn position(&self) -> usize {
        self.position
    }

    /// How many bytes are left.
    pub const fn remaining(&self) -> usize {
        self.stub.len().saturating_sub(self.position)
    }

    /// The bytes that are left, without moving on.
    pub fn rest(&self) -> &'a [u8] {
        self.stub.get(self.position..).unwrap_or_default()
    }

    /// An error at the place where the decoder stands.
    pub const fn error(&self, field: &'static str, kind: ErrorKind) -> Error {
        Error { offset: self.offset(), field, kind }
    }

    /// A whole value: itself, then everything that it points to.
    ///
    /// # Errors
    /// Whatever the value finds wrong with its bytes.
    pub fn get<T: Decode>(&mut self) -> Result<T, Error> {
        // The pointers of an enclosing value wait until this one has met its own.
        let outer = std::mem::take(&mut self.pending);
        let mut value = T::decode(self)?;
        value.decode_deferred(self)?;
        self.pending = outer;
        Ok(value)
    }

    /// As [`get`](Self::get), with a name for a field that has none of its own.
    ///
    /// # Errors
    /// Whatever the value finds wrong with its bytes.
    pub fn get_named<T: Decode>(&mut self, field: &'static str) -> Result<T, Error> {
        self.get().map_err(|error| error.named(field))
    }

    /// Demands that everything has been read.
    ///
    /// # Errors
    /// [`ErrorKind::Trailing`] where bytes are left.
    pub const fn finish(&self) -> Result<(), Error> {
        match self.remaining() {
            0 => Ok(()),
            left => Err(self.error("end of the stub", ErrorKind::Trailing(left))),
        }
    }

    /// Skips padding up to a multiple of `to` bytes, which is a power of two.
    ///
    /// # Errors
    /// [`ErrorKind::Truncated`] where the stub ends within it.
    pub fn align(&mut self, to: usize) -> Result<(), Error> {
        let padding = self.position.next_multiple_of(to) - self.position;
        self.bytes(padding, "padding").map(drop)
    }

    /// The next `count` bytes as they are.
    ///
    /// # Errors
    /// [`ErrorKind::Truncated`] where there are fewer.
    pub fn bytes(&mut self, count: usize, field: &'static str) -> Result<&'a [u8], Error> {
        let Some((bytes, _)) = self.rest().split_at_checked(count) else {
            return Err(self.truncated(count, field));
        };
        self.position += count;
        Ok(bytes)
    }

    /// A decoder of the next `count` bytes alone: alignment starts again, offsets of errors do not.
    ///
    /// # Errors
    /// [`ErrorKind::Truncated`] where there are fewer.
    pub fn nested(&mut self, count: usize, field: &'static str) -> Result<Self, Error> {
        let base = self.offset();
        let stub = self.bytes(count, field)?;
        Ok(Self { stub, position: 0, base, endian: self.endian, pending: VecDeque::new() })
    }

    /// One byte.
    ///
    /// # Errors
    /// [`ErrorKind::Truncated`] where the stub ends before; so too for each reader below.
    pub fn u8(&mut self, field: &'static str) -> Result<u8, Error> {
        self.array(field).map(u8::from_le_bytes)
    }

    /// Two bytes, aligned.
    ///
    /// # Errors
    /// [`ErrorKind::Truncated`].
    pub fn u16(&mut self, field: &'static str) -> Result<u16, Error> {
        self.aligned(field).map(match self.endian {
            Endian::Little => u16::from_le_bytes,
            Endian::Big => u16::from_be_bytes,
        })
    }

    /// Four bytes, aligned.
    ///
    /// # Errors
    /// [`ErrorKind::Truncated`].
    pub fn u32(&mut self, field: &'static str) -> Result<u32, Error> {
        self.aligned(field).map(match self.endian {
            Endian::Little => u32::from_le_bytes,
            Endian::Big => u32::from_be_bytes,
        })
    }

    /// Eight bytes, aligned (an NDR hyper).
    ///
    /// # Errors
    /// [`ErrorKind::Truncated`].
    pub fn u64(&mut self, field: &'static str) -> Result<u64, Error> {
        self.aligned(field).map(match self.endian {
            Endian::Little => u64::from_le_bytes,
            Endian::Big => u64::from_be_bytes,
        })
    }

    /// Four bytes, aligned, signed.
    ///
    /// # Errors
    /// [`ErrorKind::Truncated`].
    pub fn i32(&mut self, field: &'static str) -> Result<i32, Error> {
        self.u32(field).map(u32::cast_signed)
    }

    /// A GUID: 16 bytes at a multiple of four.
    ///
    /// # Errors
    /// [`ErrorKind::Truncated`].
    pub fn uuid(&mut self, field: &'static str) -> Result<Uuid, Error> {
        self.align(4).map_err(|error| Error { field, ..error })?;
        self.array(field).map(match self.endian {
            Endian::Little => Uuid::from_bytes_le,
            Endian::Big => Uuid::from_bytes,
        })
    }

    /// UTF-16 units, aligned to two; the count is compared with what is left.
    ///
    /// # Errors
    /// [`ErrorKind::Truncated`].
    pub fn units(&mut self, count: usize, field: &'static str) -> Result<Vec<u16>, Error> {
        self.align(2)?;
        let Some(length) = count.checked_mul(2) else {
            return Err(self.truncated(usize::MAX, field));
        };
        let (pairs, _) = self.bytes(length, field)?.as_chunks();
        let read = match self.endian {
            Endian::Little => u16::from_le_bytes,
            Endian::Big => u16::from_be_bytes,
        };
        Ok(pairs.iter().map(|pair| read(*pair)).collect())
    }

    /// The number of elements of an array, each of which takes at least `size` bytes.
    ///
    /// # Errors
    /// [`ErrorKind::Count`] where so many cannot be in what is left, so that the result is safe to
    /// allocate for.
    pub fn count(&mut self, size: usize, field: &'static str) -> Result<usize, Error> {
        let offset = self.offset();
        let count = self.u32(field)?;
        let available = self.remaining();
        usize::try_from(count)
            .ok()
            .filter(|count| {
                count.checked_mul(size.max(1)).is_some_and(|needed| needed <= available)
            })
            .ok_or(Error { offset, field, kind: ErrorKind::Count { count, available } })
    }

    /// The referent of a unique pointer: whether a pointee follows, here or deferred.
    ///
    /// # Errors
    /// [`ErrorKind::Truncated`].
    pub fn referent(&mut self, field: &'static str) -> Result<bool, Error> {
        Ok(self.u32(field)? != 0)
    }

    /// The referent of an embedded pointer, kept in mind until [`pointee`](Self::pointee) asks:
    /// the first half of a type that is a pointer.
    ///
    /// # Errors
    /// [`ErrorKind::Truncated`].
    pub fn pointer(&mut self, field: &'static str) -> Result<(), Error> {
        let present = self.referent(field)?;
        self.pending.push_back(present);
        Ok(())
    }

    /// Whether the next embedded pointer, in the order in which they were met, has a pointee, which
    /// then follows: the second half of a type that is a pointer.
    pub fn pointee(&mut self) -> bool {
        self.pending.pop_front().unwrap_or_default()
    }

    const fn offset(&self) -> usize {
        self.base.saturating_add(self.position)
    }

    fn aligned<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], Error> {
        self.align(N).map_err(|error| Error { field, ..error })?;
        self.array(field)
    }

    fn array<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], Error> {
        let Some((array, _)) = self.rest().split_first_chunk() else {
            return Err(self.truncated(N, field));
        };
        self.position += N;
        Ok(*array)
    }

    const fn truncated(&self, needed: usize, field: &'static str) -> Error {
        self.error(field, ErrorKind::Truncated { needed, available: self.remaining() })
    }
}
