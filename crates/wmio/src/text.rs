//! Text as it lies in a heap.

use std::borrow::Cow;
use std::ffi::CStr;
use std::fmt;

use crate::error::ErrorKind;

/// A text in the bytes of a peer: borrowed, not yet converted.
///
/// Source: Encoded-String, `[MS-WMIO] 2.2.78`.
#[derive(Clone, Copy)]
pub enum Text<'a> {
    /// One octet a character, U+0000 to U+00FF.
    Latin1(&'a [u8]),
    /// UTF-16LE, always an even number of octets.
    Utf16(&'a [u8]),
}

impl<'a> Text<'a> {
    /// The text as Rust knows it: borrowed where it is plain ASCII, and otherwise converted. A
    /// surrogate without its partner becomes U+FFFD.
    pub fn to_str(self) -> Cow<'a, str> {
        match self.as_ascii() {
            Some(ascii) => Cow::Borrowed(ascii),
            None => Cow::Owned(self.chars().collect()),
        }
    }

    /// The text itself, where it is plain ASCII in the short form.
    pub fn as_ascii(self) -> Option<&'a str> {
        match self {
            Self::Latin1(bytes) if bytes.is_ascii() => std::str::from_utf8(bytes).ok(),
            _ => None,
        }
    }

    /// Each character, without an allocation.
    pub fn chars(self) -> impl Iterator<Item = char> + 'a {
        let (narrow, wide) = match self {
            Self::Latin1(bytes) => (bytes, &[][..]),
            Self::Utf16(bytes) => (&[][..], bytes),
        };
        let (units, _) = wide.as_chunks::<2>();
        let wide = char::decode_utf16(units.iter().copied().map(u16::from_le_bytes))
            .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER));
        narrow.iter().copied().map(char::from).chain(wide)
    }

    /// Whether there is no character.
    pub fn is_empty(self) -> bool {
        self.octets() == 0
    }

    /// The text at the start of these octets.
    #[inline]
    pub(crate) fn read(octets: &'a [u8]) -> Result<Self, ErrorKind> {
        match octets.split_first() {
            Some((0, rest)) => CStr::from_bytes_until_nul(rest)
                .map(|text| Self::Latin1(text.to_bytes()))
                .map_err(|_| ErrorKind::Unterminated),
            Some((1, rest)) => {
                let (units, _) = rest.as_chunks::<2>();
                let len = units.iter().position(|unit| *unit == [0, 0]);
                let text = len.and_then(|len| rest.get(..2 * len));
                text.map(Self::Utf16).ok_or(ErrorKind::Unterminated)
            }
            Some((flag, _)) => Err(ErrorKind::Value((*flag).into())),
            None => Err(ErrorKind::Unterminated),
        }
    }

    /// How many octets it takes, without flag and NUL.
    pub(crate) fn octets(self) -> usize {
        match self {
            Self::Latin1(bytes) | Self::Utf16(bytes) => bytes.len(),
        }
    }

    /// How many octets it takes, with flag and NUL.
    pub(crate) fn encoded_len(self) -> usize {
        match self {
            Self::Latin1(bytes) => bytes.len() + 2,
            Self::Utf16(bytes) => bytes.len() + 3,
        }
    }
}

impl PartialEq for Text<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.chars().eq(other.chars())
    }
}

impl PartialEq<str> for Text<'_> {
    fn eq(&self, other: &str) -> bool {
        self.chars().eq(other.chars())
    }
}

impl PartialEq<&str> for Text<'_> {
    fn eq(&self, other: &&str) -> bool {
        *self == **other
    }
}

impl From<Text<'_>> for String {
    fn from(text: Text<'_>) -> Self {
        text.to_str().into_owned()
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.to_str())
    }
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.to_str(), f)
    }
}
