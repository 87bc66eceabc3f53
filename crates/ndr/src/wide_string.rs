//! `[string] wchar_t` arrays.

use std::fmt;

use crate::array::varying;
use crate::{Decode, Decoder, Encode, Encoder, Error, ErrorKind, Layout};

/// A NUL-terminated string of UTF-16 units, as `[string] wchar_t*` points to one.
///
/// Its three counts include the terminator. A reader takes text without a terminator too.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct WideString(pub String);

impl From<&str> for WideString {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<String> for WideString {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Display for WideString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Layout for WideString {
    const ALIGN: usize = 4;
}

impl Encode for WideString {
    fn encode(&self, encoder: &mut Encoder) {
        let count = self.0.encode_utf16().count() + 1;
        encoder.count(count);
        encoder.u32(0);
        encoder.count(count);
        encoder.units(self.0.encode_utf16().chain([0]));
    }
}

impl Decode for WideString {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        let (_, count) = varying(decoder, 2)?;
        text(decoder, count).map(Self)
    }
}

/// UTF-16 units as text, without the NULs at the end.
pub(crate) fn text(decoder: &mut Decoder<'_>, count: usize) -> Result<String, Error> {
    let here = decoder.error("", ErrorKind::Utf16);
    let mut units = decoder.units(count, "")?;
    let length = units.iter().rposition(|unit| *unit != 0).map_or(0, |last| last + 1);
    units.truncate(length);
    String::from_utf16(&units).map_err(|_| here)
}
