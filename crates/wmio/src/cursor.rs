//! Reading forwards through a peer's bytes.

use crate::error::{Error, ErrorKind};
use crate::text::Text;

/// A place in a run of bytes that knows where the run itself began, for the sake of errors.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'a> {
    left: &'a [u8],
    offset: usize,
}

impl<'a> Cursor<'a> {
    /// At the start of `bytes`, which lie at `offset`.
    pub(crate) fn new(bytes: &'a [u8], offset: usize) -> Self {
        Self { left: bytes, offset }
    }

    /// Where the next byte lies.
    pub(crate) fn offset(&self) -> usize {
        self.offset
    }

    /// The bytes not read yet.
    pub(crate) fn left(&self) -> &'a [u8] {
        self.left
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.left.is_empty()
    }

    /// The error that the field just ahead is wrong in this way.
    pub(crate) fn error(&self, field: &'static str, kind: ErrorKind) -> Error {
        Error::new(self.offset, field, kind)
    }

    pub(crate) fn take(&mut self, needed: usize, field: &'static str) -> Result<&'a [u8], Error> {
        match self.left.split_at_checked(needed) {
            Some((taken, left)) => {
                self.left = left;
                self.offset += needed;
                Ok(taken)
            }
            None => {
                let left = self.left.len();
                Err(self.error(field, ErrorKind::Truncated { needed, left }))
            }
        }
    }

    fn array<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], Error> {
        match self.left.split_first_chunk::<N>() {
            Some((taken, left)) => {
                self.left = left;
                self.offset += N;
                Ok(*taken)
            }
            None => {
                let left = self.left.len();
                Err(self.error(field, ErrorKind::Truncated { needed: N, left }))
            }
        }
    }

    pub(crate) fn u8(&mut self, field: &'static str) -> Result<u8, Error> {
        self.array::<1>(field).map(|[byte]| byte)
    }

    pub(crate) fn u16(&mut self, field: &'static str) -> Result<u16, Error> {
        self.array(field).map(u16::from_le_bytes)
    }

    pub(crate) fn u32(&mut self, field: &'static str) -> Result<u32, Error> {
        self.array(field).map(u32::from_le_bytes)
    }

    pub(crate) fn uuid(&mut self, field: &'static str) -> Result<uuid::Uuid, Error> {
        self.array(field).map(uuid::Uuid::from_bytes_le)
    }

    /// A number that must be this one.
    pub(crate) fn expect(&mut self, wanted: u32, field: &'static str) -> Result<(), Error> {
        let at = *self;
        match self.u32(field)? {
            found if found == wanted => Ok(()),
            found => Err(at.error(field, ErrorKind::Value(found))),
        }
    }

    /// The next `len` bytes as a run of their own.
    pub(crate) fn part(&mut self, len: u32, field: &'static str) -> Result<Self, Error> {
        let offset = self.offset;
        let len = usize::try_from(len).unwrap_or(usize::MAX);
        Ok(Self::new(self.take(len, field)?, offset))
    }

    /// A part that starts with its own length, which counts itself: what is in it after the length.
    pub(crate) fn counted(&mut self, field: &'static str) -> Result<Self, Error> {
        let start = *self;
        let len = self.u32(field)?;
        match len.checked_sub(4) {
            Some(rest) => self.part(rest, field),
            None => Err(start.error(field, ErrorKind::Length(len))),
        }
    }

    /// An Encoded-String that lies right here.
    pub(crate) fn text(&mut self, field: &'static str) -> Result<Text<'a>, Error> {
        let text = Text::read(self.left).map_err(|kind| self.error(field, kind))?;
        self.take(text.encoded_len(), field)?;
        Ok(text)
    }
}
