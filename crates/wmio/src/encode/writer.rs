//! Bytes that are written first and corrected later.

use winreach_cim::Name;

use crate::error::EncodeError;
use crate::wire::TOP_BIT;

/// A length or a heap reference: less than 2 GiB, as the top bit has other uses.
pub(crate) fn size(octets: usize) -> Result<u32, EncodeError> {
    u32::try_from(octets).ok().filter(|size| size & TOP_BIT == 0).ok_or(EncodeError::TooLarge)
}

/// Replaces octets that are there already.
#[inline]
pub(crate) fn patch(out: &mut [u8], at: usize, octets: &[u8]) {
    if let Some(place) = out.get_mut(at..).and_then(|rest| rest.get_mut(..octets.len())) {
        place.copy_from_slice(octets);
    }
}

/// Replaces a number that is there already.
#[inline]
pub(crate) fn patch_u32(out: &mut [u8], at: usize, number: u32) {
    patch(out, at, &number.to_le_bytes());
}

/// Replaces octets that are there already with so many of the same.
pub(super) fn fill(out: &mut [u8], at: usize, octets: usize, octet: u8) {
    if let Some(place) = out.get_mut(at..at + octets) {
        place.fill(octet);
    }
}

pub(super) fn put_u32(out: &mut Vec<u8>, number: u32) {
    out.extend_from_slice(&number.to_le_bytes());
}

/// So many octets, to be replaced later: where they begin.
#[inline]
pub(super) fn reserve(out: &mut Vec<u8>, octets: usize) -> usize {
    let at = out.len();
    out.resize(at + octets, 0);
    at
}

/// Starts a part that will be preceded by its length: where that length stands.
pub(super) fn open_length(out: &mut Vec<u8>) -> usize {
    reserve(out, 4)
}

/// Ends a part whose length counts itself.
pub(super) fn close_counted(out: &mut [u8], at: usize) -> Result<(), EncodeError> {
    let len = size(out.len() - at)?;
    patch_u32(out, at, len);
    Ok(())
}

/// Ends a part whose length does not count itself.
pub(super) fn close_length(out: &mut [u8], at: usize) -> Result<(), EncodeError> {
    let len = size(out.len() - at - 4)?;
    patch_u32(out, at, len);
    Ok(())
}

/// Where the heap that is being written has its first byte.
#[derive(Clone, Copy, Debug)]
pub(super) struct Heap(usize);

impl Heap {
    /// Starts a heap right here.
    #[inline]
    pub(super) fn open(out: &mut Vec<u8>) -> Self {
        Self(open_length(out) + 4)
    }

    /// Ends the heap right here.
    #[inline]
    pub(super) fn close(self, out: &mut [u8]) -> Result<(), EncodeError> {
        let len = size(self.len(out))? | TOP_BIT;
        patch_u32(out, self.0 - 4, len);
        Ok(())
    }

    /// Where the first byte lies.
    pub(super) fn start(self) -> usize {
        self.0
    }

    /// How long it is by now.
    pub(super) fn len(self, out: &[u8]) -> usize {
        out.len() - self.0
    }

    /// The reference to what will be written next.
    #[inline]
    pub(super) fn next(self, out: &[u8]) -> Result<u32, EncodeError> {
        size(self.len(out))
    }

    /// Makes the reference at `at` lead to what will be written next.
    #[inline]
    pub(super) fn link(self, out: &mut [u8], at: usize) -> Result<(), EncodeError> {
        let next = self.next(out)?;
        patch_u32(out, at, next);
        Ok(())
    }
}

/// A text, whose end NUL will mark and which therefore must hold none. `element` is whose text it
/// is, for errors.
#[inline]
pub(super) fn text(out: &mut Vec<u8>, text: &str, element: &Name) -> Result<(), EncodeError> {
    if text.as_bytes().contains(&0) {
        return Err(EncodeError::Nul { element: element.clone() });
    }
    put_text(out, text);
    Ok(())
}

/// An Encoded-String: an octet a character where all of them fit, and UTF-16 otherwise
/// (`[MS-WMIO] 2.2.78`).
#[inline]
pub(super) fn put_text(out: &mut Vec<u8>, text: &str) {
    if text.is_ascii() {
        out.push(0);
        out.extend_from_slice(text.as_bytes());
        out.push(0);
    } else if text.chars().all(|c| c <= '\u{FF}') {
        out.push(0);
        out.extend(text.chars().filter_map(|c| u8::try_from(c).ok()));
        out.push(0);
    } else {
        out.push(1);
        out.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
        out.extend_from_slice(&[0, 0]);
    }
}
