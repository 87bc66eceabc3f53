//! `[string] char` arrays.

use std::fmt;

use crate::array::varying;
use crate::{Decode, Decoder, Encode, Encoder, Error, Layout};

/// A NUL-terminated string of octets, as `[string] char*` points to one.
///
/// The octets are in the code page of the sender, which nothing on the wire names; names of machines
/// are ASCII. The three counts include the terminator. A reader takes text without a terminator too,
/// and takes trailing NULs off.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct NarrowString(pub Vec<u8>);

impl From<&str> for NarrowString {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().to_vec())
    }
}

/// The text, with U+FFFD for what is not ASCII.
impl fmt::Display for NarrowString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let character = |octet: &u8| match octet.is_ascii() {
            true => char::from(*octet),
            false => char::REPLACEMENT_CHARACTER,
        };
        f.pad(&self.0.iter().map(character).collect::<String>())
    }
}

impl Layout for NarrowString {
    const ALIGN: usize = 4;
}

impl Encode for NarrowString {
    fn encode(&self, encoder: &mut Encoder) {
        let count = self.0.len() + 1;
        encoder.count(count);
        encoder.u32(0);
        encoder.count(count);
        encoder.bytes(&self.0);
        encoder.u8(0);
    }
}

impl Decode for NarrowString {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        let (_, count) = varying(decoder, 1)?;
        let octets = decoder.bytes(count, "")?;
        let length = octets.iter().rposition(|octet| *octet != 0).map_or(0, |last| last + 1);
        Ok(Self(octets.get(..length).unwrap_or_default().to_vec()))
    }
}
