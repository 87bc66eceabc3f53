//! Type serialization version 1: a value with its own headers, as activation properties are packed.
//!
//! Source: `[MS-RPCE] 2.2.6`. Referents start again in each stream.

use crate::{Decode, Decoder, Encode, Encoder, Endian, Error, ErrorKind};

/// The length of the common and the private header, in bytes.
pub const HEADER_LEN: usize = 16;

const VERSION: u8 = 1;
const LITTLE_ENDIAN: u8 = 0x10;
const BIG_ENDIAN: u8 = 0x00;
const COMMON_HEADER: [u8; 8] = [VERSION, LITTLE_ENDIAN, 8, 0, 0xCC, 0xCC, 0xCC, 0xCC];

/// A value as one stream: headers, value, padding to a multiple of eight.
pub fn encode<T: Encode + ?Sized>(value: &T) -> Vec<u8> {
    let mut encoder = Encoder::new();
    encoder.bytes(&COMMON_HEADER);
    encoder.u64(0);
    encoder.put(value);
    encoder.align(8);
    let length = encoder.len() - HEADER_LEN;
    encoder.patch_u32(COMMON_HEADER.len(), u32::try_from(length).unwrap_or(u32::MAX));
    encoder.finish()
}

/// The value at the front of a stream; what follows it there is left alone, as later versions of a
/// structure grow at the end.
///
/// # Errors
/// A header of another version, a length beyond the stream, or whatever the value finds wrong.
pub fn decode<T: Decode>(decoder: &mut Decoder<'_>) -> Result<T, Error> {
    payload(decoder)?.get()
}

/// The headers of a stream, and a decoder of what they announce.
///
/// # Errors
/// A header of another version, or a length beyond the stream.
pub fn payload<'a>(decoder: &mut Decoder<'a>) -> Result<Decoder<'a>, Error> {
    let invalid = decoder.error("CommonTypeHeader", ErrorKind::Invalid("an unknown version"));
    let endian = match decoder.bytes(COMMON_HEADER.len(), "CommonTypeHeader")? {
        [VERSION, LITTLE_ENDIAN, ..] => Endian::Little,
        [VERSION, BIG_ENDIAN, ..] => Endian::Big,
        _ => return Err(invalid),
    };
    // In a stream of the other byte order the private header is in that order too.
    let mut header = decoder.nested(HEADER_LEN - COMMON_HEADER.len(), "PrivateHeader")?;
    header.set_endian(endian);
    let length = header.u32("ObjectBufferLength")?;
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let mut payload = decoder.nested(length, "ObjectBufferLength")?;
    payload.set_endian(endian);
    Ok(payload)
}
