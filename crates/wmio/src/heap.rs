//! Heaps: where everything lies whose size is not known beforehand.

use crate::cursor::Cursor;
use crate::error::{Error, ErrorKind};
use crate::text::Text;
use crate::wire::{DICTIONARY, NULL_REF, TOP_BIT};

/// A heap of a peer (`[MS-WMIO] 2.2.66`). Items may lie in any order, with anything between them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heap<'a> {
    bytes: &'a [u8],
    offset: usize,
}

impl<'a> Heap<'a> {
    /// The heap that comes next: its length, whose top bit always stands, and its bytes.
    pub(crate) fn read(cursor: &mut Cursor<'a>, field: &'static str) -> Result<Self, Error> {
        let len = cursor.u32(field)? & !TOP_BIT;
        let offset = cursor.offset();
        Ok(Self { bytes: cursor.part(len, field)?.left(), offset })
    }

    pub(crate) fn new(bytes: &'a [u8], offset: usize) -> Self {
        Self { bytes, offset }
    }

    /// Where its first byte lies.
    pub(crate) fn offset(&self) -> usize {
        self.offset
    }

    pub(crate) fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The place of an item; nothing for the null reference.
    #[inline]
    pub(crate) fn item(
        &self,
        reference: u32,
        field: &'static str,
    ) -> Result<Option<Cursor<'a>>, Error> {
        if reference == NULL_REF {
            return Ok(None);
        }
        usize::try_from(reference)
            .ok()
            .and_then(|at| Some(Cursor::new(self.bytes.get(at..)?, self.offset + at)))
            .map(Some)
            .ok_or_else(|| Error::new(self.offset, field, ErrorKind::Reference(reference)))
    }

    /// The place of an item that must be there.
    pub(crate) fn required(
        &self,
        reference: u32,
        field: &'static str,
    ) -> Result<Cursor<'a>, Error> {
        self.item(reference, field)?
            .ok_or_else(|| Error::new(self.offset, field, ErrorKind::Reference(reference)))
    }

    /// A text, be it here or in the dictionary; nothing for the null reference.
    #[inline]
    pub(crate) fn text(
        &self,
        reference: u32,
        field: &'static str,
    ) -> Result<Option<Text<'a>>, Error> {
        if reference != NULL_REF && reference & TOP_BIT != 0 {
            return usize::try_from(reference & !TOP_BIT)
                .ok()
                .and_then(|at| DICTIONARY.get(at))
                .map(|word| Some(Text::Latin1(word.as_bytes())))
                .ok_or_else(|| Error::new(self.offset, field, ErrorKind::Reference(reference)));
        }
        let Some(item) = self.item(reference, field)? else { return Ok(None) };
        Text::read(item.left()).map(Some).map_err(|kind| item.error(field, kind))
    }
}
